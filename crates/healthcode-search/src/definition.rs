//! What a parameter of an endpoint takes.

use crate::table::ParameterType;

/// The form of a parameter's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueForm {
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
    Keyword(&'static [&'static str]),
    /// The name of an element.
    Element,
    /// A day, with one of the prefixes eq, ge and le.
    DateWithPrefix,
    /// A day, without prefix.
    Date,
    /// A date or time without prefix.
    DateTime,
    /// From a day to a day: `2025-05-01_2025-05-03`.
    DateRange,
    /// A positive number of kilometres, or of what `near` names.
    Distance,
    /// STU3's distance: a quantity, and positive.
    QuantityDistance,
    /// A point and, if so documented, a distance.
    Near {
        /// Whether the distance may be here.
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
    KeywordList(&'static [&'static str]),
    /// A code and no system.
    Code,
    /// A language of its own, which is not read: `_filter`.
    Opaque,
    /// `system|code|value`, for the modifier `:of-type`.
    OfType,
}

/// A parameter of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Definition {
    /// Its exact name.
    pub name: &'static str,
    /// The form of its values.
    pub form: ValueForm,
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
    /// A parameter with one value, that occurs once.
    pub(crate) const fn new(name: &'static str, form: ValueForm) -> Self {
        Definition {
            name,
            form,
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

impl ValueForm {
    /// What its values look like, for messages.
    #[must_use]
    pub fn expected(self) -> &'static str {
        match self {
            ValueForm::Fhir(ParameterType::Number) => {
                "a number, with a prefix such as ge or without"
            }
            ValueForm::Fhir(ParameterType::Date) => {
                "a date or time from yyyy on, with a prefix such as ge or without"
            }
            ValueForm::Fhir(ParameterType::String) | ValueForm::Text => "text",
            ValueForm::Fhir(ParameterType::Token) => "code, system|code, |code or system|",
            ValueForm::Fhir(ParameterType::Reference) => "id, Type/id or an absolute URL",
            ValueForm::Fhir(ParameterType::Composite) | ValueForm::Composite(_) => {
                "values joined by $"
            }
            ValueForm::Fhir(ParameterType::Quantity) => {
                "number, number|system|code or number||code"
            }
            ValueForm::Fhir(ParameterType::Uri) => "a URI",
            ValueForm::Fhir(ParameterType::Special) => "the parameter's own form",
            ValueForm::Boolean => "true or false",
            ValueForm::Integer(1, 50) => "a whole number from 1 to 50",
            ValueForm::Integer(0, _) => "a whole number",
            ValueForm::Integer(..) => "a whole number from 1 on",
            ValueForm::Keyword(_) => "one of the words",
            ValueForm::Element => "the name of an element",
            ValueForm::DateWithPrefix => "yyyy-mm-dd, with eq, ge or le or without",
            ValueForm::Date => crate::literal::DAY,
            ValueForm::DateTime => crate::literal::DATE_TIME,
            ValueForm::DateRange => "from_to, as in 2025-05-01_2025-05-03",
            ValueForm::Distance => "a positive number, without unit",
            ValueForm::QuantityDistance => "a positive number|system|unit",
            ValueForm::Near { .. } => "latitude, longitude and distance with unit km, mi or m",
            ValueForm::Sort { words: true, .. } => "field:asc or field:desc",
            ValueForm::Sort { words: false, .. } => "field or -field",
            ValueForm::Include => "Source:parameter or Source:parameter:Target",
            ValueForm::KeywordList(_) => "names joined by colons",
            ValueForm::Code => "a code without system",
            ValueForm::Opaque => "the parameter's own form",
            ValueForm::OfType => "system|code|value",
        }
    }
}
