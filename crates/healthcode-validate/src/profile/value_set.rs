//! The value sets and code systems that come with profiles.

use super::slices::any;
use healthcode_r4::{
    CodeSystem, CodeSystemConcept, ValueSet, ValueSetComposeInclude, ValueSetExpansionContains,
    codes,
};
use std::collections::{HashMap, HashSet};

/// How deep value sets may include each other.
const DEPTH: u32 = 16;

/// Codes with their systems.
type Codes = HashSet<(Box<str>, Box<str>)>;

/// Value sets and code systems, by their URLs.
#[derive(Debug, Default)]
pub(super) struct ValueSets {
    sets: HashMap<Box<str>, ValueSet>,
    expansions: HashMap<Box<str>, Codes>,
    /// The codes of the systems of which all are known.
    systems: HashMap<Box<str>, HashSet<Box<str>>>,
}

impl ValueSets {
    /// Adds a value set; one without a URL is of no use.
    pub(super) fn add(&mut self, set: ValueSet) {
        let Some(url) = set.url.as_str() else { return };
        if let Some(expansion) = &set.expansion {
            let mut codes = HashSet::new();
            collect(&expansion.contains, &mut codes);
            let total = expansion
                .total
                .get()
                .and_then(|total| usize::try_from(total).ok());
            // An expansion that was cut tells nothing of what is not in it.
            if total.is_none_or(|total| total <= codes.len()) && !codes.is_empty() {
                self.expansions.insert(url.into(), codes);
            }
        }
        self.sets.insert(url.into(), set);
    }

    /// Adds a code system; one that does not hold all its codes is of no use.
    pub(super) fn add_system(&mut self, system: &CodeSystem) {
        let complete = system.content.value() == Some(&codes::CodeSystemContentMode::Complete);
        if let Some(url) = system.url.as_str()
            && complete
        {
            let mut codes = HashSet::new();
            let mut open: Vec<&CodeSystemConcept> = system.concept.iter().collect();
            while let Some(concept) = open.pop() {
                codes.extend(concept.code.as_str().map(Box::from));
                open.extend(&concept.concept);
            }
            self.systems.insert(url.into(), codes);
        }
    }

    /// Whether a value set has a code; `None` where that is not known. Without a system, any
    /// system's code will do.
    pub(super) fn has(&self, url: &str, system: Option<&str>, code: &str) -> Option<bool> {
        self.look(url.split('|').next().unwrap_or(url), system, code, 0)
    }

    fn look(&self, url: &str, system: Option<&str>, code: &str, depth: u32) -> Option<bool> {
        if let Some(codes) = self.expansions.get(url) {
            return Some(match system {
                Some(system) => codes.contains(&(Box::from(system), Box::from(code))),
                None => codes.iter().any(|(_, it)| **it == *code),
            });
        }
        let compose = self.sets.get(url)?.compose.as_ref()?;
        if depth > DEPTH {
            return None;
        }
        let included = any(compose
            .include
            .iter()
            .map(|it| self.includes(it, system, code, depth)));
        let excluded = any(compose
            .exclude
            .iter()
            .map(|it| self.includes(it, system, code, depth)));
        match (included, excluded) {
            (Some(false), _) | (_, Some(true)) => Some(false),
            (Some(true), Some(false)) => Some(true),
            _ => None,
        }
    }

    fn includes(
        &self,
        include: &ValueSetComposeInclude,
        system: Option<&str>,
        code: &str,
        depth: u32,
    ) -> Option<bool> {
        // Every value set that is named has it, and the system and its filters do.
        let mut answer = Some(true);
        for url in include.value_set.iter().filter_map(|url| url.as_str()) {
            let bare = url.split('|').next().unwrap_or(url);
            match self.look(bare, system, code, depth + 1) {
                Some(false) => return Some(false),
                None => answer = None,
                Some(true) => {}
            }
        }
        let Some(own) = include.system.as_str() else {
            return answer.filter(|_| !include.value_set.is_empty());
        };
        if system.is_some_and(|system| system != own) {
            return Some(false);
        }
        let listed = if !include.concept.is_empty() {
            Some(
                include
                    .concept
                    .iter()
                    .any(|it| it.code.as_str() == Some(code)),
            )
        } else {
            let known = self.systems.get(own).map(|codes| codes.contains(code));
            match known {
                Some(true) if !include.filter.is_empty() => None,
                known => known,
            }
        };
        match listed {
            Some(true) => answer,
            other => other,
        }
    }
}

fn collect(contains: &[ValueSetExpansionContains], codes: &mut Codes) {
    let mut open: Vec<&ValueSetExpansionContains> = contains.iter().collect();
    while let Some(one) = open.pop() {
        if let Some(code) = one.code.as_str()
            && one.abstract_.get() != Some(true)
        {
            codes.insert((one.system.as_str().unwrap_or_default().into(), code.into()));
        }
        open.extend(&one.contains);
    }
}
