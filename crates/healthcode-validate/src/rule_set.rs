//! [`RuleSet`]: the policy of a validation, and which rules it reports.

use crate::Policy;
use crate::versions::Supported;
use healthcode_core::{Rule, RuleDefault};

/// The policy of a validation, and which rules it reports.
#[derive(Clone, Debug, Default)]
pub(crate) struct RuleSet {
    pub(crate) policy: Policy,
    pub(crate) best_practice: bool,
    /// The releases beside R4 that are known.
    pub(crate) supported: &'static [Supported],
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

    /// Whether rules are on that are off by default.
    pub(crate) fn has_more(&self) -> bool {
        self.best_practice || self.has_enabled()
    }

    /// Whether a rule was disabled.
    pub(crate) fn has_disabled(&self) -> bool {
        !self.off.is_empty()
    }
}
