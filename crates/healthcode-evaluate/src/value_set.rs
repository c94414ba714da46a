//! Value sets among the Bundles that list their codes, for `:in` and `:not-in`.

use super::Index;
use healthcode_r4::{ValueSet, ValueSetExpansionContains};
use std::collections::HashSet;

/// The value set of this URL or `ValueSet/id` among the Bundles.
pub(super) fn find<'a>(index: &Index<'a>, url: &str) -> Option<&'a ValueSet> {
    let (base, version) = match url.split_once('|') {
        Some((base, version)) => (base, Some(version)),
        None => (url, None),
    };
    let mut sets = index.all_of_type("ValueSet");
    sets.find_map(|item| {
        let set = index.get::<ValueSet>(item)?;
        let by_url = set.url.as_str() == Some(base)
            && version.is_none_or(|version| set.version.as_str() == Some(version));
        let by_id = url
            .strip_prefix("ValueSet/")
            .is_some_and(|id| Some(id) == index.identity(item).1);
        (by_url || by_id || index.full_url(item) == Some(url)).then_some(set)
    })
}

/// The codes of a value set.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ValueSetCodes {
    codes: HashSet<(Option<String>, String)>,
    /// Systems of which all codes are in it.
    systems: HashSet<String>,
}

impl ValueSetCodes {
    /// The codes of a value set; none if it does not list all its codes: it has filters, takes in other
    /// value sets, or its expansion was cut.
    pub(super) fn of(set: &ValueSet) -> Option<Self> {
        let mut codes = ValueSetCodes::default();
        if let Some(expansion) = &set.expansion {
            let total = expansion.total.get();
            codes.contained(&expansion.contains, 0)?;
            let whole = total.is_none_or(|total| usize::try_from(total) == Ok(codes.codes.len()));
            return whole.then_some(codes);
        }
        let compose = set
            .compose
            .as_deref()
            .filter(|compose| compose.exclude.is_empty())?;
        for include in &compose.include {
            if !include.filter.is_empty() || !include.value_set.is_empty() {
                return None;
            }
            let system = include.system.as_str()?;
            if include.concept.is_empty() {
                codes.systems.insert(system.to_owned());
            }
            for concept in &include.concept {
                codes.add(Some(system), concept.code.as_str()?);
            }
        }
        Some(codes)
    }

    fn contained(&mut self, contains: &[ValueSetExpansionContains], depth: u32) -> Option<()> {
        if depth > 64 {
            return None;
        }
        for contained in contains {
            if let (Some(code), false) = (
                contained.code.as_str(),
                contained.abstract_.get() == Some(true),
            ) {
                self.add(contained.system.as_str(), code);
            }
            self.contained(&contained.contains, depth + 1)?;
        }
        Some(())
    }

    fn add(&mut self, system: Option<&str>, code: &str) {
        let system = system.map(str::to_owned);
        self.codes.insert((system, code.to_owned()));
    }

    /// Whether a code of a system is in it.
    pub(super) fn has(&self, system: Option<&str>, code: &str) -> bool {
        system.is_some_and(|system| self.systems.contains(system))
            || self
                .codes
                .contains(&(system.map(str::to_owned), code.to_owned()))
    }

    /// Whether a code is in it, of any system that passes.
    pub(super) fn has_code(&self, code: &str, of: impl Fn(&str) -> bool) -> bool {
        let mut codes = self.codes.iter();
        codes.any(|(system, own)| own == code && system.as_deref().is_none_or(&of))
    }

    /// Whether all codes of any such system are in it.
    pub(super) fn has_whole(&self, of: impl Fn(&str) -> bool) -> bool {
        self.systems.iter().any(|system| of(system))
    }
}
