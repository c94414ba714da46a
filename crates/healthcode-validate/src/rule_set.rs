//! [`RuleSet`]: the policy of a validation, and which rules it reports.

use crate::{Policy, rule, rules};
use healthcode_core::{Rule, RuleDefault, nearest, printable};
use std::fmt;

/// The policy of a validation, and which rules it reports.
#[derive(Clone, Debug, Default)]
pub(crate) struct RuleSet {
    pub(crate) policy: Policy,
    pub(crate) best_practice: bool,
    on: Vec<&'static Rule>,
    off: Vec<&'static Rule>,
}

impl RuleSet {
    /// Those that are on by default.
    pub(crate) fn new(policy: Policy) -> Self {
        RuleSet {
            policy,
            ..RuleSet::default()
        }
    }

    pub(crate) fn enable(&mut self, rule: &'static Rule) {
        self.off.retain(|other| *other != rule);
        self.on.push(rule);
    }

    pub(crate) fn disable(&mut self, rule: &'static Rule) {
        self.on.retain(|other| *other != rule);
        self.off.push(rule);
    }

    /// Whether issues of a rule are reported.
    pub(crate) fn reports(&self, rule: &'static Rule) -> bool {
        let by_default = match rule.default {
            RuleDefault::BestPractice => self.best_practice || self.on.contains(&rule),
            RuleDefault::Off => self.on.contains(&rule),
            _ => true,
        };
        by_default && !self.off.contains(&rule)
    }

    /// Whether a rule was enabled that is off by default.
    pub(crate) fn has_enabled(&self) -> bool {
        !self.on.is_empty()
    }

    /// Whether a rule was disabled.
    pub(crate) fn has_disabled(&self) -> bool {
        !self.off.is_empty()
    }
}

/// There is no rule, or no loaded profile, of this name.
///
/// ```
/// use healthcode_validate::{Policy, Validator};
/// let error = Validator::new(Policy::R4).without("R4-DAET").unwrap_err();
/// assert_eq!(error.to_string(), "unknown rule R4-DAET: did you mean R4-DATE?");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    kind: &'static str,
    name: String,
    nearest: Option<&'static str>,
}

impl UnknownName {
    pub(crate) fn profile(canonical: &str) -> Self {
        UnknownName {
            kind: "profile",
            name: canonical.to_owned(),
            nearest: None,
        }
    }
}

/// The rule of this id, in any case.
pub(crate) fn find(id: &str) -> Result<&'static Rule, UnknownName> {
    rule(id)
        .or_else(|| rules().find(|rule| rule.id.eq_ignore_ascii_case(id)))
        .ok_or_else(|| UnknownName {
            kind: "rule",
            name: id.to_owned(),
            nearest: nearest(id, rules().map(|rule| rule.id)),
        })
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown {} {}", self.kind, printable(&self.name))?;
        match self.nearest {
            Some(name) => write!(f, ": did you mean {name}?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UnknownName {}
