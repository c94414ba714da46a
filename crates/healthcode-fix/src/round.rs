//! Rounds of fixes, and the check that they introduce no errors.

use crate::apply::{apply, compatible};
use crate::find::fixes;
use healthcode_core::{Applicability, Fix, Issue};
use healthcode_validate::index_free;
use std::collections::HashMap;
use std::sync::Arc;

/// How many rounds there are at most: fixes whose edits overlap wait for the next one.
const ROUNDS: usize = 100;

/// How many times a round validates the text to find the fixes that introduce errors. Fixes that could not be
/// checked are left out.
const CHECKS: usize = 200;

/// How many further rounds a fix may need until the errors are gone that it brought to light.
const SETTLING: usize = 4;

/// How many bytes a round validates for that, beyond [`FEW`] times.
const BYTES: usize = 256 * 1024 * 1024;

/// How many times a round validates a text of any size.
const FEW: usize = 8;

/// Validates a text, and returns all issues; `None` if it cannot be read.
pub type Check<'c> = dyn Fn(&[u8]) -> Option<Vec<Issue>> + 'c;

/// A text after all fixes have been applied.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Corrected {
    /// The text.
    pub text: Vec<u8>,
    /// How many fixes were applied.
    pub fixed: usize,
    /// The issues that the text still has.
    pub issues: Vec<Issue>,
}

impl std::fmt::Debug for Corrected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Corrected")
            .field("fixed", &self.fixed)
            .field("issues", &self.issues.len())
            .finish_non_exhaustive()
    }
}

/// Applies the fixes of a text, validates it again, and goes on until no fix is left: safe ones alone, or with
/// [`Applicability::Unsafe`] all of them. A fix that introduces an error is left out. Of a text that `check` cannot
/// read nothing is changed.
#[must_use]
pub fn correct(text: &[u8], applicability: Applicability, check: &Check<'_>) -> Corrected {
    correct_wanted(text, applicability, check, &|_| true)
}

/// As [`correct`], with the fixes of those issues that are `wanted`. Errors that are not wanted are not introduced,
/// either.
#[must_use]
pub fn correct_wanted(
    text: &[u8],
    applicability: Applicability,
    check: &Check<'_>,
    wanted: &dyn Fn(&Issue) -> bool,
) -> Corrected {
    let wanted = Wanted {
        applicability,
        is_wanted: wanted,
    };
    let old = check(text).unwrap_or_default();
    let corrected = rounds(text, &old, &wanted, check, false);
    if is_subset(&errors(&corrected.issues), &errors(&old)) {
        return corrected;
    }
    rounds(text, &old, &wanted, check, true)
}

/// Which fixes are applied.
struct Wanted<'w> {
    applicability: Applicability,
    is_wanted: &'w dyn Fn(&Issue) -> bool,
}

impl Wanted<'_> {
    fn fixes(&self, text: &[u8], issues: &[Issue]) -> Vec<Fix> {
        let found = fixes(text, issues).into_iter().zip(issues);
        let wanted = found.filter_map(|(fix, issue)| {
            fix.filter(|fix| fix.applicability <= self.applicability && (self.is_wanted)(issue))
        });
        wanted.collect()
    }
}

/// Applies fixes round by round. A `strict` round takes no fix that brings an error to light, even if another fix
/// corrects that.
fn rounds(
    text: &[u8],
    issues: &[Issue],
    wanted: &Wanted<'_>,
    check: &Check<'_>,
    strict: bool,
) -> Corrected {
    let mut corrected = Corrected {
        text: text.to_vec(),
        fixed: 0,
        issues: issues.to_vec(),
    };
    for _ in 0..ROUNDS {
        let found = wanted.fixes(&corrected.text, &corrected.issues);
        let found: Vec<&Fix> = found.iter().collect();
        if found.is_empty() {
            break;
        }
        let errors = errors(&corrected.issues);
        let mut round = Round::new(&corrected.text, &errors, wanted, check);
        round.strict = strict;
        let kept = round.keep(&[], &found);
        if kept.is_empty() {
            break;
        }
        let accepted = compatible(&kept);
        let text = apply(&corrected.text, &kept);
        let Some(issues) = check(&text) else {
            break;
        };
        corrected.fixed += accepted.iter().filter(|accepted| **accepted).count();
        corrected.text = text;
        corrected.issues = issues;
    }
    corrected
}

/// Adds to each issue of a text the fix that corrects it, but for those that would introduce an error; see
/// [`Issue::fix`]. The issues are all that `check` finds.
pub fn verified(text: &[u8], issues: &mut [Issue], check: &Check<'_>) {
    let found = fixes(text, issues);
    if found.iter().any(Option::is_some) {
        let errors = errors(issues);
        attach(text, issues, &found, &errors, check, &|_| true);
    }
}

/// As [`verified`], where the issues are some of those that `check` finds, and [`correct_wanted`] will apply the fixes
/// of those that are `wanted`.
pub fn verified_wanted(
    text: &[u8],
    issues: &mut [Issue],
    check: &Check<'_>,
    wanted: &dyn Fn(&Issue) -> bool,
) {
    let found = fixes(text, issues);
    if found.iter().any(Option::is_some)
        && let Some(all) = check(text)
    {
        attach(text, issues, &found, &errors(&all), check, wanted);
    }
}

/// Adds those fixes to their issues that introduce no error beside those of the text.
fn attach(
    text: &[u8],
    issues: &mut [Issue],
    found: &[Option<Fix>],
    errors: &Errors,
    check: &Check<'_>,
    wanted: &dyn Fn(&Issue) -> bool,
) {
    let mut kept: Vec<*const Fix> = Vec::new();
    for applicability in [Applicability::Safe, Applicability::Unsafe] {
        let of_this = |fix: &&Fix| fix.applicability == applicability;
        let these: Vec<&Fix> = found.iter().flatten().filter(of_this).collect();
        let wanted = Wanted {
            applicability,
            is_wanted: wanted,
        };
        let mut round = Round::new(text, errors, &wanted, check);
        let these = round.keep(&[], &these);
        kept.extend(these.into_iter().map(std::ptr::from_ref));
    }
    kept.sort_unstable();
    for (issue, fix) in issues.iter_mut().zip(found) {
        let kept = fix.as_ref().filter(|fix| {
            let place = std::ptr::from_ref::<Fix>(fix);
            kept.binary_search(&place).is_ok()
        });
        issue.fix = kept.map(|fix| Arc::new(fix.clone()));
    }
}

/// A round of fixes of one text.
struct Round<'r> {
    text: &'r [u8],
    errors: &'r Errors,
    wanted: &'r Wanted<'r>,
    check: &'r Check<'r>,
    checks: usize,
    strict: bool,
}

impl<'r> Round<'r> {
    fn new(
        text: &'r [u8],
        errors: &'r Errors,
        wanted: &'r Wanted<'r>,
        check: &'r Check<'r>,
    ) -> Self {
        Round {
            text,
            errors,
            wanted,
            check,
            checks: 0,
            strict: false,
        }
    }

    /// Those of `fixes` that introduce no error, beside those that have been `kept` before.
    fn keep<'f>(&mut self, kept: &[&'f Fix], fixes: &[&'f Fix]) -> Vec<&'f Fix> {
        let together: Vec<&Fix> = [kept, fixes].concat();
        if fixes.is_empty() || self.is_harmless(&together) {
            return fixes.to_vec();
        }
        if fixes.len() == 1 {
            return Vec::new();
        }
        let (first, second) = fixes.split_at(fixes.len() / 2);
        let mut found = self.keep(kept, first);
        let before = [kept, &found].concat();
        found.extend(self.keep(&before, second));
        found
    }

    /// Whether fixes introduce no error, or only such as other fixes correct: what is in an element that cannot be
    /// read is not checked before it can.
    fn is_harmless(&mut self, fixes: &[&Fix]) -> bool {
        let mut text = apply(self.text, fixes);
        for _ in 0..=SETTLING {
            let spent = self.checks.saturating_mul(self.text.len()) >= BYTES;
            if self.checks >= CHECKS || spent && self.checks >= FEW {
                return false;
            }
            self.checks += 1;
            let Some(issues) = (self.check)(&text) else {
                return false;
            };
            if is_subset(&errors(&issues), self.errors) {
                return true;
            }
            let next = self.wanted.fixes(&text, &issues);
            if self.strict || next.is_empty() {
                return false;
            }
            text = apply(&text, &next.iter().collect::<Vec<_>>());
        }
        false
    }
}

/// How many errors there are of each kind.
type Errors = HashMap<(&'static str, String), usize>;

/// Whether there are no more errors of any kind than there were.
fn is_subset(new: &Errors, old: &Errors) -> bool {
    let is_old = |(kind, count): (&(&'static str, String), &usize)| {
        old.get(kind).is_some_and(|old| count <= old)
    };
    new.iter().all(is_old)
}

/// How many errors there are of each rule at each path; indexes do not count, for fixes move items.
fn errors(issues: &[Issue]) -> Errors {
    let mut errors = HashMap::new();
    for issue in issues.iter().filter(|issue| issue.severity.is_error()) {
        let path = index_free(&issue.path);
        *errors.entry((issue.rule.id, path)).or_default() += 1;
    }
    errors
}
