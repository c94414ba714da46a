//! The outline that clients show, and what can be folded.

use crate::document::Document;
use crate::outline::{Id, Kind, Siblings};
use lsp_types::{DocumentSymbol, FoldingRange, FoldingRangeKind, SymbolKind};

/// How many symbols are listed: clients show them in a tree, and a text of 1 MB would have tens of thousands.
const MAX_SYMBOLS: usize = 2000;

/// How deep symbols are nested: an entry of a Bundle, its resource, an element and its parts.
const MAX_DEPTH: usize = 6;

/// The resources and elements of a document.
pub(crate) fn symbols(document: &Document) -> Vec<DocumentSymbol> {
    let mut left = MAX_SYMBOLS;
    let roots = document.outline().roots();
    list(document, roots, 0, &mut left)
}

fn list(
    document: &Document,
    nodes: Siblings<'_>,
    depth: usize,
    left: &mut usize,
) -> Vec<DocumentSymbol> {
    let mut symbols = Vec::new();
    for id in nodes {
        if *left == 0 {
            break;
        }
        symbols.extend(symbol(document, id, depth, left));
    }
    symbols
}

fn symbol(document: &Document, id: Id, depth: usize, left: &mut usize) -> Option<DocumentSymbol> {
    let (outline, text) = (document.outline(), document.text.as_str());
    let node = outline.get(id)?;
    let name = outline.name_of(text, id);
    let is_resource_type = name == "resourceType";
    if node.kind == Kind::Attribute || node.kind == Kind::Missing || is_resource_type {
        return None;
    }
    *left = left.saturating_sub(1);
    let children = if depth < MAX_DEPTH && name != "div" {
        list(document, outline.children(id), depth + 1, left)
    } else {
        Vec::new()
    };
    let title = match document.places().type_name(id) {
        // In XML any element has the name of its tag: resources begin in upper case.
        Some(type_name) if type_name.starts_with(|c: char| c.is_ascii_uppercase()) => {
            let own = outline.text_of(text, id, "id");
            let own = own.map_or(String::new(), |id| format!("/{id}"));
            format!("{type_name}{own}")
        }
        _ if name.is_empty() => format!("[{}]", node.index),
        _ => name.to_owned(),
    };
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
    let (outline, text) = (document.outline(), &document.text);
    let mut ranges: Vec<(FoldingRange, usize)> = Vec::new();
    let mut depths: Vec<usize> = Vec::new();
    let mut at_depth: Vec<usize> = Vec::new();
    for node in (0..outline.len()).map_while(|id| outline.get(id)) {
        let outer = depths.get(node.parent as usize);
        let depth = outer.map_or(0, |outer| outer + 1);
        depths.push(depth);
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
            at_depth.resize(at_depth.len().max(depth + 1), 0);
            at_depth[depth] += 1;
        }
    }
    let mut left = limit;
    let fits = |count: &&usize| {
        let rest = left.checked_sub(**count);
        left = rest.unwrap_or(left);
        rest.is_some()
    };
    let depths = at_depth.iter().take_while(fits).count();
    ranges.retain(|(_, depth)| *depth < depths);
    ranges.into_iter().map(|(range, _)| range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Encoding, Text};

    #[test]
    fn outermost_ranges() {
        let text =
            "{\n\"a\": [\n{\n\"b\": 1\n},\n{\n\"b\": 1\n}\n],\n\"c\": {\n\"d\": [\n1\n]\n}\n}\n";
        let text = Text::new(text.to_owned(), Encoding::Utf16);
        let document = Document::new(None, "json", 1, text);
        for (limit, lines) in [
            (9, &[0, 1, 2, 5, 9, 10][..]),
            (6, &[0, 1, 2, 5, 9, 10]),
            (5, &[0, 1, 9]),
            (2, &[0]),
            (0, &[]),
        ] {
            let ranges = folding(&document, limit);
            let found: Vec<u32> = ranges.iter().map(|range| range.start_line).collect();
            assert_eq!(found, lines, "{limit}");
        }
    }
}
