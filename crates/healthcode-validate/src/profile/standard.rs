//! Trees of the standard's extensions, from the table of their definitions: profiles say more of their
//! parts, and slicing looks at their urls. These are checked without profiles.

use super::node::{Node, slicing, type_of};
use crate::extension::{Definition, Part};
use healthcode_r4::{ElementDefinition, OpenType, schema};

/// The tree of the standard's extension of this URL, with or without a version.
pub(super) fn extension(canonical: &str) -> Option<Node> {
    let definition = Definition::of(url_of(canonical))?;
    let mut root = Node::of_schema(schema::find("Extension")?);
    let parts: Vec<Part> = definition.parts().collect();
    fill(&mut root, definition.url(), definition.types(), &parts, "");
    Some(root)
}

/// The URL of the standard's extension that this stands for, if it does.
pub(super) fn is_extension(canonical: &str) -> Option<&str> {
    let url = url_of(canonical);
    Definition::of(url).map(|_| url)
}

fn url_of(canonical: &str) -> &str {
    canonical.split('|').next().unwrap_or(canonical)
}

/// States the url, the types of the value, and the parts of an extension; `owner` names it among parts.
fn fill(node: &mut Node, url: &str, types: &str, parts: &[Part], owner: &str) {
    let own = || parts.iter().filter(|part| part.owner == owner);
    let has_parts = own().next().is_some();
    if node.children.is_none() {
        node.children = schema::find("Extension").map(Node::fields_of);
    }
    for child in node.children.iter_mut().flatten() {
        match &*child.name {
            "url" => child.definition.fixed = Some(OpenType::Uri(url.into())),
            "value[x]" if has_parts => child.definition.max = "0".into(),
            "value[x]" if !types.is_empty() && types != "*" => {
                child.definition.type_ = types.split(';').map(type_of).collect();
            }
            "extension" if has_parts => {
                child.definition.slicing = Some(Box::new(slicing("value", "url", "open")));
                child.slices = own().map(|part| slice(part, parts)).collect();
            }
            _ => {}
        }
    }
}

fn slice(part: &Part, parts: &[Part]) -> Node {
    let mut node = Node {
        name: "extension".into(),
        definition: ElementDefinition {
            slice_name: part.url.into(),
            min: i32::try_from(part.min).unwrap_or(i32::MAX).into(),
            max: match part.max {
                0 => "*".into(),
                max => max.to_string().into(),
            },
            type_: [type_of("Extension")].into(),
            ..ElementDefinition::default()
        },
        ..Node::default()
    };
    let owner = format!("{}{}>", part.owner, part.url);
    fill(&mut node, part.url, part.types, parts, &owner);
    node
}
