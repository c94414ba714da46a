//! What a parameter of an endpoint takes.

use crate::table::ParameterType;

/// The form of a parameter's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// One of FHIR's types.
    Fhir(ParameterType),
    /// A composite of these.
    Composite(&'static [ParameterType]),
    /// Text as it is: what the documentation calls String.
    Text,
    /// `true` or `false`.
    Boolean,
    /// A whole number from the first to the second.
    Integer(u32, u32),
    /// One of these words.
    Word(&'static [&'static str]),
    /// The name of an element.
    Element,
    /// A day, with one of the prefixes eq, ge and le.
    Day,
    /// A day, without prefix.
    PlainDay,
    /// A date or time without prefix.
    Moment,
    /// From a day to a day: `2025-05-01_2025-05-03`.
    Days,
    /// A positive number of kilometres, or of what `near` names.
    Distance,
    /// STU3's distance: a quantity, and positive.
    QuantityDistance,
    /// A point and, if so documented, a distance.
    Near {
        /// Whether the distance may stand here.
        with_distance: bool,
    },
    /// What results are sorted by.
    Sort {
        /// The fields; those of the type of resource if there are none.
        fields: &'static [&'static str],
        /// Whether the order is written `:asc` and `:desc` rather than as a minus sign.
        words: bool,
    },
    /// `Source:parameter:Target`.
    Include,
    /// Names of what is included, joined by colons.
    Names(&'static [&'static str]),
    /// A code and no system.
    Code,
    /// A language of its own, which is not read: `_filter`.
    Opaque,
    /// `system|code|value`, for the modifier `:of-type`.
    OfType,
}

/// A parameter of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its exact name.
    pub name: &'static str,
    /// The form of its values.
    pub kind: Kind,
    /// Whether several values may be joined by commas.
    pub list: bool,
    /// Whether it may be repeated.
    pub repeats: bool,
    /// Whether it has to be there.
    pub required: bool,
    /// Whether only a documented sample has it, and no table.
    pub sample_only: bool,
}

impl Definition {
    /// A parameter with one value, that stands once.
    pub(crate) const fn new(name: &'static str, kind: Kind) -> Self {
        Definition {
            name,
            kind,
            list: false,
            repeats: false,
            required: false,
            sample_only: false,
        }
    }

    pub(crate) const fn list(mut self) -> Self {
        self.list = true;
        self
    }

    pub(crate) const fn repeats(mut self) -> Self {
        self.repeats = true;
        self
    }

    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(crate) const fn sample_only(mut self) -> Self {
        self.sample_only = true;
        self
    }

    /// As FHIR has it: with lists, and repeated.
    pub(crate) const fn many(self) -> Self {
        self.list().repeats()
    }
}

impl Kind {
    /// What its values look like, for messages.
    #[must_use]
    pub fn form(self) -> &'static str {
        match self {
            Kind::Fhir(ParameterType::Number) => "a number, with a prefix such as ge or without",
            Kind::Fhir(ParameterType::Date) => {
                "a date or time from yyyy on, with a prefix such as ge or without"
            }
            Kind::Fhir(ParameterType::String) | Kind::Text => "text",
            Kind::Fhir(ParameterType::Token) => "code, system|code, |code or system|",
            Kind::Fhir(ParameterType::Reference) => "id, Type/id or an absolute URL",
            Kind::Fhir(ParameterType::Composite) | Kind::Composite(_) => "values joined by $",
            Kind::Fhir(ParameterType::Quantity) => "number, number|system|code or number||code",
            Kind::Fhir(ParameterType::Uri) => "a URI",
            Kind::Fhir(ParameterType::Special) => "the parameter's own form",
            Kind::Boolean => "true or false",
            Kind::Integer(1, 50) => "a whole number from 1 to 50",
            Kind::Integer(0, _) => "a whole number",
            Kind::Integer(..) => "a whole number from 1 on",
            Kind::Word(_) => "one of the words",
            Kind::Element => "the name of an element",
            Kind::Day => "yyyy-mm-dd, with eq, ge or le or without",
            Kind::PlainDay => crate::literal::DAY,
            Kind::Moment => crate::literal::DATE_TIME,
            Kind::Days => "from_to, as in 2025-05-01_2025-05-03",
            Kind::Distance => "a positive number, without unit",
            Kind::QuantityDistance => "a positive number|system|unit",
            Kind::Near { .. } => "latitude, longitude and distance with unit km, mi or m",
            Kind::Sort { words: true, .. } => "field:asc or field:desc",
            Kind::Sort { words: false, .. } => "field or -field",
            Kind::Include => "Source:parameter or Source:parameter:Target",
            Kind::Names(_) => "names joined by colons",
            Kind::Code => "a code without system",
            Kind::Opaque => "the parameter's own form",
            Kind::OfType => "system|code|value",
        }
    }
}
