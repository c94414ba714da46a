//! Tests of `buffer.rs`, by way of the list that holds one.

use super::*;
use crate::List;
use proptest::prelude::*;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a test does to a list.
#[derive(Clone, Debug)]
enum Step {
    Push,
    Pop,
    Insert(usize),
    Remove(usize),
    Truncate(usize),
    Retain(usize),
    Clone,
    Front,
    Back,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => Just(Step::Push),
        2 => Just(Step::Pop),
        3 => (0..20_usize).prop_map(Step::Insert),
        3 => (0..20_usize).prop_map(Step::Remove),
        1 => (0..20_usize).prop_map(Step::Truncate),
        1 => (1..4_usize).prop_map(Step::Retain),
        1 => Just(Step::Clone),
        1 => Just(Step::Front),
        1 => Just(Step::Back),
    ]
}

/// Does the steps to a list and to a vector, whose values stay the same.
fn check<T: Clone + PartialEq + fmt::Debug>(steps: &[Step], value: impl Fn(usize) -> T) {
    let mut list = List::new();
    let mut vector = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        match *step {
            Step::Push => {
                list.push(value(number));
                vector.push(value(number));
            }
            Step::Pop => assert_eq!(list.pop(), vector.pop()),
            Step::Insert(at) => {
                let at = at % (vector.len() + 1);
                list.insert(at, value(number));
                vector.insert(at, value(number));
            }
            Step::Remove(at) if at < vector.len() => {
                assert_eq!(list.remove(at), vector.remove(at));
            }
            Step::Remove(at) => {
                assert!(catch_unwind(AssertUnwindSafe(|| list.remove(at))).is_err());
            }
            Step::Truncate(length) => {
                list.truncate(length);
                vector.truncate(length);
            }
            Step::Retain(divisor) => {
                let (mut a, mut b) = (0, 0);
                list.retain(|_| (a += 1, a % divisor == 0).1);
                vector.retain(|_| (b += 1, b % divisor == 0).1);
            }
            Step::Clone => list = list.clone(),
            Step::Front => {
                let mut values = list.into_iter();
                assert_eq!(values.len(), vector.len());
                assert_eq!(values.next().is_some(), !vector.is_empty());
                list = values.collect();
                vector.drain(..vector.len().min(1));
            }
            Step::Back => {
                let mut values = list.into_iter();
                assert_eq!(values.next_back(), vector.pop());
                list = values.collect();
            }
        }
        assert_eq!(list[..], vector[..]);
        assert!(list.capacity() >= list.len());
    }
}

/// A value that is aligned beyond a header.
#[repr(align(64))]
#[derive(Clone, Debug, PartialEq)]
struct Aligned(usize);

proptest! {
    #[test]
    fn does_what_a_vector_does(steps in prop::collection::vec(step(), 0..60)) {
        check(&steps, |number| number.to_string());
        check(&steps, |number| number as u8);
        check(&steps, Aligned);
        check(&steps, |_| ());
    }
}

#[test]
fn values_are_aligned() {
    let list: List<_> = (0..100).map(Aligned).collect();
    for (number, value) in list.iter().enumerate() {
        assert!(ptr::from_ref(value).is_aligned());
        assert_eq!(value.0, number);
    }
}

/// Counts how often it is dropped.
struct Counted<'a>(&'a Cell<u32>);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn drops_each_value_once() {
    let count = Cell::new(0);
    let five = || (0..5).map(|_| Counted(&count)).collect::<List<_>>();
    drop(five());
    assert_eq!(count.replace(0), 5);
    let mut list = five();
    list.truncate(3);
    assert_eq!(count.get(), 2);
    drop(list.remove(0));
    assert_eq!(count.get(), 3);
    drop(list);
    assert_eq!(count.replace(0), 5);
    let mut values = five().into_iter();
    drop((values.next(), values.next_back()));
    assert_eq!(count.get(), 2);
    drop(values);
    assert_eq!(count.replace(0), 5);
    drop(List::<Counted<'_>>::new().into_iter());
    assert_eq!(count.get(), 0);
}

#[test]
fn is_one_word_and_grows_by_half() {
    assert_eq!(size_of::<List<String>>(), size_of::<usize>());
    let mut list = List::new();
    assert_eq!(list.capacity(), 0);
    let capacities: Vec<_> = (0..10)
        .map(|number| {
            list.push(number);
            list.capacity()
        })
        .collect();
    assert_eq!(capacities, [1, 2, 4, 4, 7, 7, 7, 11, 11, 11]);
}

#[test]
fn room_for_too_many_values_panics() {
    for capacity in [usize::MAX, usize::MAX / 8, isize::MAX as usize / 8] {
        let made = catch_unwind(|| List::<u64>::with_capacity(capacity));
        assert!(made.is_err(), "{capacity}");
    }
    assert!(List::<()>::with_capacity(usize::MAX).is_empty());
}

#[test]
fn shows_what_is_left() {
    let mut values = List::from([1, 2, 3]).into_iter();
    values.next();
    assert_eq!(format!("{values:?}"), "IntoIter([2, 3])");
}

#[test]
fn threads_may_share_it() {
    fn shared<T: Send + Sync>() {}
    shared::<List<String>>();
    shared::<crate::list::IntoIter<String>>();
}

#[test]
fn lifetimes_of_values_may_be_shortened() {
    fn shorter<'a>(list: List<&'static str>, _: &'a str) -> List<&'a str> {
        list
    }
    let text = String::from("a");
    assert_eq!(shorter(List::from(["b"]), &text)[..], ["b"]);
}
