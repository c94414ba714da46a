//! What definitions share: lists of types, bindings, invariants, and enumerations of codes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};

use super::names::{self, Unique};
use crate::spec::facts::{ElementFact, Facts, InvariantFact, Severity, Strength};

/// Value sets of more codes than this get no enumeration.
const MANY_CODES: usize = 300;

/// The tables that schemas share: names of statics, and the expressions that they hold.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// Lists of types: by the rows, so that equal lists are one.
    types: BTreeMap<Vec<String>, String>,
    /// The names of `types`.
    type_names: BTreeSet<String>,
    /// Bindings: the expression, by name.
    pub(super) bindings: BTreeMap<String, String>,
    /// Invariants: the expression, by name.
    pub(super) invariants: BTreeMap<String, String>,
}

impl Tables {
    /// The lists of types: the rows, by name.
    pub(super) fn type_lists(&self) -> BTreeMap<&str, &[String]> {
        let lists = self.types.iter();
        lists
            .map(|(rows, name)| (name.as_str(), rows.as_slice()))
            .collect()
    }

    /// The static for these types; `name` is taken for it if it is new.
    pub(super) fn types(&mut self, name: String, rows: Vec<String>) -> Result<String> {
        if let Some(name) = self.types.get(&rows) {
            return Ok(name.clone());
        }
        let is_new = self.type_names.insert(name.clone());
        ensure!(is_new, "two lists of types would be named `{name}`");
        self.types.insert(rows, name.clone());
        Ok(name)
    }

    /// The element's binding in words, and its static.
    pub(super) fn binding(&mut self, element: &ElementFact) -> Result<(String, String)> {
        let strength = element.strength.context("has no binding")?;
        let url = element.value_set.as_deref().unwrap_or_default();
        let variant = match strength {
            Strength::Required => "Required",
            Strength::Extensible => "Extensible",
            Strength::Preferred => "Preferred",
            Strength::Example => "Example",
            Strength::Max => anyhow::bail!("is bound by a maximum alone"),
        };
        let mut row = format!("Binding::new(BindingStrength::{variant}, \"{url}\")");
        let mut words = format!("{strength} binding");
        if !url.is_empty() {
            write!(words, " to <{url}>")?;
        }
        if let Some(max) = &element.max_value_set {
            write!(row, ".max(\"{max}\")")?;
            write!(words, ", at most <{max}>")?;
        }
        let last = url.rsplit(['/', '#']).next().unwrap_or_default();
        let last = if last.is_empty() { "unnamed" } else { last };
        let mut name = names::screaming(last);
        if strength != Strength::Required {
            write!(name, "_{}", strength.to_string().to_ascii_uppercase())?;
        }
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            name.insert(0, '_');
        }
        // Different value sets may end in the same word.
        let plain = name.clone();
        for number in 2.. {
            match self.bindings.get(&name) {
                Some(other) if *other != row => name = format!("{plain}_{number}"),
                _ => break,
            }
        }
        self.bindings.insert(name.clone(), row);
        Ok((words, name))
    }

    /// The invariants that an element lists, each with its static.
    pub(super) fn invariants<'a>(
        &mut self,
        facts: &'a Facts,
        element: &ElementFact,
    ) -> Result<Vec<(String, &'a InvariantFact)>> {
        let mut found = Vec::new();
        // `ele-1` says of every element that it is not empty: a rule of the structure.
        for key in element.invariants.iter().filter(|key| *key != "ele-1") {
            let mut all = facts
                .invariants
                .iter()
                .filter(|invariant| invariant.key == *key);
            let several = all.clone().count() > 1;
            let fact = all
                .find(|invariant| invariant.paths.contains(&element.path))
                .with_context(|| format!("unknown invariant `{key}` of `{}`", element.path))?;
            let name = match (several, fact.paths.first()) {
                (true, Some(path)) => names::screaming(&format!("{key}-{path}")),
                _ => names::screaming(key),
            };
            let row = invariant_row(fact);
            let old = self.invariants.insert(name.clone(), row.clone());
            let is_same = old.is_none_or(|old| old == row);
            ensure!(is_same, "two invariants would be named `{name}`");
            found.push((name, fact));
        }
        Ok(found)
    }
}

fn invariant_row(fact: &InvariantFact) -> String {
    format!(
        "Invariant::new(\"{}\", {}, {}, {:?})",
        fact.key,
        fact.severity == Severity::Error,
        fact.best_practice,
        fact.expression
    )
}

/// An enumeration of the codes of a value set.
#[derive(Debug)]
pub(super) struct CodeEnum {
    /// Its name.
    pub(super) name: String,
    /// The name of its file.
    pub(super) module: String,
    /// The value set's URL.
    pub(super) url: String,
    /// Its variants.
    pub(super) variants: Vec<CodeVariant>,
}

/// A code of an enumeration.
#[derive(Debug)]
pub(super) struct CodeVariant {
    /// The variant's name.
    pub(super) name: String,
    /// The code.
    pub(super) code: String,
    /// The code systems that have it.
    pub(super) systems: Vec<String>,
}

/// The enumerations of codes, by value set.
#[derive(Debug, Default)]
pub(super) struct CodeEnums(BTreeMap<String, CodeEnum>);

impl CodeEnums {
    /// One enumeration for every complete value set of a moderate size that some element of type
    /// `code` is bound to as required.
    pub(super) fn new(facts: &Facts) -> Result<Self> {
        let mut bindings: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for element in &facts.elements {
            if let Some(url) = bound_code(element) {
                let names = bindings.entry(url).or_default();
                // R5 has bindings that are named `??`.
                let name = element.binding_name.as_deref();
                names.extend(name.filter(|name| name.contains(char::is_alphanumeric)));
            }
        }
        let mut sets = Vec::new();
        for (url, names) in bindings {
            let mut all = facts.value_sets.iter();
            let set = all.find(|set| set.url == url);
            let set = set.with_context(|| format!("unknown value set `{url}`"))?;
            // One binding's name is the closest to the element; of several, the set's own is used.
            let name = match (names.first(), names.len()) {
                (Some(name), 1) => Some(*name),
                _ => set.name.as_deref(),
            };
            sets.push((url, set, name));
        }
        let count = |name: Option<&str>| sets.iter().filter(|(.., one)| *one == name).count();
        let mut enums = BTreeMap::new();
        for &(url, set, name) in &sets {
            if set.incomplete.is_some() {
                continue;
            }
            let mut systems: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            let mut codes = Vec::new();
            for fact in facts.codes.iter().filter(|fact| fact.value_set == url) {
                let systems = systems.entry(&fact.code).or_default();
                if systems.is_empty() {
                    codes.push(fact.code.as_str());
                }
                systems.push(fact.system.clone());
            }
            if codes.len() > MANY_CODES {
                continue;
            }
            ensure!(!codes.is_empty(), "no codes of `{url}`");
            // A name that another set has too is not used.
            let name = if count(name) == 1 {
                name
            } else {
                set.name.as_deref()
            };
            let name = name.with_context(|| format!("no name for `{url}`"))?;
            let name: String = name
                .split(|c: char| !c.is_ascii_alphanumeric())
                .map(names::capital)
                .collect();
            let variants = names::variants(codes.iter().copied())?
                .into_iter()
                .zip(codes);
            let variants = variants.map(|(name, code)| CodeVariant {
                name,
                code: code.to_owned(),
                systems: systems[code].clone(),
            });
            let code_enum = CodeEnum {
                module: names::field(&name),
                name,
                url: url.to_owned(),
                variants: variants.collect(),
            };
            enums.insert(url.to_owned(), code_enum);
        }
        let mut names = Unique::default();
        let mut modules = Unique::default();
        for code_enum in enums.values() {
            names.take(&code_enum.name, &code_enum.url)?;
            modules.take(&code_enum.module, &code_enum.url)?;
        }
        Ok(Self(enums))
    }

    /// The name of the enumeration for an element's codes.
    pub(super) fn of(&self, element: &ElementFact) -> Option<&str> {
        let code_enum = self.0.get(bound_code(element)?)?;
        Some(&code_enum.name)
    }

    /// All, by name.
    pub(super) fn by_name(&self) -> Vec<&CodeEnum> {
        let mut all: Vec<_> = self.0.values().collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }
}

/// The value set of an element of type `code` with a required binding.
fn bound_code(element: &ElementFact) -> Option<&str> {
    let is_code = matches!(element.types.as_slice(), [one] if one.code == "code");
    let is_required = element.strength == Some(Strength::Required);
    let url = element.value_set.as_deref();
    url.filter(|_| is_code && is_required && !element.path.ends_with("[x]"))
}
