//! [`CodeSystemIndex`]: the codes of a code system, with the facts that filters of value sets need.

use super::filter::{Filter, Op};
use crate::binding::letters;
use healthcode_r4::codes::CodeSystemContentMode;
use healthcode_r4::{CodeSystem, CodeSystemConcept, CodeSystemConceptPropertyValue};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Where FHIR defines the properties that mean the same in all code systems.
const PROPERTIES: &str = "http://hl7.org/fhir/concept-properties#";

/// A code system's concepts by code.
#[derive(Debug, Default)]
pub(in super::super) struct CodeSystemIndex {
    version: Option<Box<str>>,
    concepts: Vec<Concept>,
    by_code: HashMap<Box<str>, usize>,
    /// Whether case does not matter in its codes.
    folds: bool,
    /// Whether all of its codes are here.
    complete: bool,
    /// The properties that it declares or uses, with the names that they have everywhere.
    properties: HashMap<Box<str>, Box<str>>,
}

#[derive(Debug, Default)]
struct Concept {
    code: Box<str>,
    display: Option<Box<str>>,
    designations: Vec<Box<str>>,
    parents: Vec<usize>,
    properties: Vec<(Box<str>, Box<str>)>,
}

/// The code of a concept, and that of one of its parents.
type Link = (Box<str>, Box<str>);

impl CodeSystemIndex {
    /// The index of a code system.
    pub(in super::super) fn new(system: &CodeSystem) -> Self {
        let mut index = CodeSystemIndex {
            version: system.version.as_str().map(Box::from),
            folds: system.case_sensitive.get() == Some(false),
            complete: system.content.value() == Some(&CodeSystemContentMode::Complete),
            ..CodeSystemIndex::default()
        };
        index.supplement(system);
        index
    }

    /// Adds the concepts of a system or a supplement: names, properties, places in the hierarchy.
    pub(in super::super) fn supplement(&mut self, system: &CodeSystem) {
        for property in &system.property {
            if let Some(code) = property.code.as_str() {
                let uri = property.uri.as_str().unwrap_or_default();
                let name = uri.strip_prefix(PROPERTIES).unwrap_or(code);
                self.properties.insert(code.into(), name.into());
            }
        }
        let mut open: Vec<(&CodeSystemConcept, Option<&str>)> = system
            .concept
            .iter()
            .map(|concept| (concept, None))
            .collect();
        let mut links = Vec::new();
        while let Some((concept, parent)) = open.pop() {
            let Some(code) = concept.code.as_str() else {
                continue;
            };
            let at = self.place(code);
            links.extend(parent.map(|parent: &str| (Box::from(code), Box::from(parent))));
            open.extend(concept.concept.iter().map(|below| (below, Some(code))));
            self.describe(at, concept, &mut links);
        }
        for (below, above) in links {
            // A property may name a code that the system does not have.
            if let (Some(at), Some(parent)) = (self.find(&below), self.find(&above))
                && let Some(concept) = self.concepts.get_mut(at)
                && at != parent
                && !concept.parents.contains(&parent)
            {
                concept.parents.push(parent);
            }
        }
    }

    /// Adds names and properties of a concept; `links` are children with their parents.
    fn describe(&mut self, at: usize, concept: &CodeSystemConcept, links: &mut Vec<Link>) {
        let own = concept.code.as_str().unwrap_or_default();
        let mut properties = Vec::new();
        for property in &concept.property {
            let Some(code) = property.code.as_str() else {
                continue;
            };
            let value = property.value.as_ref().and_then(text_of);
            let name = self.name_of(code).to_owned();
            if !self.properties.contains_key(code) {
                self.properties.insert(code.into(), name.as_str().into());
            }
            match (&*name, value.as_deref()) {
                ("parent", Some(value)) => links.push((own.into(), value.into())),
                ("child", Some(value)) => links.push((value.into(), own.into())),
                _ => {}
            }
            properties.extend(value.map(|value| (code.into(), value.as_ref().into())));
        }
        let designations = concept.designation.iter();
        let designations = designations.filter_map(|designation| designation.value.as_str());
        if let Some(own) = self.concepts.get_mut(at) {
            match (concept.display.as_str(), &own.display) {
                (Some(display), None) => own.display = Some(display.into()),
                (Some(display), Some(_)) => own.designations.push(display.into()),
                (None, _) => {}
            }
            own.designations.extend(designations.map(Box::from));
            own.properties.extend(properties);
        }
    }

    /// The index of a code, which is added if it is not there yet.
    fn place(&mut self, code: &str) -> usize {
        let key: Box<str> = self.key(code).into();
        *self.by_code.entry(key).or_insert_with(|| {
            self.concepts.push(Concept {
                code: code.into(),
                ..Concept::default()
            });
            self.concepts.len() - 1
        })
    }

    fn key<'c>(&self, code: &'c str) -> Cow<'c, str> {
        if self.folds && code.bytes().any(|byte| byte.is_ascii_uppercase()) {
            code.to_ascii_lowercase().into()
        } else {
            code.into()
        }
    }

    fn find(&self, code: &str) -> Option<usize> {
        self.by_code.get(&*self.key(code)).copied()
    }

    /// The system's version.
    pub(super) fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Whether case does not matter in its codes.
    pub(super) fn folds(&self) -> bool {
        self.folds
    }

    /// Whether two codes are one in this system.
    pub(super) fn is_same(&self, a: &str, b: &str) -> bool {
        a == b || self.folds && a.eq_ignore_ascii_case(b)
    }

    /// Whether the system has a code; `None` where not all of its codes are here.
    pub(super) fn has(&self, code: &str) -> Option<bool> {
        let found = self.find(code).is_some();
        (found || self.complete).then_some(found)
    }

    /// Whether a code is called by this name, in which neither case nor white space matters; `None` where it
    /// has no names.
    pub(super) fn calls(&self, code: &str, name: &str) -> Option<bool> {
        let concept = self.concepts.get(self.find(code)?)?;
        let mut names = concept
            .display
            .iter()
            .chain(&concept.designations)
            .peekable();
        names.peek()?;
        Some(names.any(|known| letters(name).eq(letters(known))))
    }

    /// The display of a code.
    pub(super) fn display(&self, code: &str) -> Option<&str> {
        let concept = self.concepts.get(self.find(code)?)?;
        concept.display.as_deref()
    }

    /// Whether a code is no longer in use.
    pub(super) fn is_inactive(&self, code: &str) -> bool {
        let concept = self.find(code).and_then(|at| self.concepts.get(at));
        let properties = concept.map_or(&[][..], |concept| &concept.properties);
        properties
            .iter()
            .any(|(code, value)| match self.name_of(code) {
                "inactive" => &**value == "true",
                "status" => matches!(&**value, "retired" | "inactive"),
                _ => false,
            })
    }

    /// The name that a property of the system has everywhere.
    fn name_of<'c>(&'c self, code: &'c str) -> &'c str {
        self.properties.get(code).map_or(code, |name| name)
    }

    /// Whether a code is another one, or below it.
    pub(in super::super) fn is_or_below(&self, code: &str, above: &str) -> Option<bool> {
        let Some(at) = self.find(code) else {
            return self.complete.then_some(false);
        };
        match self.find(above) {
            Some(above) if self.reaches(at, above) => Some(true),
            _ => self.complete.then_some(false),
        }
    }

    fn reaches(&self, from: usize, above: usize) -> bool {
        let (mut open, mut seen) = (vec![from], HashSet::new());
        while let Some(at) = open.pop() {
            if at == above {
                return true;
            }
            if seen.insert(at) {
                open.extend(
                    self.concepts
                        .get(at)
                        .into_iter()
                        .flat_map(|concept| &concept.parents),
                );
            }
        }
        false
    }

    /// Whether a code passes a filter; `None` where that is not known.
    pub(super) fn passes(&self, filter: &Filter, code: &str) -> Option<bool> {
        let Some(at) = self.find(code) else {
            return self.complete.then_some(false);
        };
        let below = || self.is_or_below(code, &filter.value);
        let is_it = self.is_same(code, &filter.value);
        let parents = || {
            self.concepts
                .get(at)
                .into_iter()
                .flat_map(|concept| &concept.parents)
        };
        let is_child = || parents().any(|parent| Some(*parent) == self.find(&filter.value));
        let is_parent = || {
            self.concepts
                .iter()
                .any(|concept| concept.parents.contains(&at))
        };
        match &filter.op {
            Op::IsA => below(),
            Op::IsNotA => below().map(|below| !below),
            Op::DescendentOf => {
                if is_it {
                    Some(false)
                } else {
                    below()
                }
            }
            Op::DescendentLeaf => {
                if is_it || is_parent() {
                    Some(false)
                } else {
                    below()
                }
            }
            Op::ChildOf => {
                if is_child() {
                    Some(true)
                } else {
                    self.complete.then_some(false)
                }
            }
            Op::Generalizes => self.is_or_below(&filter.value, code),
            Op::Other => None,
            _ => self.values_pass(filter, &self.values(at, &filter.property)?),
        }
    }

    /// Whether a property with these values passes a filter on it.
    fn values_pass(&self, filter: &Filter, values: &[&str]) -> Option<bool> {
        let has = |text: &str| {
            values
                .iter()
                .any(|value| self.is_value(filter, value, text))
        };
        Some(match &filter.op {
            Op::Equal => has(&filter.value),
            Op::In => filter.list().any(has),
            Op::NotIn => !filter.list().any(has),
            Op::Regex(Some(regex)) => values.iter().any(|value| regex.is_match(value)),
            Op::Exists => (filter.value.trim() == "true") != values.is_empty(),
            _ => return None,
        })
    }

    /// Whether this index, of a supplement, declares or uses the property of a filter.
    pub(super) fn states(&self, filter: &Filter) -> bool {
        self.properties.contains_key(&*filter.property)
    }

    /// Whether a code passes a filter by the properties that this index, of a supplement, has for it, if any.
    pub(super) fn passes_supplement(&self, filter: &Filter, code: &str) -> Option<bool> {
        let values = self
            .find(code)
            .and_then(|at| self.values(at, &filter.property));
        self.values_pass(filter, &values.unwrap_or_default())
    }

    /// Whether a property's value is the text that a filter names.
    fn is_value(&self, filter: &Filter, value: &str, text: &str) -> bool {
        if filter.is_of_code() {
            self.is_same(value, text)
        } else {
            value == text
        }
    }

    /// The values of a concept's property; `None` for a property that the system does not declare or use.
    fn values(&self, at: usize, property: &str) -> Option<Vec<&str>> {
        let concept = self.concepts.get(at)?;
        let stated = concept
            .properties
            .iter()
            .filter(|(code, _)| &**code == property);
        let mut values: Vec<&str> = stated.map(|(_, value)| &**value).collect();
        let code_of = |at: &usize| self.concepts.get(*at).map(|concept| &*concept.code);
        match self.name_of(property) {
            "code" | "concept" => values.push(&concept.code),
            "display" => values.extend(concept.display.as_deref()),
            "parent" => values.extend(concept.parents.iter().filter_map(code_of)),
            "child" => {
                let children = self
                    .concepts
                    .iter()
                    .filter(|concept| concept.parents.contains(&at));
                values.extend(children.map(|child| &*child.code));
            }
            "inactive" if values.is_empty() => {
                values.push(if self.is_inactive(&concept.code) {
                    "true"
                } else {
                    "false"
                });
            }
            _ if !self.properties.contains_key(property) => return None,
            _ => {}
        }
        Some(values)
    }
}

/// The value of a property as a filter names it.
fn text_of(value: &CodeSystemConceptPropertyValue) -> Option<Cow<'_, str>> {
    use CodeSystemConceptPropertyValue as Value;
    Some(match value {
        Value::Code(code) => code.as_str()?.into(),
        Value::Coding(coding) => coding.code.as_str()?.into(),
        Value::String(text) => text.as_str()?.into(),
        Value::Integer(number) => number.get()?.to_string().into(),
        Value::Boolean(truth) => truth.get()?.to_string().into(),
        Value::DateTime(date) => date.as_str()?.to_owned().into(),
        Value::Decimal(number) => number.as_str()?.to_owned().into(),
    })
}
