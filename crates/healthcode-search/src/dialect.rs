//! The ways of writing queries, as values.

words! {
    /// How a service writes queries: what separates the parts of `near`, and whether separators in
    /// values are escaped. What differs by endpoint (sorting, lists) is in the table of endpoints.
    #[non_exhaustive]
    Dialect[5] {
        /// FHIR R4 (<https://hl7.org/fhir/R4/search.html>).
        R4 = "r4",
        /// FHIR STU3 with CareConnect, as Graphnet documents it.
        Stu3 = "stu3",
        /// Healthcode: R4's resources, a search grammar of its own.
        Healthcode = "healthcode",
        /// The NHS's Personal Demographics Service: R4 without lists, escapes and unknown parameters.
        Pds = "pds",
        /// The NHS's Spine Directory Service: R4 tokens, repeated and never joined by commas.
        Sds = "sds",
    }
}

impl Dialect {
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
