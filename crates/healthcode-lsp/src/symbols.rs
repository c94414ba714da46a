//! The outline that clients show, and what can be folded.

use crate::document::Document;
use crate::outline::{Id, Kind, Node, Outline, Siblings, Syntax};
use lsp_types::{DocumentSymbol, FoldingRange, FoldingRangeKind, SymbolKind};

/// How many symbols are listed: clients show them in a tree, and a text of 1 MB would have tens of thousands.
const MAX_SYMBOLS: usize = 2000;

/// How deep symbols are nested: an entry of a Bundle, its resource, an element and its parts.
const MAX_DEPTH: usize = 6;

/// The resources and elements of a document; of more than can be listed, the outermost.
pub(crate) fn symbols(document: &Document) -> Vec<DocumentSymbol> {
    let outline = document.outline();
    let mut counts = [0; MAX_DEPTH + 1];
    for (node, depth) in depths(outline) {
        if node.kind != Kind::Attribute
            && let Some(count) = counts.get_mut(depth)
        {
            *count += 1;
        }
    }
    let depth = fitting(&counts, MAX_SYMBOLS);
    let used: usize = counts.iter().take(depth).sum();
    // In JSON they are in an array.
    let entries = 1 + usize::from(outline.syntax != Syntax::Xml);
    let mut left = Left {
        depth,
        // Of more entries than can be listed, the first.
        partial: if depth <= entries {
            MAX_SYMBOLS - used
        } else {
            0
        },
    };
    list(document, outline.roots(), 0, &mut left)
}

/// The nodes of an outline with their depths; that of roots is 0.
fn depths(outline: &Outline) -> impl Iterator<Item = (&Node, usize)> {
    let mut depths: Vec<usize> = Vec::new();
    let nodes = (0..outline.len()).map_while(|id| outline.get(id));
    nodes.map(move |node| {
        let outer = depths.get(node.parent as usize);
        let depth = outer.map_or(0, |outer| outer + 1);
        depths.push(depth);
        (node, depth)
    })
}

/// How many of the outermost depths have no more than so many nodes together.
fn fitting(counts: &[usize], limit: usize) -> usize {
    let mut left = limit;
    let fits = |count: &&usize| {
        let rest = left.checked_sub(**count);
        left = rest.unwrap_or(left);
        rest.is_some()
    };
    counts.iter().take_while(fits).count()
}

/// What may still be listed.
struct Left {
    /// How many depths are listed whole.
    depth: usize,
    /// How many nodes of the next depth are listed.
    partial: usize,
}

fn list(
    document: &Document,
    nodes: Siblings<'_>,
    depth: usize,
    left: &mut Left,
) -> Vec<DocumentSymbol> {
    let mut symbols = Vec::new();
    for id in nodes {
        if depth > left.depth || depth == left.depth && left.partial == 0 {
            break;
        }
        let found = symbol(document, id, depth, left);
        left.partial -= usize::from(depth == left.depth && found.is_some());
        symbols.extend(found);
    }
    symbols
}

/// `Patient/12` for a resource.
fn title_of_resource(document: &Document, id: Id) -> Option<String> {
    // In XML any element has the name of its tag: resources begin in upper case.
    let is_resource = |name: &&str| name.starts_with(|c: char| c.is_ascii_uppercase());
    let places = document.places();
    let type_name = places.type_name(id).filter(is_resource)?;
    let own = document.outline().text_of(places.text, id, "id");
    let own = own.map_or(String::new(), |id| format!("/{id}"));
    Some(format!("{type_name}{own}"))
}

/// The title of the resource that an entry of a Bundle has.
fn title_of_entry(document: &Document, id: Id) -> Option<String> {
    let (outline, text) = (document.outline(), document.text.as_str());
    let resource = outline.child(text, id, "resource")?;
    title_of_resource(document, resource)
        .or_else(|| title_of_resource(document, outline.children(resource).next()?))
}

fn symbol(document: &Document, id: Id, depth: usize, left: &mut Left) -> Option<DocumentSymbol> {
    let (outline, text) = (document.outline(), document.text.as_str());
    let node = outline.get(id)?;
    let name = outline.name_of(text, id);
    let is_resource_type = name == "resourceType";
    if node.kind == Kind::Attribute || node.kind == Kind::Missing || is_resource_type {
        return None;
    }
    let children = if name == "div" {
        Vec::new()
    } else {
        list(document, outline.children(id), depth + 1, left)
    };
    let own = match name {
        "" => format!("[{}]", node.index),
        _ => name.to_owned(),
    };
    let title = title_of_resource(document, id).unwrap_or_else(|| {
        let is_entry = node.kind != Kind::Array && matches!(name, "" | "entry");
        let resource = is_entry.then(|| title_of_entry(document, id)).flatten();
        match resource {
            Some(resource) => format!("{own} {resource}"),
            None => own,
        }
    });
    let is_leaf = matches!(node.kind, Kind::String | Kind::Literal)
        || node.kind == Kind::Element && children.is_empty();
    let detail = outline.content_of(text, id).filter(|_| is_leaf);
    let selection = if node.name().is_empty() {
        let start = node.full().start;
        start..start
    } else {
        node.name()
    };
    #[expect(deprecated, reason = "the field has no other constructor")]
    Some(DocumentSymbol {
        name: title,
        detail: detail.map(|text| text.chars().take(60).collect()),
        kind: match node.kind {
            Kind::Array => SymbolKind::ARRAY,
            Kind::String => SymbolKind::STRING,
            Kind::Literal => SymbolKind::CONSTANT,
            _ => SymbolKind::OBJECT,
        },
        tags: None,
        deprecated: None,
        range: document.text.range(node.full()),
        selection_range: document.text.range(selection),
        children: (!children.is_empty()).then_some(children),
    })
}

/// How many ranges are listed for a client that states no limit.
pub(crate) const MAX_FOLDING: usize = 5000;

/// Objects, arrays and elements of several lines; of more than the limit, the outermost.
pub(crate) fn folding(document: &Document, limit: usize) -> Vec<FoldingRange> {
    let text = &document.text;
    let mut ranges: Vec<(FoldingRange, usize)> = Vec::new();
    let mut counts: Vec<usize> = Vec::new();
    for (node, depth) in depths(document.outline()) {
        if !matches!(node.kind, Kind::Object | Kind::Array | Kind::Element) {
            continue;
        }
        let full = node.full();
        let start_line = text.line(full.start);
        // The last line, with the bracket or end tag, stays.
        let end_line = text.line(full.end).saturating_sub(1);
        let last = ranges.last().map(|(last, _)| last.start_line);
        if end_line > start_line && last != Some(start_line) {
            let range = FoldingRange {
                start_line,
                end_line,
                kind: Some(FoldingRangeKind::Region),
                ..FoldingRange::default()
            };
            ranges.push((range, depth));
            counts.resize(counts.len().max(depth + 1), 0);
            counts[depth] += 1;
        }
    }
    let depth = fitting(&counts, limit);
    ranges.retain(|(_, at)| *at < depth);
    ranges.into_iter().map(|(range, _)| range).collect()
}

#[cfg(test)]
mod tests;
