//! Elements of other releases of FHIR, by the definitions of their types in packages: what the extensions
//! that stand for them may hold (FHIR R4 versions.html#extensions).

use super::ProfileSet;
use super::check::Profiles;
use super::definitions::DefinitionKind;
use healthcode_r4::{ElementDefinition, StructureDefinition};

/// The base of the URLs of FHIR's own types.
const BASE: &str = "http://hl7.org/fhir/StructureDefinition/";

/// An element of another release.
#[derive(Clone, Copy)]
pub(crate) struct ReleaseElement<'s> {
    definition: &'s StructureDefinition,
    element: &'s ElementDefinition,
}

/// What is known of an element of another release.
pub(crate) enum InRelease<'s> {
    /// The release was not loaded.
    NotLoaded,
    /// The release has no such element.
    Absent,
    Known(ReleaseElement<'s>),
}

impl<'c> Profiles<'c> {
    /// What is known of an element of another release of FHIR.
    pub(crate) fn in_release(&self, release: &str, id: &str) -> InRelease<'c> {
        match self.loaded {
            Some(set) => set.in_release(release, id),
            None => InRelease::NotLoaded,
        }
    }
}

impl ProfileSet {
    /// The element of a release (`5.0`) that an id of its definitions names.
    fn in_release(&self, release: &str, id: &str) -> InRelease<'_> {
        let name = id.split('.').next().unwrap_or(id);
        let Some(definition) = self.type_of_release(release, name) else {
            let is_loaded = self.type_of_release(release, "Element").is_some();
            return if is_loaded {
                InRelease::Absent
            } else {
                InRelease::NotLoaded
            };
        };
        match ReleaseElement::of(definition, id) {
            Some(element) => InRelease::Known(element),
            None => InRelease::Absent,
        }
    }

    fn type_of_release(&self, release: &str, name: &str) -> Option<&StructureDefinition> {
        let provided = self.provided.as_ref()?;
        let kind = DefinitionKind::StructureDefinition;
        let numbers = provided.source.versions(kind, &format!("{BASE}{name}"));
        let mut all = numbers
            .into_iter()
            .filter_map(|number| provided.definition(number));
        all.find(|definition| {
            let rest = definition
                .version
                .as_str()
                .and_then(|version| version.strip_prefix(release));
            rest.is_some_and(|rest| rest.starts_with('.'))
        })
    }
}

impl<'s> ReleaseElement<'s> {
    fn of(definition: &'s StructureDefinition, id: &str) -> Option<Self> {
        let mut all = definition.snapshot.as_deref()?.element.iter();
        let element = all.find(|element| {
            let own = element.id.as_deref().or(element.path.as_str());
            own.is_some_and(|own| own == id || own.strip_suffix("[x]") == Some(id))
        })?;
        Some(ReleaseElement {
            definition,
            element,
        })
    }

    fn id(&self) -> &'s str {
        let own = self.element.id.as_deref().or(self.element.path.as_str());
        own.unwrap_or_default()
    }

    /// The least and greatest number of its values; none if there is no greatest.
    pub(crate) fn bounds(&self) -> (usize, Option<usize>) {
        let least = self
            .element
            .min
            .get()
            .and_then(|least| usize::try_from(least).ok());
        let most = self.element.max.as_str().and_then(|most| most.parse().ok());
        (least.unwrap_or(0), most)
    }

    /// The element of this name in it.
    pub(crate) fn part(&self, name: &str) -> Option<Self> {
        Self::of(self.definition, &format!("{}.{name}", self.id()))
    }

    /// The names of the elements that are defined in it.
    pub(crate) fn parts(&self) -> Vec<&'s str> {
        let id = self.id();
        let all = self.definition.snapshot.as_deref();
        let all = all.map_or(&[][..], |snapshot| &snapshot.element);
        let names = all.iter().filter_map(|element| {
            let own = element.id.as_deref().or(element.path.as_str())?;
            let name = own.strip_prefix(id)?.strip_prefix('.')?;
            let is_own = matches!(name, "id" | "extension" | "modifierExtension");
            (!is_own && !name.contains('.')).then(|| name.trim_end_matches("[x]"))
        });
        names.collect()
    }

    /// The types that its value may have; none if it is defined elsewhere.
    pub(crate) fn types(&self) -> Vec<&'s str> {
        let codes = self
            .element
            .type_
            .iter()
            .filter_map(|one| one.code.as_str());
        let codes = codes.map(|code| {
            if code.starts_with("http://hl7.org/fhirpath/") {
                "string"
            } else {
                code
            }
        });
        codes.collect()
    }
}
