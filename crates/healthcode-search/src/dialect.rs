//! The ways of writing queries, as values.

/// How a service writes queries: what separates the parts of `near`, and whether separators in
/// values are escaped. What differs by endpoint (sorting, lists) is in the table of endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// FHIR R4 (<https://hl7.org/fhir/R4/search.html>).
    R4,
    /// FHIR STU3 with CareConnect, as Graphnet documents it.
    Stu3,
    /// Healthcode: R4's resources, a search grammar of its own.
    Healthcode,
    /// The NHS's Personal Demographics Service: R4 without lists, escapes and unknown parameters.
    Pds,
    /// The NHS's Spine Directory Service: R4 tokens, repeated and never joined by commas.
    Sds,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Dialect; 5] = [
        Dialect::R4,
        Dialect::Stu3,
        Dialect::Healthcode,
        Dialect::Pds,
        Dialect::Sds,
    ];

    /// Its name: `healthcode`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Dialect::R4 => "r4",
            Dialect::Stu3 => "stu3",
            Dialect::Healthcode => "healthcode",
            Dialect::Pds => "pds",
            Dialect::Sds => "sds",
        }
    }

    /// Whether `\` escapes separators in values. Healthcode and PDS document no escapes, and SDS
    /// takes no lists.
    #[must_use]
    pub fn escapes(self) -> bool {
        matches!(self, Dialect::R4 | Dialect::Stu3)
    }

    /// What separates latitude, longitude and distance.
    #[must_use]
    pub fn near_separator(self) -> char {
        match self {
            Dialect::Stu3 | Dialect::Healthcode => ':',
            _ => '|',
        }
    }

    /// Whether parameters take FHIR's modifiers, chains and `_has`.
    #[must_use]
    pub fn modifiers(self) -> bool {
        self.escapes()
    }
}
