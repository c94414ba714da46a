//! Invariants of profiles, by FHIRPath.

use super::ProfileSet;
use super::check::{Checker, Profiles};
use super::item::Item;
use super::plan::Invariant;
use super::resource_context::ResourceContext;
use crate::element::is_whole;
use crate::registry::profiles as rule;
use healthcode_core::{Element, Path, Severity};
use healthcode_fhirpath::{Item as Found, Node, Resolved, Services};
use healthcode_r4::schema;
use std::cell::Cell;
use std::sync::Arc;

impl<'c, 'v> Checker<'c, 'v> {
    /// Checks that invariants are true of a value.
    pub(super) fn invariants(
        &mut self,
        invariants: &'c [Invariant],
        node: Option<Node<'v>>,
        path: &Path<'_>,
    ) {
        let Some(node) = node.filter(|_| !invariants.is_empty()) else {
            return;
        };
        // An element that could not be read completely has other issues.
        if node.as_element().is_some_and(|element| !is_whole(element)) {
            return;
        }
        let known = Known {
            set: self.set,
            settings: self.settings,
            around: self.around,
            own: self.own,
            tries: self.tries,
            missed: Cell::new(false),
        };
        let budget = self.around.budget;
        let environment = budget.environment(self.own).services(&known);
        let mut environment = environment.types(schema::VERSION, schema::find);
        environment.set_root_resource(self.around.root);
        environment.at(node);
        let mut broken = Vec::new();
        // A Bundle whose entries have passed does not hold them.
        let without = self
            .around
            .passed
            .is_some_and(|passed| passed.entries() > 0);
        for one in invariants {
            if without
                && one.of_entries
                && node
                    .as_element()
                    .is_some_and(|element| element.schema().name == "Bundle")
            {
                self.unchecked.insert(Arc::clone(&one.constraint));
                continue;
            }
            known.missed.set(false);
            let expression = one.expression.as_ref();
            match expression.map(|expression| budget.evaluate_boolean(expression, &environment)) {
                Some(Ok(Some(true))) => {}
                // A limit's result is empty where something is absent or cannot be compared.
                Some(Ok(None)) if one.rule == &rule::R4_PROFILE_LIMIT => {}
                // An empty result is not true, unless the expression needs what is not here.
                Some(Ok(_)) if !known.missed.get() => broken.push(one),
                Some(_) | None => {
                    self.unchecked.insert(Arc::clone(&one.constraint));
                }
            }
        }
        for one in broken {
            let severity = if one.error {
                Severity::Error
            } else {
                Severity::Warning
            };
            self.report_as(one.rule, severity, &one.constraint, path);
        }
    }
}

/// What expressions may request.
struct Known<'v> {
    set: &'v ProfileSet,
    settings: Profiles<'v>,
    around: ResourceContext<'v, 'v>,
    own: &'v dyn Element,
    tries: u32,
    /// Whether a reference was followed that leads out of the payload, or a value set or code system was
    /// needed that is not there.
    missed: Cell<bool>,
}

impl<'v> Services<'v> for Known<'v> {
    fn resolve(&self, reference: &str, _from: Option<&'v dyn Element>) -> Option<Resolved<'v>> {
        let found = self.around.find(reference);
        if found.is_none() {
            self.missed.set(true);
        }
        found.map(Resolved::Resource)
    }

    fn member_of(&self, item: &Found<'v>, value_set: &str) -> Option<bool> {
        let is_member = self.set.member_of(item, value_set);
        if is_member.is_none() {
            self.missed.set(true);
        }
        is_member
    }

    fn subsumes(&self, general: &Found<'v>, special: &Found<'v>) -> Option<bool> {
        let subsumes = self.set.subsumes(general, special);
        if subsumes.is_none() {
            self.missed.set(true);
        }
        subsumes
    }

    fn conforms_to(&self, element: &'v dyn Element, profile: &str) -> Option<bool> {
        let item = Item::alone(element)?;
        let mut checker = Checker::new(self.set, self.settings, self.around, self.own);
        checker.tries = self.tries;
        checker.follows(profile, &item)
    }
}
