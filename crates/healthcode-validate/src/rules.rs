//! All rules, and how one is found by its id.

use crate::invariant;
use crate::registry::{self, profiles, requested, terminology};
use healthcode_core::{Rule, nearest, printable, rules as core};
use std::fmt;

/// All rules: those of JSON and of FHIR in JSON, then `R4-…` and `HC-…`, then those of profiles, then
/// the invariants of the definitions under their own keys.
///
/// ```
/// let ids: Vec<_> = healthcode_validate::rules().map(|rule| rule.id).collect();
/// assert!(ids.contains(&"FHIR-UNKNOWN-MEMBER") && ids.contains(&"R4-DATE"));
/// ```
pub fn rules() -> impl Iterator<Item = &'static Rule> + Clone {
    core::ALL
        .iter()
        .chain(registry::ALL)
        .chain(terminology::ALL)
        .chain(profiles::ALL)
        .chain(requested::ALL)
        .copied()
        .chain(invariant::all())
}

/// The rule of this id.
///
/// ```
/// let rule = healthcode_validate::rule("R4-DATE").unwrap();
/// assert_eq!(rule.code, "value");
/// ```
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id == id)
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
