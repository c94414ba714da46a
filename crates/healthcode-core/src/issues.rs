//! [`Issues`]: what was found, of which no more is kept than a limit allows.

use crate::{Detail, Issue, Path, Severity, rules};
use std::ops::{Deref, DerefMut};

/// The issues of one value as they are found, up to a limit: the memory that they take must not
/// depend on how much is wrong with a payload.
///
/// What is found beyond the limit is dropped, and [`Issues::into_vec`] adds an issue that says so.
///
/// ```
/// use healthcode_core::{Detail, Issue, Issues, Path, rules};
/// let path = Path::root("Patient");
/// let mut issues = Issues::up_to(2);
/// for _ in 0..5 {
///     issues.push(Issue::new(&rules::FHIR_EMPTY_OBJECT, &path, Detail::None));
/// }
/// let listed = issues.into_vec(&path);
/// assert_eq!(listed.len(), 3);
/// assert_eq!(listed[2].rule.id, "FHIR-MORE-ISSUES");
/// ```
#[derive(Clone, Debug)]
pub struct Issues {
    list: Vec<Issue>,
    most: usize,
    /// Bytes of the paths of what is kept.
    bytes: usize,
    /// The gravest severity among those that were dropped.
    dropped: Option<Severity>,
}

impl Issues {
    /// How many issues of a resource, or of an entry of a Bundle, are kept.
    pub const OF_RESOURCE: usize = 10_000;

    /// How many issues of a Bundle that is read whole are kept.
    pub const OF_BUNDLE: usize = 100_000;

    /// How many bytes the paths of what is kept may have: those of elements that are nested deep, or
    /// whose names are long, take more than the issues themselves.
    const BYTES: usize = 32 * 1024 * 1024;

    /// None yet; [`Issues::OF_RESOURCE`] are kept.
    #[must_use]
    pub const fn new() -> Self {
        Issues::up_to(Issues::OF_RESOURCE)
    }

    /// None yet; `most` are kept.
    #[must_use]
    pub const fn up_to(most: usize) -> Self {
        Issues {
            list: Vec::new(),
            most,
            bytes: 0,
            dropped: None,
        }
    }

    /// Changes how many are kept in all; what has been found stays.
    pub fn limit(&mut self, most: usize) {
        self.most = most;
    }

    /// Adds an issue, if there is room.
    #[inline]
    pub fn push(&mut self, issue: Issue) {
        if self.list.len() < self.most && self.bytes < Issues::BYTES {
            self.bytes += issue.path.len() + issue.pointer.len();
            self.list.push(issue);
        } else {
            self.drop(issue.severity);
        }
    }

    #[cold]
    fn drop(&mut self, severity: Severity) {
        self.dropped = self.dropped.max(Some(severity));
    }

    /// Whether an error was found, kept or not.
    #[must_use]
    pub fn has_error(&self) -> bool {
        self.dropped.is_some_and(Severity::is_error)
            || self.list.iter().any(|issue| issue.severity.is_error())
    }

    /// Whether issues were dropped because there was no room for them.
    #[must_use]
    pub fn has_dropped(&self) -> bool {
        self.dropped.is_some()
    }

    /// Takes over that `other` has dropped issues; for lists that are filled from others.
    pub fn note_dropped(&mut self, other: &Issues) {
        self.dropped = self.dropped.max(other.dropped);
    }

    /// Takes out what is kept.
    pub fn drain(&mut self) -> std::vec::Drain<'_, Issue> {
        self.bytes = 0;
        self.list.drain(..)
    }

    /// What is kept. If something was dropped, the last issue says so at `path`: as grave as the
    /// gravest that was, and at least a warning.
    #[must_use]
    pub fn into_vec(mut self, path: &Path<'_>) -> Vec<Issue> {
        if let Some(dropped) = self.dropped {
            let mut issue = Issue::new(&rules::FHIR_MORE_ISSUES, path, Detail::None);
            issue.severity = dropped.clamp(Severity::Warning, Severity::Error);
            self.list.push(issue);
        }
        self.list
    }
}

impl Default for Issues {
    fn default() -> Self {
        Issues::new()
    }
}

impl Deref for Issues {
    type Target = [Issue];

    fn deref(&self) -> &[Issue] {
        &self.list
    }
}

impl DerefMut for Issues {
    fn deref_mut(&mut self) -> &mut [Issue] {
        &mut self.list
    }
}

impl Extend<Issue> for Issues {
    fn extend<I: IntoIterator<Item = Issue>>(&mut self, issues: I) {
        issues.into_iter().for_each(|issue| self.push(issue));
    }
}

impl IntoIterator for Issues {
    type Item = Issue;
    type IntoIter = std::vec::IntoIter<Issue>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue(severity: Severity) -> Issue {
        let mut issue = Issue::new(
            &rules::FHIR_EMPTY_OBJECT,
            &Path::root("Patient"),
            Detail::None,
        );
        issue.severity = severity;
        issue
    }

    #[test]
    fn the_last_issue_is_as_grave_as_what_was_dropped() {
        use Severity::{Error, Fatal, Information, Warning};
        for (found, expect) in [
            (vec![Error], None),
            (vec![Error, Information], Some(Warning)),
            (vec![Information, Warning], Some(Warning)),
            (vec![Information, Error, Warning], Some(Error)),
            (vec![Information, Fatal], Some(Error)),
        ] {
            let mut issues = Issues::up_to(1);
            issues.extend(found.iter().copied().map(issue));
            assert_eq!(issues.len(), 1);
            assert_eq!(
                issues.has_error(),
                found.iter().any(|severity| severity.is_error())
            );
            let listed = issues.into_vec(&Path::root("Patient"));
            let last = listed.get(1).map(|last| (last.rule.id, last.severity));
            assert_eq!(last, expect.map(|severity| ("FHIR-MORE-ISSUES", severity)));
        }
    }
}
