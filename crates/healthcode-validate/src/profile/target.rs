//! What references point at: of which type it is, and whether it follows a profile.

use super::check::{Checker, HOPS};
use super::item::{Item, fields_of, text};
use super::node::{is_kind_of, type_name};
use super::slices::any;
use crate::registry::profiles as rule;
use healthcode_core::{Constraint, Element, Path, Step, ValueRef};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// Which resources follow which profiles, by the addresses of both, as far as that is known, and how
/// contained ones are found. Resources refer to each other in circles: one that is being looked at
/// follows its profile until something shows that it does not. Each is looked at once for each profile.
///
/// It is for values that stay where they are for as long as it is used.
#[derive(Default)]
pub(crate) struct Followed {
    known: RefCell<HashMap<(usize, usize), Option<bool>>>,
    /// By the address of what contains them: the indexes of contained resources by their ids.
    contained: RefCell<HashMap<usize, HashMap<Box<str>, usize>>>,
}

impl Followed {
    /// The resource with this id that another contains.
    pub(super) fn contained<'v>(&self, root: &'v dyn Element, id: &str) -> Option<&'v dyn Element> {
        let fields = fields_of(Some(root));
        let held = fields.since(0).iter().find_map(|field| match field.value {
            ValueRef::Elements(items) => {
                let definition = root.schema().fields.get(usize::from(field.index))?;
                (definition.name() == "contained").then_some(items)
            }
            _ => None,
        })?;
        let mut all = self.contained.borrow_mut();
        let by_id = all
            .entry(std::ptr::from_ref(root).addr())
            .or_insert_with(|| {
                let ids = (0..held.count()).rev();
                let ids = ids.filter_map(|at| Some((text(held.element_at(at), "id")?.into(), at)));
                ids.collect()
            });
        by_id.get(id).map(|at| held.element_at(*at))
    }
}

impl<'c, 'v> Checker<'c, 'v> {
    /// Checks that a reference points at what one of these types or profiles allows.
    pub(super) fn target(
        &mut self,
        urls: &[Box<str>],
        asked: &Arc<Constraint>,
        reference: &'v dyn Element,
        path: &Path<'_>,
    ) {
        let target = self.resolve(reference);
        let name = match target {
            Some(target) => Some(target.schema().name),
            None => super::slices::referenced_type(reference),
        };
        let Some(name) = name else {
            // What is neither here nor shows its type may be anything; types alone are checked
            // where the whole Bundle is known.
            if urls.iter().all(|url| type_name(url).is_none()) {
                self.unchecked.insert(Arc::clone(asked));
            }
            return;
        };
        let mut answers = Vec::with_capacity(urls.len());
        for url in urls {
            let of_type = match type_name(url) {
                Some(wanted) => Some(wanted.into()),
                None => self.set.type_of(url),
            };
            answers.push(match (of_type, target) {
                (None, _) => None,
                (Some(wanted), _) if !is_kind_of(name, &wanted) => Some(false),
                _ if type_name(url).is_some() => Some(true),
                (Some(_), Some(target)) => self.leads_to(url, target),
                (Some(_), None) => None,
            });
        }
        match any(answers.into_iter()) {
            Some(true) => {}
            Some(false) => {
                let path = path.child(Step::field("reference"));
                self.report(&rule::R4_PROFILE_TARGET, asked, &path);
            }
            None => {
                self.unchecked.insert(Arc::clone(asked));
            }
        }
    }

    /// Whether a resource that something refers to follows a profile.
    fn leads_to(&mut self, url: &str, target: &'v dyn Element) -> Option<bool> {
        let plan = self.set.plan(self.set.find(url)?)?;
        let item = Item::alone(target)?;
        let key = (
            std::ptr::from_ref(target).addr(),
            std::ptr::from_ref(plan).addr(),
        );
        let followed = self.around.followed;
        if let Some(known) = followed.known.borrow().get(&key) {
            return *known;
        }
        if self.hops >= HOPS {
            return None;
        }
        followed.known.borrow_mut().insert(key, Some(true));
        self.hops += 1;
        let tries = std::mem::take(&mut self.tries);
        let answer = self.follows(url, &item);
        self.hops -= 1;
        self.tries = tries;
        followed.known.borrow_mut().insert(key, answer);
        answer
    }
}
