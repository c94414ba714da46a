//! What functions of invariants test of fields: whether something is there, which code it is.

use healthcode_core::{DateTime, List, PrimitiveKind, Scalar, Text, lexical};
use healthcode_r4::{CodeableConcept, Primitive};

/// What may be absent.
pub(super) trait Exists {
    /// FHIRPath's `exists()`.
    fn exists(&self) -> bool;
}

impl<T: Scalar> Exists for Primitive<T> {
    fn exists(&self) -> bool {
        !self.is_empty()
    }
}

impl<T> Exists for Option<T> {
    fn exists(&self) -> bool {
        self.is_some()
    }
}

impl<T> Exists for List<T> {
    fn exists(&self) -> bool {
        !self.is_empty()
    }
}

/// Whether a code is one of these.
pub(super) fn is<T: Text>(code: &Primitive<T>, codes: &[&str]) -> bool {
    code.as_str().is_some_and(|code| codes.contains(&code))
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
