//! [`Checked`]: a value with the issues that were found in it.

use crate::{Issue, Severity};

/// A value, and what is wrong with it or with what it was made from: a text that was read,
/// extensions that were decoded, a payload that was validated.
///
/// ```
/// use healthcode_core::{Checked, Detail, Issue, Path, Severity, rules};
/// let issue = Issue::new(&rules::FHIR_EMPTY_OBJECT, &Path::root("Patient"), Detail::None);
/// let checked = Checked::new("Patient", vec![issue]);
/// assert!(!checked.is_valid());
/// assert_eq!(checked.count(Severity::Error), 1);
/// assert_eq!(checked.worst(), Some(Severity::Error));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Checked<T> {
    /// The value. What was wrong is still in it, as far as its type has a place for it.
    pub value: T,
    /// The issues: in the order of the text where it is known, else in the order in which they were
    /// found.
    pub issues: Vec<Issue>,
}

impl<T> Checked<T> {
    /// A value with its issues.
    #[must_use]
    pub fn new(value: T, issues: Vec<Issue>) -> Self {
        Checked { value, issues }
    }

    /// Whether there is no error among the issues.
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

    /// The value, without its issues.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }
}
