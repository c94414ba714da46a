//! What a check requires beyond another one of the same values: a slice inherits the checks of its
//! element, and an element those of its type's profile. Each is made once.

use super::plan::{Bound, Check, Count, FieldCheck, Invariant, Slice, Slicing};
use healthcode_core::Constraint;
use std::sync::Arc;

/// A requirement, and the constraint that states it.
type Stated<T> = Option<(T, Arc<Constraint>)>;

/// Leaves out a requirement that another check has too.
fn leave_out<T: PartialEq>(own: &mut Stated<T>, other: &Stated<T>) {
    own.take_if(|(own, _)| other.as_ref().is_some_and(|(theirs, _)| theirs == own));
}

impl Check {
    /// Leaves out what `other` checks of the same value.
    pub(super) fn subtract(&mut self, other: &Check) {
        leave_out(&mut self.types, &other.types);
        self.profiles.retain(|(of_type, urls, _)| {
            let mut others = other.profiles.iter();
            !others.any(|(their_type, theirs, _)| their_type == of_type && theirs == urls)
        });
        leave_out(&mut self.targets, &other.targets);
        leave_out(&mut self.fixed, &other.fixed);
        leave_out(&mut self.pattern, &other.pattern);
        self.bindings.retain(|bound| {
            let same = |theirs: &Bound| {
                theirs.required == bound.required && theirs.value_set == bound.value_set
            };
            !other.bindings.iter().any(same)
        });
        self.invariants.retain(|one| {
            let same = |theirs: &Invariant| {
                theirs.rule == one.rule
                    && theirs.error == one.error
                    && theirs.constraint.text == one.constraint.text
            };
            !other.invariants.iter().any(same)
        });
        for field in &mut self.fields {
            let name = field.definition.name();
            let mut others = other.fields.iter();
            if let Some(theirs) = others.find(|field| field.definition.name() == name) {
                field.subtract(theirs);
            }
        }
        self.fields.retain(|field| !field.is_empty());
    }
}

impl FieldCheck {
    fn subtract(&mut self, other: &FieldCheck) {
        self.count.subtract(&other.count);
        self.value.subtract(&other.value);
        if let (Some(own), Some(theirs)) = (&mut self.slicing, &other.slicing) {
            own.subtract(theirs);
        }
        self.slicing.take_if(|slicing| slicing.is_empty());
    }
}

impl Count {
    fn subtract(&mut self, other: &Count) {
        self.min
            .take_if(|(min, _)| other.min.as_ref().is_some_and(|(theirs, _)| theirs >= min));
        self.max
            .take_if(|(max, _)| other.max.as_ref().is_some_and(|(theirs, _)| theirs <= max));
        self.must_support.take_if(|_| other.must_support.is_some());
    }
}

impl Slicing {
    fn subtract(&mut self, other: &Slicing) {
        let same_slices = self.constraint.text == other.constraint.text;
        if same_slices {
            self.closed &= !other.closed;
            self.ordered &= !other.ordered;
            self.open_at_end &= !other.open_at_end;
            self.notes_unmatched = false;
        }
        for slice in &mut self.slices {
            let same = |theirs: &&Slice| theirs.name == slice.name && theirs.tests == slice.tests;
            if let Some(theirs) = other.slices.iter().find(same) {
                slice.count.subtract(&theirs.count);
                slice.value.subtract(&theirs.value);
                if let (Some(own), Some(theirs)) = (&mut slice.slicing, &theirs.slicing) {
                    own.subtract(theirs);
                }
                slice.slicing.take_if(|slicing| slicing.is_empty());
            }
        }
    }

    fn is_empty(&self) -> bool {
        let flags = self.closed || self.ordered || self.open_at_end || self.notes_unmatched;
        let mut slices = self.slices.iter();
        !flags
            && slices.all(|slice| {
                slice.count.is_empty() && slice.value.is_empty() && slice.slicing.is_none()
            })
    }
}
