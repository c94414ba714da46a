//! [`Report`]: what a validation found.

use healthcode_core::{Issue, Severity};

/// What a validation found.
///
/// ```
/// use healthcode_core::UnknownResource;
/// use healthcode_validate::{Policy, Validator};
/// let report = Validator::new(Policy::R4).validate(&UnknownResource::new("Slto"));
/// assert!(!report.is_valid());
/// assert_eq!(report.issues[0].rule.id, "FHIR-RESOURCE-TYPE-UNKNOWN");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// The issues: in the order of the text where it is known, else in that of the definitions.
    pub issues: Vec<Issue>,
}

impl Report {
    /// A report of these issues.
    #[must_use]
    pub fn new(issues: Vec<Issue>) -> Self {
        Report { issues }
    }

    /// Whether there is no error.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        !self.issues.iter().any(|issue| issue.severity.is_error())
    }

    /// How many issues are of this severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        let same = |issue: &&Issue| issue.severity == severity;
        self.issues.iter().filter(same).count()
    }

    /// The gravest severity there is.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.issues.iter().map(|issue| issue.severity).max()
    }
}
