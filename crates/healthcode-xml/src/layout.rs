//! [`Layout`]: where each element of an XML text is.

use crate::lexical::decode;
use crate::scanner::{Scanner, Step, Token};
use std::ops::Range;

/// Where each element of an XML text is: a tree of bytes, without the model of FHIR.
///
/// ```
/// use healthcode_xml::Layout;
/// let xml = br#"<Patient xmlns="http://hl7.org/fhir"><name><family value="Lee"/></name></Patient>"#;
/// let layout = Layout::new(xml).unwrap();
/// let family = layout.at("/name/0/family", 0).unwrap();
/// assert_eq!(&xml[family.range()], br#"<family value="Lee"/>"#);
/// assert_eq!(family.attribute("value").unwrap().value(), "Lee");
/// ```
pub struct Layout<'t> {
    text: &'t str,
    /// How many bytes are before the text: those of a byte order mark.
    before: usize,
    nodes: Vec<Node<'t>>,
}

struct Node<'t> {
    /// The name with its prefix, as written.
    qualified_name: &'t str,
    /// The name without prefix.
    name: &'t str,
    start: usize,
    /// The end of the start tag.
    opened: usize,
    end: usize,
    parent: Option<usize>,
    attributes: Vec<Placed<'t>>,
    children: Vec<usize>,
    has_text: bool,
}

/// An attribute as written.
struct Placed<'t> {
    name: &'t str,
    value: &'t str,
    start: usize,
    value_at: usize,
}

/// An element at its place in a [`Layout`].
#[derive(Clone, Copy)]
pub struct LayoutElement<'l, 't> {
    layout: &'l Layout<'t>,
    index: usize,
}

/// An attribute at its place in a [`Layout`].
#[derive(Clone, Copy)]
pub struct LayoutAttribute<'l, 't> {
    layout: &'l Layout<'t>,
    placed: &'l Placed<'t>,
}

impl std::fmt::Debug for Layout<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Layout")
            .field("elements", &self.nodes.len())
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for LayoutElement<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LayoutElement")
            .field("range", &self.range())
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for LayoutAttribute<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LayoutAttribute")
            .field("range", &self.range())
            .finish_non_exhaustive()
    }
}

impl<'t> Layout<'t> {
    /// The layout of a document, which may begin with a byte order mark; `None` if it is not well-formed XML.
    #[must_use]
    pub fn new(xml: &'t [u8]) -> Option<Self> {
        let body = xml.strip_prefix(b"\xef\xbb\xbf").unwrap_or(xml);
        let text = simdutf8::basic::from_utf8(body).ok()?;
        let mut layout = Layout {
            text,
            before: xml.len() - body.len(),
            nodes: Vec::new(),
        };
        layout.read(&mut Scanner::new(text)).ok()?;
        (!layout.nodes.is_empty()).then_some(layout)
    }

    fn read(&mut self, scanner: &mut Scanner<'t>) -> Step<()> {
        scanner.prolog()?;
        let mut open: Vec<usize> = Vec::new();
        loop {
            match scanner.next()? {
                Token::Start(tag) => {
                    let index = self.nodes.len();
                    let parent = open.last().copied();
                    if let Some(parent) = parent.and_then(|parent| self.nodes.get_mut(parent)) {
                        parent.children.push(index);
                    }
                    let attributes = scanner.attributes().iter().map(|attribute| Placed {
                        name: attribute.name,
                        value: attribute.value,
                        start: attribute.at,
                        value_at: attribute.value_at(),
                    });
                    self.nodes.push(Node {
                        qualified_name: tag.name,
                        name: tag.local,
                        start: tag.at,
                        opened: scanner.at(),
                        end: scanner.at(),
                        parent,
                        attributes: attributes.collect(),
                        children: Vec::new(),
                        has_text: false,
                    });
                    if !tag.empty {
                        open.push(index);
                    }
                }
                Token::End => {
                    let node = open.pop().and_then(|index| self.nodes.get_mut(index));
                    if let Some(node) = node {
                        node.end = scanner.at();
                    }
                }
                Token::Text(_) => {
                    let node = open.last().and_then(|&index| self.nodes.get_mut(index));
                    if let Some(node) = node {
                        node.has_text = true;
                    }
                }
                Token::Eof => return Ok(()),
            }
        }
    }

    /// The document element.
    #[must_use]
    pub fn root(&self) -> LayoutElement<'_, 't> {
        LayoutElement {
            layout: self,
            index: 0,
        }
    }

    /// The element that a JSON pointer means. Of elements that do not repeat, `occurrence` says which is meant,
    /// from 0; it concerns the last step.
    #[must_use]
    pub fn at(&self, pointer: &str, occurrence: usize) -> Option<LayoutElement<'_, 't>> {
        let mut element = self.root();
        if pointer.is_empty() {
            return Some(element);
        }
        let mut steps = pointer.strip_prefix('/')?.split('/').peekable();
        while let Some(step) = steps.next() {
            // A primitive's value and metadata are one element of XML.
            let name = step.strip_prefix('_').unwrap_or(step);
            let number = steps.next_if(|next| next.bytes().all(|byte| byte.is_ascii_digit()));
            let number = match number {
                Some(number) => number.parse().ok()?,
                None if steps.peek().is_none() => occurrence,
                None => 0,
            };
            let holder = element.resource().unwrap_or(element);
            element = holder.named(name).nth(number)?;
        }
        Some(element)
    }

    /// All elements, each before those in it.
    pub fn elements(&self) -> impl Iterator<Item = LayoutElement<'_, 't>> {
        (0..self.nodes.len()).map(|index| LayoutElement {
            layout: self,
            index,
        })
    }
}

/// Whether a name is that of a resource rather than of an element.
fn is_resource(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
}

impl<'l, 't> LayoutElement<'l, 't> {
    fn node(self) -> &'l Node<'t> {
        // Handles are made with indexes of the layout's own nodes.
        &self.layout.nodes[self.index]
    }

    fn shifted(self, start: usize, end: usize) -> Range<usize> {
        start + self.layout.before..end + self.layout.before
    }

    /// Its bytes in the text, from its start tag to its end tag, a byte order mark included.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.shifted(self.node().start, self.node().end)
    }

    /// The bytes of its start tag.
    #[must_use]
    pub fn start_tag(self) -> Range<usize> {
        self.shifted(self.node().start, self.node().opened)
    }

    /// The text of its bytes.
    #[must_use]
    pub fn text(self) -> &'t str {
        let node = self.node();
        self.layout.text.get(node.start..node.end).unwrap_or("")
    }

    /// Its name with its prefix, as written.
    #[must_use]
    pub fn qualified_name(self) -> &'t str {
        self.node().qualified_name
    }

    /// Its name without prefix.
    #[must_use]
    pub fn name(self) -> &'t str {
        self.node().name
    }

    /// The element that it is in.
    #[must_use]
    pub fn parent(self) -> Option<LayoutElement<'l, 't>> {
        let parent = self.node().parent;
        parent.map(|index| LayoutElement { index, ..self })
    }

    /// The elements in it.
    #[must_use]
    pub fn children(
        self,
    ) -> impl DoubleEndedIterator<Item = LayoutElement<'l, 't>> + ExactSizeIterator {
        let children = self.node().children.iter();
        children.map(move |&index| LayoutElement { index, ..self })
    }

    /// The elements in it with this name.
    pub fn named(self, name: &str) -> impl Iterator<Item = LayoutElement<'l, 't>> {
        self.children().filter(move |child| child.name() == name)
    }

    /// The resource in it, if it is an element such as `contained` that holds one.
    #[must_use]
    pub fn resource(self) -> Option<LayoutElement<'l, 't>> {
        if self.is_resource() {
            return None;
        }
        self.children().find(|child| child.is_resource())
    }

    /// Whether it is a resource: the document itself, or one inside an element such as `contained`.
    #[must_use]
    pub fn is_resource(self) -> bool {
        is_resource(self.name())
    }

    /// Whether there is text between the elements in it.
    #[must_use]
    pub fn has_text(self) -> bool {
        self.node().has_text
    }

    /// Its attributes, declarations of namespaces included.
    #[must_use]
    pub fn attributes(self) -> impl ExactSizeIterator<Item = LayoutAttribute<'l, 't>> {
        let layout = self.layout;
        let attributes = self.node().attributes.iter();
        attributes.map(move |placed| LayoutAttribute { layout, placed })
    }

    /// Its attribute of this name.
    #[must_use]
    pub fn attribute(self, name: &str) -> Option<LayoutAttribute<'l, 't>> {
        self.attributes()
            .find(|attribute| attribute.placed.name == name)
    }
}

impl<'t> LayoutAttribute<'_, 't> {
    /// Its name with its prefix.
    #[must_use]
    pub fn name(self) -> &'t str {
        self.placed.name
    }

    /// The value that is meant: references resolved.
    #[must_use]
    pub fn value(self) -> String {
        decode(self.placed.value)
    }

    /// The bytes of the attribute, quotes included.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        let value = self.value_range();
        self.placed.start + self.layout.before..value.end + 1
    }

    /// The bytes of the value between its quotes.
    #[must_use]
    pub fn value_range(self) -> Range<usize> {
        let start = self.placed.value_at + self.layout.before;
        start..start + self.placed.value.len()
    }

    /// The quote around the value.
    #[must_use]
    pub fn quote(self) -> char {
        let before = self.layout.text.get(..self.placed.value_at);
        before
            .and_then(|text| text.chars().next_back())
            .unwrap_or('"')
    }
}

impl PartialEq for LayoutElement<'_, '_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.layout, other.layout) && self.index == other.index
    }
}

#[cfg(test)]
mod tests {
    use super::Layout;

    #[test]
    fn places() {
        let xml = "\u{feff}<?xml version='1.0'?><f:Bundle xmlns:f='http://hl7.org/fhir'><f:entry>\
            <f:resource> <f:Patient><f:id value='1'/><f:name id='n'><f:given value='a&amp;b'/>\
            <f:given value=\"c\" ><f:extension url='x'/></f:given></f:name></f:Patient></f:resource>\
            </f:entry><f:type value='x'/><f:type value='y'/></f:Bundle>";
        let layout = Layout::new(xml.as_bytes()).expect("XML");
        for (pointer, occurrence, text) in [
            ("/entry/0/resource/id", 0, "<f:id value='1'/>"),
            (
                "/entry/0/resource/name/0/given/0",
                0,
                "<f:given value='a&amp;b'/>",
            ),
            (
                "/entry/0/resource/name/0/_given/1/extension/0",
                0,
                "<f:extension url='x'/>",
            ),
            ("/type", 1, "<f:type value='y'/>"),
        ] {
            let element = layout.at(pointer, occurrence).expect(pointer);
            assert_eq!(element.text(), text);
            assert_eq!(&xml[element.range()], text);
        }
        let given = layout
            .at("/entry/0/resource/name/0/given/0", 0)
            .expect("an element");
        let value = given.attribute("value").expect("a value");
        assert_eq!((value.value().as_str(), value.quote()), ("a&b", '\''));
        assert_eq!(&xml[value.range()], "value='a&amp;b'");
        assert_eq!(&xml[value.value_range()], "a&amp;b");
        assert!(layout.at("/entry/1", 0).is_none());
        assert!(layout.at("/type", 2).is_none());
    }

    #[test]
    fn other_texts() {
        for text in ["", "<", "<a>", "<a/><b/>", "{}", "<a b=1/>"] {
            assert!(Layout::new(text.as_bytes()).is_none(), "{text}");
        }
    }
}
