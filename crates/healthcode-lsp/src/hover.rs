//! Hover: what is at the cursor.

use crate::definition;
use crate::document::Document;
use crate::facts;
use crate::outline::{Id, Kind, Node};
use crate::place::Place;
use healthcode_search::{Name, Scope};
use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind, Position};

/// What is known of the name or value at a position.
pub(crate) fn at(document: &Document, position: Position) -> Option<Hover> {
    let offset = document.text.offset(position);
    let outline = document.outline();
    let id = outline.at(offset)?;
    let node = outline.get(id)?;
    let sections = sections(document, id, node, offset);
    if sections.is_empty() {
        return None;
    }
    let value = node.value();
    let is_at_value = offset >= value.start && node.kind != Kind::Element;
    let range = match node.kind {
        Kind::Object | Kind::Array if is_at_value => value.start..value.start,
        _ if is_at_value => value,
        _ => node.name(),
    };
    Some(Hover {
        contents: HoverContents::Markup(MarkupContent {
            kind: MarkupKind::Markdown,
            value: sections.join("\n\n"),
        }),
        range: Some(document.text.range(range)),
    })
}

fn sections(document: &Document, id: Id, node: &Node, offset: usize) -> Vec<String> {
    let outline = document.outline();
    let text = document.text.as_str();
    let release = document.release();
    let place = document.places().of(id);
    let mut sections = Vec::new();
    if place.names_type && node.kind == Kind::Element {
        sections.extend(place.schema.map(|schema| facts::resource(schema, release)));
        return sections;
    }
    if place.names_type {
        let schema = place.owner.map(|schema| facts::resource(schema, release));
        sections.extend(schema);
        return sections;
    }
    if place.field.is_none() {
        sections.extend(unknown(document, id, &place));
        sections.extend(parameter(document, id, offset));
        return sections;
    }
    sections.extend(short(document, &place));
    sections.extend(facts::element(&place, release));
    sections.extend(place.ty.and_then(|ty| match ty.code {
        "Resource" => place.schema.map(|schema| facts::resource(schema, release)),
        _ => None,
    }));
    let Some(content) = outline.content_of(text, id) else {
        return sections;
    };
    let owner = place.owner.map_or("", |owner| owner.name);
    let project = document.project();
    match (owner, outline_name(document, id, node)) {
        ("Extension", "url") => {
            sections.extend(facts::extension(content, release, project));
        }
        ("Coding" | "Quantity", "code" | "system") => {
            let concept = holder(document, id, node);
            let value = |name| outline.text_of(text, concept?, name);
            if let (Some(system), Some(code)) = (value("system"), value("code")) {
                sections.extend(facts::code(system, code, release, project));
            }
        }
        ("Identifier", "value") => {
            let identifier = holder(document, id, node);
            let system = identifier.and_then(|id| outline.text_of(text, id, "system"));
            if system == Some(facts::NHS_NUMBER) {
                sections.push(facts::nhs_number(content).to_owned());
            }
        }
        ("Reference", "reference") => {
            sections.extend(definition::describe(document, id, content));
        }
        _ => {}
    }
    sections
}

/// The name of the element: for an attribute `value`, that of the element that has it.
pub(crate) fn outline_name<'d>(document: &'d Document, id: Id, node: &Node) -> &'d str {
    let text = document.text.as_str();
    let name = document.outline().name_of(text, id);
    if node.kind == Kind::Attribute && name == "value" {
        return document.outline().name_of(text, node.parent);
    }
    name
}

/// The node that holds an element: of an attribute `value`, the holder of its element.
pub(crate) fn holder(document: &Document, id: Id, node: &Node) -> Option<Id> {
    let text = document.text.as_str();
    let outline = document.outline();
    let is_value = node.kind == Kind::Attribute && outline.name_of(text, id) == "value";
    let node = if is_value {
        outline.get(node.parent)?
    } else {
        node
    };
    Some(node.parent)
}

/// What the profiles that the resource claims say of the element.
fn short(document: &Document, place: &Place) -> Option<String> {
    let profiles = document.project()?.profiles();
    let outline = document.outline();
    let text = document.text.as_str();
    let definition = place.definition()?;
    let meta = outline.child(text, place.resource_node?, "meta")?;
    for url in definition::profiles_of(document, meta) {
        let Some(profile) = profiles.definition_of(url) else {
            continue;
        };
        let of_snapshot = profile.snapshot.as_ref().map(|snapshot| &snapshot.element);
        let of_differential = profile.differential.as_ref();
        let of_differential = of_differential.map(|differential| &differential.element);
        let elements = of_differential.into_iter().chain(of_snapshot);
        let mut shorts = elements
            .flatten()
            .filter(|element| element.id.as_deref() == Some(&*definition));
        if let Some(short) = shorts.find_map(|element| element.short.as_str()) {
            return Some(format!("**{short}**"));
        }
    }
    None
}

/// That a member is not one of its type.
fn unknown(document: &Document, id: Id, place: &Place) -> Option<String> {
    let owner = place.owner?;
    let name = document.outline().name_of(document.text.as_str(), id);
    if name.is_empty() || name == "xmlns" || owner.name == "Narrative" {
        return None;
    }
    Some(format!("`{name}` is not an element of {}", owner.name))
}

/// What a parameter of the URL of a captured request takes.
fn parameter(document: &Document, id: Id, offset: usize) -> Option<String> {
    let outline = document.outline();
    let text = document.text.as_str();
    let node = outline.get(id)?;
    let is_url =
        outline.name_of(text, id) == "url" && outline.name_of(text, node.parent) == "request";
    let content = node.content();
    if !is_url || node.kind != Kind::String || !content.contains(&offset) {
        return None;
    }
    let url = text.get(content.clone())?;
    let before = url.get(..offset - content.start)?;
    let start = before.rfind(['?', '&'])? + 1;
    let name = url.get(start..)?.split(['=', '&', '#']).next()?;
    let scope = Scope::of_address(url.split('?').next()?)?;
    let code = Name::parse(name).code;
    let definition = scope.definition(&code)?;
    let mut line = format!(
        "`{}` · parameter of {} · {}",
        definition.name,
        scope.name(),
        definition.form.expected()
    );
    if definition.required {
        line += " · required";
    }
    if definition.repeats {
        line += " · may be repeated";
    }
    Some(line)
}
