//! Definitions that a set of profiles takes from a source on first use.

use super::terminology::code_system::CodeSystemIndex;
use super::terminology::value_set::CompiledSet;
use super::{Entry, ProfileSet};
use healthcode_r4::{Resource, StructureDefinition};
use std::fmt::Debug;
use std::sync::{Arc, OnceLock};

/// What a definition defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DefinitionKind {
    /// A profile, or an extension.
    StructureDefinition,
    /// A value set.
    ValueSet,
    /// A code system.
    CodeSystem,
}

impl DefinitionKind {
    /// All kinds.
    pub const ALL: [DefinitionKind; 3] = [
        DefinitionKind::StructureDefinition,
        DefinitionKind::ValueSet,
        DefinitionKind::CodeSystem,
    ];

    /// The type of resource.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            DefinitionKind::StructureDefinition => "StructureDefinition",
            DefinitionKind::ValueSet => "ValueSet",
            DefinitionKind::CodeSystem => "CodeSystem",
        }
    }
}

/// A source of definitions, such as packages, from which a [`ProfileSet`] reads what it needs and no more.
/// Definitions have numbers from 0.
pub trait Definitions: Debug + Send + Sync {
    /// How many definitions there are.
    fn count(&self) -> usize;

    /// The number of the definition that a canonical URL stands for; with a version, of that version alone.
    fn find(&self, kind: DefinitionKind, url: &str, version: Option<&str>) -> Option<usize>;

    /// The numbers of all definitions of a canonical URL.
    fn versions(&self, kind: DefinitionKind, url: &str) -> Vec<usize>;

    /// The numbers of the code systems that supplement a code system.
    fn supplements(&self, system: &str) -> Vec<usize>;

    /// The URL of the code system that names a value set as the one that has all of its codes
    /// (`CodeSystem.valueSet`), if one does.
    fn whole_system(&self, value_set: &str) -> Option<&str>;

    /// Reads a definition; `None` if it cannot be read. Each definition is read once.
    fn read(&self, number: usize) -> Option<Resource>;
}

/// The definitions of a source, of which those used so far have been read.
#[derive(Debug)]
pub(super) struct Provided {
    pub(super) source: Arc<dyn Definitions>,
    read: Box<[OnceLock<Option<Definition>>]>,
}

/// A definition that was read.
#[derive(Debug)]
enum Definition {
    Profile(Box<Entry>),
    /// A type of FHIR itself, of this release or another.
    Type(Box<StructureDefinition>),
    ValueSet(Box<CompiledSet>),
    CodeSystem(Box<CodeSystemIndex>),
}

impl Provided {
    pub(super) fn new(source: Arc<dyn Definitions>) -> Self {
        let read = std::iter::repeat_with(OnceLock::new).take(source.count());
        Provided {
            read: read.collect(),
            source,
        }
    }

    fn get(&self, number: usize) -> Option<&Definition> {
        let read = || match self.source.read(number)? {
            Resource::StructureDefinition(definition) => {
                Some(match Entry::new(definition.into_inner()) {
                    Ok(entry) => Definition::Profile(Box::new(entry)),
                    Err(definition) => Definition::Type(definition),
                })
            }
            Resource::ValueSet(set) => Some(Definition::ValueSet(Box::new(CompiledSet::new(&set)))),
            Resource::CodeSystem(system) => {
                let url = system.url.as_str().unwrap_or_default();
                let mut index = CodeSystemIndex::new(&system);
                for number in self.source.supplements(url) {
                    if let Some(Resource::CodeSystem(supplement)) = self.source.read(number) {
                        index.supplement(&supplement);
                    }
                }
                Some(Definition::CodeSystem(Box::new(index)))
            }
            _ => None,
        };
        self.read.get(number)?.get_or_init(read).as_ref()
    }

    pub(super) fn profile(&self, number: usize) -> Option<&Entry> {
        match self.get(number)? {
            Definition::Profile(entry) => Some(entry),
            _ => None,
        }
    }

    /// A StructureDefinition, of a profile or a type.
    pub(super) fn definition(&self, number: usize) -> Option<&StructureDefinition> {
        match self.get(number)? {
            Definition::Profile(entry) => Some(&entry.definition),
            Definition::Type(definition) => Some(definition),
            _ => None,
        }
    }

    pub(super) fn value_set(&self, number: usize) -> Option<&CompiledSet> {
        match self.get(number)? {
            Definition::ValueSet(set) => Some(set),
            _ => None,
        }
    }

    pub(super) fn code_system(&self, number: usize) -> Option<&CodeSystemIndex> {
        match self.get(number)? {
            Definition::CodeSystem(index) => Some(index),
            _ => None,
        }
    }
}

impl ProfileSet {
    /// Adds a source of definitions, for those that are needed and are not in the set.
    pub fn provide(&mut self, source: Arc<dyn Definitions>) {
        self.provided = Some(Provided::new(source));
        self.forget();
    }
}
