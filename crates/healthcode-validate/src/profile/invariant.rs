//! Invariants of profiles, by FHIRPath.

use super::ProfileSet;
use super::check::{Around, Checker, Profiles};
use super::item::{Item, named, text};
use super::plan::Invariant;
use crate::invariant::is_whole;
use healthcode_core::{Element, Path, Severity};
use healthcode_fhirpath::{Environment, Item as Found, Node, Resolved, Services};
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
        // Of an element that was not wholly read something else has been said.
        if node.as_element().is_some_and(|element| !is_whole(element)) {
            return;
        }
        let known = Known {
            set: self.set,
            settings: self.settings,
            around: self.around,
            own: self.own,
            tries: self.tries,
        };
        let mut environment = Environment::new(self.own).services(&known);
        environment.set_root_resource(self.around.root);
        environment.at(node);
        let mut broken = Vec::new();
        for one in invariants {
            let expression = one.expression.as_ref();
            match expression.map(|it| it.evaluate_boolean(&environment)) {
                Some(Ok(Some(false))) => broken.push(one),
                // What gives nothing is kept, as with R4's own.
                Some(Ok(_)) => {}
                Some(Err(_)) | None => {
                    self.unchecked.insert(Arc::clone(&one.asked));
                }
            }
        }
        for one in broken {
            let severity = if one.error {
                Severity::Error
            } else {
                Severity::Warning
            };
            self.report_as(one.rule, severity, &one.asked, path);
        }
    }
}

/// What expressions may ask for.
struct Known<'v> {
    set: &'v ProfileSet,
    settings: Profiles<'v>,
    around: Around<'v, 'v>,
    own: &'v dyn Element,
    tries: u32,
}

impl<'v> Services<'v> for Known<'v> {
    fn resolve(&self, reference: &str, _from: Option<&'v dyn Element>) -> Option<Resolved<'v>> {
        self.around.find(reference).map(Resolved::Resource)
    }

    fn member_of(&self, item: &Found<'v>, value_set: &str) -> Option<bool> {
        let Some(element) = item.as_node().and_then(Node::as_element) else {
            return self.set.has_code(value_set, None, item.text()?);
        };
        let of_coding = |coding: &'v dyn Element| match text(coding, "code") {
            Some(code) => self.set.has_code(value_set, text(coding, "system"), code),
            None => Some(false),
        };
        if element.schema().name != "CodeableConcept" {
            return of_coding(element);
        }
        let codings = named(element, "coding").into_iter();
        super::slices::any(codings.filter_map(|it| it.element()).map(of_coding))
    }

    fn conforms_to(&self, element: &'v dyn Element, profile: &str) -> Option<bool> {
        let item = Item::alone(element)?;
        let mut checker = Checker::new(self.set, self.settings, self.around, self.own);
        checker.tries = self.tries;
        checker.follows(profile, &item)
    }
}
