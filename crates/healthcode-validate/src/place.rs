//! [`Place`]: an element of a value that is being validated, and what surrounds it.

use crate::Policy;
use crate::plan::FieldPlan;
use healthcode_core::{Element, FieldRef, Path, Schema};

/// An element and what surrounds it: what a rule may look at.
#[allow(
    dead_code,
    reason = "rules of references and bindings will look at the rest"
)]
pub(crate) struct Place<'p, 'v> {
    pub(crate) policy: Policy,
    pub(crate) element: &'v dyn Element,
    pub(crate) schema: &'static Schema,
    /// The fields that hold something, in the schema's order.
    pub(crate) fields: &'p [FieldRef<'v>],
    pub(crate) path: &'p Path<'p>,
    /// The field of another element that holds this one.
    pub(crate) holder: Option<&'static FieldPlan>,
    /// The resource that the element is or belongs to: `%resource`.
    pub(crate) resource: &'v dyn Element,
    /// The resource that contains `resource`, or `resource` itself: `%rootResource`.
    pub(crate) root: &'v dyn Element,
}

impl Place<'_, '_> {
    /// The element as its own type, if it is a `T`.
    pub(crate) fn get<T: Element>(&self) -> Option<&T> {
        self.element.downcast_ref()
    }
}
