//! The elements of an XML text, as far as comparing and mutating payloads needs them.

use std::ops::Range;

use serde_json::{Map, Value};

/// An element, by its places in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Element {
    /// The name as written.
    pub(super) name: String,
    /// The start tag.
    pub(super) tag: Range<usize>,
    /// What is between the tags; empty, at the end of the start tag, if that closes the element.
    pub(super) content: Range<usize>,
    /// All of it.
    pub(super) whole: Range<usize>,
    /// The attributes: their names, and the places of their values between the quotes.
    pub(super) attributes: Vec<(String, Range<usize>)>,
    pub(super) children: Vec<Element>,
}

impl Element {
    /// The root element of a well-formed document without CDATA sections; `None` of anything else.
    pub(super) fn parse(text: &str) -> Option<Element> {
        let mut open: Vec<Element> = Vec::new();
        let mut at = 0;
        loop {
            at += text.get(at..)?.find('<')?;
            let rest = text.get(at..)?;
            if rest.starts_with("<!--") {
                at += rest.find("-->")? + 3;
            } else if rest.starts_with("<?") {
                at += rest.find("?>")? + 2;
            } else if rest.starts_with("<!") {
                return None;
            } else if let Some(name) = rest.strip_prefix("</") {
                let end = at + rest.find('>')? + 1;
                let mut element = open.pop()?;
                if !name.starts_with(&element.name) {
                    return None;
                }
                element.content.end = at;
                element.whole.end = end;
                at = end;
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None => return Some(element),
                }
            } else {
                let (element, closed) = start_tag(text, at)?;
                at = element.tag.end;
                match (closed, open.last_mut()) {
                    (false, _) => open.push(element),
                    (true, Some(parent)) => parent.children.push(element),
                    (true, None) => return Some(element),
                }
            }
        }
    }

    /// The place of an attribute's value.
    pub(super) fn attribute(&self, name: &str) -> Option<Range<usize>> {
        let found = self.attributes.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.clone())
    }

    /// It and all that is in it, from the outside in.
    pub(super) fn all(&self) -> Vec<&Element> {
        let mut all = vec![self];
        for child in &self.children {
            all.extend(child.all());
        }
        all
    }

    /// Whether it is a resource, by its name.
    pub(super) fn is_resource(&self) -> bool {
        self.name.starts_with(|c: char| c.is_ascii_uppercase())
    }

    /// The members that JSON has for it, with every element as an array: values do not matter.
    pub(super) fn to_json(&self) -> Value {
        let mut members = Map::new();
        if self.is_resource() {
            members.insert("resourceType".to_owned(), self.name.clone().into());
        }
        for child in &self.children {
            let value = match child.children.as_slice() {
                [] => Value::String(String::new()),
                [resource] if resource.is_resource() => resource.to_json(),
                _ => child.to_json(),
            };
            let items = members
                .entry(child.name.clone())
                .or_insert(Value::Array(Vec::new()));
            if let Some(items) = items.as_array_mut() {
                items.push(value);
            }
        }
        Value::Object(members)
    }
}

/// The element whose start tag is at `at`, and whether the tag closes it.
fn start_tag(text: &str, at: usize) -> Option<(Element, bool)> {
    let is_end = |c: char| c.is_ascii_whitespace() || c == '>' || c == '/';
    let start = at + 1;
    let mut end = start + text.get(start..)?.find(is_end)?;
    let name = text.get(start..end)?.to_owned();
    let mut attributes = Vec::new();
    loop {
        let rest = text.get(end..)?;
        end += rest.len() - rest.trim_start().len();
        let rest = text.get(end..)?;
        let closed = rest.starts_with("/>");
        if closed || rest.starts_with('>') {
            end += if closed { 2 } else { 1 };
            let element = Element {
                name,
                tag: at..end,
                content: end..end,
                whole: at..end,
                attributes,
                children: Vec::new(),
            };
            return Some((element, closed));
        }
        let equals = rest.find('=')?;
        let attribute = rest.get(..equals)?.trim().to_owned();
        let after = rest.get(equals + 1..)?;
        let quote = after.find(['"', '\''])?;
        let mark = after.get(quote..)?.chars().next()?;
        let value = end + equals + 1 + quote + 1;
        let length = text.get(value..)?.find(mark)?;
        attributes.push((attribute, value..value + length));
        end = value + length + 1;
    }
}
