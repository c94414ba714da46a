//! [`Layout`]: where each value of a JSON text is.

use crate::cursor::{Cursor, Step};
use std::ops::Range;

/// Where each value of a JSON text is: a tree of bytes, without the model of FHIR.
///
/// ```
/// use healthcode_json::{Layout, ValueKind};
/// let json = br#"{"resourceType":"Patient","name":[{"family":"Lee"}]}"#;
/// let layout = Layout::new(json).unwrap();
/// let family = layout.at("/name/0/family", 0).unwrap();
/// assert_eq!((family.kind(), family.text()), (ValueKind::String, "\"Lee\""));
/// assert_eq!(&json[family.member().unwrap()], br#""family":"Lee""#);
/// assert_eq!(family.parent().unwrap().member(), None); // It is an item of an array.
/// ```
pub struct Layout<'t> {
    text: &'t str,
    /// How many bytes are before the text: those of a byte order mark.
    before: usize,
    nodes: Vec<Node>,
    /// The indexes of nodes, those of the children of one container beside each other.
    children: Vec<u32>,
}

/// A value, its bytes and its place in the tree; numbers of 32 bits, since a text has many values.
struct Node {
    start: u32,
    end: u32,
    /// The bytes of the name with its quotes, of a member.
    name: Option<(u32, u32)>,
    parent: Option<u32>,
    kind: ValueKind,
    /// Where its children are in [`Layout::children`].
    children: (u32, u32),
}

/// What a value of JSON is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueKind {
    /// An object.
    Object,
    /// An array.
    Array,
    /// A string.
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `null`.
    Null,
}

/// A value at its place in a [`Layout`].
#[derive(Clone, Copy)]
pub struct Value<'l, 't> {
    layout: &'l Layout<'t>,
    index: usize,
}

impl std::fmt::Debug for Layout<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Layout")
            .field("values", &self.nodes.len())
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Value<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Value")
            .field("kind", &self.kind())
            .field("range", &self.range())
            .finish_non_exhaustive()
    }
}

impl<'t> Layout<'t> {
    /// The layout of a text, which may begin with a byte order mark; `None` if it is not JSON, or has 4 GiB or more.
    #[must_use]
    pub fn new(json: &'t [u8]) -> Option<Self> {
        let body = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
        let text = simdutf8::basic::from_utf8(body).ok()?;
        u32::try_from(text.len()).ok()?;
        let mut layout = Layout {
            text,
            before: json.len() - body.len(),
            nodes: Vec::new(),
            children: Vec::new(),
        };
        let mut cursor = Cursor::new(text);
        layout.read(&mut cursor).ok()?;
        Some(layout)
    }

    fn read(&mut self, cursor: &mut Cursor<'_>) -> Step<()> {
        // The containers that are open, innermost last, each with where its children begin among those of all of them.
        let mut open: Vec<(u32, usize)> = Vec::new();
        let mut children: Vec<u32> = Vec::new();
        let mut name = None;
        loop {
            let kind = match cursor.peek() {
                b'{' => ValueKind::Object,
                b'[' => ValueKind::Array,
                b'"' => ValueKind::String,
                b't' | b'f' => ValueKind::Boolean,
                b'n' => ValueKind::Null,
                _ => ValueKind::Number,
            };
            let parent = open.last().map(|(parent, _)| *parent);
            let index = self.push(cursor.at(), name.take(), parent, kind);
            if parent.is_some() {
                children.push(index);
            }
            let entered = match kind {
                ValueKind::Object => {
                    cursor.go_to(cursor.at() + 1);
                    let any = cursor.first_member()?;
                    if any {
                        name = Some(member_name(cursor)?);
                    }
                    any
                }
                ValueKind::Array => {
                    cursor.go_to(cursor.at() + 1);
                    cursor.first_item()
                }
                _ => {
                    cursor.skip()?;
                    false
                }
            };
            if entered {
                open.push((index, children.len()));
                continue;
            }
            self.end(index, cursor.at());
            loop {
                let Some(&(container, first)) = open.last() else {
                    return cursor.end();
                };
                if self.kind(container) == ValueKind::Object {
                    if cursor.next_member()? {
                        name = Some(member_name(cursor)?);
                        break;
                    }
                } else if cursor.next_item()? {
                    break;
                }
                self.end(container, cursor.at());
                self.adopt(container, children.drain(first..));
                open.pop();
            }
        }
    }

    fn push(
        &mut self,
        start: usize,
        name: Option<(u32, u32)>,
        parent: Option<u32>,
        kind: ValueKind,
    ) -> u32 {
        let index = small(self.nodes.len());
        self.nodes.push(Node {
            start: small(start),
            end: small(start),
            name,
            parent,
            kind,
            children: (0, 0),
        });
        index
    }

    fn end(&mut self, index: u32, end: usize) {
        if let Some(node) = self.nodes.get_mut(index as usize) {
            node.end = small(end);
        }
    }

    fn adopt(&mut self, index: u32, children: impl Iterator<Item = u32>) {
        let from = small(self.children.len());
        self.children.extend(children);
        if let Some(node) = self.nodes.get_mut(index as usize) {
            node.children = (from, small(self.children.len()));
        }
    }

    fn kind(&self, index: u32) -> ValueKind {
        let node = self.nodes.get(index as usize);
        node.map_or(ValueKind::Null, |node| node.kind)
    }

    /// The outermost value.
    #[must_use]
    pub fn root(&self) -> Value<'_, 't> {
        Value {
            layout: self,
            index: 0,
        }
    }

    /// The value at a JSON pointer. Of members with the same name, `occurrence` says which is meant, from 0; it
    /// concerns the last step.
    #[must_use]
    pub fn at(&self, pointer: &str, occurrence: usize) -> Option<Value<'_, 't>> {
        let mut value = self.root();
        if pointer.is_empty() {
            return Some(value);
        }
        let mut steps = pointer.strip_prefix('/')?.split('/').peekable();
        while let Some(step) = steps.next() {
            let step = step.replace("~1", "/").replace("~0", "~");
            value = if value.kind() == ValueKind::Array {
                value.children().nth(step.parse().ok()?)?
            } else {
                let is_last = steps.peek().is_none();
                let skip = if is_last { occurrence } else { 0 };
                value.members(&step).nth(skip)?
            };
        }
        Some(value)
    }

    /// All values, each before those in it.
    pub fn values(&self) -> impl Iterator<Item = Value<'_, 't>> {
        (0..self.nodes.len()).map(|index| Value {
            layout: self,
            index,
        })
    }
}

/// A place in a text of less than 4 GiB, or the number of a value of it.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn member_name(cursor: &mut Cursor<'_>) -> Step<(u32, u32)> {
    let start = cursor.at();
    cursor.quoted()?;
    let end = cursor.at();
    cursor.colon()?;
    Ok((small(start), small(end)))
}

impl<'l, 't> Value<'l, 't> {
    fn node(self) -> &'l Node {
        // Handles are made with indexes of the layout's own nodes.
        &self.layout.nodes[self.index]
    }

    fn shifted(self, start: u32, end: u32) -> Range<usize> {
        start as usize + self.layout.before..end as usize + self.layout.before
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> ValueKind {
        self.node().kind
    }

    /// Its bytes in the text, a byte order mark included.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.shifted(self.node().start, self.node().end)
    }

    /// Its JSON text.
    #[must_use]
    pub fn text(self) -> &'t str {
        let node = self.node();
        let range = node.start as usize..node.end as usize;
        self.layout.text.get(range).unwrap_or("")
    }

    /// The text of a string; `None` for other values.
    #[must_use]
    pub fn string(self) -> Option<String> {
        crate::string_of(self.text())
    }

    /// The bytes of its name with the quotes, if it is a member of an object.
    #[must_use]
    pub fn name_range(self) -> Option<Range<usize>> {
        self.node()
            .name
            .map(|(start, end)| self.shifted(start, end))
    }

    /// The bytes of its name and value, if it is a member of an object.
    #[must_use]
    pub fn member(self) -> Option<Range<usize>> {
        Some(self.name_range()?.start..self.range().end)
    }

    /// Its name, if it is a member of an object.
    #[must_use]
    pub fn name(self) -> Option<String> {
        let (start, end) = self.node().name?;
        let text = self.layout.text.get(start as usize..end as usize)?;
        crate::string_of(text)
    }

    fn is_named(self, name: &str) -> bool {
        let raw = self.node().name.and_then(|(start, end)| {
            let inner = start as usize + 1..(end as usize).checked_sub(1)?;
            self.layout.text.get(inner)
        });
        match raw {
            Some(raw) if raw.contains('\\') => self.name().as_deref() == Some(name),
            raw => raw == Some(name),
        }
    }

    /// The object or array that it is in.
    #[must_use]
    pub fn parent(self) -> Option<Value<'l, 't>> {
        let parent = self.node().parent?;
        Some(Value {
            index: parent as usize,
            ..self
        })
    }

    /// The members of an object or the items of an array.
    #[must_use]
    pub fn children(self) -> impl DoubleEndedIterator<Item = Value<'l, 't>> + ExactSizeIterator {
        let (from, to) = self.node().children;
        let children = self.layout.children.get(from as usize..to as usize);
        children
            .unwrap_or_default()
            .iter()
            .map(move |&index| Value {
                index: index as usize,
                ..self
            })
    }

    /// The values of its members of this name.
    pub fn members(self, name: &str) -> impl Iterator<Item = Value<'l, 't>> {
        self.children().filter(move |child| child.is_named(name))
    }

    /// The value of its first member of this name.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Value<'l, 't>> {
        self.members(name).next()
    }
}

impl PartialEq for Value<'_, '_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.layout, other.layout) && self.index == other.index
    }
}

#[cfg(test)]
mod tests {
    use super::Layout;

    #[test]
    fn places() {
        let json =
            "\u{feff} {\"a\" : [1, {\"b\":\"x\\\"y\"}, []], \"a\": null, \"c~/\\u0064\": true}";
        let layout = Layout::new(json.as_bytes()).expect("JSON");
        for (pointer, occurrence, text, member) in [
            ("/a/1/b", 0, r#""x\"y""#, r#""b":"x\"y""#),
            (
                "/a",
                0,
                r#"[1, {"b":"x\"y"}, []]"#,
                r#""a" : [1, {"b":"x\"y"}, []]"#,
            ),
            ("/a", 1, "null", r#""a": null"#),
            ("/a/2", 0, "[]", ""),
            ("/c~0~1d", 0, "true", r#""c~/\u0064": true"#),
        ] {
            let value = layout.at(pointer, occurrence).expect(pointer);
            assert_eq!(value.text(), text);
            assert_eq!(&json[value.range()], text);
            assert_eq!(value.member().map_or("", |range| &json[range]), member);
        }
        assert!(layout.at("/a/3", 0).is_none());
        assert!(layout.at("/a", 2).is_none());
        assert!(layout.at("/a/1/b/c", 0).is_none());
        assert_eq!(layout.values().count(), 8);
    }

    #[test]
    fn other_texts() {
        for text in ["", "{", "{\"a\":}", "[1,]", "{} {}", "{'a':1}", "\u{feff}"] {
            assert!(Layout::new(text.as_bytes()).is_none(), "{text}");
        }
        assert!(Layout::new(b"\"\xff\"").is_none());
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(Layout::new(deep.as_bytes()).is_some());
    }
}
