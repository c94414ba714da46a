//! The facts distilled from the specification, as typed records with a reader and a writer.
//!
//! One file holds each kind of record; see [`super::tsv`] for the form of the files and each
//! record's `COLUMNS` for their columns. The syntax of a structured cell is documented at its type
//! in [`cells`].

mod cells;
mod profiles;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

pub(crate) use cells::{
    Component, Flags, Incomplete, Limits, Max, Part, Severity, Strength, TypeKind, TypeRef,
};
pub(crate) use profiles::{ProfileElementFact, ProfileFact};

use super::tsv::{Cells, Record, flag, join, load, optional, to_text};

/// Everything the rest of the build knows about one FHIR release.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Facts {
    /// Where the facts come from, and counts.
    pub(crate) source: Vec<SourceFact>,
    /// Types, by name.
    pub(crate) types: Vec<TypeFact>,
    /// Elements: types by name, the elements of each in the order of the definition.
    pub(crate) elements: Vec<ElementFact>,
    /// Invariants, by key.
    pub(crate) invariants: Vec<InvariantFact>,
    /// Value sets which elements are bound to with more than a preference, by URL.
    pub(crate) value_sets: Vec<ValueSetFact>,
    /// Codes of the complete value sets, by value set, in the order of the expansion.
    pub(crate) codes: Vec<CodeFact>,
    /// Code systems all of whose codes are known, by URL.
    pub(crate) systems: Vec<SystemFact>,
    /// Search parameters, by base and code.
    pub(crate) search_parameters: Vec<SearchParameterFact>,
    /// The standard's own extensions, by URL.
    pub(crate) extensions: Vec<ExtensionFact>,
    /// The standard's own profiles, by URL.
    pub(crate) profiles: Vec<ProfileFact>,
    /// What the profiles change: profiles by URL, the elements of each in the order of the definition.
    pub(crate) profile_elements: Vec<ProfileElementFact>,
}

impl Facts {
    /// Reads the facts from their folder.
    pub(crate) fn load(dir: &Path) -> Result<Self> {
        Ok(Self {
            source: load(dir)?,
            types: load(dir)?,
            elements: load(dir)?,
            invariants: load(dir)?,
            value_sets: load(dir)?,
            codes: load(dir)?,
            systems: load(dir)?,
            search_parameters: load(dir)?,
            extensions: load(dir)?,
            profiles: load(dir)?,
            profile_elements: load(dir)?,
        })
    }

    /// Writes the files which differ from what is in `dir`, or with `check` only finds them.
    ///
    /// Returns the names of the files which differed: changed, missing, or not ours.
    pub(crate) fn write(&self, dir: &Path, check: bool) -> Result<Vec<String>> {
        let files = self.files()?;
        let mut differing = Vec::new();
        for (name, text) in &files {
            let path = dir.join(name);
            if fs::read(&path).is_ok_and(|old| old == text.as_bytes()) {
                continue;
            }
            differing.push((*name).to_owned());
            if !check {
                fs::create_dir_all(dir)
                    .and_then(|()| fs::write(&path, text))
                    .with_context(|| format!("cannot write {}", path.display()))?;
            }
        }
        for entry in fs::read_dir(dir).into_iter().flatten() {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let ours = files.iter().any(|(file, _)| *file == name);
            ensure!(
                ours || check || !name.ends_with(".tsv"),
                "{} does not belong to the facts; remove it",
                dir.join(&name).display()
            );
            if !ours && name.ends_with(".tsv") {
                differing.push(name);
            }
        }
        differing.sort();
        Ok(differing)
    }

    /// The names and texts of all files.
    fn files(&self) -> Result<Vec<(&'static str, String)>> {
        Ok(vec![
            (SourceFact::FILE, to_text(&self.source)?),
            (TypeFact::FILE, to_text(&self.types)?),
            (ElementFact::FILE, to_text(&self.elements)?),
            (InvariantFact::FILE, to_text(&self.invariants)?),
            (ValueSetFact::FILE, to_text(&self.value_sets)?),
            (CodeFact::FILE, to_text(&self.codes)?),
            (SystemFact::FILE, to_text(&self.systems)?),
            (SearchParameterFact::FILE, to_text(&self.search_parameters)?),
            (ExtensionFact::FILE, to_text(&self.extensions)?),
            (ProfileFact::FILE, to_text(&self.profiles)?),
            (ProfileElementFact::FILE, to_text(&self.profile_elements)?),
        ])
    }
}

/// Where the facts come from, or how many there are of something.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SourceFact {
    /// What is told, e.g. `sha256` or `resources`.
    pub(crate) key: String,
    /// Its value.
    pub(crate) value: String,
}

impl Record for SourceFact {
    const FILE: &'static str = "source.tsv";
    const COLUMNS: &'static [&'static str] = &["key", "value"];

    fn cells(&self) -> Vec<String> {
        vec![self.key.clone(), self.value.clone()]
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self> {
        Ok(Self {
            key: cells.string()?,
            value: cells.string()?,
        })
    }
}

/// A primitive type, data type, resource, or profile on a data type.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TypeFact {
    /// Name, e.g. `HumanName`.
    pub(crate) name: String,
    /// What kind of type it is.
    pub(crate) kind: TypeKind,
    /// Whether the type is abstract.
    pub(crate) is_abstract: bool,
    /// Name of the type it specialises or (for a profile) constrains.
    pub(crate) base: Option<String>,
    /// Its page of the specification, relative to the release's folder.
    pub(crate) page: String,
    /// For a primitive type: the regular expression of its text.
    pub(crate) regex: Option<String>,
}

impl Record for TypeFact {
    const FILE: &'static str = "types.tsv";
    const COLUMNS: &'static [&'static str] = &["name", "kind", "abstract", "base", "page", "regex"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            self.kind.to_string(),
            flag(self.is_abstract),
            optional(self.base.as_ref()),
            self.page.clone(),
            optional(self.regex.as_ref()),
        ]
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self> {
        Ok(Self {
            name: cells.string()?,
            kind: cells.parse()?,
            is_abstract: cells.flag()?,
            base: cells.optional()?,
            page: cells.string()?,
            regex: cells.optional()?,
        })
    }
}

/// An element of a type, or (when the path is a type's name) the type as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ElementFact {
    /// Path, e.g. `Observation.component.value[x]`.
    pub(crate) path: String,
    /// The least number of values.
    pub(crate) min: u32,
    /// The greatest number of values.
    pub(crate) max: Max,
    /// The types it may have; none for a type as a whole or with a content reference.
    pub(crate) types: Vec<TypeRef>,
    /// The path of the element whose content it shares.
    pub(crate) content_reference: Option<String>,
    /// How strongly it is bound to the value set.
    pub(crate) strength: Option<Strength>,
    /// URL of the value set, without a version.
    pub(crate) value_set: Option<String>,
    /// Name of the binding.
    pub(crate) binding_name: Option<String>,
    /// URL of the value set that is the limit of a weaker binding, without a version.
    pub(crate) max_value_set: Option<String>,
    /// Yes-or-no properties.
    pub(crate) flags: Flags,
    /// Keys of the invariants declared here: neither `ele-1` nor those of the element's own type
    /// or (for a type as a whole) of the type's base.
    pub(crate) invariants: Vec<String>,
    /// Limits of a primitive value.
    pub(crate) limits: Limits,
}

impl Record for ElementFact {
    const FILE: &'static str = "elements.tsv";
    const COLUMNS: &'static [&'static str] = &[
        "path",
        "min",
        "max",
        "types",
        "contentReference",
        "strength",
        "valueSet",
        "bindingName",
        "maxValueSet",
        "flags",
        "invariants",
        "limits",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.path.clone(),
            self.min.to_string(),
            self.max.to_string(),
            join(&self.types, ';'),
            optional(self.content_reference.as_ref()),
            optional(self.strength),
            optional(self.value_set.as_ref()),
            optional(self.binding_name.as_ref()),
            optional(self.max_value_set.as_ref()),
            self.flags.to_string(),
            join(&self.invariants, ','),
            self.limits.to_string(),
        ]
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self> {
        Ok(Self {
            path: cells.string()?,
            min: cells.parse()?,
            max: cells.parse()?,
            types: cells.list(';')?,
            content_reference: cells.optional()?,
            strength: cells.optional()?,
            value_set: cells.optional()?,
            binding_name: cells.optional()?,
            max_value_set: cells.optional()?,
            flags: cells.parse()?,
            invariants: cells.list(',')?,
            limits: cells.parse()?,
        })
    }
}

/// An invariant: a rule which instances keep. Keys alone are not unique (R4 has three `inv-1`):
/// an element's invariant is the one with that key which lists the element's path.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct InvariantFact {
    /// Key, e.g. `obs-6`.
    pub(crate) key: String,
    /// How bad it is to break it.
    pub(crate) severity: Severity,
    /// Whether it is only good practice.
    pub(crate) best_practice: bool,
    /// Paths of the elements which declare it.
    pub(crate) paths: Vec<String>,
    /// The rule as a FHIRPath expression.
    pub(crate) expression: String,
}

impl Record for InvariantFact {
    const FILE: &'static str = "invariants.tsv";
    const COLUMNS: &'static [&'static str] =
        &["key", "severity", "bestPractice", "paths", "expression"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.key.clone(),
            self.severity.to_string(),
            flag(self.best_practice),
            join(&self.paths, ','),
            self.expression.clone(),
        ]
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self> {
        Ok(Self {
            key: cells.string()?,
            severity: cells.parse()?,
            best_practice: cells.flag()?,
            paths: cells.list(',')?,
            expression: cells.string()?,
        })
    }
}

/// A value set which elements are bound to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ValueSetFact {
    /// URL, without a version.
    pub(crate) url: String,
    /// Name, if the package defines the value set.
    pub(crate) name: Option<String>,
    /// How strongly elements are bound to it, the strongest first.
    pub(crate) strengths: Vec<Strength>,
    /// Why its codes cannot be listed here; nothing when it is complete.
    pub(crate) incomplete: Option<Incomplete>,
    /// How many codes the published expansion holds.
    pub(crate) count: usize,
    /// The code systems it draws from.
    pub(crate) systems: Vec<String>,
}

impl Record for ValueSetFact {
    const FILE: &'static str = "valuesets.tsv";
    const COLUMNS: &'static [&'static str] = &[
        "url",
        "name",
        "strengths",
        "complete",
        "why",
        "count",
        "systems",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.url.clone(),
            optional(self.name.as_ref()),
            join(&self.strengths, ','),
            flag(self.incomplete.is_none()),
            optional(self.incomplete),
            self.count.to_string(),
            join(&self.systems, ','),
        ]
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self> {
        let url = cells.string()?;
        let name = cells.optional()?;
        let strengths = cells.list(',')?;
        let complete = cells.flag()?;
        let incomplete = cells.optional()?;
        ensure!(
            complete == incomplete.is_none(),
            "complete and why contradict each other"
        );
        Ok(Self {
            url,
            name,
            strengths,
            incomplete,
            count: cells.parse()?,
            systems: cells.list(',')?,
        })
    }
}

/// A code of a complete value set.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CodeFact {
    /// URL of the value set.
    pub(crate) value_set: String,
    /// URL of the code system.
    pub(crate) system: String,
    /// The code.
    pub(crate) code: String,
}

impl Record for CodeFact {
    const FILE: &'static str = "codes.tsv";
    const COLUMNS: &'static [&'static str] = &["valueSet", "system", "code"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.value_set.clone(),
            self.system.clone(),
            self.code.clone(),
        ]
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self> {
        Ok(Self {
            value_set: cells.string()?,
            system: cells.string()?,
            code: cells.string()?,
        })
    }
}

/// A code system all of whose codes are known.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SystemFact {
    /// URL.
    pub(crate) url: String,
    /// Whether codes that differ in case are different codes.
    pub(crate) case_sensitive: bool,
    /// Its codes, in order.
    pub(crate) codes: Vec<String>,
    /// The hashes of its codes with their names, by [`hash::named`](super::hash::named), in order and
    /// as hexadecimal numbers; the names themselves are not copied.
    pub(crate) names: Vec<String>,
}

impl Record for SystemFact {
    const FILE: &'static str = "systems.tsv";
    const COLUMNS: &'static [&'static str] = &["url", "caseSensitive", "codes", "names"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.url.clone(),
            flag(self.case_sensitive),
            join(&self.codes, '|'),
            join(&self.names, ' '),
        ]
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self> {
        Ok(Self {
            url: cells.string()?,
            case_sensitive: cells.flag()?,
            codes: cells.list('|')?,
            names: cells.list(' ')?,
        })
    }
}

/// A search parameter for one type of resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SearchParameterFact {
    /// The type of resource it searches (also `Resource` and `DomainResource`).
    pub(crate) base: String,
    /// Its name in a search.
    pub(crate) code: String,
    /// The last part of its URL, e.g. `clinical-patient`; several records share it when the
    /// parameter is defined for several types.
    pub(crate) id: String,
    /// `number`, `date`, `string`, `token`, `reference`, `composite`, `quantity`, `uri`, `special`.
    pub(crate) kind: String,
    /// FHIRPath expression that selects the values: of the published union, the alternatives that
    /// start at `base`.
    pub(crate) expression: Option<String>,
    /// How the values are used: `normal`, `phonetic`, `nearby`.
    pub(crate) usage: Option<String>,
    /// Types of resource a reference may point to; `*` stands for all concrete ones, less those
    /// that follow with a `-`, e.g. `*,-Parameters`.
    pub(crate) targets: Vec<String>,
    /// Comparators which may be used.
    pub(crate) comparators: Vec<String>,
    /// Modifiers which may be used.
    pub(crate) modifiers: Vec<String>,
    /// Whether several values may be given, any of which has to match.
    pub(crate) multiple_or: Option<bool>,
    /// Whether the parameter may be repeated, all of which have to match.
    pub(crate) multiple_and: Option<bool>,
    /// The parts of a composite parameter.
    pub(crate) components: Vec<Component>,
}

impl Record for SearchParameterFact {
    const FILE: &'static str = "search-parameters.tsv";
    const COLUMNS: &'static [&'static str] = &[
        "base",
        "code",
        "id",
        "type",
        "expression",
        "usage",
        "targets",
        "comparators",
        "modifiers",
        "multipleOr",
        "multipleAnd",
        "components",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.base.clone(),
            self.code.clone(),
            self.id.clone(),
            self.kind.clone(),
            optional(self.expression.as_ref()),
            optional(self.usage.as_ref()),
            join(&self.targets, ','),
            join(&self.comparators, ','),
            join(&self.modifiers, ','),
            self.multiple_or.map(flag).unwrap_or_default(),
            self.multiple_and.map(flag).unwrap_or_default(),
            join(&self.components, ';'),
        ]
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self> {
        Ok(Self {
            base: cells.string()?,
            code: cells.string()?,
            id: cells.string()?,
            kind: cells.string()?,
            expression: cells.optional()?,
            usage: cells.optional()?,
            targets: cells.list(',')?,
            comparators: cells.list(',')?,
            modifiers: cells.list(',')?,
            multiple_or: cells.optional_flag()?,
            multiple_and: cells.optional_flag()?,
            components: cells.list(';')?,
        })
    }
}

/// An extension that the standard itself defines.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ExtensionFact {
    /// URL.
    pub(crate) url: String,
    /// Name of the definition.
    pub(crate) name: String,
    /// The least number of times it may be used in one place.
    pub(crate) min: u32,
    /// The greatest number of times it may be used in one place.
    pub(crate) max: Max,
    /// Whether it is a modifier extension.
    pub(crate) is_modifier: bool,
    /// Elements it may be used on; another type of context is prefixed: `extension:url`.
    pub(crate) contexts: Vec<String>,
    /// FHIRPath rule which the place of use has to keep.
    pub(crate) context_invariant: Option<String>,
    /// The types its value may have; none when it has parts instead.
    pub(crate) types: Vec<TypeRef>,
    /// How strongly the value is bound to the value set.
    pub(crate) strength: Option<Strength>,
    /// URL of the value set, without a version.
    pub(crate) value_set: Option<String>,
    /// The extensions it is made of.
    pub(crate) parts: Vec<Part>,
}

impl Record for ExtensionFact {
    const FILE: &'static str = "extensions.tsv";
    const COLUMNS: &'static [&'static str] = &[
        "url",
        "name",
        "min",
        "max",
        "modifier",
        "contexts",
        "contextInvariant",
        "types",
        "strength",
        "valueSet",
        "parts",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.url.clone(),
            self.name.clone(),
            self.min.to_string(),
            self.max.to_string(),
            flag(self.is_modifier),
            join(&self.contexts, ','),
            optional(self.context_invariant.as_ref()),
            join(&self.types, ';'),
            optional(self.strength),
            optional(self.value_set.as_ref()),
            join(&self.parts, ' '),
        ]
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self> {
        Ok(Self {
            url: cells.string()?,
            name: cells.string()?,
            min: cells.parse()?,
            max: cells.parse()?,
            is_modifier: cells.flag()?,
            contexts: cells.list(',')?,
            context_invariant: cells.optional()?,
            types: cells.list(';')?,
            strength: cells.optional()?,
            value_set: cells.optional()?,
            parts: cells.list(' ')?,
        })
    }
}

#[cfg(test)]
mod tests;
