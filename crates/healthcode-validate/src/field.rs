//! [`FieldFacts`]: the facts of a field that its values are checked with.

use crate::binding::bound::Bound;
use healthcode_core::{Field, Release, Schema, Type};

/// A field with the facts of its definition.
pub(crate) struct FieldFacts {
    /// The type that has the field.
    pub(crate) owner: &'static Schema,
    pub(crate) definition: &'static Field,
    /// The value set that its codes come from, where that is known.
    pub(crate) bound: Option<Bound>,
    /// What its references may point at: type names; empty for anything.
    pub(crate) targets: &'static [&'static str],
    /// The reference in its values, if these are of R5's type `CodeableReference`, which states the targets.
    pub(crate) reference: Option<Box<FieldFacts>>,
}

impl FieldFacts {
    pub(crate) fn new(
        owner: &'static Schema,
        field: &'static Field,
        release: Option<&'static Release>,
    ) -> Self {
        let mut types = field.types.iter();
        FieldFacts {
            owner,
            definition: field,
            bound: Bound::of(owner, field, release),
            targets: types
                .find(|one| one.code == "Reference")
                .map_or(&[], |one| one.targets),
            reference: field.types.iter().find_map(reference_in),
        }
    }
}

/// The facts of the reference in a `CodeableReference` with known targets.
fn reference_in(of: &'static Type) -> Option<Box<FieldFacts>> {
    if of.code != "CodeableReference" || of.targets.is_empty() {
        return None;
    }
    let owner = of.schema()?;
    let (_, definition) = owner.field("reference")?;
    Some(Box::new(FieldFacts {
        owner,
        definition,
        bound: None,
        targets: of.targets,
        reference: None,
    }))
}
