//! Profiles: what StructureDefinitions require beyond R4's own definitions.
//!
//! A [`ProfileSet`] holds StructureDefinitions, and the value sets and code systems that come with
//! them. A snapshot, or a differential with its base, becomes a tree (`node.rs`, `snapshot.rs`). What
//! the tree requires beyond R4 becomes a plan (`plan.rs`), by which values are checked (`check.rs`). Trees and
//! plans are made on first use.

mod apply;
mod check;
mod constant;
mod definitions;
mod difference;
mod discriminator;
mod extension;
mod followed;
mod invariant;
mod item;
mod limit;
mod node;
mod own;
pub(crate) mod passed;
mod passing;
mod plan;
mod release;
mod resource_context;
mod slices;
mod snapshot;
mod standard;
mod target;
mod terminology;
mod vital;

pub(crate) use check::{Profiles, Reported};
pub use definitions::{DefinitionKind, Definitions};
pub(crate) use extension::{Context, LoadedExtension, Parts};
pub(crate) use followed::Followed;
pub(crate) use release::{InRelease, ReleaseElement};
pub(crate) use resource_context::ResourceContext;
pub(crate) use vital::VitalSign;

use crate::budget::Budget;
use crate::bundle::Entries;
use crate::registry::profiles as rule;
use crate::rule_set::RuleSet;
use check::Checker;
use definitions::Provided;
use healthcode_core::{Constraint, Detail, Element, Issue};
use healthcode_json::{Error, ReadOptions};
use healthcode_r4::{ElementDefinition, Resource, StructureDefinition, codes};
use item::Item;
use node::{Node, type_name};
use plan::{Compiler, Plan};
use snapshot::{Builder, Built};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock, OnceLock};
use terminology::Loaded;

/// StructureDefinitions that resources can be validated against, with the value sets and code
/// systems that they use.
///
/// A resource is checked against the profiles that its `meta.profile` names, and those that
/// [`Validator::profile`](crate::Validator::profile) adds. R4's own profiles (vital signs,
/// `SimpleQuantity`, and so on) need not be loaded; one that is loaded is used instead of R4's own.
///
/// ```
/// use healthcode_r4::Patient;
/// use healthcode_validate::{Policy, ProfileSet, Validator};
/// use std::sync::Arc;
///
/// let mut set = ProfileSet::new();
/// set.read(br#"{
///     "resourceType": "StructureDefinition", "url": "http://a.b/named", "name": "Named",
///     "status": "draft", "kind": "resource", "abstract": false, "type": "Patient",
///     "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
///     "derivation": "constraint",
///     "differential": {"element": [{"id": "Patient.name", "path": "Patient.name", "min": 1}]}
/// }"#)?;
/// assert!(set.problems("http://a.b/named").is_empty());
///
/// let validator = Validator::new(Policy::R4).profiles(Arc::new(set));
/// let json = br#"{"resourceType": "Patient", "meta": {"profile": ["http://a.b/named"]}}"#;
/// let report = validator.read::<Patient>(json)?;
/// assert_eq!(report.issues[0].rule.id, "R4-PROFILE-MIN");
/// assert_eq!(report.issues[0].path, "Patient.name");
/// # Ok::<(), healthcode_json::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct ProfileSet {
    entries: Vec<Entry>,
    by_url: HashMap<Box<str>, Vec<usize>>,
    by_type: HashMap<Box<str>, Vec<usize>>,
    terminology: Loaded,
    /// Definitions that packages provide on demand.
    provided: Option<Provided>,
    /// Whether it is the set of R4's own profiles, which all other sets use.
    is_own: bool,
}

/// The greatest length of a chain of bases that is followed.
const LINEAGE: usize = 64;

/// What is added to the number of a profile of R4's own, in sets that do not hold it themselves.
const OWN: usize = 1 << (usize::BITS - 1);

/// What is added to the number of a profile of a source of definitions.
const PROVIDED: usize = 1 << (usize::BITS - 2);

/// A profile of a set.
#[derive(Debug)]
struct Entry {
    definition: StructureDefinition,
    url: Box<str>,
    /// Whether departing from it is not an error: it describes what is documented, not what is required.
    advisory: bool,
    built: OnceLock<Built>,
    plan: OnceLock<Option<Compiled>>,
    extension: OnceLock<LoadedExtension>,
}

/// A plan, and the problems found while making it.
#[derive(Debug)]
struct Compiled {
    plan: Plan,
    problems: Vec<(String, String)>,
    /// All that the profile requires, inherited or not.
    constraints: HashSet<Arc<Constraint>>,
}

impl Entry {
    /// An entry for a definition; the definition if it has no URL, or is of a type of R4's own, which is
    /// known without it.
    fn new(definition: StructureDefinition) -> Result<Entry, Box<StructureDefinition>> {
        let Some(url) = definition.url.as_str().map(Box::<str>::from) else {
            return Err(Box::new(definition));
        };
        let derived = definition.derivation.value();
        let is_derived = derived == Some(&codes::TypeDerivationRule::Constraint);
        if !is_derived && type_name(&url).is_some() {
            return Err(Box::new(definition));
        }
        Ok(Entry {
            definition,
            url,
            advisory: false,
            built: OnceLock::new(),
            plan: OnceLock::new(),
            extension: OnceLock::new(),
        })
    }
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plan")
            .field("type_name", &self.type_name)
            .finish_non_exhaustive()
    }
}

impl ProfileSet {
    /// An empty set.
    #[must_use]
    pub fn new() -> Self {
        ProfileSet::default()
    }

    /// The profiles of what Healthcode documents of its services, written from its public
    /// documentation. The policy [`Healthcode`](crate::Policy::Healthcode) applies them by type.
    #[must_use]
    pub fn healthcode() -> &'static ProfileSet {
        static SET: LazyLock<ProfileSet> = LazyLock::new(|| {
            let mut set = ProfileSet::new();
            for json in HEALTHCODE {
                // They are part of this crate, and tests read them.
                let _ = set.read(json.as_bytes());
            }
            for entry in &mut set.entries {
                entry.advisory = true;
            }
            set
        });
        &SET
    }

    /// Adds what a text in JSON or XML holds: a StructureDefinition, ValueSet or CodeSystem, or a Bundle of
    /// these. Other resources are passed over. Returns what is wrong with the text of what was added.
    ///
    /// # Errors
    /// If the text is neither JSON nor XML.
    pub fn read(&mut self, text: &[u8]) -> Result<Vec<Issue>, Error> {
        let read = healthcode_xml::either::read::<Resource>(text, &ReadOptions::new())?;
        let used = self.add(read.value);
        Ok(if used { read.issues } else { Vec::new() })
    }

    /// Adds a StructureDefinition, ValueSet or CodeSystem, or all of these in a Bundle. Of two
    /// profiles of one URL and version the later one is used. False if there was nothing to add.
    pub fn add(&mut self, resource: impl Into<Resource>) -> bool {
        self.add_resource(resource.into())
    }

    /// Nothing is cloned: a clone of any resource would have this crate compile the clones of all types.
    fn add_resource(&mut self, resource: Resource) -> bool {
        match resource {
            Resource::StructureDefinition(definition) => self.add_profile(definition.into_inner()),
            Resource::ValueSet(set) => {
                self.terminology.add(&set);
                true
            }
            Resource::CodeSystem(system) => {
                self.terminology.add_system(&system);
                true
            }
            Resource::Bundle(bundle) => {
                let entries = bundle.into_inner().entry.into_iter();
                let resources = entries.filter_map(|entry| entry.resource);
                resources.fold(false, |any, resource| self.add_resource(resource) | any)
            }
            _ => false,
        }
    }

    fn add_profile(&mut self, definition: StructureDefinition) -> bool {
        let Ok(entry) = Entry::new(definition) else {
            return false;
        };
        if let Some(name) = entry.definition.type_.as_str() {
            let same = self.by_type.entry(name.into()).or_default();
            same.push(self.entries.len());
        }
        self.by_url
            .entry(entry.url.clone())
            .or_default()
            .push(self.entries.len());
        self.entries.push(entry);
        self.forget();
        true
    }

    /// Drops trees and plans, which may depend on definitions that were missing.
    fn forget(&mut self) {
        for entry in &mut self.entries {
            entry.built = OnceLock::new();
            entry.plan = OnceLock::new();
            entry.extension = OnceLock::new();
        }
    }

    /// How many profiles were added.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing was added, and nothing is provided.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.provided.is_none()
    }

    /// The canonical URLs of the profiles that were added, in the order in which they were added.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| &*entry.url)
    }

    /// Whether there is a profile of this canonical URL, with or without a version, be it added or
    /// R4's own.
    #[must_use]
    pub fn contains(&self, canonical: &str) -> bool {
        self.find(canonical).is_some()
    }

    /// The definition of the profile of this canonical URL, with or without a version.
    #[must_use]
    pub fn definition_of(&self, canonical: &str) -> Option<&StructureDefinition> {
        self.definition(self.find(canonical)?)
    }

    /// Whether an element follows a profile, or is of the type of R4 that a canonical URL names; `None`
    /// for one that is not known. References to other resources are not followed.
    ///
    /// ```
    /// use healthcode_r4::{Observation, Patient};
    /// use healthcode_validate::ProfileSet;
    /// let base = "http://hl7.org/fhir/StructureDefinition/";
    /// let set = ProfileSet::new();
    /// assert_eq!(set.conforms(&Patient::default(), &format!("{base}Patient")), Some(true));
    /// assert_eq!(set.conforms(&Observation::default(), &format!("{base}bp")), Some(false));
    /// assert_eq!(set.conforms(&Patient::default(), "http://a.b/c"), None);
    /// ```
    #[must_use]
    pub fn conforms(&self, element: &dyn Element, canonical: &str) -> Option<bool> {
        let (entries, followed) = (Entries::default(), Followed::default());
        let budget = Budget::default();
        let resource_context = ResourceContext {
            root: element,
            bundle: None,
            entries: &entries,
            followed: &followed,
            budget: &budget,
            passed: None,
        };
        let rules = RuleSet::default();
        let profiles = Profiles {
            rules: &rules,
            loaded: None,
            of_policy: None,
            applied: &[],
        };
        let item = Item::alone(element)?;
        Checker::new(self, profiles, resource_context, element).follows(canonical, &item)
    }

    /// The problems of a profile, as issues of its StructureDefinition. Empty for a profile that is
    /// not in the set.
    #[must_use]
    pub fn problems(&self, canonical: &str) -> Vec<Issue> {
        let Some(index) = self.find(canonical) else {
            return Vec::new();
        };
        let mut issues = Vec::new();
        let mut issue = |place: (String, String), element: &str, text: &str| {
            let mut issue = Issue::at(&rule::R4_PROFILE_DEFINITION, place.0, place.1, Detail::None);
            issue.constraint = self
                .entry(index)
                .map(|entry| Arc::new(Constraint::new(&entry.url, element, text)));
            issues.push(issue);
        };
        let whole = || ("StructureDefinition".to_owned(), String::new());
        for problem in &self.built(index, &mut Vec::new()).problems {
            let place = match problem.element {
                Some((list, at)) => (
                    format!("StructureDefinition.{list}.element[{at}]"),
                    format!("/{list}/element/{at}"),
                ),
                None => whole(),
            };
            let element = match problem.element {
                Some((list, at)) => self.element_id(index, list, at),
                None => String::new(),
            };
            issue(place, &element, &problem.text);
        }
        if let Some(compiled) = self.compiled(index) {
            for (element, text) in &compiled.problems {
                issue(whole(), element, text);
            }
        }
        issues
    }

    fn element_id(&self, index: usize, list: &str, at: usize) -> String {
        let Some(definition) = self.definition(index) else {
            return String::new();
        };
        let element = match list {
            "snapshot" => definition
                .snapshot
                .as_ref()
                .and_then(|snapshot| snapshot.element.get(at)),
            _ => definition
                .differential
                .as_ref()
                .and_then(|differential| differential.element.get(at)),
        };
        let id = element.and_then(|element| element.id.as_deref().or(element.path.as_str()));
        id.unwrap_or_default().to_owned()
    }

    /// The snapshot that the differential of a profile makes of its base, whether the profile comes
    /// with a snapshot or not; `None` if there is no such profile, or its base is not known.
    ///
    /// Elements carry what validation uses: cardinality, types, fixed values and patterns, bindings,
    /// constraints, slicing, `mustSupport`, `isModifier`; of texts only those of the differential.
    #[must_use]
    pub fn generate(&self, canonical: &str) -> Option<Vec<ElementDefinition>> {
        let index = self.find(canonical)?;
        let mut open = vec![index];
        let built = Builder::new(self, &mut open).build(index, true);
        Some(built.tree?.list())
    }

    /// The index of the profile of a canonical URL; without a version, the one that came last. R4's
    /// own profiles come before all others.
    fn find(&self, canonical: &str) -> Option<usize> {
        let (url, version) = match canonical.split_once('|') {
            Some((url, version)) => (url, Some(version)),
            None => (canonical, None),
        };
        let added = self.find_added(url, version);
        if self.is_own {
            return added;
        }
        added
            .or_else(|| self.find_provided(url, version))
            .or_else(|| Some(OWN + own::index_of(url, version)?))
    }

    fn find_provided(&self, url: &str, version: Option<&str>) -> Option<usize> {
        let provided = self
            .provided
            .as_ref()
            .filter(|_| type_name(url).is_none())?;
        let kind = DefinitionKind::StructureDefinition;
        let number = provided.source.find(kind, url, version)?;
        // A definition that cannot be read counts as missing.
        provided.profile(number).map(|_| PROVIDED + number)
    }

    fn find_added(&self, url: &str, version: Option<&str>) -> Option<usize> {
        let indexes = self.by_url.get(url)?;
        let mut latest = indexes.iter().rev().copied();
        match version {
            None => latest.next(),
            Some(version) => latest.find(|&index| {
                let definition = self.definition(index);
                definition.and_then(|definition| definition.version.as_str()) == Some(version)
            }),
        }
    }

    fn entry(&self, index: usize) -> Option<&Entry> {
        if let Some(own) = index.checked_sub(OWN) {
            return ProfileSet::own().entries.get(own);
        }
        match index.checked_sub(PROVIDED) {
            Some(number) => self.provided.as_ref()?.profile(number),
            None => self.entries.get(index),
        }
    }

    fn definition(&self, index: usize) -> Option<&StructureDefinition> {
        self.entry(index).map(|entry| &entry.definition)
    }

    /// The tree of a profile; `open` are those that are being made.
    fn built(&self, index: usize, open: &mut Vec<usize>) -> &Built {
        static NONE: Built = Built {
            tree: None,
            problems: Vec::new(),
        };
        if let Some(own) = index.checked_sub(OWN) {
            return ProfileSet::own().built(own, &mut Vec::new());
        }
        let Some(entry) = self.entry(index) else {
            return &NONE;
        };
        if let Some(built) = entry.built.get() {
            return built;
        }
        open.push(index);
        let built = Builder::new(self, open).build(index, false);
        open.pop();
        // Not `get_or_init`: making a tree may need the tree itself, which is then found among `open`.
        let _ = entry.built.set(built);
        entry.built.get().unwrap_or(&NONE)
    }

    /// The tree of the profile of a canonical URL, or of the standard's extension of that URL.
    fn tree(&self, canonical: &str) -> Option<Arc<Node>> {
        match self.find(canonical) {
            Some(index) => self.built(index, &mut Vec::new()).tree.clone(),
            None => standard::extension(canonical).map(Arc::new),
        }
    }

    /// The contexts and parts that the definition of an extension states.
    fn extension(&self, index: usize) -> Option<&LoadedExtension> {
        let entry = self.entry(index).filter(|_| index < OWN)?;
        if entry.definition.type_.as_str() != Some("Extension") {
            return None;
        }
        let made = || {
            let tree = self.built(index, &mut Vec::new()).tree.as_deref();
            LoadedExtension::new(self, &entry.definition, tree)
        };
        Some(entry.extension.get_or_init(made))
    }

    fn compiled(&self, index: usize) -> Option<&Compiled> {
        if let Some(own) = index.checked_sub(OWN) {
            return ProfileSet::own().compiled(own);
        }
        let entry = self.entry(index)?;
        if let Some(compiled) = entry.plan.get() {
            return compiled.as_ref();
        }
        let tree = self.built(index, &mut Vec::new()).tree.clone();
        let compiled = tree.map(|tree| {
            let mut compiler = Compiler::new(self, &entry.url);
            let plan = compiler.plan(&tree);
            Compiled {
                plan,
                problems: compiler.problems,
                constraints: compiler.constraints,
            }
        });
        let _ = entry.plan.set(compiled);
        entry.plan.get()?.as_ref()
    }

    fn plan(&self, index: usize) -> Option<&Plan> {
        self.compiled(index).map(|compiled| &compiled.plan)
    }

    /// A constraint as stated by the profile that it is inherited from.
    fn origin(&self, constraint: &Arc<Constraint>) -> Arc<Constraint> {
        let mut origin = Arc::clone(constraint);
        for _ in 0..LINEAGE {
            let index = self.find(&origin.profile);
            let base = index.and_then(|index| self.definition(index)?.base_definition.as_str());
            let Some(index) = base.and_then(|base| self.find(base)) else {
                break;
            };
            let Some((entry, compiled)) = self.entry(index).zip(self.compiled(index)) else {
                break;
            };
            let there = Constraint::new(&entry.url, &origin.element, &origin.text);
            match compiled.constraints.get(&there) {
                Some(there) => origin = Arc::clone(there),
                None => break,
            }
        }
        origin
    }

    /// Whether departing from a profile is not an error.
    fn is_advisory(&self, index: usize) -> bool {
        self.entries.get(index).is_some_and(|entry| entry.advisory)
    }

    /// The indexes of the profiles of a type of resource.
    fn of_type(&self, name: &str) -> &[usize] {
        self.by_type.get(name).map_or(&[], Vec::as_slice)
    }

    /// The reason why nothing can be checked against a profile: its base is missing, or it has no elements.
    fn unusable(&self, index: usize) -> Option<Constraint> {
        let (entry, built) = (self.entry(index)?, self.built(index, &mut Vec::new()));
        let problems = built.problems.iter();
        let why = problems.rev().find(|problem| problem.element.is_none());
        let why = why.map_or("it cannot be used", |problem| &*problem.text);
        Some(Constraint::new(
            &entry.url,
            "",
            &format!("the profile: {why}"),
        ))
    }

    /// The type that a profile is of, by its number.
    fn type_at(&self, index: usize) -> Option<&str> {
        self.definition(index)?.type_.as_str()
    }

    /// The type that a profile is of.
    fn type_of(&self, canonical: &str) -> Option<Box<str>> {
        let definition = self.definition(self.find(canonical)?)?;
        definition.type_.as_str().map(Box::from)
    }
}

/// The StructureDefinitions of [`ProfileSet::healthcode`].
const HEALTHCODE: &[&str] = &[
    include_str!("../../profiles/healthcode/appointment.json"),
    include_str!("../../profiles/healthcode/insurer.json"),
    include_str!("../../profiles/healthcode/outcome.json"),
    include_str!("../../profiles/healthcode/page.json"),
    include_str!("../../profiles/healthcode/patient.json"),
    include_str!("../../profiles/healthcode/photo.json"),
    include_str!("../../profiles/healthcode/practitioner.json"),
    include_str!("../../profiles/healthcode/practitioner-role.json"),
    include_str!("../../profiles/healthcode/price-contract.json"),
];
