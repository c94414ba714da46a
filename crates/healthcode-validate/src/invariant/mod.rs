//! The invariants of the definitions: which there are for a type, and whether an element keeps them.

mod twins;

use crate::place::Place;
use crate::registry;
use healthcode_core::{Detail, ExtraKind, Invariant, Issue, Rule};

/// Says whether an element keeps an invariant: hand-written, and the same as its expression.
pub(crate) type Twin = fn(&Place<'_, '_>) -> bool;

/// An invariant to be checked.
pub(crate) struct Check {
    rule: &'static Rule,
    keeps: Twin,
}

/// The checks of these invariants.
pub(crate) fn checks(invariants: &[&'static Invariant]) -> Vec<Check> {
    let check = |invariant: &&'static Invariant| {
        Some(Check {
            rule: registry::rule(invariant.key)?,
            keeps: twins::of(invariant.key)?,
        })
    };
    invariants.iter().filter_map(check).collect()
}

/// Reports the invariants that an element does not keep.
///
/// An element of which something could not be read is not judged: what is wrong with it has been said.
#[inline]
pub(crate) fn check(checks: &[Check], place: &Place<'_, '_>, issues: &mut Vec<Issue>) {
    if checks.is_empty() || !is_whole(place) {
        return;
    }
    for check in checks {
        if !(check.keeps)(place) {
            issues.push(Issue::new(check.rule, place.path, Detail::None));
        }
    }
}

/// Whether all that the schema knows was read into the element's fields.
fn is_whole(place: &Place<'_, '_>) -> bool {
    let misread = |kind| {
        matches!(
            kind,
            ExtraKind::WrongShape | ExtraKind::Repeated | ExtraKind::SecondChoice
        ) || ExtraKind::is_whole(kind)
    };
    let extras = place.element.extras();
    extras.is_empty() || !extras.iter().any(|extra| misread(extra.kind()))
}
