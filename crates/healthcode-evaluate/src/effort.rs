//! [`Effort`]: how many references a query may follow.

use std::cell::Cell;

/// How many references [`Index::run`](super::Index::run) and [`Index::misses`](super::Index::misses)
/// follow at most, in chains, `_has` and what is included.
pub const MAX_FOLLOWED: u64 = 10_000_000;

/// How many references may be followed one after another, in chains and `_has` of a parameter.
pub(super) const MAX_CHAIN: usize = 16;

/// The references that one evaluation may still follow.
#[derive(Debug)]
pub(super) struct Effort {
    all: u64,
    left: Cell<u64>,
    spent: Cell<bool>,
}

impl Effort {
    pub(super) fn new(all: u64) -> Self {
        Effort {
            all,
            left: Cell::new(all),
            spent: Cell::new(false),
        }
    }

    /// Counts a reference that is to be followed; false if there were too many before it.
    pub(super) fn follow(&self) -> bool {
        match self.left.get().checked_sub(1) {
            Some(left) => self.left.set(left),
            None => self.spent.set(true),
        }
        !self.spent.get()
    }

    /// Whether a reference was not followed because there were too many before it.
    pub(super) fn is_spent(&self) -> bool {
        self.spent.get()
    }

    pub(super) fn followed(&self) -> u64 {
        self.all - self.left.get()
    }
}
