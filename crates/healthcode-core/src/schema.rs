//! Static schema tables: what a FHIR definition says of each element.

use std::sync::OnceLock;

/// What a FHIR type is made of. Model crates hold one `static` per type.
#[derive(Debug)]
#[non_exhaustive]
pub struct Schema {
    /// The type's name (`Patient`), or a backbone's path (`Observation.component`).
    pub name: &'static str,
    /// What sort of type it is.
    pub kind: SchemaKind,
    /// Its elements, in the order of the definition.
    pub fields: &'static [&'static Field],
    /// The invariants that hold for every instance of the type.
    pub invariants: &'static [&'static Invariant],
    /// Which of the fields are required: bit *i* stands for `fields[i]`.
    required: u64,
}

impl Schema {
    /// For generated code.
    ///
    /// # Panics
    /// If there are more than 64 fields; no FHIR type has.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        name: &'static str,
        kind: SchemaKind,
        fields: &'static [&'static Field],
        invariants: &'static [&'static Invariant],
    ) -> Self {
        assert!(fields.len() <= 64, "a type of more than 64 elements");
        let mut required = 0;
        let mut index = 0;
        while index < fields.len() {
            if fields[index].min > 0 {
                required |= 1 << index;
            }
            index += 1;
        }
        Schema {
            name,
            kind,
            fields,
            invariants,
            required,
        }
    }

    /// Which elements are required: bit *i* stands for `fields[i]`.
    #[inline]
    #[must_use]
    pub fn required(&self) -> u64 {
        self.required
    }

    /// The element of this name (`birthDate`; `value` for `value[x]`), with its index.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<(usize, &'static Field)> {
        self.fields
            .iter()
            .copied()
            .enumerate()
            .find(|(_, field)| field.name() == name)
    }

    /// The element and, for a choice, the type that a JSON member name (`valueQuantity`, without
    /// a leading `_`) stands for.
    #[must_use]
    pub fn member(&self, key: &str) -> Option<(&'static Field, &'static Type)> {
        self.fields.iter().find_map(|&field| {
            let suffix = key.strip_prefix(field.name())?;
            let found = field.types.iter().find(|t| {
                if field.choice {
                    t.suffix == suffix
                } else {
                    suffix.is_empty()
                }
            });
            found.map(|t| (field, t))
        })
    }

    /// Whether instances are resources, which name their type in JSON.
    #[must_use]
    pub fn is_resource(&self) -> bool {
        matches!(
            self.kind,
            SchemaKind::Resource | SchemaKind::UnknownResource
        )
    }
}

/// The sort of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SchemaKind {
    /// A resource, named by `resourceType`.
    Resource,
    /// A resource whose type this version does not define.
    UnknownResource,
    /// A complex data type.
    DataType,
    /// An element defined in place, inside a resource or data type.
    Backbone,
    /// The id and extensions of a primitive.
    Metadata,
}

/// One element of a type.
#[derive(Debug)]
#[non_exhaustive]
pub struct Field {
    /// The name as a quoted JSON key with its colon; see [`Field::name`].
    #[doc(hidden)]
    pub key: &'static str,
    /// The least number of values.
    pub min: u16,
    /// The greatest number of values; [`UNBOUNDED`] for `*`.
    pub max: u16,
    /// Whether the element is a choice (`value[x]`).
    pub choice: bool,
    /// Whether the element changes the meaning of what holds it (`isModifier`).
    pub modifier: bool,
    /// Whether the element is part of summaries (`isSummary`).
    pub summary: bool,
    /// The types that a value may have: one, or several for a choice.
    pub types: &'static [Type],
    /// The value set that its codes come from.
    pub binding: Option<&'static Binding>,
    /// The invariants declared on this element rather than on its type.
    pub invariants: &'static [&'static Invariant],
}

/// [`Field::max`] of an element that repeats without limit (`*`).
pub const UNBOUNDED: u16 = u16::MAX;

impl Field {
    /// For generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(key: &'static str, min: u16, max: u16, types: &'static [Type]) -> Self {
        Field {
            key,
            min,
            max,
            choice: false,
            modifier: false,
            summary: false,
            types,
            binding: None,
            invariants: &[],
        }
    }

    /// For generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn choice(mut self) -> Self {
        self.choice = true;
        self
    }

    /// For generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn modifier(mut self) -> Self {
        self.modifier = true;
        self
    }

    /// For generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn summary(mut self) -> Self {
        self.summary = true;
        self
    }

    /// For generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn bound(mut self, binding: &'static Binding) -> Self {
        self.binding = Some(binding);
        self
    }

    /// For generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn invariants(mut self, invariants: &'static [&'static Invariant]) -> Self {
        self.invariants = invariants;
        self
    }

    /// The element's name: `birthDate`; `value` for `value[x]`.
    #[must_use]
    #[inline]
    pub fn name(&self) -> &'static str {
        &self.key[1..self.key.len() - 2]
    }

    /// Whether the element is an array in JSON.
    #[must_use]
    pub fn repeats(&self) -> bool {
        self.max > 1
    }
}

/// One type that an element's value may have.
#[derive(Debug)]
#[non_exhaustive]
pub struct Type {
    /// The type's code: `Quantity`, `dateTime`, `Resource`; a backbone's path.
    pub code: &'static str,
    /// What a choice element's JSON name ends in: `Quantity`, `DateTime`.
    pub suffix: &'static str,
    /// The primitive it is, if it is one.
    pub primitive: Option<PrimitiveKind>,
    /// The schema of its values.
    schema: Link,
    /// What a `Reference` or `canonical` may point at: type names, or whole profile URLs; empty
    /// for anything.
    pub targets: &'static [&'static str],
}

/// Where the schema of a type is.
#[derive(Debug)]
enum Link {
    None,
    To(&'static Schema),
    /// In a table that was unpacked: schemas there refer to each other in circles.
    Later(&'static OnceLock<&'static Schema>),
}

impl Type {
    /// The schema of its values, if it is a complex type known to the version.
    #[inline]
    #[must_use]
    pub fn schema(&self) -> Option<&'static Schema> {
        match self.schema {
            Link::None => None,
            Link::To(schema) => Some(schema),
            Link::Later(place) => place.get().copied(),
        }
    }

    /// For tables that are unpacked when they are needed.
    #[doc(hidden)]
    #[must_use]
    pub fn unpacked(
        (code, suffix): (&'static str, &'static str),
        primitive: Option<PrimitiveKind>,
        schema: Option<&'static OnceLock<&'static Schema>>,
        targets: &'static [&'static str],
    ) -> Self {
        Type {
            code,
            suffix,
            primitive,
            schema: schema.map_or(Link::None, Link::Later),
            targets,
        }
    }

    /// For generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn primitive(code: &'static str, suffix: &'static str, kind: PrimitiveKind) -> Self {
        Type {
            code,
            suffix,
            primitive: Some(kind),
            schema: Link::None,
            targets: &[],
        }
    }

    /// For generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn complex(code: &'static str, schema: &'static Schema) -> Self {
        Type {
            code,
            suffix: code,
            primitive: None,
            schema: Link::To(schema),
            targets: &[],
        }
    }

    /// For generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn resource() -> Self {
        Type {
            code: "Resource",
            suffix: "Resource",
            primitive: None,
            schema: Link::None,
            targets: &[],
        }
    }

    /// For generated code: a profile on another type has that type's suffix.
    #[doc(hidden)]
    #[must_use]
    pub const fn suffixed(mut self, suffix: &'static str) -> Self {
        self.suffix = suffix;
        self
    }

    /// For generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn targets(mut self, targets: &'static [&'static str]) -> Self {
        self.targets = targets;
        self
    }
}

/// The FHIR primitive types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is named as the FHIR type")]
#[non_exhaustive]
pub enum PrimitiveKind {
    Boolean,
    Integer,
    Integer64,
    PositiveInt,
    UnsignedInt,
    Decimal,
    String,
    Markdown,
    Code,
    Id,
    Uri,
    Url,
    Canonical,
    Oid,
    Uuid,
    Date,
    DateTime,
    Instant,
    Time,
    Base64Binary,
    Xhtml,
}

impl PrimitiveKind {
    /// The primitive of this FHIR name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    const ALL: &[Self] = &[
        Self::Boolean,
        Self::Integer,
        Self::Integer64,
        Self::PositiveInt,
        Self::UnsignedInt,
        Self::Decimal,
        Self::String,
        Self::Markdown,
        Self::Code,
        Self::Id,
        Self::Uri,
        Self::Url,
        Self::Canonical,
        Self::Oid,
        Self::Uuid,
        Self::Date,
        Self::DateTime,
        Self::Instant,
        Self::Time,
        Self::Base64Binary,
        Self::Xhtml,
    ];

    /// The FHIR name: `dateTime`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Integer64 => "integer64",
            Self::PositiveInt => "positiveInt",
            Self::UnsignedInt => "unsignedInt",
            Self::Decimal => "decimal",
            Self::String => "string",
            Self::Markdown => "markdown",
            Self::Code => "code",
            Self::Id => "id",
            Self::Uri => "uri",
            Self::Url => "url",
            Self::Canonical => "canonical",
            Self::Oid => "oid",
            Self::Uuid => "uuid",
            Self::Date => "date",
            Self::DateTime => "dateTime",
            Self::Instant => "instant",
            Self::Time => "time",
            Self::Base64Binary => "base64Binary",
            Self::Xhtml => "xhtml",
        }
    }

    /// The JSON type that carries it: `boolean`, `number` or `string`.
    #[must_use]
    pub fn json_type(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer | Self::PositiveInt | Self::UnsignedInt | Self::Decimal => "number",
            _ => "string",
        }
    }
}

/// The value set that an element's codes come from, and how strictly.
#[derive(Debug)]
#[non_exhaustive]
pub struct Binding {
    /// How strictly.
    pub strength: BindingStrength,
    /// The value set's canonical URL, without a version; empty where the definition names none.
    pub value_set: &'static str,
    /// The canonical URL of the value set that codes shall be from although the binding itself is
    /// weaker; empty if it has no system.
    pub max_value_set: &'static str,
}

impl Binding {
    /// For generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(strength: BindingStrength, value_set: &'static str) -> Self {
        Binding {
            strength,
            value_set,
            max_value_set: "",
        }
    }

    /// For generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn max(mut self, value_set: &'static str) -> Self {
        self.max_value_set = value_set;
        self
    }
}

/// How strictly a binding binds (<https://hl7.org/fhir/R4/valueset-binding-strength.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BindingStrength {
    /// The code shall be from the value set.
    Required,
    /// The code shall be from the value set if one there fits.
    Extensible,
    /// Codes from the value set are encouraged.
    Preferred,
    /// The value set illustrates.
    Example,
}

/// A rule of the definition, as a FHIRPath expression.
#[derive(Debug)]
#[non_exhaustive]
pub struct Invariant {
    /// Its key: `pat-1`.
    pub key: &'static str,
    /// Whether breaking it is an error; otherwise it is a warning.
    pub error: bool,
    /// Whether the definition marks it as best practice.
    pub best_practice: bool,
    /// The FHIRPath expression, true where the rule is kept.
    pub expression: &'static str,
}

impl Invariant {
    /// For generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        key: &'static str,
        error: bool,
        best_practice: bool,
        expression: &'static str,
    ) -> Self {
        Invariant {
            key,
            error,
            best_practice,
            expression,
        }
    }
}
