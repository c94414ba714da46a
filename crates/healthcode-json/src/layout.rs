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
}

struct Node {
    start: usize,
    end: usize,
    /// The bytes of the name with its quotes, of a member.
    name: Option<(usize, usize)>,
    parent: Option<usize>,
    kind: ValueKind,
    children: Vec<usize>,
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
    /// The layout of a text, which may begin with a byte order mark; `None` if it is not JSON.
    #[must_use]
    pub fn new(json: &'t [u8]) -> Option<Self> {
        let body = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
        let text = simdutf8::basic::from_utf8(body).ok()?;
        let mut layout = Layout {
            text,
            before: json.len() - body.len(),
            nodes: Vec::new(),
        };
        let mut cursor = Cursor::new(text);
        layout.read(&mut cursor).ok()?;
        Some(layout)
    }

    fn read(&mut self, cursor: &mut Cursor<'_>) -> Step<()> {
        // The containers that are open, innermost last.
        let mut open: Vec<usize> = Vec::new();
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
            let index = self.push(cursor.at(), name.take(), open.last().copied(), kind);
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
                open.push(index);
                continue;
            }
            self.end(index, cursor.at());
            loop {
                let Some(&container) = open.last() else {
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
                open.pop();
            }
        }
    }

    fn push(
        &mut self,
        start: usize,
        name: Option<(usize, usize)>,
        parent: Option<usize>,
        kind: ValueKind,
    ) -> usize {
        let index = self.nodes.len();
        if let Some(parent) = parent.and_then(|parent| self.nodes.get_mut(parent)) {
            parent.children.push(index);
        }
        self.nodes.push(Node {
            start,
            end: start,
            name,
            parent,
            kind,
            children: Vec::new(),
        });
        index
    }

    fn end(&mut self, index: usize, end: usize) {
        if let Some(node) = self.nodes.get_mut(index) {
            node.end = end;
        }
    }

    fn kind(&self, index: usize) -> ValueKind {
        self.nodes
            .get(index)
            .map_or(ValueKind::Null, |node| node.kind)
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

fn member_name(cursor: &mut Cursor<'_>) -> Step<(usize, usize)> {
    let start = cursor.at();
    cursor.quoted()?;
    let end = cursor.at();
    cursor.colon()?;
    Ok((start, end))
}

impl<'l, 't> Value<'l, 't> {
    fn node(self) -> &'l Node {
        // Handles are made with indexes of the layout's own nodes.
        &self.layout.nodes[self.index]
    }

    fn shifted(self, start: usize, end: usize) -> Range<usize> {
        start + self.layout.before..end + self.layout.before
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
        self.layout.text.get(node.start..node.end).unwrap_or("")
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
        crate::string_of(self.layout.text.get(start..end)?)
    }

    /// The object or array that it is in.
    #[must_use]
    pub fn parent(self) -> Option<Value<'l, 't>> {
        self.node().parent.map(|index| Value { index, ..self })
    }

    /// The members of an object or the items of an array.
    #[must_use]
    pub fn children(self) -> impl DoubleEndedIterator<Item = Value<'l, 't>> + ExactSizeIterator {
        let children = self.node().children.iter();
        children.map(move |&index| Value { index, ..self })
    }

    /// The values of its members of this name.
    pub fn members(self, name: &str) -> impl Iterator<Item = Value<'l, 't>> {
        self.children()
            .filter(move |child| child.name().as_deref() == Some(name))
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
