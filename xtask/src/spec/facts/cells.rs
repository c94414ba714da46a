//! The syntax of structured cells. Each type's `Display` writes the cell that its `FromStr` reads.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Error, Result, bail, ensure};
use strum::{Display, EnumString};

/// What kind of type a type is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Display, EnumString)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum TypeKind {
    /// A primitive type, e.g. `dateTime`.
    Primitive,
    /// A data type with elements, e.g. `HumanName`.
    #[default]
    Complex,
    /// A resource, e.g. `Patient`.
    Resource,
    /// A data type that only narrows another, e.g. `Age` or `SimpleQuantity`.
    Profile,
}

/// How strongly an element is bound to a value set, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum Strength {
    /// Codes have to be from the value set.
    Required,
    /// Codes may be from elsewhere only if the value set has none that fits.
    Extensible,
    /// The value set is the limit of a weaker binding to another one.
    Max,
    /// Codes should be from the value set.
    Preferred,
    /// The value set is an example.
    Example,
}

/// How bad it is to break an invariant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Display, EnumString)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum Severity {
    /// The instance is not valid.
    #[default]
    Error,
    /// The instance is questionable.
    Warning,
}

/// Why a value set's codes cannot be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum Incomplete {
    /// The package neither defines nor expands it.
    NotInPackage,
    /// It draws from a code system that is not HL7's, IETF's or ISO's.
    ThirdParty,
    /// It is infinite or too big to be expanded.
    TooCostly,
    /// Its published expansion is only a part of it.
    Cut,
    /// The package defines but does not expand it.
    NoExpansion,
}

/// The greatest number of values: a number or `*`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Max {
    /// At most so many.
    Count(u32),
    /// No limit.
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

impl FromStr for Max {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "*" => Ok(Self::Unbounded),
            _ => Ok(Self::Count(text.parse()?)),
        }
    }
}

/// A type an element may have: `code`, then what narrows it, in this order:
///
/// - `/fhirType` for a FHIRPath system type: `System.String/uri`;
/// - `[profile,...]`: `Quantity[SimpleQuantity]`;
/// - `(target,...)` of a reference or canonical: `Reference(Patient,Group)`.
///
/// Profiles and targets that are types of this release are names, others are URLs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TypeRef {
    /// The type's name; FHIRPath system types begin with `System.`.
    pub(crate) code: String,
    /// The FHIR type that a FHIRPath system type stands for.
    pub(crate) fhir_type: Option<String>,
    /// Profiles, one of which the value conforms to.
    pub(crate) profiles: Vec<String>,
    /// What a reference or canonical may point to; anything if there are none.
    pub(crate) targets: Vec<String>,
}

impl fmt::Display for TypeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        if let Some(fhir_type) = &self.fhir_type {
            write!(f, "/{fhir_type}")?;
        }
        if !self.profiles.is_empty() {
            write!(f, "[{}]", self.profiles.join(","))?;
        }
        if !self.targets.is_empty() {
            write!(f, "({})", self.targets.join(","))?;
        }
        Ok(())
    }
}

impl FromStr for TypeRef {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (rest, targets) = bracketed(text, '(', ')')?;
        let (rest, profiles) = bracketed(rest, '[', ']')?;
        let (code, fhir_type) = match rest.split_once('/') {
            Some((code, fhir_type)) => (code, Some(fhir_type.to_owned())),
            None => (rest, None),
        };
        let sound = !code.is_empty()
            && !code.contains(['(', ')', '[', ']'])
            && fhir_type.as_deref() != Some("");
        ensure!(sound, "invalid type `{text}`");
        Ok(Self {
            code: code.to_owned(),
            fhir_type,
            profiles,
            targets,
        })
    }
}

/// Takes a bracketed list off the end of `text`.
fn bracketed(text: &str, open: char, close: char) -> Result<(&str, Vec<String>)> {
    let Some(inner) = text.strip_suffix(close) else {
        return Ok((text, Vec::new()));
    };
    let (rest, list) = inner
        .split_once(open)
        .with_context(|| format!("invalid type `{text}`: expected `{open}`"))?;
    Ok((rest, list.split(',').map(str::to_owned).collect()))
}

/// An element's yes-or-no properties: a string of letters, in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags {
    /// `?`: its value changes the meaning of what surrounds it.
    pub(crate) modifier: bool,
    /// `S`: it is part of summaries.
    pub(crate) summary: bool,
    /// `O`: the order of its values has a meaning.
    pub(crate) ordered: bool,
    /// `T`: its text may be translated with the translation extension.
    pub(crate) translatable: bool,
    /// `@`: it is an attribute in XML.
    pub(crate) xml_attribute: bool,
    /// `X`: it is XHTML in XML.
    pub(crate) xhtml: bool,
}

impl Flags {
    fn letters(&mut self) -> [(char, &mut bool); 6] {
        [
            ('?', &mut self.modifier),
            ('S', &mut self.summary),
            ('O', &mut self.ordered),
            ('T', &mut self.translatable),
            ('@', &mut self.xml_attribute),
            ('X', &mut self.xhtml),
        ]
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut flags = *self;
        flags
            .letters()
            .into_iter()
            .filter(|(_, set)| **set)
            .try_for_each(|(letter, _)| write!(f, "{letter}"))
    }
}

impl FromStr for Flags {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut flags = Self::default();
        for (letter, set) in flags.letters() {
            *set = text.contains(letter);
        }
        ensure!(flags.to_string() == text, "invalid flags `{text}`");
        Ok(flags)
    }
}

/// Limits of a primitive value: `length<=N`, `value>=N`, `value<=N`, separated by `,`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// The greatest length of the text.
    pub(crate) max_length: Option<i64>,
    /// The least value.
    pub(crate) min_value: Option<i64>,
    /// The greatest value.
    pub(crate) max_value: Option<i64>,
}

impl Limits {
    fn parts(&mut self) -> [(&'static str, &mut Option<i64>); 3] {
        [
            ("length<=", &mut self.max_length),
            ("value>=", &mut self.min_value),
            ("value<=", &mut self.max_value),
        ]
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut limits = *self;
        let parts: Vec<_> = limits
            .parts()
            .into_iter()
            .filter_map(|(name, limit)| limit.map(|limit| format!("{name}{limit}")))
            .collect();
        f.write_str(&parts.join(","))
    }
}

impl FromStr for Limits {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut limits = Self::default();
        for (name, limit) in limits.parts() {
            *limit = text
                .split(',')
                .find_map(|part| part.strip_prefix(name))
                .map(str::parse)
                .transpose()?;
        }
        ensure!(limits.to_string() == text, "invalid limits `{text}`");
        Ok(limits)
    }
}

/// A part of a composite search parameter: `id=expression`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Component {
    /// The `id` of the search parameter that compares this part.
    pub(crate) parameter: String,
    /// FHIRPath expression, relative to the composite's values.
    pub(crate) expression: String,
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.parameter, self.expression)
    }
}

impl FromStr for Component {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (parameter, expression) = text
            .split_once('=')
            .with_context(|| format!("invalid component `{text}`: expected id=expression"))?;
        Ok(Self {
            parameter: parameter.to_owned(),
            expression: expression.to_owned(),
        })
    }
}

/// An extension within an extension: `url|min|max|types`, the types separated by `;`.
///
/// The `url` of a part within a part is preceded by its parent's and `>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    /// Its URL, mostly a mere name.
    pub(crate) url: String,
    /// The least number of times it is present.
    pub(crate) min: u32,
    /// The greatest number of times it is present.
    pub(crate) max: Max,
    /// The types its value may have; none when it has parts itself.
    pub(crate) types: Vec<TypeRef>,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let types: Vec<_> = self.types.iter().map(TypeRef::to_string).collect();
        let types = types.join(";");
        write!(f, "{}|{}|{}|{types}", self.url, self.min, self.max)
    }
}

impl FromStr for Part {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let cells: Vec<_> = text.split('|').collect();
        let [url, min, max, types] = cells[..] else {
            bail!("invalid part `{text}`: expected url|min|max|types");
        };
        Ok(Self {
            url: url.to_owned(),
            min: min.parse()?,
            max: max.parse()?,
            types: types
                .split_terminator(';')
                .map(str::parse)
                .collect::<Result<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests;
