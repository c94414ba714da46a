//! Making and reading the data types that are everywhere.

use crate::{Address, CodeableConcept, Coding, HumanName, Identifier, Period, Quantity};

impl Coding {
    /// A code of a system.
    #[must_use]
    pub fn new(system: &str, code: &str) -> Self {
        Coding {
            system: system.into(),
            code: code.into(),
            ..Default::default()
        }
    }

    /// Whether it is this code of this system.
    #[must_use]
    pub fn is(&self, system: &str, code: &str) -> bool {
        self.system == *system && self.code == *code
    }
}

impl CodeableConcept {
    /// A concept with one coding.
    #[must_use]
    pub fn from_code(system: &str, code: &str) -> Self {
        Coding::new(system, code).into()
    }

    /// Whether one of its codings is this code of this system.
    #[must_use]
    pub fn has_code(&self, system: &str, code: &str) -> bool {
        self.coding.iter().any(|coding| coding.is(system, code))
    }

    /// The code that it has in a system.
    #[must_use]
    pub fn code_in(&self, system: &str) -> Option<&str> {
        let coding = self.coding.iter().find(|coding| coding.system == *system)?;
        coding.code.as_str()
    }

    /// What to show: its text, or the first coding's display, or that one's code.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        let displays = || {
            self.coding
                .iter()
                .find_map(|coding| coding.display.as_str())
        };
        let codes = || self.coding.iter().find_map(|coding| coding.code.as_str());
        self.text.as_str().or_else(displays).or_else(codes)
    }
}

impl From<Coding> for CodeableConcept {
    fn from(coding: Coding) -> Self {
        CodeableConcept {
            coding: healthcode_core::list![coding],
            ..Default::default()
        }
    }
}

impl Identifier {
    /// An identifier in a system.
    #[must_use]
    pub fn new(system: &str, value: &str) -> Self {
        Identifier {
            system: system.into(),
            value: value.into(),
            ..Default::default()
        }
    }
}

/// Looking identifiers up.
pub trait IdentifierSlice {
    /// The value of the first identifier in a system.
    ///
    /// ```
    /// use healthcode_r4::{Identifier, IdentifierSlice, Patient};
    /// let mut patient = Patient::default();
    /// let nhs = "https://fhir.nhs.uk/Id/nhs-number";
    /// patient.identifier.push(Identifier::new(nhs, "9000000009"));
    /// assert_eq!(patient.identifier.value_in(nhs), Some("9000000009"));
    /// ```
    fn value_in(&self, system: &str) -> Option<&str>;
}

impl IdentifierSlice for [Identifier] {
    fn value_in(&self, system: &str) -> Option<&str> {
        let found = self
            .iter()
            .find(|identifier| identifier.system == *system)?;
        found.value.as_str()
    }
}

impl HumanName {
    /// The name as one would write it: its text, or prefix, given and family names and suffix.
    #[must_use]
    pub fn display(&self) -> String {
        if let Some(text) = self.text.as_str() {
            return text.to_owned();
        }
        let before = self.prefix.iter().chain(&self.given);
        let parts = before.chain([&self.family]).chain(&self.suffix);
        let words: Vec<&str> = parts.filter_map(|part| part.as_str()).collect();
        words.join(" ")
    }
}

impl Address {
    /// The address on one line: its text, or its lines, city, district, state, code and country.
    #[must_use]
    pub fn display(&self) -> String {
        if let Some(text) = self.text.as_str() {
            return text.to_owned();
        }
        let rest = [
            &self.city,
            &self.district,
            &self.state,
            &self.postal_code,
            &self.country,
        ];
        let parts = self.line.iter().chain(rest);
        let words: Vec<&str> = parts.filter_map(|part| part.as_str()).collect();
        words.join(", ")
    }
}

impl Quantity {
    /// A UCUM quantity; the value is a decimal's text, `"72.50"`, and keeps its precision.
    #[must_use]
    pub fn ucum(value: &str, code: &str) -> Self {
        Quantity {
            value: value.into(),
            unit: code.into(),
            system: "http://unitsofmeasure.org".into(),
            code: code.into(),
            ..Default::default()
        }
    }
}

impl Period {
    /// A period; an empty text leaves that end open.
    #[must_use]
    pub fn new(start: &str, end: &str) -> Self {
        let end_of = |text: &str| {
            if text.is_empty() {
                crate::Primitive::default()
            } else {
                text.into()
            }
        };
        Period {
            start: end_of(start),
            end: end_of(end),
            ..Default::default()
        }
    }
}
