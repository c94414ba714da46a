//! The invariants of the definitions: which there are for a type, and whether an element keeps them.
//!
//! An invariant is broken where its expression gives false. One that compares (`=`, `!=`, `<`, `<=`,
//! `>`, `>=`, `~`) is broken too where its expression gives nothing, since something that it asks for
//! is absent, or cannot be compared. The exceptions:
//!
//! - `per-1`: an end that is less precise than the start, or the reverse, includes all that matches
//!   it (datatypes.html#Period);
//! - `md-1`: a maximum that is absent, which it may be;
//! - `tim-4`, `tim-5`, `ras-2`, `rng-2`, `inv-1` of Task and `mdd-1`: what has an extension in place of
//!   its value, for that is not known;
//! - `bdl-1` to `bdl-4`, `bdl-7`, `bdl-9`, `bdl-10`: a Bundle without a type, on which all that they ask
//!   depends, and which is reported for that.
//!
//! Others that give nothing are kept: they ask for membership or patterns, and what is required and
//! absent is reported as that.
//!
//! `matches` asks, as FHIRPath's own test suite does, whether the pattern is found anywhere, so that
//! the invariants on names (`adf-0` and its like), `eld-19` and `eld-20` find little fault. Three
//! expressions do not say what they mean, and are judged by what they mean: `con-3` compares a
//! concept with a text, `que-7` asks for FHIRPath's own Boolean rather than FHIR's, and `que-12` lets
//! two conditions pass where its words, and enableBehavior's, are about more than one. `ctm-1` asks
//! what a reference leads to, and knows what is contained.

mod beyond;
mod given;
mod twins;

pub(crate) use twins::id_of;

use crate::place::Place;
use crate::policy::Subject;
use crate::registry;
use healthcode_core::{
    Detail, Element, ExtraKind, Field, Invariant, Issues, Rule, RuleDefault, Schema, Step,
};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Says whether an element keeps an invariant: hand-written, and the same as its expression.
pub(crate) type Twin = fn(&Place<'_, '_>) -> bool;

/// How an element is judged.
#[derive(Clone, Copy)]
enum Judge {
    /// By whether it keeps the invariant.
    Keeps(Twin),
    /// By reporting under this rule what it finds.
    Finds(fn(&'static Rule, &Place<'_, '_>, &mut Issues)),
}

/// An invariant to be checked.
pub(crate) struct Check {
    rule: &'static Rule,
    judge: Judge,
    /// The field that it is declared on, where the values of that are no elements.
    field: Option<&'static Field>,
}

/// The checks of these invariants.
pub(crate) fn checks(invariants: &[&'static Invariant]) -> Vec<Check> {
    checks_at(None, invariants)
}

/// The checks of the invariants of a field that holds primitives, to be made where the field is.
pub(crate) fn checks_of_primitive(field: &'static Field) -> Vec<Check> {
    checks_at(Some(field), field.invariants)
}

/// The checks of what is asked of a type beside its definition's invariants.
pub(crate) fn checks_beyond(schema: &Schema) -> impl Iterator<Item = Check> {
    let asked = beyond::of(schema).into_iter();
    asked.map(|(rule, judge)| Check {
        rule,
        judge,
        field: None,
    })
}

fn checks_at(field: Option<&'static Field>, invariants: &[&'static Invariant]) -> Vec<Check> {
    let check = |invariant: &&'static Invariant| {
        Some(Check {
            rule: RULES.get(invariant.key)?,
            judge: Judge::Keeps(twins::of(invariant.key)?),
            field,
        })
    };
    invariants.iter().filter_map(check).collect()
}

static RULES: LazyLock<HashMap<&str, &Rule>> = LazyLock::new(|| {
    registry::invariants::all()
        .map(|rule| (rule.id, *rule))
        .collect()
});

/// Reports the invariants that an element does not keep.
///
/// An element of which something could not be read is not judged: what is wrong with it has been said.
#[inline]
pub(crate) fn check(checks: &[Check], place: &Place<'_, '_>, issues: &mut Issues) {
    if checks.is_empty() || !is_whole(place.element) {
        return;
    }
    for check in checks {
        match check.judge {
            Judge::Keeps(_) if is_off(check.rule, place) => {}
            Judge::Keeps(keeps) if keeps(place) => {}
            Judge::Keeps(_) => report(check, place, issues),
            Judge::Finds(find) => find(check.rule, place, issues),
        }
    }
}

/// Whether a rule is off by default, and was not enabled.
#[inline]
fn is_off(rule: &'static Rule, place: &Place<'_, '_>) -> bool {
    rule.default != RuleDefault::On && !place.rules.reports(rule)
}

#[cold]
#[inline(never)]
fn report(check: &Check, place: &Place<'_, '_>, issues: &mut Issues) {
    let path = check
        .field
        .map(|field| place.path.then(Step::field(field.name())));
    let path = path.as_ref().unwrap_or(place.path);
    let (policy, subject) = (place.rules.policy, Subject::Element(place.element, path));
    policy.report(check.rule, path, Detail::None, subject, issues);
}

/// Whether all that the schema knows was read into the element's fields.
pub(crate) fn is_whole(element: &dyn Element) -> bool {
    let misread = |kind| {
        matches!(
            kind,
            ExtraKind::WrongShape | ExtraKind::Repeated | ExtraKind::SecondChoice
        ) || ExtraKind::is_whole(kind)
    };
    let extras = element.extras();
    extras.is_empty() || !extras.iter().any(|extra| misread(extra.kind()))
}
