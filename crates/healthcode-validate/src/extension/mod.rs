//! Extensions: whether they are known, allowed at their place, and hold what their definitions allow.

mod check;
mod context;
mod release;
mod untyped;

pub(crate) use check::check;
pub(crate) use context::ExtensionContext;

use crate::binding::by_length;
use crate::generated::extensions::EXTENSIONS;
use healthcode_core::Release;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The definition of an extension.
#[derive(Debug)]
pub(crate) struct Definition {
    url: &'static str,
    /// How often it may occur on one element; 0 for any number.
    max: u32,
    modifier: bool,
    /// The contexts that it is allowed in, joined by commas: types, backbones, or elements of these.
    contexts: &'static str,
    /// The FHIRPath expression that must be true of the element with the extension; empty for none.
    context_invariant: &'static str,
    /// The types that its value may have, joined by semicolons.
    types: &'static str,
    /// Its parts, joined by spaces; see [`Part`].
    parts: &'static str,
    /// The value set of its value, and whether that is required.
    value_set: Option<(&'static str, bool)>,
}

impl Definition {
    /// For generated code.
    pub(crate) const fn new(
        url: &'static str,
        max: u32,
        contexts: &'static str,
        types: &'static str,
        parts: &'static str,
    ) -> Self {
        Definition {
            url,
            max,
            modifier: false,
            contexts,
            context_invariant: "",
            types,
            parts,
            value_set: None,
        }
    }

    /// For generated code.
    pub(crate) const fn modifier(mut self) -> Self {
        self.modifier = true;
        self
    }

    /// For generated code.
    pub(crate) const fn where_true(mut self, expression: &'static str) -> Self {
        self.context_invariant = expression;
        self
    }

    /// For generated code.
    pub(crate) const fn required(mut self, url: &'static str) -> Self {
        self.value_set = Some((url, true));
        self
    }

    /// For generated code.
    pub(crate) const fn extensible(mut self, url: &'static str) -> Self {
        self.value_set = Some((url, false));
        self
    }

    /// The definition that a record of another release's tables has: URL, greatest number, whether it
    /// modifies, contexts, expression, types, parts, strength of the binding, value set.
    fn unpack(record: &'static str) -> Option<Definition> {
        let mut cells = record.split('\t');
        let (url, max, modifier) = (cells.next()?, cells.next()?, cells.next()?);
        let (contexts, expression) = (cells.next()?, cells.next()?);
        let (types, parts) = (cells.next()?, cells.next()?);
        let mut definition = Definition::new(url, max.parse().ok()?, contexts, types, parts);
        definition.modifier = modifier == "1";
        definition.context_invariant = expression;
        definition.value_set = match (cells.next()?, cells.next()?) {
            ("r", url) => Some((url, true)),
            ("e", url) => Some((url, false)),
            _ => None,
        };
        Some(definition)
    }

    /// The definition of the extension with this URL in a release other than R4.
    #[cold]
    pub(crate) fn of_release(release: &'static Release, url: &str) -> Option<&'static Definition> {
        type Definitions = HashMap<&'static str, Definition>;
        static ALL: Mutex<Vec<(&'static Release, &'static Definitions)>> = Mutex::new(Vec::new());
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        let mut made = all.iter();
        let found = made.find(|(key, _)| std::ptr::eq(*key, release));
        let definitions = if let Some((_, definitions)) = found {
            *definitions
        } else {
            let records = release.extensions.iter().copied();
            let definitions = records.filter_map(Definition::unpack);
            let definitions = definitions
                .map(|definition| (definition.url, definition))
                .collect();
            let definitions: &'static Definitions = Box::leak(Box::new(definitions));
            all.push((release, definitions));
            definitions
        };
        definitions.get(url)
    }

    /// The standard's definition of the extension with this URL.
    pub(crate) fn of(url: &str) -> Option<&'static Definition> {
        // All URLs of the standard begin with this; most others do not.
        if !url.starts_with("http://") {
            return None;
        }
        let order = |definition: &Definition| by_length(definition.url, url);
        let at = EXTENSIONS.binary_search_by(order).ok()?;
        EXTENSIONS.get(at)
    }

    /// The standard's definitions.
    pub(crate) fn all() -> &'static [Definition] {
        EXTENSIONS
    }

    pub(crate) fn url(&self) -> &'static str {
        self.url
    }

    /// How often it may occur on one element; 0 for any number.
    pub(crate) fn max(&self) -> u32 {
        self.max
    }

    pub(crate) fn is_modifier(&self) -> bool {
        self.modifier
    }

    /// The contexts that it is allowed in, joined by commas.
    pub(crate) fn contexts(&self) -> &'static str {
        self.contexts
    }

    /// The types that its value may have, joined by semicolons.
    pub(crate) fn types(&self) -> &'static str {
        self.types
    }

    /// Its parts, those of parts too.
    pub(crate) fn parts(&self) -> impl Iterator<Item = Part> + use<> {
        self.parts.split(' ').filter_map(Part::of)
    }
}

/// The standard's extension whose URL was probably meant.
fn nearest(url: &str) -> Option<&'static str> {
    const BASE: &str = "http://hl7.org/fhir/StructureDefinition/";
    let name = url.strip_prefix(BASE)?;
    let names = EXTENSIONS
        .iter()
        .filter_map(|extension| extension.url.strip_prefix(BASE));
    healthcode_core::nearest(name, names)
}

/// An extension within an extension: `url|min|max|types`, where the URL of a part of a part begins
/// with its owner's and `>`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// The URLs of the parts around it, each with `>`.
    pub(crate) owner: &'static str,
    pub(crate) url: &'static str,
    pub(crate) min: u32,
    /// 0 for any number.
    pub(crate) max: u32,
    pub(crate) types: &'static str,
}

impl Part {
    fn of(text: &'static str) -> Option<Part> {
        let mut cells = text.split('|');
        let whole = cells.next().filter(|url| !url.is_empty())?;
        let (owner, url) = whole.split_at(whole.rfind('>').map_or(0, |at| at + 1));
        Some(Part {
            owner,
            url,
            min: cells.next()?.parse().ok()?,
            max: cells.next()?.parse().ok()?,
            types: cells.next()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions() {
        let mut parts = 0;
        for definition in EXTENSIONS {
            let found = Definition::of(definition.url).unwrap();
            assert_eq!(found.url, definition.url);
            assert!(!definition.contexts.is_empty(), "{}", definition.url);
            let written = definition.parts.split(' ').filter(|part| !part.is_empty());
            assert_eq!(
                definition.parts().count(),
                written.count(),
                "{}",
                definition.url
            );
            parts += definition.parts().count();
        }
        assert!(EXTENSIONS.len() == 393 && parts > 90, "{parts}");
        assert!(Definition::of("http://a.b").is_none());
    }
}
