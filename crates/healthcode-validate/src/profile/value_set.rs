//! The value sets and code systems that come with profiles.

use super::slices::any;
use crate::binding::letters;
use healthcode_r4::{
    CodeSystem, CodeSystemConcept, ValueSet, ValueSetComposeInclude, ValueSetExpansionContains,
    codes,
};
use std::collections::{HashMap, HashSet};

/// How deep value sets may include each other.
const DEPTH: u32 = 16;

/// Codes with their systems.
type Codes = HashSet<(Box<str>, Box<str>)>;

/// The displays and designations of the codes of one system.
type Names = HashMap<Box<str>, Vec<Box<str>>>;

/// The codes of an expansion.
#[derive(Debug)]
struct Expansion {
    codes: Codes,
    /// The same without systems.
    of_any: HashSet<Box<str>>,
}

/// A code system.
#[derive(Debug, Default)]
struct System {
    codes: HashSet<Box<str>>,
    /// Whether case does not matter in its codes.
    folds: bool,
}

impl System {
    fn has(&self, code: &str) -> bool {
        let mut own = self.codes.iter();
        self.codes.contains(code) || (self.folds && own.any(|own| own.eq_ignore_ascii_case(code)))
    }
}

/// What a value set is composed of.
#[derive(Debug)]
struct Composed {
    included: Vec<Part>,
    excluded: Vec<Part>,
}

/// Codes that are included or excluded together.
#[derive(Debug)]
struct Part {
    /// The value sets that must have a code too, without versions.
    value_sets: Vec<Box<str>>,
    system: Option<Box<str>>,
    /// The codes that are listed; none if all of the system are meant.
    concepts: HashSet<Box<str>>,
    is_filtered: bool,
}

impl Part {
    fn of(include: &ValueSetComposeInclude) -> Self {
        let urls = include.value_set.iter().filter_map(|url| url.as_str());
        let codes = include.concept.iter().filter_map(|it| it.code.as_str());
        Part {
            value_sets: urls.map(|url| Box::from(bare(url))).collect(),
            system: include.system.as_str().map(Box::from),
            concepts: codes.map(Box::from).collect(),
            is_filtered: !include.filter.is_empty(),
        }
    }
}

/// A canonical URL without its version.
fn bare(url: &str) -> &str {
    url.split('|').next().unwrap_or(url)
}

/// Value sets and code systems, by their URLs.
#[derive(Debug, Default)]
pub(super) struct ValueSets {
    sets: HashMap<Box<str>, Composed>,
    expansions: HashMap<Box<str>, Expansion>,
    /// The systems of which all codes are known.
    systems: HashMap<Box<str>, System>,
    /// The displays and designations of codes, by system and code, as they are compared.
    names: HashMap<Box<str>, Names>,
}

impl ValueSets {
    /// Adds a value set; one without a URL is of no use.
    pub(super) fn add(&mut self, set: &ValueSet) {
        let Some(url) = set.url.as_str() else { return };
        if let Some(expansion) = &set.expansion {
            let mut codes = HashSet::new();
            collect(&expansion.contains, &mut codes);
            let total = expansion
                .total
                .get()
                .and_then(|total| usize::try_from(total).ok());
            // A truncated expansion cannot show that a code is missing.
            if total.is_none_or(|total| total <= codes.len()) && !codes.is_empty() {
                let of_any = codes.iter().map(|(_, code)| code.clone()).collect();
                let expansion = Expansion { codes, of_any };
                self.expansions.insert(url.into(), expansion);
            }
        }
        if let Some(compose) = &set.compose {
            let composed = Composed {
                included: compose.include.iter().map(Part::of).collect(),
                excluded: compose.exclude.iter().map(Part::of).collect(),
            };
            self.sets.insert(url.into(), composed);
        }
    }

    /// Adds a code system: its codes if it holds all of them, and what they are called. A supplement
    /// adds names to the system that it supplements.
    pub(super) fn add_system(&mut self, system: &CodeSystem) {
        self.add_names(system);
        let complete = system.content.value() == Some(&codes::CodeSystemContentMode::Complete);
        if let Some(url) = system.url.as_str()
            && complete
        {
            let mut known = System {
                folds: system.case_sensitive.get() == Some(false),
                ..System::default()
            };
            let mut open: Vec<&CodeSystemConcept> = system.concept.iter().collect();
            while let Some(concept) = open.pop() {
                known.codes.extend(concept.code.as_str().map(Box::from));
                open.extend(&concept.concept);
            }
            self.systems.insert(url.into(), known);
        }
    }

    fn add_names(&mut self, system: &CodeSystem) {
        let supplements = system.content.value() == Some(&codes::CodeSystemContentMode::Supplement);
        let url = match supplements {
            true => system.supplements.as_str().map(bare),
            false => system.url.as_str(),
        };
        let Some(url) = url else { return };
        let of_system = self.names.entry(url.into()).or_default();
        let mut open: Vec<&CodeSystemConcept> = system.concept.iter().collect();
        while let Some(concept) = open.pop() {
            open.extend(&concept.concept);
            let designations = concept.designation.iter();
            let designations = designations.filter_map(|designation| designation.value.as_str());
            let names = concept.display.as_str().into_iter().chain(designations);
            let Some(code) = concept.code.as_str() else {
                continue;
            };
            let of_code = of_system.entry(code.into()).or_default();
            of_code.extend(names.map(|name| letters(name).collect::<String>().into()));
        }
    }

    /// Whether a code system calls a code by this name, in which neither case nor white space matters;
    /// `None` where the code has no names.
    pub(super) fn has_display(&self, system: &str, code: &str, name: &str) -> Option<bool> {
        let names = self.names.get(system)?.get(code)?;
        let mut of_code = names.iter();
        (!names.is_empty()).then(|| of_code.any(|known| letters(name).eq(known.chars())))
    }

    /// Whether a code system has a code; `None` where not all of its codes are known.
    pub(super) fn system_has(&self, system: &str, code: &str) -> Option<bool> {
        Some(self.systems.get(system)?.has(code))
    }

    /// Whether a value set has a code; `None` where that is not known. Without a system, any
    /// system's code will do.
    pub(super) fn has(&self, url: &str, system: Option<&str>, code: &str) -> Option<bool> {
        self.look(bare(url), system, code, 0)
    }

    fn look(&self, url: &str, system: Option<&str>, code: &str, depth: u32) -> Option<bool> {
        if let Some(expansion) = self.expansions.get(url) {
            return Some(match system {
                Some(system) => {
                    let both = (Box::from(system), Box::from(code));
                    expansion.codes.contains(&both)
                }
                None => expansion.of_any.contains(code),
            });
        }
        let composed = self.sets.get(url)?;
        if depth > DEPTH {
            return None;
        }
        let includes = |part| self.includes(part, system, code, depth);
        let included = any(composed.included.iter().map(includes));
        let excluded = any(composed.excluded.iter().map(includes));
        match (included, excluded) {
            (Some(false), _) | (_, Some(true)) => Some(false),
            (Some(true), Some(false)) => Some(true),
            _ => None,
        }
    }

    fn includes(&self, part: &Part, system: Option<&str>, code: &str, depth: u32) -> Option<bool> {
        // Every value set that is named has it, and the system and its filters do.
        let mut answer = Some(true);
        for url in &part.value_sets {
            match self.look(url, system, code, depth + 1) {
                Some(false) => return Some(false),
                None => answer = None,
                Some(true) => {}
            }
        }
        let Some(own) = part.system.as_deref() else {
            return answer.filter(|_| !part.value_sets.is_empty());
        };
        if system.is_some_and(|system| system != own) {
            return Some(false);
        }
        let listed = if !part.concepts.is_empty() {
            Some(part.concepts.contains(code))
        } else {
            let known = self.system_has(own, code);
            match known {
                Some(true) if part.is_filtered => None,
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
