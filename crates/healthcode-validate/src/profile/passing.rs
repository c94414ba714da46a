//! Entries that are read one at a time: which slices of their Bundle's profiles they are in, and whether
//! there are enough in each.

use super::ProfileSet;
use super::check::{Checker, Profiles, Reported};
use super::followed::Followed;
use super::item::Item;
use super::passed::{Level, Order, Passed, Sliced, Tally};
use super::plan::{Count, FieldCheck, Slicing};
use super::resource_context::ResourceContext;
use crate::budget::Budget;
use crate::bundle::Entries;
use crate::registry::profiles as rule;
use healthcode_core::{Element, Field, Issues, Path};
use healthcode_r4::schema;
use std::sync::Arc;

impl Profiles<'_> {
    /// Checks an entry against the profiles of its Bundle that are known to apply: those that the Bundle
    /// claims, and those that all Bundles are checked against.
    pub(crate) fn pass(
        &self,
        entry: &dyn Element,
        place: (&Path<'_>, usize),
        claims: &[Box<str>],
        reported: &mut Reported,
        issues: &mut Issues,
    ) -> Vec<Sliced> {
        let Some(set) = self.loaded else {
            return Vec::new();
        };
        let mut indexes: Vec<usize> = Vec::new();
        for canonical in claims.iter().chain(self.applied) {
            indexes.extend(set.find(canonical).filter(|index| !indexes.contains(index)));
        }
        let mut all = Vec::new();
        for index in indexes {
            all.extend(self.pass_by(set, index, entry, place, reported, issues));
        }
        all
    }

    fn pass_by(
        &self,
        set: &ProfileSet,
        index: usize,
        entry: &dyn Element,
        (bundle, at): (&Path<'_>, usize),
        reported: &mut Reported,
        issues: &mut Issues,
    ) -> Option<Sliced> {
        let plan = set
            .plan(index)
            .filter(|plan| &*plan.type_name == "Bundle")?;
        let of_entries = |field: &&FieldCheck| field.definition.name() == "entry";
        let field = plan.root.fields.iter().find(of_entries)?;
        let (place, definition) = schema::find("Bundle")?.field("entry")?;
        let item = Item {
            index: Some(at),
            field: u16::try_from(place).ok()?,
            definition,
            ..Item::alone(entry)?
        };
        let (entries, followed) = (Entries::default(), Followed::default());
        let budget = Budget::default();
        let around = ResourceContext {
            root: entry,
            bundle: None,
            entries: &entries,
            followed: &followed,
            budget: &budget,
            passed: None,
        };
        let mut checker = Checker::new(set, *self, around, entry);
        let levels = checker.levels(field, &item, bundle);
        let sliced = Sliced {
            profile: std::ptr::from_ref(field).addr(),
            most: field.count.max.clone(),
            levels,
            unchecked: std::mem::take(&mut checker.unchecked),
        };
        checker.finish(plan, set.is_advisory(index), bundle, reported, issues);
        if let Some(issue) = budget.issue(bundle) {
            issues.push(issue);
        }
        Some(sliced)
    }
}

impl<'c, 'v> Checker<'c, 'v> {
    /// Checks an entry, and returns the slices that it is in.
    fn levels(&mut self, field: &'c FieldCheck, item: &Item<'v>, path: &Path<'_>) -> Vec<Level> {
        let mut levels = Vec::new();
        if !self.item(&field.value, item, path) {
            return levels;
        }
        let mut slicing = field.slicing.as_ref();
        while let Some(here) = slicing {
            let (own, perhaps) = self.slice_of(here, item);
            for slice in perhaps.iter().filter_map(|at| here.slices.get(*at)) {
                self.unchecked.insert(Arc::clone(&slice.constraint));
            }
            let slice = own.and_then(|own| here.slices.get(own));
            let in_none = slice.is_none() && perhaps.is_empty();
            let noted = self
                .settings
                .rules
                .reports(&rule::R4_PROFILE_SLICE_UNMATCHED)
                && here.notes_unmatched;
            if in_none && (here.closed || noted) {
                let rule = if here.closed {
                    &rule::R4_PROFILE_SLICE_CLOSED
                } else {
                    &rule::R4_PROFILE_SLICE_UNMATCHED
                };
                item.at(path, false, |path| {
                    self.report(rule, &here.constraint, path);
                });
            }
            if in_none && here.closed {
                break;
            }
            if let Some(slice) = slice {
                self.item(&slice.value, item, path);
            }
            let ordered = (slice.is_some() && here.ordered) || here.open_at_end;
            levels.push(Level {
                slice: own.unwrap_or(here.slices.len()),
                perhaps,
                most: slice.and_then(|slice| slice.count.max.clone()),
                order: ordered.then(|| Order {
                    slices: here.slices.len(),
                    whole: here.ordered,
                    constraint: Arc::clone(&here.constraint),
                }),
            });
            slicing = slice.and_then(|slice| slice.slicing.as_ref());
        }
        levels
    }

    /// Checks that there were enough entries; false if none was checked, because the profile was not named before
    /// them.
    pub(super) fn have_passed(
        &mut self,
        field: &'c FieldCheck,
        passed: &Passed,
        path: &Path<'_>,
    ) -> bool {
        let Some(tally) = passed.by_profile.get(&std::ptr::from_ref(field).addr()) else {
            return false;
        };
        self.unchecked.extend(tally.unchecked.iter().cloned());
        self.enough(&field.count, field.definition, tally, path);
        if let Some(slicing) = &field.slicing {
            self.enough_in_slices(slicing, field.definition, tally, path);
        }
        true
    }

    fn enough(&mut self, count: &Count, definition: &Field, tally: &Tally, path: &Path<'_>) {
        let found = tally.found.saturating_add(tally.perhaps);
        self.count(count, definition, &[], found, path);
    }

    fn enough_in_slices(
        &mut self,
        slicing: &'c Slicing,
        definition: &Field,
        tally: &Tally,
        path: &Path<'_>,
    ) {
        let none = Tally::default();
        for (at, slice) in slicing.slices.iter().enumerate() {
            let tally = tally.slices.get(&at).unwrap_or(&none);
            self.enough(&slice.count, definition, tally, path);
            if let Some(inner) = &slice.slicing {
                self.enough_in_slices(inner, definition, tally, path);
            }
        }
    }
}
