//! What twins ask of fields: whether something is there, which code it is, whether values differ.

use healthcode_core::{DateTime, List, PrimitiveKind, Scalar, Text, lexical};
use healthcode_r4::{CodeableConcept, Primitive};
use std::collections::HashSet;
use std::hash::Hash;

/// What may be absent.
pub(super) trait Given {
    /// Whether it is there: FHIRPath's `exists()`.
    fn given(&self) -> bool;
}

impl<T: Scalar> Given for Primitive<T> {
    fn given(&self) -> bool {
        !self.is_empty()
    }
}

impl<T> Given for Option<T> {
    fn given(&self) -> bool {
        self.is_some()
    }
}

impl<T> Given for List<T> {
    fn given(&self) -> bool {
        !self.is_empty()
    }
}

/// Whether a code is one of these.
pub(super) fn is<T: Text>(code: &Primitive<T>, codes: &[&str]) -> bool {
    code.as_str().is_some_and(|code| codes.contains(&code))
}

/// Whether a code is there and none of these. A code that is not there is neither.
pub(super) fn is_not<T: Text>(code: &Primitive<T>, codes: &[&str]) -> bool {
    code.as_str().is_some_and(|code| !codes.contains(&code))
}

/// Whether one time is not after another. Times that are absent or malformed are reported as that;
/// times whose order is not known are in none.
pub(super) fn in_order(earlier: &Primitive<DateTime>, later: &Primitive<DateTime>) -> bool {
    let (Some(earlier), Some(later)) = (earlier.value(), later.value()) else {
        return true;
    };
    let malformed =
        |time: &DateTime| lexical::check(PrimitiveKind::DateTime, time.as_str()).is_err();
    match earlier.order(later) {
        Some(order) => order.is_le(),
        None => malformed(earlier) || malformed(later),
    }
}

/// Whether any coding of these concepts is one of these codes of a system.
pub(super) fn coded<'a>(
    concepts: impl IntoIterator<Item = &'a Box<CodeableConcept>>,
    system: &str,
    codes: &[&str],
) -> bool {
    let mut codings = concepts
        .into_iter()
        .flat_map(|concept| concept.coding.iter());
    codings.any(|coding| coding.system == system && is(&coding.code, codes))
}

/// Whether no two values are equal. Few are compared without allocating.
pub(super) fn distinct<T: Hash + Eq>(values: impl Iterator<Item = T> + Clone) -> bool {
    let mut rest = values.clone();
    for _ in 0..8 {
        let Some(value) = rest.next() else {
            return true;
        };
        if rest.clone().take(8).any(|other| other == value) {
            return false;
        }
    }
    let mut seen = HashSet::new();
    values.into_iter().all(|value| seen.insert(value))
}
