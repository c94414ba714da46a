//! Value sets and code systems that come with profiles, and membership of codes in them. `None` if a definition
//! that decides is not known.

pub(super) mod code_system;
mod filter;
mod shipped;
pub(super) mod value_set;

use super::ProfileSet;
use super::definitions::{DefinitionKind, Provided};
use super::item::{Code, named, text};
use super::slices::any;
use crate::binding::shipped_system_has;
use code_system::CodeSystemIndex;
use healthcode_core::Element;
use healthcode_fhirpath::{Item as Found, Node, Terminology};
use healthcode_r4::codes::CodeSystemContentMode;
use healthcode_r4::{CodeSystem, ValueSet};
use std::collections::HashMap;
use value_set::{CompiledSet, Lookup, split};

/// The value sets and code systems that were added, by URL; of several the last one counts.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    sets: HashMap<Box<str>, Vec<CompiledSet>>,
    systems: HashMap<Box<str>, Vec<CodeSystemIndex>>,
    /// The supplements of code systems.
    supplements: HashMap<Box<str>, CodeSystemIndex>,
    /// The code systems of the value sets that have all of their codes.
    whole: HashMap<Box<str>, Box<str>>,
}

/// The systems and codes of a Coding, or of the codings of a CodeableConcept.
fn codings<'f>(item: &Found<'f>) -> Vec<(&'f str, &'f str)> {
    let Some(element) = item.as_node().and_then(Node::as_element) else {
        return Vec::new();
    };
    let of = |coding: &'f dyn Element| Some((text(coding, "system")?, text(coding, "code")?));
    if element.schema().name != "CodeableConcept" {
        return of(element).into_iter().collect();
    }
    let codings = named(element, "coding").into_iter();
    codings.filter_map(|coding| of(coding.element()?)).collect()
}

/// Whether a definition may be of the version that is requested; one without a version may be of any.
fn is_version(own: Option<&str>, requested: Option<&str>) -> bool {
    own.is_none() || requested.is_none() || own == requested
}

impl Loaded {
    /// Adds a value set; one without a URL is ignored.
    pub(super) fn add(&mut self, set: &ValueSet) {
        if let Some(url) = set.url.as_str() {
            let of_url = self.sets.entry(url.into()).or_default();
            of_url.push(CompiledSet::new(set));
        }
    }

    /// Adds a code system. A supplement adds to the system that it supplements.
    pub(super) fn add_system(&mut self, system: &CodeSystem) {
        if system.content.value() == Some(&CodeSystemContentMode::Supplement) {
            if let Some(url) = system.supplements.as_str() {
                let of_system = self.supplements.entry(split(url).0.into()).or_default();
                of_system.supplement(system);
            }
        } else if let Some(url) = system.url.as_str() {
            let of_url = self.systems.entry(url.into()).or_default();
            of_url.push(CodeSystemIndex::new(system));
            if let Some(set) = system.value_set.as_str() {
                self.whole.insert(split(set).0.into(), url.into());
            }
        }
    }
}

impl ProfileSet {
    /// Whether a value set has a code of a system; `None` if the value set, or a code system that decides it, is
    /// not known. Without a system, a code of any system counts.
    #[must_use]
    pub fn value_set_has(&self, value_set: &str, system: Option<&str>, code: &str) -> Option<bool> {
        Lookup::new(self).has(value_set, system, code)
    }

    pub(super) fn has(&self, value_set: &str, code: Code<'_>) -> Option<bool> {
        match code {
            Code::Alone(code) => self.value_set_has(value_set, None, code),
            Code::Of(Some(system), code) => self.value_set_has(value_set, Some(system), code),
            // Its meaning is in no value set.
            Code::Of(None, _) => Some(false),
        }
    }

    /// Whether a code, Coding or CodeableConcept is in a value set, for FHIRPath's `memberOf()`; `None` if that is
    /// not known.
    #[must_use]
    pub fn member_of(&self, item: &Found<'_>, value_set: &str) -> Option<bool> {
        let Some(element) = item.as_node().and_then(Node::as_element) else {
            return self.value_set_has(value_set, None, item.text()?);
        };
        let of_coding = |coding: &dyn Element| match Code::of(coding) {
            Some(code) => self.has(value_set, code),
            None => Some(false),
        };
        if element.schema().name != "CodeableConcept" {
            return of_coding(element);
        }
        let codings = named(element, "coding").into_iter();
        any(codings.filter_map(|coding| coding.element()).map(of_coding))
    }

    /// Whether a Coding is another one, or above it in the hierarchy of their system, for FHIRPath's
    /// `subsumes()`; `None` if that is not known. Of a CodeableConcept any coding counts.
    #[must_use]
    pub fn subsumes(&self, general: &Found<'_>, special: &Found<'_>) -> Option<bool> {
        let (general, special) = (codings(general), codings(special));
        if general.is_empty() || special.is_empty() {
            return None;
        }
        let pairs = general
            .iter()
            .flat_map(|upper| special.iter().map(move |lower| (upper, lower)));
        any(pairs.map(|((system, above), (other, code))| {
            if system == other {
                self.is_or_below(system, code, above)
            } else {
                Some(false)
            }
        }))
    }

    /// The display of a code in a code system that came with the profiles, or in a supplement of it.
    ///
    /// ```
    /// use healthcode_validate::ProfileSet;
    /// let mut set = ProfileSet::new();
    /// set.read(br#"{"resourceType": "CodeSystem", "url": "http://a.b/colours", "status": "active",
    ///     "content": "complete", "concept": [{"code": "r", "display": "Red"}]}"#)?;
    /// assert_eq!(set.display_of("http://a.b/colours", "r"), Some("Red"));
    /// assert_eq!(set.display_of("http://a.b/colours", "g"), None);
    /// # Ok::<(), healthcode_json::Error>(())
    /// ```
    #[must_use]
    pub fn display_of(&self, system: &str, code: &str) -> Option<&str> {
        let own = self.code_system(system, None).into_iter();
        let mut all = own.chain(self.supplements(system));
        all.find_map(|index| index.display(code))
    }

    /// The supplements of a code system, which need not be known itself.
    fn supplements(&self, system: &str) -> impl Iterator<Item = &CodeSystemIndex> {
        let provided = self.provided.as_ref();
        let numbers = provided.map(|provided| provided.source.supplements(system));
        let numbers = numbers.into_iter().flatten();
        let of_source = numbers.filter_map(move |number| provided?.code_system(number));
        let added = self.terminology.supplements.get(system);
        added.into_iter().chain(of_source)
    }

    /// Whether a code system that came with the profiles has a code; `None` where not all of its codes
    /// are known.
    pub(crate) fn system_has(&self, system: &str, code: &str) -> Option<bool> {
        self.code_system(system, None)?.has(code)
    }

    /// Whether a code system that came with the profiles calls a code by this name; `None` where the
    /// code has no names in them. A supplement alone does not have all of its system's names.
    pub(crate) fn has_display(&self, system: &str, code: &str, name: &str) -> Option<bool> {
        let mut supplements = self.supplements(system);
        if supplements.any(|index| index.calls(code, name) == Some(true)) {
            return Some(true);
        }
        self.code_system(system, None)?.calls(code, name)
    }

    /// The value set of a URL; in a version, if one is requested.
    fn value_set(&self, url: &str, version: Option<&str>) -> Option<&CompiledSet> {
        let added = self.terminology.sets.get(url).into_iter().flatten().rev();
        let is_it = |set: &&CompiledSet| is_version(set.version(), version);
        added.into_iter().find(is_it).or_else(|| {
            let provided = self.provided.as_ref()?;
            let number = provided.source.find(DefinitionKind::ValueSet, url, version);
            provided.value_set(number?)
        })
    }

    /// The URL of the code system all of whose codes a value set has (`CodeSystem.valueSet`).
    fn whole_system(&self, value_set: &str) -> Option<&str> {
        let added = self.terminology.whole.get(value_set).map(|url| &**url);
        added.or_else(|| self.provided.as_ref()?.source.whole_system(value_set))
    }

    /// The code system of a URL; in a version, if one is requested.
    fn code_system(&self, url: &str, version: Option<&str>) -> Option<&CodeSystemIndex> {
        let added = self
            .terminology
            .systems
            .get(url)
            .into_iter()
            .flatten()
            .rev();
        let is_it = |index: &&CodeSystemIndex| is_version(index.version(), version);
        added.into_iter().find(is_it).or_else(|| {
            let provided = self.provided.as_ref()?;
            let number = provided
                .source
                .find(DefinitionKind::CodeSystem, url, version);
            provided.code_system(number?)
        })
    }

    /// All versions of a code system.
    fn code_systems(&self, url: &str) -> Vec<&CodeSystemIndex> {
        let added = self.terminology.systems.get(url).into_iter().flatten();
        let provided = self.provided.as_ref();
        let of_source = |provided: &Provided| {
            let numbers = provided.source.versions(DefinitionKind::CodeSystem, url);
            numbers.into_iter()
        };
        let numbers = provided.map(of_source).into_iter().flatten();
        let provided = numbers.filter_map(|number| self.provided.as_ref()?.code_system(number));
        added.chain(provided).collect()
    }

    /// Whether a code system has a code, in this version if one is given: by the code systems that came with the
    /// profiles, or by the shipped ones.
    fn has_code(&self, url: &str, version: Option<&str>, code: &str) -> Option<bool> {
        if version == Some("*") {
            let all = self.code_systems(url);
            return if all.is_empty() {
                shipped_system_has(url, code)
            } else {
                any(all.into_iter().map(|index| index.has(code)))
            };
        }
        match self.code_system(url, version) {
            Some(index) => index.has(code),
            None => shipped_system_has(url, code),
        }
    }
}

impl Terminology for ProfileSet {
    fn value_set_has(&self, value_set: &str, system: Option<&str>, code: &str) -> Option<bool> {
        ProfileSet::value_set_has(self, value_set, system, code)
    }

    fn is_or_below(&self, system: &str, code: &str, above: &str) -> Option<bool> {
        let is_same = code == above;
        match self.code_system(system, None) {
            _ if is_same => Some(true),
            Some(index) => index.is_or_below(code, above),
            None => shipped::is_or_below(system, code, above),
        }
    }
}
