//! Corrections of the shape of JSON and XML.

use crate::change::{Change, Correction, sibling, split};
use crate::source::{Corrector, Source, Syntax};
use crate::{json, xml};
use healthcode_core::{Detail, Issue, lexical};
use healthcode_json::{Value, ValueKind};

/// What corrects issues, by the ids of their rules.
pub(crate) const CORRECTORS: &[(&str, Corrector)] = &[
    ("FHIR-ARRAY-EXPECTED", array_expected),
    ("FHIR-ARRAY-UNEXPECTED", array_unexpected),
    ("FHIR-JSON-TYPE", json_type),
    ("FHIR-NULL", empty),
    ("FHIR-EMPTY-ARRAY", empty),
    ("FHIR-EMPTY-OBJECT", empty),
    ("R4-EMPTY-STRING", empty),
    ("FHIR-NULL-PAIR", null_pair),
    ("FHIR-ARRAY-PAIRING", array_pairing),
    ("JSON-REPEATED-NAME", repeated_name),
    ("FHIR-UNKNOWN-MEMBER", unknown_member),
    ("FHIR-XML-ORDER", xml_order),
    ("FHIR-XML-SCHEMA-LOCATION", schema_location),
];

fn value_of<'l, 't>(source: &'l Source<'t>, issue: &Issue) -> Option<Value<'l, 't>> {
    source.json()?.at(&issue.pointer, issue.occurrence as usize)
}

fn array_expected(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    let value = value_of(source, issue)?;
    match value.kind() {
        ValueKind::Array | ValueKind::Null => None,
        ValueKind::Object if value.children().len() == 0 => empty(source, issue),
        ValueKind::String if value.text() == "\"\"" => empty(source, issue),
        _ => {
            let range = value.range();
            let open = Change::new(range.start..range.start, "[");
            let close = Change::new(range.end..range.end, "]");
            Correction::safe("put the value into an array", vec![open, close])
        }
    }
}

fn array_unexpected(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    // Several documents are not one.
    if issue.pointer.is_empty() {
        return None;
    }
    let value = value_of(source, issue).filter(|value| value.kind() == ValueKind::Array)?;
    let mut items = value.children();
    let item = match items.len() {
        0 => return empty(source, issue),
        1 => items.next()?,
        _ => return None,
    };
    let message = "write the only value without an array";
    let bare = match (issue.detail, item.kind()) {
        (_, ValueKind::Array | ValueKind::Null) => return None,
        (Detail::Expected("a JSON object"), ValueKind::Object) => None,
        (Detail::Expected("a JSON object"), _) => return None,
        (Detail::Expected("a JSON boolean"), ValueKind::Boolean) => None,
        (Detail::Expected("a JSON number"), ValueKind::Number) => None,
        (Detail::Expected("a JSON string"), ValueKind::String) => None,
        (detail, _) => Some(bare(detail, item)?),
    };
    if let Some(bare) = bare {
        return Correction::safe(message, vec![Change::new(value.range(), bare)]);
    }
    let before = Change::removal(value.range().start..item.range().start);
    let behind = Change::removal(item.range().end..value.range().end);
    Correction::safe(message, vec![before, behind])
}

/// The text of a string without its quotes, if that is what was expected.
fn bare(expected: Detail, value: Value<'_, '_>) -> Option<String> {
    let text = value.string()?;
    let fits = match expected {
        Detail::Expected("a JSON boolean") => matches!(text.as_str(), "true" | "false"),
        Detail::Expected("a JSON number") => lexical::is_json_number(&text),
        _ => false,
    };
    fits.then_some(text)
}

fn json_type(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    let value = value_of(source, issue)?;
    if let Some(bare) = bare(issue.detail, value) {
        let change = Change::new(value.range(), bare);
        return Correction::safe("write the value without quotes", vec![change]);
    }
    let is_scalar = matches!(value.kind(), ValueKind::Number | ValueKind::Boolean);
    if issue.detail != Detail::Expected("a JSON string") || !is_scalar {
        return None;
    }
    let change = Change::new(value.range(), json::quoted(value.text()));
    Correction::guess(
        "write the value in quotes; digits such as leading zeros may have been lost before",
        vec![change],
    )
}

fn empty(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    if let Some(layout) = source.json() {
        let value = layout.at(&issue.pointer, issue.occurrence as usize)?;
        let is_empty = match value.kind() {
            ValueKind::Null => true,
            ValueKind::Object | ValueKind::Array => value.children().len() == 0,
            _ => value.text() == "\"\"",
        };
        if !is_empty {
            return None;
        }
    }
    if let Some(layout) = source.xml() {
        let element = layout.at(&issue.pointer, issue.occurrence as usize)?;
        let value = element.attribute("value");
        let is_empty = value.map_or(element.children().len() == 0, |value| {
            value.value().is_empty()
        });
        if !is_empty {
            return None;
        }
    }
    let change = source.remove(&issue.pointer, issue.occurrence as usize)?;
    let message = if change.content.is_empty() {
        "leave the empty element out"
    } else {
        "write null for the empty value, whose id or extensions stay"
    };
    Correction::safe(message, vec![change])
}

/// The arrays of values and of metadata of a repeating primitive, at the pointer of one of them.
fn pair<'l, 't>(
    source: &'l Source<'t>,
    pointer: &str,
) -> Option<(Option<Value<'l, 't>>, Option<Value<'l, 't>>)> {
    let (_, name) = split(pointer)?;
    let name = name.strip_prefix('_').unwrap_or(name);
    let array = |name: &str| {
        let value = source.json()?.at(&sibling(pointer, name)?, 0)?;
        (value.kind() == ValueKind::Array).then_some(value)
    };
    Some((array(name), array(&format!("_{name}"))))
}

fn null_pair(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    let (list, index) = split(&issue.pointer)?;
    let index: usize = index.parse().ok()?;
    let (values, metadata) = pair(source, list)?;
    let mut changes = Vec::new();
    for array in [values, metadata].into_iter().flatten() {
        let Some(item) = array.children().nth(index) else {
            continue;
        };
        if item.kind() != ValueKind::Null {
            return None;
        }
        changes.push(json::item(array, index)?);
    }
    Correction::safe(
        "leave out what has neither a value nor an id or extensions",
        changes,
    )
}

fn array_pairing(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    let (Some(values), Some(metadata)) = pair(source, &issue.pointer)? else {
        return None;
    };
    let (shorter, longer) = if values.children().len() < metadata.children().len() {
        (values, metadata)
    } else {
        (metadata, values)
    };
    let kept = shorter.children().len();
    let mut surplus = longer.children().skip(kept);
    if surplus.all(|item| item.kind() == ValueKind::Null) {
        let change = json::tail(longer, kept)?;
        return Correction::safe(
            "leave out the null values that belong to nothing",
            vec![change],
        );
    }
    let end = shorter.children().next_back()?.range().end;
    let missing = longer.children().len() - kept;
    let change = Change::new(end..end, ", null".repeat(missing));
    Correction::guess(
        "fill the shorter array with null at its end; its items may belong to other places",
        vec![change],
    )
}

fn repeated_name(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    let value = value_of(source, issue)?;
    let first = source.json()?.at(&issue.pointer, 0)?;
    if first == value || first.text() != value.text() {
        return None;
    }
    let change = json::removal(value)?;
    Correction::safe(
        "leave out the member that repeats another one",
        vec![change],
    )
}

fn unknown_member(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    let Detail::Nearest(name) = issue.detail else {
        return None;
    };
    let (_, written) = split(&issue.pointer)?;
    if !written.eq_ignore_ascii_case(name) {
        return None;
    }
    let message = "write the name in the case of the definition; another name may be meant";
    let value = value_of(source, issue)?;
    if value.parent()?.get(name).is_some() {
        return None;
    }
    let change = Change::new(value.name_range()?, json::quoted(name));
    Correction::guess(message, vec![change])
}

fn xml_order(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    let layout = source.xml()?;
    let parent = layout.at(&issue.pointer, 0)?.parent()?;
    if !source.is_first_to_order(parent.range().start) {
        return None;
    }
    let change = xml::in_order(source.bytes, parent)?;
    Correction::safe(
        "put all elements beside it in the order of the definition",
        vec![change],
    )
}

fn schema_location(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    let Syntax::Xml(layout) = &source.syntax else {
        return None;
    };
    let (parent, name) = split(&issue.pointer)?;
    let element = layout.at(parent, 0)?;
    let element = element.resource().unwrap_or(element);
    let attribute = element.attribute(name).or_else(|| {
        let mut attributes = element.attributes();
        attributes.find(|attribute| attribute.name().rsplit(':').next() == Some(name))
    })?;
    let range = attribute.range();
    let before = source.bytes.get(..range.start)?.trim_ascii_end().len();
    let change = Change::removal(before..range.end);
    Correction::safe("leave the attribute out", vec![change])
}
