//! The facts that generation reads, under the names that they have in `spec::facts`.
//!
//! A stand-in: once `spec` declares `pub(crate) mod facts`, this file goes and `mod.rs` says
//! `use crate::spec::facts` instead.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use anyhow::{Context, Error, Result, bail, ensure};

#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) types: Vec<TypeFact>,
    pub(super) elements: Vec<ElementFact>,
    pub(super) invariants: Vec<InvariantFact>,
    pub(super) value_sets: Vec<ValueSetFact>,
    pub(super) codes: Vec<CodeFact>,
}

impl Facts {
    pub(super) fn load(dir: &Path) -> Result<Self> {
        Ok(Self {
            types: records(dir, "types.tsv", 6, |c| {
                Ok(TypeFact {
                    name: c[0].into(),
                    kind: c[1].parse()?,
                    is_abstract: c[2] == "1",
                    base: optional(c[3]),
                    page: c[4].into(),
                })
            })?,
            elements: records(dir, "elements.tsv", 12, |c| {
                Ok(ElementFact {
                    path: c[0].into(),
                    min: c[1].parse()?,
                    max: match c[2] {
                        "*" => Max::Unbounded,
                        count => Max::Count(count.parse()?),
                    },
                    types: list(c[3], ';').map(str::parse).collect::<Result<_>>()?,
                    content_reference: optional(c[4]),
                    strength: optional(c[5]).map(|s| s.parse()).transpose()?,
                    value_set: optional(c[6]),
                    binding_name: optional(c[7]),
                    max_value_set: optional(c[8]),
                    flags: Flags {
                        modifier: c[9].contains('?'),
                        summary: c[9].contains('S'),
                    },
                    invariants: list(c[10], ',').map(str::to_owned).collect(),
                })
            })?,
            invariants: records(dir, "invariants.tsv", 5, |c| {
                Ok(InvariantFact {
                    key: c[0].into(),
                    severity: c[1].parse()?,
                    best_practice: c[2] == "1",
                    paths: list(c[3], ',').map(str::to_owned).collect(),
                    expression: c[4].into(),
                })
            })?,
            value_sets: records(dir, "valuesets.tsv", 7, |c| {
                Ok(ValueSetFact {
                    url: c[0].into(),
                    name: optional(c[1]),
                    incomplete: optional(c[4]),
                })
            })?,
            codes: records(dir, "codes.tsv", 3, |c| {
                Ok(CodeFact {
                    value_set: c[0].into(),
                    system: c[1].into(),
                    code: c[2].into(),
                })
            })?,
        })
    }
}

fn records<T>(
    dir: &Path,
    name: &str,
    columns: usize,
    make: impl Fn(&[&str]) -> Result<T>,
) -> Result<Vec<T>> {
    let path = dir.join(name);
    let text = std::fs::read_to_string(&path);
    let text = text.with_context(|| format!("cannot read {}", path.display()))?;
    let lines = text.lines().skip(1);
    let records = lines.map(|line| {
        let cells: Vec<_> = line.split('\t').collect();
        ensure!(cells.len() == columns, "not {columns} cells");
        make(&cells).with_context(|| format!("in {}: {line}", path.display()))
    });
    records.collect()
}

fn optional(cell: &str) -> Option<String> {
    (!cell.is_empty()).then(|| cell.to_owned())
}

fn list(cell: &str, separator: char) -> impl Iterator<Item = &str> {
    cell.split(separator).filter(|part| !part.is_empty())
}

#[derive(Debug, Default)]
pub(super) struct TypeFact {
    pub(super) name: String,
    pub(super) kind: TypeKind,
    pub(super) is_abstract: bool,
    pub(super) base: Option<String>,
    pub(super) page: String,
}

#[derive(Debug, Default)]
pub(super) struct ElementFact {
    pub(super) path: String,
    pub(super) min: u32,
    pub(super) max: Max,
    pub(super) types: Vec<TypeRef>,
    pub(super) content_reference: Option<String>,
    pub(super) strength: Option<Strength>,
    pub(super) value_set: Option<String>,
    pub(super) binding_name: Option<String>,
    pub(super) max_value_set: Option<String>,
    pub(super) flags: Flags,
    pub(super) invariants: Vec<String>,
}

#[derive(Debug, Default)]
pub(super) struct InvariantFact {
    pub(super) key: String,
    pub(super) severity: Severity,
    pub(super) best_practice: bool,
    pub(super) paths: Vec<String>,
    pub(super) expression: String,
}

#[derive(Debug, Default)]
pub(super) struct ValueSetFact {
    pub(super) url: String,
    pub(super) name: Option<String>,
    pub(super) incomplete: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct CodeFact {
    pub(super) value_set: String,
    pub(super) system: String,
    pub(super) code: String,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flags {
    pub(super) modifier: bool,
    pub(super) summary: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Max {
    Count(u32),
    #[default]
    Unbounded,
}

impl fmt::Display for Max {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => count.fmt(f),
            Self::Unbounded => f.write_str("*"),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TypeRef {
    pub(super) code: String,
    pub(super) fhir_type: Option<String>,
    pub(super) profiles: Vec<String>,
    pub(super) targets: Vec<String>,
}

impl FromStr for TypeRef {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let (rest, targets) = bracketed(text, '(', ')');
        let (rest, profiles) = bracketed(rest, '[', ']');
        let (code, fhir_type) = match rest.split_once('/') {
            Some((code, fhir_type)) => (code, Some(fhir_type.to_owned())),
            None => (rest, None),
        };
        let code = code.to_owned();
        ensure!(!code.is_empty(), "`{text}` is not a type");
        Ok(Self {
            code,
            fhir_type,
            profiles,
            targets,
        })
    }
}

fn bracketed(text: &str, open: char, close: char) -> (&str, Vec<String>) {
    let inner = text.strip_suffix(close).and_then(|text| text.split_once(open));
    match inner {
        Some((rest, inner)) => (rest, list(inner, ',').map(str::to_owned).collect()),
        None => (text, Vec::new()),
    }
}

macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal,)+ }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum $name {
            $($variant,)+
        }
        impl FromStr for $name {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => bail!("unknown word `{text}`"),
                }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$variant => $word,)+
                })
            }
        }
    };
}

words!(TypeKind { Primitive = "primitive", Complex = "complex", Resource = "resource", Profile = "profile", });
words!(Severity { Error = "error", Warning = "warning", });
words!(Strength {
    Required = "required",
    Extensible = "extensible",
    Max = "max",
    Preferred = "preferred",
    Example = "example",
});

#[allow(clippy::derivable_impls, reason = "the macro declares the enum")]
impl Default for TypeKind {
    fn default() -> Self {
        Self::Complex
    }
}

#[allow(clippy::derivable_impls, reason = "the macro declares the enum")]
impl Default for Severity {
    fn default() -> Self {
        Self::Error
    }
}
