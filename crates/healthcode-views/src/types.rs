//! [`ColumnType`]: what the values of a column are.

use healthcode_core::{PrimitiveKind, Schema, SchemaKind};
use healthcode_fhirpath::StaticType;

/// The type of a column's values.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnType {
    /// A FHIR primitive: what a view states, or what its path returns.
    Primitive(PrimitiveKind),
    /// A complex type, whose values are JSON: `Coding`.
    Complex(Box<str>),
    /// Not known: values are what they are.
    Any,
}

/// What sorts of values there are: a value of one never fits a column of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Boolean,
    Number,
    Text,
    Temporal,
    Complex,
}

/// Quantity and the types that R4 and STU3 derive from it.
const QUANTITIES: [&str; 7] = [
    "Quantity",
    "SimpleQuantity",
    "Age",
    "Count",
    "Distance",
    "Duration",
    "MoneyQuantity",
];

/// Types of FHIR that others are derived from, which some releases do not define as types of their own.
const ABSTRACT: [&str; 8] = [
    "Base",
    "Element",
    "BackboneElement",
    "DataType",
    "BackboneType",
    "PrimitiveType",
    "Resource",
    "DomainResource",
];

/// Whether a type is known by its name though no release may define it.
pub(crate) fn is_abstract(name: &str) -> bool {
    ABSTRACT.contains(&name) || QUANTITIES.contains(&name)
}

const PREFIXES: [&str; 3] = [
    "http://hl7.org/fhir/StructureDefinition/",
    "http://hl7.org/fhirpath/System.",
    "System.",
];

impl ColumnType {
    /// The type that a view names: a type's name, its URL, or the path of an element within one.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let stripped = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix));
        let system = stripped.is_some() && !name.starts_with(PREFIXES[0]);
        let name = stripped.unwrap_or(name);
        let kind = if system {
            system_kind(name)
        } else {
            PrimitiveKind::of(name).or_else(|| system_kind(name).filter(|_| name != "Quantity"))
        };
        kind.map_or_else(|| ColumnType::Complex(name.into()), ColumnType::Primitive)
    }

    /// The type that values have of which this is known.
    pub(crate) fn of(types: &[StaticType]) -> Self {
        let mut found = None;
        for one in types {
            let one = match one {
                StaticType::Primitive(kind) => ColumnType::Primitive(*kind),
                StaticType::Element(schema) => ColumnType::Complex(schema.name.into()),
                StaticType::System(name) => match system_kind(name) {
                    Some(kind) => ColumnType::Primitive(kind),
                    None => ColumnType::Any,
                },
                _ => ColumnType::Any,
            };
            match &found {
                None => found = Some(one),
                Some(known) if *known == one => {}
                Some(_) => return ColumnType::Any,
            }
        }
        found.unwrap_or(ColumnType::Any)
    }

    /// Its name: `dateTime`; `any` if it is not known.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            ColumnType::Primitive(kind) => kind.name(),
            ColumnType::Complex(name) => name,
            ColumnType::Any => "any",
        }
    }

    /// Whether no value of one can be of the other.
    pub(crate) fn differs(&self, other: &Self) -> bool {
        matches!((self.family(), other.family()), (Some(own), Some(other)) if own != other)
    }

    /// The type of values that are of this type or of `other`.
    pub(crate) fn join(&self, other: &Self) -> Self {
        use PrimitiveKind::{Date, DateTime, Decimal, Instant, Integer, Integer64, String};
        if self == other {
            return self.clone();
        }
        let (ColumnType::Primitive(own), ColumnType::Primitive(other)) = (self, other) else {
            return ColumnType::Any;
        };
        let has = |kind: PrimitiveKind| *own == kind || *other == kind;
        let is_date = |kind: &PrimitiveKind| matches!(kind, Date | DateTime | Instant);
        ColumnType::Primitive(match (family_of(*own), family_of(*other)) {
            (Family::Number, Family::Number) if has(Decimal) => Decimal,
            (Family::Number, Family::Number) if has(Integer64) => Integer64,
            (Family::Number, Family::Number) => Integer,
            (Family::Text, Family::Text) => String,
            (Family::Temporal, Family::Temporal) if is_date(own) && is_date(other) => DateTime,
            _ => return ColumnType::Any,
        })
    }

    pub(crate) fn family(&self) -> Option<Family> {
        match self {
            ColumnType::Primitive(kind) => Some(family_of(*kind)),
            ColumnType::Complex(_) => Some(Family::Complex),
            ColumnType::Any => None,
        }
    }

    /// Whether elements of a type that is not primitive can be values of this column.
    pub(crate) fn takes(&self, schema: &Schema) -> bool {
        let name = match self {
            ColumnType::Primitive(_) => return false,
            ColumnType::Complex(name) => &**name,
            ColumnType::Any => return true,
        };
        let by_kind: &[&str] = match schema.kind {
            SchemaKind::Resource | SchemaKind::UnknownResource => &["Resource", "DomainResource"],
            SchemaKind::Backbone => &["Element", "BackboneElement", "Base"],
            _ => &[
                "Element",
                "DataType",
                "BackboneElement",
                "BackboneType",
                "Base",
            ],
        };
        let is_quantity = |name: &str| QUANTITIES.contains(&name);
        name == schema.name
            || by_kind.contains(&name)
            || is_quantity(name) && is_quantity(schema.name)
    }

    /// Whether no value of a type can be one of this column.
    pub(crate) fn excludes(&self, of: StaticType) -> bool {
        match (self, of) {
            (ColumnType::Complex(_), StaticType::Element(schema)) => return !self.takes(schema),
            (ColumnType::Complex(name), StaticType::System("Quantity")) => {
                return !QUANTITIES.contains(&&**name);
            }
            _ => {}
        }
        let Some(own) = self.family() else {
            return false;
        };
        let other = match ColumnType::of(&[of]).family() {
            // A text may be a date if nothing more is known of it.
            Some(Family::Text) if own == Family::Temporal => {
                return !matches!(
                    of,
                    StaticType::System(_) | StaticType::Primitive(PrimitiveKind::String)
                );
            }
            Some(other) => other,
            None => return false,
        };
        match own {
            // Each primitive has a text.
            Family::Text => other == Family::Complex,
            own => own != other,
        }
    }
}

fn system_kind(name: &str) -> Option<PrimitiveKind> {
    Some(match name {
        "Boolean" => PrimitiveKind::Boolean,
        "Integer" => PrimitiveKind::Integer,
        "Long" => PrimitiveKind::Integer64,
        "Decimal" => PrimitiveKind::Decimal,
        "String" | "Quantity" => PrimitiveKind::String,
        "Date" => PrimitiveKind::Date,
        "DateTime" => PrimitiveKind::DateTime,
        "Time" => PrimitiveKind::Time,
        _ => return None,
    })
}

fn family_of(kind: PrimitiveKind) -> Family {
    match kind {
        PrimitiveKind::Boolean => Family::Boolean,
        PrimitiveKind::Integer
        | PrimitiveKind::Integer64
        | PrimitiveKind::PositiveInt
        | PrimitiveKind::UnsignedInt
        | PrimitiveKind::Decimal => Family::Number,
        PrimitiveKind::Date
        | PrimitiveKind::DateTime
        | PrimitiveKind::Instant
        | PrimitiveKind::Time => Family::Temporal,
        _ => Family::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::ColumnType;
    use healthcode_core::PrimitiveKind;

    #[test]
    fn types_are_named_in_several_ways() {
        for (name, kind) in [
            ("string", PrimitiveKind::String),
            (
                "http://hl7.org/fhir/StructureDefinition/dateTime",
                PrimitiveKind::DateTime,
            ),
            (
                "http://hl7.org/fhirpath/System.Integer",
                PrimitiveKind::Integer,
            ),
            ("System.String", PrimitiveKind::String),
        ] {
            assert_eq!(
                ColumnType::named(name),
                ColumnType::Primitive(kind),
                "{name}"
            );
        }
        for name in ["Coding", "Quantity", "Observation.referenceRange"] {
            assert_eq!(ColumnType::named(name), ColumnType::Complex(name.into()));
        }
    }
}
