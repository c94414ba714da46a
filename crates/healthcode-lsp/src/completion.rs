//! Completion: the members, codes, extensions and references that are possible at the cursor.

mod values;

use crate::document::Document;
use crate::facts;
use crate::outline::{Id, Kind, Node, Syntax};
use crate::place::{Place, Places};
use healthcode_core::{Field, PrimitiveKind, Schema, Type};
use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionList, CompletionTextEdit, InsertTextFormat,
    Position, TextEdit,
};
use std::ops::Range;
use values::Value;

/// How many items a list has; a client requests it again as more is typed.
const MAX_ITEMS: usize = 500;

/// What may be inserted, and instead of which bytes.
struct Proposals {
    range: Range<usize>,
    items: Vec<Proposal>,
}

/// Something that may be inserted.
struct Proposal {
    label: String,
    /// What is compared with what was typed.
    filter: String,
    insert: String,
    detail: Option<String>,
    kind: CompletionItemKind,
    /// Whether `insert` has places for the cursor.
    is_snippet: bool,
}

/// What is possible at a position.
pub(crate) fn at(
    document: &Document,
    position: Position,
    snippets: bool,
) -> Option<CompletionList> {
    let offset = document.text.offset(position);
    let Proposals { range, items } = match document.syntax {
        Syntax::Xml => xml(document, offset)?,
        _ => json(document, offset)?,
    };
    let range = document.text.range(range);
    let is_incomplete = items.len() > MAX_ITEMS;
    let items = items.into_iter().take(MAX_ITEMS).enumerate();
    let items = items.map(|(at, proposal)| CompletionItem {
        label: proposal.label,
        kind: Some(proposal.kind),
        detail: proposal.detail,
        sort_text: Some(format!("{at:04}")),
        filter_text: Some(proposal.filter),
        insert_text_format: Some(if proposal.is_snippet && snippets {
            InsertTextFormat::SNIPPET
        } else {
            InsertTextFormat::PLAIN_TEXT
        }),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit::new(
            range,
            if proposal.is_snippet && !snippets {
                plain(&proposal.insert)
            } else {
                proposal.insert
            },
        ))),
        ..CompletionItem::default()
    });
    Some(CompletionList {
        is_incomplete,
        items: items.collect(),
    })
}

/// A snippet without the places for the cursor.
fn plain(snippet: &str) -> String {
    snippet.replace("$0", "").replace("\\}", "}")
}

fn json(document: &Document, offset: usize) -> Option<Proposals> {
    let outline = document.outline();
    let places = document.places();
    let id = outline.at(offset)?;
    let node = outline.get(id)?;
    let parent = outline.get(node.parent);
    let is_member = parent.is_some_and(|parent| parent.kind == Kind::Object);
    let value = node.value();
    let is_in_name = is_member
        && offset <= node.name().end + 1
        && offset < value.start.max(node.full().start + 1);
    if is_member && (is_in_name || node.kind == Kind::Missing && !has_colon(document, node, offset))
    {
        let range = name_range(document, node);
        let rest = document.text.slice(range.end..document.text.as_str().len());
        let has_value = rest.trim_start().starts_with(':');
        let items = members(places, node.parent, Some(id), has_value);
        return Some(Proposals { range, items });
    }
    match node.kind {
        Kind::Object if offset > value.start => Some(Proposals {
            range: offset..offset,
            items: members(places, id, None, false),
        }),
        Kind::String | Kind::Literal if offset >= value.start => {
            let items = json_values(document, id);
            Some(Proposals {
                range: value,
                items,
            })
        }
        Kind::Missing => Some(Proposals {
            range: offset..offset,
            items: json_values(document, id),
        }),
        Kind::Array if offset > value.start => Some(Proposals {
            range: offset..offset,
            items: json_values(document, id),
        }),
        _ => None,
    }
}

/// Whether there is a colon between a name and the cursor.
fn has_colon(document: &Document, node: &Node, offset: usize) -> bool {
    document
        .text
        .slice(node.name().end..offset.max(node.name().end))
        .contains(':')
}

/// A name with its quotes.
fn name_range(document: &Document, node: &Node) -> Range<usize> {
    let name = node.name();
    let bytes = document.text.as_str().as_bytes();
    let end = name.end + usize::from(bytes.get(name.end) == Some(&b'"'));
    node.full().start..end
}

fn json_values(document: &Document, id: Id) -> Vec<Proposal> {
    let values = values::at(document, id);
    let items = values.into_iter().map(|Value { text, detail, kind }| {
        let insert = serde_json::Value::String(text.clone()).to_string();
        Proposal {
            label: text,
            filter: insert.clone(),
            insert,
            detail,
            kind,
            is_snippet: false,
        }
    });
    items.collect()
}

/// The members that an object may have, and does not.
fn members(places: Places<'_>, object: Id, current: Option<Id>, has_value: bool) -> Vec<Proposal> {
    let outline = places.outline;
    let present = outline
        .children(object)
        .filter(|child| Some(*child) != current);
    let present: Vec<&str> = present
        .map(|child| outline.name_of(places.text, child))
        .collect();
    let Some(schema) = places.of(object).schema else {
        // What it may have depends on the type.
        let is_resource = !present.contains(&"resourceType");
        let is_root = outline
            .get(object)
            .is_some_and(|node| node.parent == crate::outline::NONE);
        let is_resource = is_resource
            && (is_root || places.of(object).ty.is_some_and(|ty| ty.code == "Resource"));
        return is_resource
            .then(|| json_member("resourceType", has_value, "\"$0\"", None))
            .into_iter()
            .collect();
    };
    let mut items = Vec::new();
    if schema.is_resource() && !present.contains(&"resourceType") {
        items.push(json_member("resourceType", has_value, "\"$0\"", None));
    }
    for (field, ty, name) in absent(schema, &present) {
        let value = skeleton(field, ty);
        let detail = format!("{} · {}", facts::type_name(ty), facts::cardinality(field));
        items.push(json_member(&name, has_value, &value, Some(detail)));
    }
    items
}

/// The elements of a type that are absent, each with a type that its value may have and the name that it then has.
fn absent(
    schema: &'static Schema,
    present: &[&str],
) -> Vec<(&'static Field, &'static Type, String)> {
    let mut all = Vec::new();
    for field in schema.fields {
        let name = |ty: &Type| {
            if field.choice {
                format!("{}{}", field.name(), ty.suffix)
            } else {
                field.name().to_owned()
            }
        };
        let is_present = field
            .types
            .iter()
            .any(|ty| present.contains(&name(ty).as_str()));
        if !is_present {
            all.extend(field.types.iter().map(|ty| (*field, ty, name(ty))));
        }
    }
    // What is required comes first, and what few use last; the order is otherwise that of the definition.
    all.sort_by_key(|(field, _, _)| {
        let rare = [
            "id",
            "meta",
            "implicitRules",
            "language",
            "text",
            "contained",
            "extension",
            "modifierExtension",
        ];
        (field.min == 0, rare.contains(&field.name()))
    });
    all
}

/// The beginning of a value in JSON, with the place of the cursor.
fn skeleton(field: &Field, ty: &Type) -> String {
    let one = match ty.primitive {
        Some(
            PrimitiveKind::Boolean
            | PrimitiveKind::Integer
            | PrimitiveKind::PositiveInt
            | PrimitiveKind::UnsignedInt
            | PrimitiveKind::Decimal,
        ) => "$0",
        Some(_) => "\"$0\"",
        None => "{$0\\}",
    };
    if field.repeats() {
        format!("[{one}]")
    } else {
        one.to_owned()
    }
}

fn json_member(name: &str, has_value: bool, value: &str, detail: Option<String>) -> Proposal {
    let quoted = format!("\"{name}\"");
    Proposal {
        label: name.to_owned(),
        insert: if has_value {
            quoted.clone()
        } else {
            format!("{quoted}: {value}")
        },
        filter: quoted,
        detail,
        kind: CompletionItemKind::FIELD,
        is_snippet: !has_value,
    }
}

fn xml(document: &Document, offset: usize) -> Option<Proposals> {
    let outline = document.outline();
    let text = document.text.as_str();
    let id = outline.at(offset)?;
    let node = outline.get(id)?;
    if node.kind == Kind::Attribute {
        let range = node.content();
        if offset < range.start || offset > range.end {
            return None;
        }
        let items = values::at(document, id).into_iter().map(|value| {
            let insert = value
                .text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('"', "&quot;");
            Proposal {
                label: value.text,
                filter: insert.clone(),
                insert,
                detail: value.detail,
                kind: value.kind,
                is_snippet: false,
            }
        });
        let items = items.collect();
        return Some(Proposals { range, items });
    }
    let name = node.name();
    let places = document.places();
    // In the name of a tag, of which as much was typed; or between tags.
    let (parent, current, start) = if offset <= name.end && offset > node.full().start {
        (node.parent, Some(id), node.full().start)
    } else if offset >= node.value().end {
        (id, None, offset)
    } else {
        return None;
    };
    let start = text.get(..start)?.len();
    let range = start..current.map_or(offset, |_| name.end);
    let items = elements(places, parent, current);
    Some(Proposals { range, items })
}

/// The elements that are allowed in an element of XML.
fn elements(places: Places<'_>, parent: Id, current: Option<Id>) -> Vec<Proposal> {
    let outline = places.outline;
    if outline.get(parent).is_none() {
        return Vec::new();
    }
    let place = places.of(parent);
    if place.ty.is_some_and(|ty| ty.code == "Resource") && !place.names_type {
        let names = places.release.resources.iter();
        return names
            .map(|name| element(name, &format!("<{name}>$0</{name}>"), None))
            .collect();
    }
    let Place {
        schema: Some(schema),
        ..
    } = place
    else {
        return Vec::new();
    };
    let present = outline
        .children(parent)
        .filter(|child| Some(*child) != current);
    let present: Vec<&str> = present
        .map(|child| outline.name_of(places.text, child))
        .collect();
    let repeats = |name: &str| {
        schema
            .member(name)
            .is_some_and(|(field, _)| field.repeats())
    };
    let present: Vec<&str> = present.into_iter().filter(|name| !repeats(name)).collect();
    let mut items = Vec::new();
    for (field, ty, name) in absent(schema, &present) {
        let is_attribute = field.name() == "id" && !schema.is_resource()
            || schema.name == "Extension" && field.name() == "url";
        if is_attribute {
            continue;
        }
        let insert = match ty.primitive {
            Some(PrimitiveKind::Xhtml) => {
                "<div xmlns=\"http://www.w3.org/1999/xhtml\">$0</div>".to_owned()
            }
            Some(_) => format!("<{name} value=\"$0\"/>"),
            None if ty.code == "Extension" => format!("<{name} url=\"$0\"></{name}>"),
            None => format!("<{name}>$0</{name}>"),
        };
        let detail = format!("{} · {}", facts::type_name(ty), facts::cardinality(field));
        items.push(element(&name, &insert, Some(detail)));
    }
    items
}

fn element(name: &str, insert: &str, detail: Option<String>) -> Proposal {
    Proposal {
        label: name.to_owned(),
        filter: format!("<{name}"),
        insert: insert.to_owned(),
        detail,
        kind: CompletionItemKind::FIELD,
        is_snippet: true,
    }
}
