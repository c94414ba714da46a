//! Tests of `outlined.rs`.

use super::*;
use std::cell::Cell;

/// Counts how often it is dropped; owns nothing if `true`.
struct Counted<'a>(&'a Cell<u32>, bool);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

impl Owner for Counted<'_> {
    fn owns_nothing(&self) -> bool {
        self.1
    }
}

fn counted(count: &Cell<u32>) -> Outlined<Counted<'_>> {
    Outlined::new(Counted(count, false))
}

#[test]
fn drops_once() {
    let count = Cell::new(0);
    let value = counted(&count);
    assert!(!value.1);
    drop(value);
    assert_eq!(count.get(), 1);
}

#[test]
fn taken_out_is_not_dropped() {
    let count = Cell::new(0);
    let value = counted(&count);
    let inner = value.into_inner();
    assert_eq!(count.get(), 0);
    drop(inner);
    assert_eq!(count.get(), 1);
}

#[test]
fn replaced_is_dropped() {
    let (first, second) = (Cell::new(0), Cell::new(0));
    let mut place = Some(counted(&first));
    assert!(place.replace(counted(&second)).is_some());
    assert_eq!((first.get(), second.get()), (1, 0));
    **place.as_mut().unwrap() = Counted(&first, false);
    assert_eq!((first.get(), second.get()), (1, 1));
    place.take();
    assert_eq!((first.get(), second.get()), (2, 1));
}

#[test]
fn what_owns_nothing_is_left() {
    let count = Cell::new(0);
    drop(Outlined::new(Counted(&count, true)));
    assert_eq!(count.get(), 0);
}

#[test]
fn dropped_when_its_owner_unwinds() {
    let count = Cell::new(0);
    let value = counted(&count);
    let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _value = value;
        std::panic::resume_unwind(Box::new(()));
    }));
    assert!(unwound.is_err());
    assert_eq!(count.get(), 1);
}
