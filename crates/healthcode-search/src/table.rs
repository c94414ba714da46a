//! The search parameters of R4, by type of resource; the rows are generated.

use crate::generated::r4::RESOURCES;

/// The type of a search parameter, which decides what its values look like
/// (<https://hl7.org/fhir/R4/search.html#ptypes>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParameterType {
    /// A number, with a prefix.
    Number,
    /// A date or time, with a prefix.
    Date,
    /// Text that a string starts with.
    String,
    /// A code or identifier, with its system.
    Token,
    /// A reference to another resource.
    Reference,
    /// Values of several parameters, joined by `$`.
    Composite,
    /// A number with a unit, with a prefix.
    Quantity,
    /// A URI, as a whole.
    Uri,
    /// A form of its own, such as that of `near`.
    Special,
}

/// A search parameter that R4 defines.
#[derive(Debug)]
pub struct SearchParameter {
    name: &'static str,
    kind: ParameterType,
    targets: &'static [&'static str],
    components: &'static [ParameterType],
    expression: &'static str,
    parts: &'static [&'static str],
}

impl SearchParameter {
    /// Its name: `birthdate`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its type.
    #[must_use]
    pub fn parameter_type(&self) -> ParameterType {
        self.kind
    }

    /// The types of its parts, if it is a composite.
    #[must_use]
    pub fn components(&self) -> &'static [ParameterType] {
        self.components
    }

    /// The FHIRPath expression of what it looks at; none if it has none (`_text`), or if what
    /// matches is each server's affair (`phonetic`).
    ///
    /// It is R4's, for this type of resource alone, with misspelt type names corrected.
    #[must_use]
    pub fn expression(&self) -> Option<&'static str> {
        (!self.expression.is_empty()).then_some(self.expression)
    }

    /// The expressions of a composite's parts, from what [`SearchParameter::expression`] returns.
    #[must_use]
    pub fn component_expressions(&self) -> &'static [&'static str] {
        self.parts
    }

    /// Whether it is a reference that may point to the type of resource.
    #[must_use]
    pub fn targets(&self, resource: &str) -> bool {
        let named = self.targets.contains(&resource);
        let all = self.targets.first() == Some(&"*");
        let but = |text: &&str| text.strip_prefix('-') == Some(resource);
        named || (all && is_resource(resource) && !self.targets.iter().any(but))
    }

    /// The types of resource that it may point to, if they are listed.
    #[must_use]
    pub fn listed_targets(&self) -> &'static [&'static str] {
        match self.targets.first() {
            Some(&"*") => &[],
            _ => self.targets,
        }
    }
}

pub(crate) const fn parameter(
    name: &'static str,
    kind: ParameterType,
    expression: &'static str,
) -> SearchParameter {
    SearchParameter {
        name,
        kind,
        targets: &[],
        components: &[],
        expression,
        parts: &[],
    }
}

pub(crate) const fn reference(
    name: &'static str,
    targets: &'static [&'static str],
    expression: &'static str,
) -> SearchParameter {
    SearchParameter {
        name,
        kind: ParameterType::Reference,
        targets,
        components: &[],
        expression,
        parts: &[],
    }
}

pub(crate) const fn composite(
    name: &'static str,
    components: &'static [ParameterType],
    expression: &'static str,
    parts: &'static [&'static str],
) -> SearchParameter {
    SearchParameter {
        name,
        kind: ParameterType::Composite,
        targets: &[],
        components,
        expression,
        parts,
    }
}

/// The types that are no resources of their own, whose parameters others share.
const ABSTRACT: [&str; 2] = ["DomainResource", "Resource"];
/// Resources that are not a `DomainResource`.
const BARE: [&str; 3] = ["Binary", "Bundle", "Parameters"];

fn own(base: &str) -> Option<(&'static str, &'static [SearchParameter])> {
    let at = RESOURCES.binary_search_by_key(&base, |row| row.0).ok()?;
    RESOURCES.get(at).copied()
}

/// Whether R4 has resources of this type.
#[must_use]
pub fn is_resource(name: &str) -> bool {
    resource(name).is_some()
}

/// The name of a type of resource, from the table; `None` if R4 has no such type.
///
/// ```
/// assert_eq!(healthcode_search::resource("Patient"), Some("Patient"));
/// assert_eq!(healthcode_search::resource("Patiant"), None);
/// ```
#[must_use]
pub fn resource(name: &str) -> Option<&'static str> {
    let (name, _) = own(name)?;
    (!ABSTRACT.contains(&name)).then_some(name)
}

/// The types of resource of R4.
pub fn resources() -> impl Iterator<Item = &'static str> {
    let names = RESOURCES.iter().map(|row| row.0);
    names.filter(|name| !ABSTRACT.contains(name))
}

/// The search parameters of a type of resource, with those that all resources have; none if there
/// is no such type.
///
/// ```
/// use healthcode_search::{ParameterType, search_parameters};
/// let near = search_parameters("Location").find(|parameter| parameter.name() == "near").unwrap();
/// assert_eq!(near.parameter_type(), ParameterType::Special);
/// ```
pub fn search_parameters(resource: &str) -> impl Iterator<Item = &'static SearchParameter> {
    let of = |base| own(base).map_or(&[][..], |row| row.1);
    let known = is_resource(resource);
    let shared = if known { of("Resource") } else { &[] };
    let text = if known && !BARE.contains(&resource) {
        of("DomainResource")
    } else {
        &[]
    };
    let own = if known { of(resource) } else { &[] };
    own.iter().chain(shared).chain(text)
}

/// The search parameter of this name of a type of resource.
#[must_use]
pub fn search_parameter(resource: &str, name: &str) -> Option<&'static SearchParameter> {
    search_parameters(resource).find(|parameter| parameter.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_whole() {
        assert!(RESOURCES.is_sorted_by(|a, b| a.0 < b.0));
        for (base, rows) in RESOURCES {
            assert!(rows.is_sorted_by(|a, b| a.name < b.name), "{base}");
        }
        let rows: usize = RESOURCES.iter().map(|row| row.1.len()).sum();
        assert_eq!((resources().count(), rows), (146, 1706));
    }

    #[test]
    fn parameters_are_found() {
        for (resource, name, kind) in [
            ("Patient", "birthdate", ParameterType::Date),
            ("Patient", "_id", ParameterType::Token),
            ("Patient", "_text", ParameterType::String),
            (
                "Observation",
                "code-value-quantity",
                ParameterType::Composite,
            ),
            ("RiskAssessment", "probability", ParameterType::Number),
        ] {
            assert_eq!(
                search_parameter(resource, name).map(|parameter| parameter.kind),
                Some(kind),
                "{name}"
            );
        }
        for (resource, name) in [
            ("Bundle", "_text"),
            ("Resource", "_id"),
            ("Channel", "_id"),
            ("Patient", "birthDate"),
        ] {
            assert!(
                search_parameter(resource, name).is_none(),
                "{resource}.{name}"
            );
        }
        let subject = search_parameter("Observation", "subject").unwrap();
        assert!(subject.targets("Patient") && !subject.targets("Practitioner"));
        let any = search_parameter("Provenance", "target").unwrap();
        assert!(any.targets("Patient") && !any.targets("Channel"));
    }
}
