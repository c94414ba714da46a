//! [`Filter`]: which issues are of interest, and how grave they are taken.

mod pattern;

pub use pattern::index_free;

use crate::rules;
use healthcode_core::{Issue, Rule, Severity};
use pattern::Pattern;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

/// Issues by rule, and maybe by place: `R4-DATE`, `HC-*`, `*@Patient.contact`,
/// `R4-CODE@Bundle.entry.resource.**.coding`.
///
/// Before the `@` comes the id of a rule, or the start of ids with `*` at its end. After it comes
/// a path as issues have it: FHIRPath from the type of the document, so that what lies in a Bundle
/// begins with `Bundle.entry.resource`. It selects that element and all below it. Steps are compared
/// whole and with case; a step without an index stands for all items, one with an index, `name[0]`,
/// for that item; `*` is any one step; `**` is any number of steps, none included. A step in
/// backticks may contain anything.
///
/// ```
/// use healthcode_validate::Selector;
/// let selector: Selector = "R4-*@Patient.name".parse()?;
/// let json = br#"{"resourceType": "Patient", "name": [{"family": ""}], "birthDate": "9.5.1977"}"#;
/// let validator = healthcode_validate::Validator::default();
/// let report = validator.read::<healthcode_r4::Patient>(json).unwrap();
/// assert_eq!(report.issues.len(), 2);
/// assert!(selector.selects(&report.issues[0]));
/// assert!(!selector.selects(&report.issues[1]));
///
/// let error = "R4-DAT".parse::<Selector>().unwrap_err();
/// assert_eq!(error.to_string(), "unknown rule R4-DAT: did you mean R4-DATE?");
/// # Ok::<(), healthcode_validate::FilterError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    rule: RulePattern,
    path: Option<Pattern>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum RulePattern {
    Id(&'static str),
    Start(String),
}

impl RulePattern {
    fn selects(&self, rule: &Rule) -> bool {
        match self {
            RulePattern::Id(id) => rule.id == *id,
            RulePattern::Start(start) => rule.id.starts_with(start.as_str()),
        }
    }
}

impl Selector {
    /// Whether it selects an issue.
    #[must_use]
    pub fn selects(&self, issue: &Issue) -> bool {
        let place = |pattern: &Pattern| pattern.matches(&issue.path);
        self.rule.selects(issue.rule) && self.path.as_ref().is_none_or(place)
    }
}

impl Selector {
    /// Reads a selector that may also name rules of other registries, such as those of captured
    /// exchanges.
    ///
    /// # Errors
    /// If no rule has this id, or the path is invalid.
    pub fn among(text: &str, others: &[&'static Rule]) -> Result<Self, FilterError> {
        let (rule, path) = match text.split_once('@') {
            Some((rule, path)) => (rule, Some(path)),
            None => (text, None),
        };
        let rule = match rule.strip_suffix('*') {
            Some(start) if all(others).any(|rule| rule.id.starts_with(start)) => {
                RulePattern::Start(start.to_owned())
            }
            _ => RulePattern::Id(known(rule, others)?.id),
        };
        let path = path.map(Pattern::parse).transpose()?;
        Ok(Selector { rule, path })
    }
}

impl FromStr for Selector {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        Selector::among(text, &[])
    }
}

fn all<'r>(others: &'r [&'static Rule]) -> impl Iterator<Item = &'static Rule> + 'r {
    rules().chain(others.iter().copied())
}

/// The rule of this id, whatever the case of its letters, or what may have been meant.
fn known(id: &str, others: &[&'static Rule]) -> Result<&'static Rule, FilterError> {
    let found = all(others).find(|rule| rule.id.eq_ignore_ascii_case(id));
    found.ok_or_else(|| FilterError::UnknownRule {
        id: id.to_owned(),
        nearest: healthcode_core::nearest(id, all(others).map(|rule| rule.id)),
    })
}

/// Why a [`Selector`] or a [`Filter`] cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FilterError {
    /// No rule has this id.
    UnknownRule {
        /// The id.
        id: String,
        /// What was probably meant.
        nearest: Option<&'static str>,
    },
    /// The path is invalid.
    Path(String),
    /// The issues of this rule are fatal, which they stay: the text could not be read.
    Fatal(&'static str),
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FilterError::UnknownRule { id, nearest } => {
                write!(f, "unknown rule {id}")?;
                match nearest {
                    Some(name) => write!(f, ": did you mean {name}?"),
                    None => Ok(()),
                }
            }
            FilterError::Fatal(id) => {
                write!(
                    f,
                    "the severity of {id} cannot be changed: a text with this fault cannot be read"
                )
            }
            FilterError::Path(path) => {
                write!(
                    f,
                    "invalid path {path}: expected steps between dots, with an index in brackets"
                )
            }
        }
    }
}

impl std::error::Error for FilterError {}

/// Which issues are of interest, and how grave they are taken.
///
/// Severities are changed first; then issues below the least severity, those that nothing in
/// `only` selects, and those that something in `ignore` selects are dropped; and each is kept once.
///
/// Fatal issues mean that the rest was not checked: they keep their severity, are there whatever
/// `only` selects, and are dropped only where `ignore` names their rule in full.
///
/// ```
/// use healthcode_core::Severity;
/// use healthcode_validate::{Filter, Validator};
/// let mut filter = Filter::new().ignore("R4-ID@Patient".parse()?);
/// filter.set_severity("R4-DATE", Severity::Warning)?;
/// let json = br#"{"resourceType": "Patient", "id": "a b", "birthDate": "1977-5-9"}"#;
/// let validator = Validator::default().filter(filter);
/// let report = validator.read::<healthcode_r4::Patient>(json).unwrap();
/// assert_eq!(report.issues.len(), 1);
/// assert!(report.is_valid());
/// # Ok::<(), healthcode_validate::FilterError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    ignore: Vec<Selector>,
    only: Vec<Selector>,
    least: Option<Severity>,
    severities: Vec<(&'static str, Severity)>,
}

impl Filter {
    /// A filter that keeps everything.
    #[must_use]
    pub fn new() -> Self {
        Filter::default()
    }

    /// Drops what `selector` selects.
    #[must_use]
    pub fn ignore(mut self, selector: Selector) -> Self {
        self.ignore.push(selector);
        self
    }

    /// Keeps what `selector` selects, and what others given so select, and nothing else.
    #[must_use]
    pub fn only(mut self, selector: Selector) -> Self {
        self.only.push(selector);
        self
    }

    /// Drops what is less grave than this.
    #[must_use]
    pub fn least(mut self, severity: Severity) -> Self {
        self.least = Some(severity);
        self
    }

    /// Sets the severity of the issues of a rule. The last call for a rule counts.
    ///
    /// # Errors
    /// If no rule has this id, or its issues are fatal.
    pub fn set_severity(&mut self, rule_id: &str, severity: Severity) -> Result<(), FilterError> {
        self.set_severity_among(rule_id, severity, &[])
    }

    /// As [`Filter::set_severity`], of rules that may be of other registries.
    ///
    /// # Errors
    /// If no rule has this id, or its issues are fatal.
    pub fn set_severity_among(
        &mut self,
        rule_id: &str,
        severity: Severity,
        others: &[&'static Rule],
    ) -> Result<(), FilterError> {
        let rule = known(rule_id, others)?;
        if rule.severity == Severity::Fatal {
            return Err(FilterError::Fatal(rule.id));
        }
        self.severities.push((rule.id, severity));
        Ok(())
    }

    /// Changes, drops and keeps issues of one value or text.
    pub fn apply(&self, issues: &mut Vec<Issue>) {
        if issues.is_empty() {
            return;
        }
        for issue in issues.iter_mut() {
            let own = |(id, _): &&(&str, Severity)| *id == issue.rule.id;
            if let Some((_, severity)) = self.severities.iter().rev().find(own) {
                issue.severity = *severity;
            }
        }
        issues.retain(|issue| self.keeps(issue));
        once(issues);
    }

    fn keeps(&self, issue: &Issue) -> bool {
        let selects = |selector: &&Selector| selector.selects(issue);
        if issue.severity == Severity::Fatal {
            let named = |selector: &Selector| matches!(selector.rule, RulePattern::Id(_));
            return !self.ignore.iter().filter(selects).any(named);
        }
        self.least.is_none_or(|least| issue.severity >= least)
            && (self.only.is_empty() || self.only.iter().any(|only| only.selects(issue)))
            && !self.ignore.iter().any(|ignore| ignore.selects(issue))
    }
}

/// Leaves each issue once. Two issues are the same only if rule, place, severity, detail and, where
/// there is one, the constraint of a profile are: a warning never hides an error.
fn once(issues: &mut Vec<Issue>) {
    if issues.len() <= FEW {
        let mut at = 1;
        while let Some((issue, before)) = issues.get(..=at).and_then(|up_to| up_to.split_last()) {
            if before.iter().any(|other| is_same(issue, other)) {
                issues.remove(at);
            } else {
                at += 1;
            }
        }
        return;
    }
    let mut seen: HashMap<_, Vec<_>> = HashMap::with_capacity(issues.len());
    let again: Vec<bool> = issues
        .iter()
        .map(|issue| {
            let place = (
                // In captures, paths alone name the exchange.
                &issue.path,
                &issue.pointer,
                issue.occurrence,
                issue.at_name,
                issue.within,
            );
            let constraint = issue.constraint.as_deref();
            let details = seen.entry((issue.rule.id, place, constraint)).or_default();
            let again = details.contains(&(issue.severity, issue.detail));
            if !again {
                details.push((issue.severity, issue.detail));
            }
            again
        })
        .collect();
    let mut again = again.into_iter();
    issues.retain(|_| again.next() != Some(true));
}

/// How many issues are compared one by one.
const FEW: usize = 16;

/// Whether two issues are the same. What differs most often is compared first.
fn is_same(one: &Issue, other: &Issue) -> bool {
    one.rule.id == other.rule.id
        && one.pointer == other.pointer
        && (one.occurrence, one.at_name, one.within)
            == (other.occurrence, other.at_name, other.within)
        && one.severity == other.severity
        && one.detail == other.detail
        && one.constraint == other.constraint
        && one.path == other.path
}

#[cfg(test)]
mod tests;
