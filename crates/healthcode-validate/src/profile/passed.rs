//! [`Passed`]: how many entries of a Bundle that passed by one at a time there were in each slice.

use crate::registry::profiles as rule;
use healthcode_core::{Constraint, Rule};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// How an entry fits one profile of its Bundle.
#[derive(Clone)]
pub(crate) struct Sliced {
    /// The address of what the profile requires of entries.
    pub(super) profile: usize,
    pub(super) most: Option<(u32, Arc<Constraint>)>,
    /// From slices to slices of these.
    pub(super) levels: Vec<Level>,
    pub(super) unchecked: BTreeSet<Arc<Constraint>>,
}

/// Where an entry is in one slicing.
#[derive(Clone)]
pub(super) struct Level {
    /// The number of its slice; one past the last for none.
    pub(super) slice: usize,
    /// The numbers of those that it may be in, where that is not known.
    pub(super) perhaps: Vec<usize>,
    pub(super) most: Option<(u32, Arc<Constraint>)>,
    pub(super) order: Option<Order>,
}

/// The order that slices have.
#[derive(Clone)]
pub(super) struct Order {
    /// How many slices there are.
    pub(super) slices: usize,
    /// Whether all have their order, and not just those that are in none.
    pub(super) whole: bool,
    pub(super) constraint: Arc<Constraint>,
}

/// What is known of the entries that have passed.
#[derive(Default)]
pub(crate) struct Passed {
    entries: usize,
    /// By the address of what a profile requires of entries.
    pub(super) by_profile: HashMap<usize, Tally>,
}

/// How many entries there were, in all and by slice.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) found: u32,
    pub(super) perhaps: u32,
    /// How far the order of slices has come; one past the last for what is in none.
    reached: usize,
    pub(super) slices: HashMap<usize, Tally>,
    pub(super) unchecked: BTreeSet<Arc<Constraint>>,
}

impl Passed {
    /// How many entries there were.
    pub(super) fn entries(&self) -> usize {
        self.entries
    }

    /// Counts the next entry.
    #[inline]
    pub(crate) fn count(&mut self) {
        self.entries += 1;
    }

    /// Takes the slices that the next entry is in, and reports which rules it breaks beside those before it.
    pub(crate) fn take(
        &mut self,
        sliced: &[Sliced],
        report: &mut dyn FnMut(&'static Rule, &Arc<Constraint>),
    ) {
        for one in sliced {
            let mut tally = self.by_profile.entry(one.profile).or_default();
            tally.unchecked.extend(one.unchecked.iter().cloned());
            tally.add(one.most.as_ref(), report);
            for level in &one.levels {
                for slice in &level.perhaps {
                    tally.slices.entry(*slice).or_default().perhaps += 1;
                }
                if !level.perhaps.is_empty() {
                    break;
                }
                if let Some(order) = &level.order {
                    tally.order(level.slice, order, report);
                }
                tally = tally.slices.entry(level.slice).or_default();
                tally.add(level.most.as_ref(), report);
            }
        }
    }
}

impl Tally {
    fn add(
        &mut self,
        most: Option<&(u32, Arc<Constraint>)>,
        report: &mut dyn FnMut(&'static Rule, &Arc<Constraint>),
    ) {
        if let Some((max, constraint)) = most
            && self.found == *max
        {
            report(&rule::R4_PROFILE_MAX, constraint);
        }
        self.found = self.found.saturating_add(1);
    }

    fn order(
        &mut self,
        slice: usize,
        order: &Order,
        report: &mut dyn FnMut(&'static Rule, &Arc<Constraint>),
    ) {
        let late = if order.whole {
            slice < self.reached
        } else {
            slice < order.slices && self.reached == order.slices
        };
        if late {
            report(&rule::R4_PROFILE_SLICE_ORDER, &order.constraint);
        } else {
            self.reached = slice;
        }
    }
}
