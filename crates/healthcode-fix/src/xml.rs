//! Edits of XML.

use crate::change::{Change, split};
use healthcode_core::Schema;
use healthcode_r4::schema;
use healthcode_xml::{Layout, LayoutAttribute, LayoutElement};
use std::ops::Range;

/// The attribute that the value at a pointer is in: `value` of a primitive, or the id or url of an element.
pub(crate) fn attribute<'l, 't>(
    layout: &'l Layout<'t>,
    pointer: &str,
) -> Option<LayoutAttribute<'l, 't>> {
    if let Some(element) = layout.at(pointer, 0) {
        return element.attribute("value");
    }
    let (parent, name) = split(pointer)?;
    layout.at(parent, 0)?.attribute(name)
}

/// The text of an attribute's value.
pub(crate) fn escaped(text: &str, quote: char) -> String {
    let mut value = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => value.push_str("&amp;"),
            '<' => value.push_str("&lt;"),
            '"' if quote == '"' => value.push_str("&quot;"),
            '\'' if quote == '\'' => value.push_str("&apos;"),
            '\t' | '\n' | '\r' => value.push_str(&format!("&#{};", u32::from(c))),
            c => value.push(c),
        }
    }
    value
}

/// Removes an element without content with the white space before it, and what is around it if it would be left
/// empty; of an element that has more than a value, its value.
pub(crate) fn removal(text: &[u8], element: LayoutElement<'_, '_>) -> Option<Change> {
    let value = element.attribute("value");
    if element.children().len() > 0 {
        let value = value?;
        return Some(Change::removal(trimmed(text, value.range())));
    }
    if element.has_text()
        || element
            .attributes()
            .any(|attribute| attribute.name() != "value")
    {
        return None;
    }
    outer(text, element)
}

/// Removes an element, whatever is in it.
pub(crate) fn outer(text: &[u8], element: LayoutElement<'_, '_>) -> Option<Change> {
    let parent = element.parent()?;
    if element.is_resource() {
        return None;
    }
    let alone = parent.children().len() == 1 && parent.attributes().len() == 0;
    if alone && !parent.is_resource() && !parent.has_text() {
        return outer(text, parent);
    }
    if element.name() == "entry" && parent.name() == "Bundle" {
        // Entries of a response belong to those of a request by number.
        return None;
    }
    Some(Change::removal(trimmed(text, element.range())))
}

/// A range with the white space before it.
fn trimmed(text: &[u8], range: Range<usize>) -> Range<usize> {
    let before = text.get(..range.start).unwrap_or_default();
    before.trim_ascii_end().len()..range.end
}

/// Puts the elements in one in the order of the definition. `None` where that is not known or comments stand
/// between them.
pub(crate) fn in_order(text: &[u8], parent: LayoutElement<'_, '_>) -> Option<Change> {
    let schema = schema_of(parent)?;
    if parent.has_text() {
        return None;
    }
    let children: Vec<_> = parent.children().collect();
    let mut sorted = children.clone();
    let place = |element: &LayoutElement<'_, '_>| {
        let (field, _) = schema.member(element.name())?;
        let mut fields = schema.fields.iter();
        fields.position(|other| std::ptr::eq(*other, field))
    };
    if children.iter().any(|child| place(child).is_none()) {
        return None;
    }
    sorted.sort_by_key(place);
    let moved = |index: &usize| children.get(*index) != sorted.get(*index);
    let first = (0..children.len()).find(moved)?;
    let last = (0..children.len()).rfind(moved)?;
    let (begin, end) = (
        children.get(first)?.range().start,
        children.get(last)?.range().end,
    );
    // A comment before the first or after the last of them may be about it.
    let before = match first.checked_sub(1) {
        Some(index) => children.get(index)?.range().end,
        None => parent.start_tag().end,
    };
    let after = match children.get(last + 1) {
        Some(next) => next.range().start,
        None => {
            end + parent
                .text()
                .get(end - parent.range().start..)?
                .rfind("</")?
        }
    };
    if !is_blank(text, before..begin) || !is_blank(text, end..after) {
        return None;
    }
    let mut content = String::new();
    let mut at = begin;
    for index in first..=last {
        let (old, new) = (children.get(index)?, sorted.get(index)?);
        let between = std::str::from_utf8(text.get(at..old.range().start)?).ok()?;
        if !is_blank(text, at..old.range().start) {
            return None;
        }
        content.push_str(between);
        content.push_str(new.text());
        at = old.range().end;
    }
    Some(Change::new(begin..end, content))
}

/// Whether a part of a text is white space.
fn is_blank(text: &[u8], range: Range<usize>) -> bool {
    text.get(range)
        .is_some_and(|part| part.trim_ascii().is_empty())
}

/// The definition of an element, by R4.
fn schema_of(element: LayoutElement<'_, '_>) -> Option<&'static Schema> {
    if element.is_resource() {
        return schema::find(element.name());
    }
    let parent = element.parent()?;
    if element.name() == "extension" || element.name() == "modifierExtension" {
        return schema::find("Extension");
    }
    let (_, kind) = schema_of(parent)?.member(element.name())?;
    kind.schema()
}
