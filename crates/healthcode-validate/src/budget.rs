//! [`Budget`]: how many FHIRPath steps the expressions for one resource may take.

use crate::address::Address;
use crate::registry::R4_LIMIT;
use healthcode_core::{Detail, Element, Issue, Path, Untyped};
use healthcode_fhirpath::{Collection, Environment, EvalError, EvalErrorKind, Expression};
use healthcode_r4::Bundle;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::hash::BuildHasherDefault;

/// The FHIRPath steps that all expressions together may take for a resource. Contained resources share them;
/// entries of Bundles have their own, and add to those of the Bundle.
const STEPS: u64 = 5_000_000;
/// What each entry adds to the steps of its Bundle, whose profile may look into it.
const STEPS_OF_ENTRY: u64 = 20_000;
/// An evaluation may take this fraction of the steps, so that one costly invariant leaves some for others.
const SHARE: u64 = 5;

/// What the issue says.
const LIMIT: &str = "5,000,000 FHIRPath steps, and 20,000 more for each entry of a Bundle";

/// The steps that are left for a resource, whatever profiles and invariants it meets.
pub(crate) struct Budget {
    left: Cell<u64>,
    of_one: Cell<u64>,
    /// The expressions that took their share once, by address: they are not evaluated again.
    given_up: RefCell<HashSet<usize, BuildHasherDefault<Address>>>,
    reached: Cell<bool>,
    reported: Cell<bool>,
}

impl Default for Budget {
    fn default() -> Self {
        Budget {
            left: Cell::new(STEPS),
            of_one: Cell::new(STEPS / SHARE),
            given_up: RefCell::default(),
            reached: Cell::new(false),
            reported: Cell::new(false),
        }
    }
}

impl Budget {
    /// Begins anew, for another resource.
    pub(crate) fn renew(&mut self, resource: &dyn Element) {
        let entries = match resource.downcast_ref::<Bundle>() {
            Some(bundle) => bundle.entry.len() as u64,
            None => entries_of_untyped(resource),
        };
        let steps = STEPS.saturating_add(entries.saturating_mul(STEPS_OF_ENTRY));
        self.left.set(steps);
        self.of_one.set(steps / SHARE);
        self.given_up.get_mut().clear();
        self.reached.set(false);
        self.reported.set(false);
    }

    /// An environment whose evaluations take their steps from here.
    pub(crate) fn environment<'v>(&'v self, resource: &'v dyn Element) -> Environment<'v> {
        Environment::new(resource)
            .max_steps(self.of_one.get())
            .budget(&self.left)
            .casts_filter(true)
    }

    /// The truth value of an expression.
    ///
    /// # Errors
    /// Those of the evaluation, and too few steps in this evaluation or an earlier one.
    pub(crate) fn evaluate_boolean(
        &self,
        expression: &Expression,
        environment: &Environment<'_>,
    ) -> Result<Option<bool>, EvalError> {
        self.unless_given_up(expression, || expression.evaluate_boolean(environment))
    }

    /// The items that an expression returns.
    ///
    /// # Errors
    /// As for [`Budget::evaluate_boolean`].
    pub(crate) fn evaluate<'v>(
        &self,
        expression: &Expression,
        environment: &Environment<'v>,
    ) -> Result<Collection<'v>, EvalError> {
        self.unless_given_up(expression, || expression.evaluate(environment))
    }

    fn unless_given_up<T>(
        &self,
        expression: &Expression,
        evaluate: impl FnOnce() -> Result<T, EvalError>,
    ) -> Result<T, EvalError> {
        let key = std::ptr::from_ref(expression).addr();
        if self.given_up.borrow().contains(&key) {
            return Err(EvalErrorKind::TooManySteps.into());
        }
        let value = evaluate();
        if let Err(error) = &value
            && error.kind() == &EvalErrorKind::TooManySteps
        {
            self.reached.set(true);
            self.given_up.borrow_mut().insert(key);
        }
        value
    }

    /// An issue at `path`, if the limit has been reached and that was not reported.
    #[inline]
    pub(crate) fn issue(&self, path: &Path<'_>) -> Option<Issue> {
        (self.reached.get() && !self.reported.replace(true))
            .then(|| Issue::new(&R4_LIMIT, path, Detail::Limit(LIMIT)))
    }
}

/// How many entries a Bundle of a release other than R4 has.
#[cold]
fn entries_of_untyped(resource: &dyn Element) -> u64 {
    let bundle = resource.downcast_ref::<Untyped>();
    bundle.map_or(0, |bundle| bundle.list("entry").len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use healthcode_fhirpath::Node;
    use healthcode_r4::{HumanName, Patient};

    /// What an invariant of each name takes for a Patient of so many names.
    fn taken(names: usize, text: &str) -> u64 {
        let patient = Patient {
            name: (0..names).map(|_| HumanName::default()).collect(),
            ..Patient::default()
        };
        let expression = Expression::compile(text).expect("an expression");
        let budget = Budget::default();
        let mut environment = budget.environment(&patient);
        for name in &patient.name {
            environment.at(Node::root(name));
            // Whether it comes to an end or not.
            let _ = budget.evaluate_boolean(&expression, &environment);
        }
        STEPS - budget.left.get()
    }

    #[test]
    fn twice_the_names_cost_twice_the_steps_at_most() {
        for text in ["given.exists() or true", "1.repeat($this + 1).empty()"] {
            for names in [1, 2, 5, 10, 100, 1000] {
                let (few, many) = (taken(names, text), taken(2 * names, text));
                assert!(many * 10 <= few * 23, "{text}: {few}, then {many}");
            }
        }
        // One that is given up leaves most for others.
        let endless = taken(1000, "1.repeat($this + 1).empty()");
        assert_eq!(endless, STEPS / SHARE);
        // Each is within its share, but all together are not.
        let heavy = taken(
            1000,
            "%resource.name.where(%resource.name.count() > 0).empty()",
        );
        assert!(heavy <= STEPS, "{heavy}");
    }
}
