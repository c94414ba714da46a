//! Edits of JSON.

use crate::change::Change;
use healthcode_json::{Value, ValueKind};
use std::ops::Range;

/// A string of JSON.
pub(crate) fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            c if c < ' ' => json.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

/// Removes a value: its member or item with the comma, and what is around it if it would be left empty. `None`
/// for the whole text, and where the place of an item has a meaning.
pub(crate) fn removal(value: Value<'_, '_>) -> Option<Change> {
    let parent = value.parent()?;
    if parent.children().len() == 1 {
        return removal(parent);
    }
    if parent.kind() == ValueKind::Array {
        if is_entries(parent) {
            return None;
        }
        if let Some(twin) = twin(parent) {
            return in_pair(value, parent, twin);
        }
    }
    Some(Change::removal(with_comma(value, parent)?))
}

/// The bytes of a member or item with the comma before it or, if it is the first one, behind it.
fn with_comma(value: Value<'_, '_>, parent: Value<'_, '_>) -> Option<Range<usize>> {
    let whole = |child: Value<'_, '_>| child.member().unwrap_or(child.range());
    let mut before = None;
    let mut children = parent.children();
    while let Some(child) = children.next() {
        if child == value {
            let own = whole(value);
            return match (before, children.next()) {
                (Some(end), _) => Some(end..own.end),
                (None, Some(next)) => Some(own.start..whole(next).start),
                (None, None) => None,
            };
        }
        before = Some(whole(child).end);
    }
    None
}

/// Whether an array has the entries of a Bundle: those of a response belong to those of a request by number.
fn is_entries(array: Value<'_, '_>) -> bool {
    let of_bundle = || {
        let kind = array.parent()?.get("resourceType")?.string()?;
        Some(kind == "Bundle")
    };
    array.name().as_deref() == Some("entry") && of_bundle() == Some(true)
}

/// The array whose items belong to those of this one by number: of a repeating primitive's values and metadata.
pub(crate) fn twin<'l, 't>(array: Value<'l, 't>) -> Option<Value<'l, 't>> {
    let name = array.name()?;
    let other = match name.strip_prefix('_') {
        Some(name) => name.to_owned(),
        None => format!("_{name}"),
    };
    let twin = array.parent()?.get(&other)?;
    (twin.kind() == ValueKind::Array).then_some(twin)
}

/// Removes an item that belongs to one of another array: null keeps its place.
fn in_pair(value: Value<'_, '_>, array: Value<'_, '_>, twin: Value<'_, '_>) -> Option<Change> {
    let index = array.children().position(|child| child == value)?;
    let other = twin.children().nth(index)?;
    let is_null = |value: Value<'_, '_>| value.kind() == ValueKind::Null;
    (!is_null(other) && !is_null(value)).then(|| Change::new(value.range(), "null"))
}

/// Removes the items of this number from an array, from the last on, but not all of them.
pub(crate) fn tail(array: Value<'_, '_>, kept: usize) -> Option<Change> {
    let last = array.children().nth(kept.checked_sub(1)?)?;
    let end = array.children().next_back()?;
    Some(Change::removal(last.range().end..end.range().end))
}

/// Removes the item of this number from an array, whatever belongs to it.
pub(crate) fn item(array: Value<'_, '_>, index: usize) -> Option<Change> {
    let value = array.children().nth(index)?;
    if array.children().len() == 1 {
        return removal(array);
    }
    Some(Change::removal(with_comma(value, array)?))
}
