//! The facts distilled from the specification, as typed records.
//!
//! One file holds each kind of record, in the form that [`super::tsv`] documents; its columns are
//! the fields of the record. The syntax of a structured cell is documented at its type in [`cells`].

mod cells;

use std::path::Path;

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) use cells::{
    Component, Flags, Incomplete, Limits, Max, Part, Severity, Strength, TypeKind, TypeRef,
};

use crate::files::{self, Files};

use super::tsv::{
    Bars, Commas, Flag, Json, OptionalFlag, OptionalText, Record, Semicolons, Spaces, Text, load,
    to_text,
};

macro_rules! facts {
    ($($(#[$doc:meta])* $field:ident: $record:ident in $file:literal,)+) => {
        /// Everything the rest of the build has of one FHIR release.
        #[derive(Debug, Default, PartialEq)]
        pub(crate) struct Facts {
            $($(#[$doc])* pub(crate) $field: Vec<$record>,)+
        }

        impl Facts {
            fn read(dir: &Path) -> Result<Self> {
                Ok(Self { $($field: load(dir)?,)+ })
            }

            /// The names and texts of all files.
            fn files(&self) -> Result<Files> {
                Ok(Files::from([$(($file.to_owned(), to_text(&self.$field)?),)+]))
            }
        }

        $(impl Record for $record {
            const FILE: &'static str = $file;
        })+
    };
}

facts! {
    /// Where the facts come from, and counts.
    source: SourceFact in "source.tsv",
    /// Types, by name.
    types: TypeFact in "types.tsv",
    /// Elements: types by name, the elements of each in the order of the definition.
    elements: ElementFact in "elements.tsv",
    /// Invariants, by key.
    invariants: InvariantFact in "invariants.tsv",
    /// Value sets which elements are bound to with more than a preference, by URL.
    value_sets: ValueSetFact in "valuesets.tsv",
    /// Codes of the complete value sets, by value set, in the order of the expansion.
    codes: CodeFact in "codes.tsv",
    /// Code systems all of whose codes are known, by URL.
    systems: SystemFact in "systems.tsv",
    /// Search parameters, by base and code.
    search_parameters: SearchParameterFact in "search-parameters.tsv",
    /// The standard's own extensions, by URL.
    extensions: ExtensionFact in "extensions.tsv",
    /// The standard's own profiles, by URL.
    profiles: ProfileFact in "profiles.tsv",
    /// What the profiles change: profiles by URL, the elements of each in the order of the definition.
    profile_elements: ProfileElementFact in "profile-elements.tsv",
}

impl Facts {
    /// Reads the facts from their folder.
    pub(crate) fn load(dir: &Path) -> Result<Self> {
        let facts = Self::read(dir)?;
        for set in &facts.value_sets {
            ensure!(
                set.complete == set.incomplete.is_none(),
                "{}: complete and why contradict each other",
                set.url
            );
        }
        Ok(facts)
    }

    /// Writes the files which differ from what is in `dir`, or with `check` only finds them.
    ///
    /// Returns the names of the files which differed: changed, missing, or not ours.
    pub(crate) fn write(&self, dir: &Path, check: bool) -> Result<Vec<String>> {
        let files = self.files()?;
        let mut differing = files::write(dir, &files, check)?;
        for name in files::others(dir, &files)? {
            if name.ends_with(".tsv") {
                let path = dir.join(&name);
                let path = path.display();
                ensure!(check, "{path} does not belong to the facts; remove it");
                differing.push(name);
            }
        }
        differing.sort();
        Ok(differing)
    }
}

/// Where the facts come from, or how many there are of something.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SourceFact {
    /// What the value is, e.g. `sha256` or `resources`.
    pub(crate) key: String,
    /// Its value.
    pub(crate) value: String,
}

/// A primitive type, data type, resource, or profile on a data type.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TypeFact {
    /// Name, e.g. `HumanName`.
    pub(crate) name: String,
    /// What kind of type it is.
    #[serde(with = "Text")]
    pub(crate) kind: TypeKind,
    /// Whether the type is abstract.
    #[serde(rename = "abstract", with = "Flag")]
    pub(crate) is_abstract: bool,
    /// Name of the type it specialises or (for a profile) constrains.
    pub(crate) base: Option<String>,
    /// Its page of the specification, relative to the release's folder.
    pub(crate) page: String,
    /// For a primitive type: the regular expression of its text.
    pub(crate) regex: Option<String>,
}

/// An element of a type, or (when the path is a type's name) the type as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ElementFact {
    /// Path, e.g. `Observation.component.value[x]`.
    pub(crate) path: String,
    /// The least number of values.
    pub(crate) min: u32,
    /// The greatest number of values.
    #[serde(with = "Text")]
    pub(crate) max: Max,
    /// The types it may have; none for a type as a whole or with a content reference.
    #[serde(with = "Semicolons::<TypeRef>")]
    pub(crate) types: Vec<TypeRef>,
    /// The path of the element whose content it shares.
    pub(crate) content_reference: Option<String>,
    /// How strongly it is bound to the value set.
    #[serde(with = "OptionalText")]
    pub(crate) strength: Option<Strength>,
    /// URL of the value set, without a version.
    pub(crate) value_set: Option<String>,
    /// Name of the binding.
    pub(crate) binding_name: Option<String>,
    /// URL of the value set that is the limit of a weaker binding, without a version.
    pub(crate) max_value_set: Option<String>,
    /// Yes-or-no properties.
    #[serde(with = "Text")]
    pub(crate) flags: Flags,
    /// Keys of the invariants declared here: neither `ele-1` nor those of the element's own type
    /// or (for a type as a whole) of the type's base.
    #[serde(with = "Commas::<String>")]
    pub(crate) invariants: Vec<String>,
    /// Limits of a primitive value.
    #[serde(with = "Text")]
    pub(crate) limits: Limits,
}

/// An invariant: a rule which instances keep. Keys alone are not unique (R4 has three `inv-1`):
/// an element's invariant is the one with that key which lists the element's path.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InvariantFact {
    /// Key, e.g. `obs-6`.
    pub(crate) key: String,
    /// How bad it is to break it.
    #[serde(with = "Text")]
    pub(crate) severity: Severity,
    /// Whether it is only good practice.
    #[serde(with = "Flag")]
    pub(crate) best_practice: bool,
    /// Paths of the elements which declare it.
    #[serde(with = "Commas::<String>")]
    pub(crate) paths: Vec<String>,
    /// The rule as a FHIRPath expression.
    pub(crate) expression: String,
}

/// A value set which elements are bound to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ValueSetFact {
    /// URL, without a version.
    pub(crate) url: String,
    /// Name, if the package defines the value set.
    pub(crate) name: Option<String>,
    /// How strongly elements are bound to it, the strongest first.
    #[serde(with = "Commas::<Strength>")]
    pub(crate) strengths: Vec<Strength>,
    /// Whether all of its codes are listed here.
    #[serde(with = "Flag")]
    pub(crate) complete: bool,
    /// Why its codes cannot be listed here; nothing when it is complete.
    #[serde(rename = "why", with = "OptionalText")]
    pub(crate) incomplete: Option<Incomplete>,
    /// How many codes the published expansion holds.
    pub(crate) count: usize,
    /// The code systems it draws from.
    #[serde(with = "Commas::<String>")]
    pub(crate) systems: Vec<String>,
}

/// A code of a complete value set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CodeFact {
    /// URL of the value set.
    pub(crate) value_set: String,
    /// URL of the code system.
    pub(crate) system: String,
    /// The code.
    pub(crate) code: String,
}

/// A code system all of whose codes are known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SystemFact {
    /// URL.
    pub(crate) url: String,
    /// Whether codes that differ in case are different codes.
    #[serde(with = "Flag")]
    pub(crate) case_sensitive: bool,
    /// Its codes, in order.
    #[serde(with = "Bars::<String>")]
    pub(crate) codes: Vec<String>,
    /// The hashes of its codes with their names, by [`hash::named`](super::hash::named), in order and
    /// as hexadecimal numbers; the names themselves are not copied.
    #[serde(with = "Spaces::<String>")]
    pub(crate) names: Vec<String>,
}

/// A search parameter for one type of resource.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SearchParameterFact {
    /// The type of resource it searches (also `Resource` and `DomainResource`).
    pub(crate) base: String,
    /// Its name in a search.
    pub(crate) code: String,
    /// The last part of its URL, e.g. `clinical-patient`; several records share it when the
    /// parameter is defined for several types.
    pub(crate) id: String,
    /// `number`, `date`, `string`, `token`, `reference`, `composite`, `quantity`, `uri`, `special`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// FHIRPath expression that selects the values: of the published union, the alternatives that
    /// start at `base`.
    pub(crate) expression: Option<String>,
    /// How the values are used: `normal`, `phonetic`, `nearby`.
    pub(crate) usage: Option<String>,
    /// Types of resource a reference may point to; `*` stands for all concrete ones, less those
    /// that follow with a `-`, e.g. `*,-Parameters`.
    #[serde(with = "Commas::<String>")]
    pub(crate) targets: Vec<String>,
    /// Comparators which may be used.
    #[serde(with = "Commas::<String>")]
    pub(crate) comparators: Vec<String>,
    /// Modifiers which may be used.
    #[serde(with = "Commas::<String>")]
    pub(crate) modifiers: Vec<String>,
    /// Whether several values may be given, any of which has to match.
    #[serde(with = "OptionalFlag")]
    pub(crate) multiple_or: Option<bool>,
    /// Whether the parameter may be repeated, all of which have to match.
    #[serde(with = "OptionalFlag")]
    pub(crate) multiple_and: Option<bool>,
    /// The parts of a composite parameter.
    #[serde(with = "Semicolons::<Component>")]
    pub(crate) components: Vec<Component>,
}

/// An extension that the standard itself defines.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExtensionFact {
    /// URL.
    pub(crate) url: String,
    /// Name of the definition.
    pub(crate) name: String,
    /// The least number of times it may be used in one place.
    pub(crate) min: u32,
    /// The greatest number of times it may be used in one place.
    #[serde(with = "Text")]
    pub(crate) max: Max,
    /// Whether it is a modifier extension.
    #[serde(rename = "modifier", with = "Flag")]
    pub(crate) is_modifier: bool,
    /// Elements it may be used on; another type of context is prefixed: `extension:url`.
    #[serde(with = "Commas::<String>")]
    pub(crate) contexts: Vec<String>,
    /// FHIRPath rule which the place of use has to keep.
    pub(crate) context_invariant: Option<String>,
    /// The types its value may have; none when it has parts instead.
    #[serde(with = "Semicolons::<TypeRef>")]
    pub(crate) types: Vec<TypeRef>,
    /// How strongly the value is bound to the value set.
    #[serde(with = "OptionalText")]
    pub(crate) strength: Option<Strength>,
    /// URL of the value set, without a version.
    pub(crate) value_set: Option<String>,
    /// The extensions it is made of.
    #[serde(with = "Spaces::<Part>")]
    pub(crate) parts: Vec<Part>,
}

/// A profile that the standard itself defines.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProfileFact {
    /// URL.
    pub(crate) url: String,
    /// Version.
    pub(crate) version: String,
    /// The type that it is a profile of.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// URL of what it is derived from: a type, or another profile.
    pub(crate) base: String,
}

/// What a profile changes of an element.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProfileElementFact {
    /// URL of the profile.
    pub(crate) profile: String,
    /// The element's id: its path, with the names of slices.
    pub(crate) id: String,
    /// What is stated of it: members of an `ElementDefinition` as JSON, none of them text for readers.
    /// The path and the name of the slice are left out where the id has them.
    #[serde(with = "Json")]
    pub(crate) stated: Map<String, Value>,
}

#[cfg(test)]
mod tests;
