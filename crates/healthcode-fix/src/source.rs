//! [`Source`]: a document in JSON or XML, and edits of it by JSON pointer.

use crate::change::{Change, Correction};
use crate::{json, xml};
use healthcode_core::source::{Base, Lines};
use healthcode_core::{Edit, Fix, Issue, Position};
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

/// A document with the places of its values.
pub(crate) struct Source<'t> {
    pub(crate) bytes: &'t [u8],
    pub(crate) syntax: Syntax<'t>,
    /// Where UUIDs are referred to, by the UUIDs in lower case; made when first needed.
    references: OnceCell<HashMap<String, Vec<Reference>>>,
    /// The base of the addresses of entries, by the pointer of the Bundle.
    bases: RefCell<HashMap<String, Option<String>>>,
    /// Elements whose order has a correction.
    ordered: RefCell<HashSet<usize>>,
}

/// A reference or a full URL that is a UUID.
struct Reference {
    range: Range<usize>,
    text: String,
    /// The quotes around it, in XML.
    quote: Option<char>,
}

pub(crate) enum Syntax<'t> {
    Json(healthcode_json::Layout<'t>),
    Xml(healthcode_xml::Layout<'t>),
}

impl<'t> Source<'t> {
    /// A document; `None` if it is neither JSON nor XML.
    pub(crate) fn new(bytes: &'t [u8]) -> Option<Self> {
        let syntax = if healthcode_xml::is_xml(bytes) {
            Syntax::Xml(healthcode_xml::Layout::new(bytes)?)
        } else {
            Syntax::Json(healthcode_json::Layout::new(bytes)?)
        };
        Some(Source {
            bytes,
            syntax,
            references: OnceCell::new(),
            bases: RefCell::default(),
            ordered: RefCell::default(),
        })
    }

    pub(crate) fn json(&self) -> Option<&healthcode_json::Layout<'t>> {
        match &self.syntax {
            Syntax::Json(layout) => Some(layout),
            Syntax::Xml(_) => None,
        }
    }

    pub(crate) fn xml(&self) -> Option<&healthcode_xml::Layout<'t>> {
        match &self.syntax {
            Syntax::Xml(layout) => Some(layout),
            Syntax::Json(_) => None,
        }
    }

    /// The text of the primitive at a pointer: a string of JSON, an attribute of XML.
    pub(crate) fn text_at(&self, pointer: &str) -> Option<String> {
        match &self.syntax {
            Syntax::Json(layout) => layout.at(pointer, 0)?.string(),
            Syntax::Xml(layout) => Some(xml::attribute(layout, pointer)?.value()),
        }
    }

    /// The name of the resource at a pointer.
    pub(crate) fn resource_type(&self, pointer: &str) -> Option<String> {
        match &self.syntax {
            Syntax::Json(layout) => layout.at(pointer, 0)?.get("resourceType")?.string(),
            Syntax::Xml(layout) => {
                let element = layout.at(pointer, 0)?;
                let resource = element.resource().unwrap_or(element);
                resource.is_resource().then(|| resource.name().to_owned())
            }
        }
    }

    /// Writes another text into the primitive at a pointer.
    pub(crate) fn replace(&self, pointer: &str, text: &str) -> Option<Change> {
        match &self.syntax {
            Syntax::Json(layout) => {
                let value = layout.at(pointer, 0)?;
                value.string()?;
                Some(Change::new(value.range(), json::quoted(text)))
            }
            Syntax::Xml(layout) => {
                let attribute = xml::attribute(layout, pointer)?;
                let content = xml::escaped(text, attribute.quote());
                Some(Change::new(attribute.value_range(), content))
            }
        }
    }

    /// Removes the value at a pointer, and what is around it if it would be left empty.
    pub(crate) fn remove(&self, pointer: &str, occurrence: usize) -> Option<Change> {
        match &self.syntax {
            Syntax::Json(layout) => json::removal(layout.at(pointer, occurrence)?),
            Syntax::Xml(layout) => xml::removal(self.bytes, layout.at(pointer, occurrence)?),
        }
    }

    /// The changes that write a UUID in lower case wherever a reference or a full URL is the same but for case.
    pub(crate) fn lower_references(&self, uuid: &str) -> Vec<Change> {
        let all = self.references.get_or_init(|| self.find_references());
        let same = all.get(uuid).into_iter().flatten();
        let other = same.filter(|reference| reference.text != uuid);
        other
            .map(|reference| {
                let content = match reference.quote {
                    Some(quote) => xml::escaped(uuid, quote),
                    None => json::quoted(uuid),
                };
                Change::new(reference.range.clone(), content)
            })
            .collect()
    }

    fn find_references(&self) -> HashMap<String, Vec<Reference>> {
        let is_reference = |name: &str| matches!(name, "reference" | "fullUrl");
        let mut found: HashMap<String, Vec<Reference>> = HashMap::new();
        let mut add = |reference: Reference| {
            let lower = reference.text.to_ascii_lowercase();
            if lower.starts_with("urn:uuid:") {
                found.entry(lower).or_default().push(reference);
            }
        };
        match &self.syntax {
            Syntax::Json(layout) => {
                for value in layout.values() {
                    if value.name().is_some_and(|name| is_reference(&name))
                        && let Some(text) = value.string()
                    {
                        let (range, quote) = (value.range(), None);
                        add(Reference { range, text, quote });
                    }
                }
            }
            Syntax::Xml(layout) => {
                for element in layout.elements() {
                    if is_reference(element.name())
                        && let Some(value) = element.attribute("value")
                    {
                        let (range, quote) = (value.value_range(), Some(value.quote()));
                        let text = value.value();
                        add(Reference { range, text, quote });
                    }
                }
            }
        }
        found
    }

    /// The base of the addresses of a Bundle's entries, worked out once.
    pub(crate) fn base_of(
        &self,
        bundle: &str,
        work_out: impl FnOnce() -> Option<String>,
    ) -> Option<String> {
        if let Some(base) = self.bases.borrow().get(bundle) {
            return base.clone();
        }
        let base = work_out();
        let mut bases = self.bases.borrow_mut();
        bases.insert(bundle.to_owned(), base.clone());
        base
    }

    /// Whether the order of the element that begins at a byte has no correction yet: one corrects all of it.
    pub(crate) fn is_first_to_order(&self, start: usize) -> bool {
        self.ordered.borrow_mut().insert(start)
    }

    /// Writes a member that holds a text before all others of an element, whose indentation it takes.
    pub(crate) fn insert_first(&self, pointer: &str, name: &str, text: &str) -> Option<Change> {
        match &self.syntax {
            Syntax::Json(layout) => {
                let object = layout.at(pointer, 0)?;
                let first = object.children().next()?;
                let start = first.name_range()?.start;
                let between = self.bytes.get(object.range().start + 1..start)?;
                let between = std::str::from_utf8(between).ok()?;
                let colon = self
                    .bytes
                    .get(first.name_range()?.end..first.range().start)?;
                let colon = std::str::from_utf8(colon).ok()?;
                let content = format!("\"{name}\"{colon}{},{between}", json::quoted(text));
                Some(Change::new(start..start, content))
            }
            Syntax::Xml(layout) => {
                let element = layout.at(pointer, 0)?;
                let first = element.children().next()?;
                let start = first.range().start;
                let between = self.bytes.get(element.start_tag().end..start)?;
                let between = std::str::from_utf8(between).ok()?;
                if !between.trim().is_empty() {
                    return None;
                }
                let prefix = first.qualified_name().strip_suffix(first.name())?;
                let value = xml::escaped(text, '"');
                let content = format!("<{prefix}{name} value=\"{value}\"/>{between}");
                Some(Change::new(start..start, content))
            }
        }
    }

    /// How many items the list at a pointer has.
    pub(crate) fn count(&self, pointer: &str) -> usize {
        match &self.syntax {
            Syntax::Json(layout) => layout
                .at(pointer, 0)
                .map_or(0, |value| value.children().len()),
            Syntax::Xml(layout) => {
                let Some((parent, name)) = pointer.rsplit_once('/') else {
                    return 0;
                };
                let element = layout.at(parent, 0);
                let holder = element.map(|element| element.resource().unwrap_or(element));
                holder.map_or(0, |holder| holder.named(name).count())
            }
        }
    }

    /// Fixes with the positions of their edits.
    pub(crate) fn place(&self, corrections: Vec<Option<Correction>>) -> Vec<Option<Fix>> {
        let mut positions: BTreeMap<usize, Position> = BTreeMap::new();
        for correction in corrections.iter().flatten() {
            for change in &correction.changes {
                for offset in [change.range.start, change.range.end] {
                    positions.insert(offset, Position::new(0, 0, 0));
                }
            }
        }
        let body = self.bytes.strip_prefix(b"\xef\xbb\xbf");
        let before = if body.is_some() { 3 } else { 0 };
        let text = std::str::from_utf8(body.unwrap_or(self.bytes)).unwrap_or_default();
        let mut lines = Lines::new(text, &Base::after_bom(body.is_some()));
        for (offset, position) in &mut positions {
            *position = lines.position(offset.saturating_sub(before));
        }
        let at = |offset: usize| positions.get(&offset).copied();
        let placed = |correction: Correction| {
            let mut changes = correction.changes;
            changes.sort_by_key(|change| (change.range.start, change.range.end));
            changes.dedup();
            let apart = |pair: &[Change]| match pair {
                [one, next] => one.range.end <= next.range.start,
                _ => true,
            };
            if !changes.windows(2).all(apart) {
                return None;
            }
            let edits = changes.into_iter().map(|change| {
                let ends = (at(change.range.start)?, at(change.range.end)?);
                Some(Edit::new(change.range, ends, change.content))
            });
            let edits = edits.collect::<Option<Vec<Edit>>>()?;
            Some(Fix::new(
                correction.applicability,
                correction.message,
                edits,
            ))
        };
        corrections
            .into_iter()
            .map(|correction| correction.and_then(placed))
            .collect()
    }
}

/// Computes what corrects an issue in its text.
pub(crate) type Corrector = fn(&Source<'_>, &Issue) -> Option<Correction>;
