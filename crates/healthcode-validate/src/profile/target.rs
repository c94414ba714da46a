//! What references point at: of which type it is, and whether it follows a profile.

use super::check::Checker;
use super::item::Item;
use super::node::{is_kind_of, type_name};
use super::slices::{any, referenced_type};
use crate::registry::profiles as rule;
use healthcode_core::{Constraint, Element, Path, Step};
use std::sync::Arc;

/// How many references are followed one after another to see whether what they lead to follows a
/// profile.
const HOPS: u32 = 4;

impl<'v> Checker<'_, 'v> {
    /// Checks that a reference points at what one of these types or profiles allows.
    pub(super) fn target(
        &mut self,
        urls: &[Box<str>],
        constraint: &Arc<Constraint>,
        reference: &'v dyn Element,
        path: &Path<'_>,
    ) {
        let target = self.resolve(reference);
        let name = match target {
            Some(target) => Some(target.schema().name),
            None => referenced_type(reference),
        };
        let Some(name) = name else {
            // What is neither here nor shows its type may be anything; types alone are checked
            // where the whole Bundle is known.
            if urls.iter().all(|url| type_name(url).is_none()) {
                self.unchecked.insert(Arc::clone(constraint));
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
                self.report(&rule::R4_PROFILE_TARGET, constraint, &path);
            }
            None => {
                self.unchecked.insert(Arc::clone(constraint));
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
