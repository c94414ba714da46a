//! Where what is referred to is: resources of the same text, and profiles of packages.

use crate::document::{Document, Entry};
use crate::hover::{holder, outline_name};
use crate::outline::{Id, Kind};
use crate::uri;
use lsp_types::{GotoDefinitionResponse, Location, Position, Range, Uri};

/// Where what is named at a position is.
pub(crate) fn at(
    document: &Document,
    uri: &Uri,
    position: Position,
) -> Option<GotoDefinitionResponse> {
    let outline = document.outline();
    let id = outline.at(document.text.offset(position))?;
    let node = outline.get(id)?;
    let content = outline.content_of(document.text.as_str(), id)?;
    let place = document.places().of(id);
    let owner = place.owner.map_or("", |owner| owner.name);
    let location = if (owner, outline_name(document, id, node)) == ("Reference", "reference") {
        let entry = target(document, holder(document, id, node)?, content)?;
        let start = outline.get(entry.node)?.full().start;
        Location::new(uri.clone(), document.text.range(start..start))
    } else {
        let ty = place.ty?.code;
        if !matches!(ty, "canonical" | "uri" | "url") {
            return None;
        }
        let file = document.project()?.file_of(content)?;
        Location::new(uri::of_file(&file)?, Range::default())
    };
    Some(GotoDefinitionResponse::Scalar(location))
}

/// The resource that a reference is to: one that is contained, or one of the Bundle.
pub(crate) fn target<'d>(document: &'d Document, from: Id, reference: &str) -> Option<&'d Entry> {
    let entries = document.entries();
    if let Some(id) = reference.strip_prefix('#') {
        let container = container(document, from)?;
        let is_one =
            |entry: &&Entry| entry.container == Some(container) && entry.id.as_deref() == Some(id);
        return entries.iter().find(is_one);
    }
    let reference = reference.split("/_history/").next()?;
    let by_url = |entry: &&Entry| entry.full_url.as_deref() == Some(reference);
    if let Some(found) = entries.iter().find(by_url) {
        return Some(found);
    }
    let (before, id) = reference.rsplit_once('/')?;
    let type_name = before.rsplit('/').next()?;
    let by_id = |entry: &&Entry| {
        entry.container.is_none() && entry.type_name == type_name && entry.id.as_deref() == Some(id)
    };
    entries.iter().find(by_id)
}

/// The resource around a node whose contained resources its references may be to: not a contained one itself.
pub(crate) fn container(document: &Document, from: Id) -> Option<Id> {
    let chain = document.outline().chain(from);
    let is_whole = |entry: &&Entry| entry.container.is_none();
    let wholes = document.entries().iter().filter(is_whole);
    let wholes: Vec<Id> = wholes.map(|entry| entry.node).collect();
    chain.into_iter().rev().find(|id| wholes.contains(id))
}

/// What a reference is to, for people.
pub(crate) fn describe(document: &Document, id: Id, reference: &str) -> Option<String> {
    let entry = target(document, id, reference)?;
    let line = document.outline().get(entry.node)?.full().start;
    let line = document.text.position(line).line + 1;
    let id = entry.id.as_deref().unwrap_or_default();
    Some(format!("{}/{id} in line {line}", entry.type_name))
}

/// The profiles that a `meta` lists.
pub(crate) fn profiles_of(document: &Document, meta: Id) -> Vec<&str> {
    let (outline, text) = (document.outline(), document.text.as_str());
    let mut profiles = Vec::new();
    let children = outline.children(meta);
    for child in children.filter(|child| outline.name_of(text, *child) == "profile") {
        if outline
            .get(child)
            .is_some_and(|node| node.kind == Kind::Array)
        {
            let items = outline.children(child);
            profiles.extend(items.filter_map(|item| outline.content_of(text, item)));
        } else {
            profiles.extend(outline.content_of(text, child));
        }
    }
    profiles
}
