//! [`Outline`]: the members and elements of a text with their places, also of one that is being typed and is
//! not well-formed.

mod json;
mod xml;

use std::ops::Range;

/// The syntax of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// One JSON value.
    Json,
    /// A JSON value in each line.
    Lines,
    Xml,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    String,
    /// A number, `true`, `false`, `null`, or any other text without quotes.
    Literal,
    /// A member whose value is not there yet.
    Missing,
    /// An element of XML.
    Element,
    /// An attribute of XML.
    Attribute,
}

/// The index of a node.
pub(crate) type Id = u32;

/// The parent of roots.
pub(crate) const NONE: Id = u32::MAX;

/// A JSON value with its name, or an element or attribute of XML.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) parent: Id,
    /// The name without quotes; empty for items of arrays and roots.
    name: (u32, u32),
    /// All of it, with its name.
    full: (u32, u32),
    /// The value: of JSON with its quotes, of an attribute without; of an element its start tag.
    value: (u32, u32),
    /// The node behind the last one that is within.
    end: Id,
    /// The index among the items of an array, or among consecutive elements of the same name.
    pub(crate) index: u32,
}

impl Node {
    pub(crate) fn name(&self) -> Range<usize> {
        range(self.name)
    }

    pub(crate) fn full(&self) -> Range<usize> {
        range(self.full)
    }

    pub(crate) fn value(&self) -> Range<usize> {
        range(self.value)
    }

    /// The value without quotes.
    pub(crate) fn content(&self) -> Range<usize> {
        let value = self.value();
        if self.kind == Kind::String {
            let end = value.end.saturating_sub(1).max(value.start + 1);
            return value.start + 1..end.min(value.end);
        }
        value
    }
}

fn range((start, end): (u32, u32)) -> Range<usize> {
    start as usize..end as usize
}

/// The nodes of a text, each before those that are within.
#[derive(Debug)]
pub(crate) struct Outline {
    pub(crate) syntax: Syntax,
    nodes: Vec<Node>,
}

/// The largest text that has an outline: offsets are 32 bits.
pub(crate) const MAX_TEXT: usize = 1 << 30;

impl Outline {
    /// The outline of a text; without nodes if it is larger than [`MAX_TEXT`].
    pub(crate) fn new(text: &str, syntax: Syntax) -> Outline {
        let nodes = match syntax {
            _ if text.len() > MAX_TEXT => Vec::new(),
            Syntax::Json => json::read(text, false),
            Syntax::Lines => json::read(text, true),
            Syntax::Xml => xml::read(text),
        };
        Outline { syntax, nodes }
    }

    pub(crate) fn get(&self, id: Id) -> Option<&Node> {
        self.nodes.get(id as usize)
    }

    pub(crate) fn len(&self) -> Id {
        self.nodes.len() as Id
    }

    /// The values that are in no other: one, or one in each line.
    pub(crate) fn roots(&self) -> Siblings<'_> {
        Siblings {
            outline: self,
            next: 0,
            end: self.len(),
        }
    }

    /// What is directly within a node.
    pub(crate) fn children(&self, id: Id) -> Siblings<'_> {
        Siblings {
            outline: self,
            next: id.saturating_add(1),
            end: self.get(id).map_or(0, |node| node.end),
        }
    }

    /// The child of a name.
    pub(crate) fn child(&self, text: &str, id: Id, name: &str) -> Option<Id> {
        let named = |child: &Id| self.name_of(text, *child) == name;
        self.children(id).find(named)
    }

    /// The name of a node.
    pub(crate) fn name_of<'t>(&self, text: &'t str, id: Id) -> &'t str {
        let name = self.get(id).map(Node::name);
        name.and_then(|name| text.get(name)).unwrap_or_default()
    }

    /// The text of the value of the child of a name: of a JSON string, or of an XML element's `value`.
    pub(crate) fn text_of<'t>(&self, text: &'t str, id: Id, name: &str) -> Option<&'t str> {
        self.content_of(text, self.child(text, id, name)?)
    }

    /// The text of a value: of a JSON string or literal, an attribute, or an element's attribute `value`.
    pub(crate) fn content_of<'t>(&self, text: &'t str, id: Id) -> Option<&'t str> {
        let node = self.get(id)?;
        match node.kind {
            Kind::String | Kind::Attribute | Kind::Literal => text.get(node.content()),
            Kind::Element => {
                let value = self.child(text, id, "value")?;
                let node = self.get(value)?;
                (node.kind == Kind::Attribute)
                    .then(|| text.get(node.content()))
                    .flatten()
            }
            _ => None,
        }
    }

    /// The innermost node at a byte: one that begins or ends there counts as well.
    pub(crate) fn at(&self, offset: usize) -> Option<Id> {
        // The last one that begins there or before, or the innermost around it: one that ended in between is neither.
        let begun = self
            .nodes
            .partition_point(|node| node.full().start <= offset);
        let mut found = begun.checked_sub(1)? as Id;
        while let Some(node) = self.get(found) {
            if offset <= node.full().end {
                return Some(found);
            }
            found = node.parent;
        }
        None
    }

    /// The nodes from the root to this one.
    pub(crate) fn chain(&self, id: Id) -> Vec<Id> {
        let mut chain = Vec::new();
        let mut next = id;
        while let Some(node) = self.get(next) {
            chain.push(next);
            next = node.parent;
        }
        chain.reverse();
        chain
    }
}

/// Nodes of one parent.
#[derive(Clone, Debug)]
pub(crate) struct Siblings<'o> {
    outline: &'o Outline,
    next: Id,
    end: Id,
}

impl Iterator for Siblings<'_> {
    type Item = Id;

    fn next(&mut self) -> Option<Id> {
        if self.next >= self.end {
            return None;
        }
        let id = self.next;
        // The end is behind the node itself, so that this ends.
        self.next = self.outline.get(id)?.end.max(id + 1);
        Some(id)
    }
}

/// Makes nodes in the order of the text.
#[derive(Debug, Default)]
struct Builder {
    nodes: Vec<Node>,
    open: Vec<Id>,
    /// For each open node, how many items it has, or the name of its last element and how many of that name
    /// there were.
    counts: Vec<(u32, (u32, u32))>,
}

impl Builder {
    fn add(
        &mut self,
        kind: Kind,
        name: Range<usize>,
        full: Range<usize>,
        value: Range<usize>,
    ) -> Id {
        let id = self.nodes.len() as Id;
        let pair = |range: Range<usize>| (range.start as u32, range.end as u32);
        self.nodes.push(Node {
            kind,
            parent: self.open.last().copied().unwrap_or(NONE),
            name: pair(name),
            full: pair(full),
            value: pair(value),
            end: id + 1,
            index: 0,
        });
        id
    }

    fn node(&mut self, id: Id) -> Option<&mut Node> {
        self.nodes.get_mut(id as usize)
    }

    /// Opens the node that was added last: what follows is within.
    fn open(&mut self, id: Id) {
        self.open.push(id);
        self.counts.push((0, (0, 0)));
    }

    fn top(&self) -> Option<&Node> {
        self.nodes.get(*self.open.last()? as usize)
    }

    /// Closes the node that was opened last, which ends here.
    fn close(&mut self, end: usize) {
        let count = self.nodes.len() as Id;
        self.counts.pop();
        if let Some(id) = self.open.pop()
            && let Some(node) = self.node(id)
        {
            node.end = count;
            node.full.1 = end as u32;
            if node.kind != Kind::Element {
                node.value.1 = end as u32;
            }
        }
    }
}

#[cfg(test)]
mod tests;
