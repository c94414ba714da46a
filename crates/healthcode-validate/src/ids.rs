//! The ids of elements: their form, and that each occurs once in its resource.
//!
//! Facts are from FHIR R4 element.html and element-definitions.html#Element.id.

use crate::Policy;
use crate::policy::Subject;
use crate::registry as rule;
use healthcode_core::scan::any_unseen;
use healthcode_core::{Detail, Element, Issue, Issues, Path, Step};
use std::collections::HashSet;

/// Which field is the id, in all schemas: the first.
pub(crate) const FIELD: u64 = 1;

/// How many ids are looked through one by one; most resources have fewer.
const FEW: usize = 24;

/// The ids of elements that were met, each with its scope.
#[derive(Default)]
pub(crate) struct Ids<'v> {
    few: Vec<Id<'v>>,
    many: Option<HashSet<Id<'v>>>,
}

/// The address of the resource, the part of it that has ids of its own, and the id.
type Id<'v> = (usize, bool, &'v str);

impl<'v> Ids<'v> {
    /// No ids, in the memory of these.
    #[expect(
        clippy::unnecessary_filter_map,
        reason = "the lifetime of the items changes, which `filter` cannot"
    )]
    pub(crate) fn recycled<'b>(mut self) -> Ids<'b> {
        self.few.clear();
        let few = self.few.into_iter();
        Ids {
            few: few.filter_map(|_| None).collect(),
            many: None,
        }
    }

    /// Reports the id of an element, at `path`, that has white space in it or that another element
    /// of the resource has.
    pub(crate) fn check(
        &mut self,
        id: &'v str,
        element: &dyn Element,
        resource: &dyn Element,
        policy: Policy,
        path: &Path<'_>,
        issues: &mut Issues,
    ) {
        let mut report = |rule| {
            let path = path.child(Step::field("id"));
            issues.push(Issue::new(rule, &path, Detail::None));
        };
        if any_unseen(id.as_bytes()) && id.contains(char::is_whitespace) {
            report(&rule::R4_ELEMENT_ID);
        }
        // Of ElementDefinitions the invariants sdf-16 and sdf-17 require this.
        if id.is_empty() || element.schema().name == "ElementDefinition" {
            return;
        }
        let repeated = &rule::R4_ELEMENT_ID_REPEATED;
        let subject = Subject::Element(element, path);
        if policy.reported(repeated, subject).is_none() {
            return;
        }
        let address = std::ptr::from_ref(resource).cast::<()>().addr();
        let differential = resource.schema().name == "StructureDefinition" && is_differential(path);
        if !self.is_new((address, differential, id)) {
            report(repeated);
        }
    }

    fn is_new(&mut self, id: Id<'v>) -> bool {
        if let Some(many) = &mut self.many {
            return many.insert(id);
        }
        if self.few.contains(&id) {
            return false;
        }
        self.few.push(id);
        if self.few.len() == FEW {
            self.many = Some(self.few.drain(..).collect());
        }
        true
    }
}

/// Whether a place is in the differential of a StructureDefinition, which repeats what is in the
/// snapshot.
fn is_differential(path: &Path<'_>) -> bool {
    let mut place = Some(path);
    while let Some(at) = place {
        if matches!(at.step(), Step::Field { name, .. } if name == "differential") {
            return true;
        }
        place = at.parent();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{FEW, Ids};
    use healthcode_r4::schema;

    #[test]
    fn the_id_is_the_first_field() {
        for schema in schema::ALL {
            let id = schema.fields.iter().position(|field| field.name() == "id");
            assert!(matches!(id, None | Some(0)), "{}", schema.name);
        }
    }

    #[test]
    fn few_and_many() {
        let texts: Vec<String> = (0..3 * FEW).map(|number| number.to_string()).collect();
        let mut ids = Ids::default();
        for text in &texts {
            assert!(ids.is_new((1, false, text)), "{text}");
            assert!(ids.is_new((2, false, text)), "{text}");
            assert!(ids.is_new((2, true, text)), "{text}");
        }
        assert!(texts.iter().all(|text| !ids.is_new((1, false, text))));
    }
}
