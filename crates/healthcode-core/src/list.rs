//! [`List`]: the sequence type of all models.

use crate::buffer::{Buffer, IntoValues};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};

/// The values of a repeating element.
///
/// One word wide when empty, and tuned for one value, which is what nearly every FHIR list holds.
/// Dereferences to a slice; grows by half. What is inside may change between releases.
///
/// ```
/// use healthcode_core::{List, list};
/// let mut names: List<&str> = list!["Ann", "Bob"];
/// names.push("Cy");
/// assert_eq!(names.len(), 3);
/// assert_eq!(names[2], "Cy");
/// ```
///
/// A value whose destructor panics aborts the process.
pub struct List<T>(Buffer<T>);

impl<T> List<T> {
    /// An empty list; allocates nothing.
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        List(Buffer::new())
    }

    /// An empty list with room for `capacity` values.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        List(Buffer::with_capacity(capacity))
    }

    /// Appends a value.
    #[inline]
    pub fn push(&mut self, value: T) {
        self.0.push(value);
    }

    /// Appends a default value and returns it to be filled.
    #[inline]
    pub fn push_default(&mut self) -> &mut T
    where
        T: Default,
    {
        self.0.push(T::default())
    }

    /// Removes and returns the last value.
    pub fn pop(&mut self) -> Option<T> {
        self.0.pop()
    }

    /// Inserts a value before position `index`.
    ///
    /// # Panics
    /// If `index` is past the end.
    pub fn insert(&mut self, index: usize, value: T) {
        let length = self.len();
        assert!(
            index <= length,
            "index {index} is past the end of a list of {length}"
        );
        self.push(value);
        self[index..].rotate_right(1);
    }

    /// Removes and returns the value at `index`.
    ///
    /// # Panics
    /// If `index` is out of bounds.
    pub fn remove(&mut self, index: usize) -> T {
        let length = self.len();
        assert!(index < length, "no value {index} in a list of {length}");
        self[index..].rotate_left(1);
        self.pop().expect("there is a last value")
    }

    /// Removes all values.
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    /// Shortens the list to `len` values.
    pub fn truncate(&mut self, len: usize) {
        while self.len() > len {
            self.pop();
        }
    }

    /// Keeps the values for which `keep` is true.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        let mut kept = 0;
        for index in 0..self.len() {
            if keep(&self[index]) {
                self.swap(kept, index);
                kept += 1;
            }
        }
        self.truncate(kept);
    }

    /// The values as a slice.
    #[inline]
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        self.0.as_slice()
    }

    /// How many values fit without allocating.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.0.capacity()
    }
}

impl<T> Default for List<T> {
    #[inline]
    fn default() -> Self {
        List::new()
    }
}

impl<T> Deref for List<T> {
    type Target = [T];
    #[inline]
    fn deref(&self) -> &[T] {
        self.as_slice()
    }
}

impl<T> DerefMut for List<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        self.0.as_mut_slice()
    }
}

impl<T: Clone> Clone for List<T> {
    fn clone(&self) -> Self {
        let mut copy = List::with_capacity(self.len());
        copy.extend(self.iter().cloned());
        copy
    }
}

impl<T: PartialEq> PartialEq for List<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for List<T> {}

impl<T: PartialOrd> PartialOrd for List<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (**self).partial_cmp(&**other)
    }
}

impl<T: Ord> Ord for List<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl<T: Hash> Hash for List<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl<T: fmt::Debug> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut list = List::new();
        list.extend(values);
        list
    }
}

impl<T> Extend<T> for List<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        for value in values {
            self.push(value);
        }
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(values: Vec<T>) -> Self {
        values.into_iter().collect()
    }
}

impl<T, const N: usize> From<[T; N]> for List<T> {
    fn from(values: [T; N]) -> Self {
        let mut list = List::with_capacity(N);
        list.extend(values);
        list
    }
}

impl<T> From<List<T>> for Vec<T> {
    fn from(list: List<T>) -> Self {
        list.into_iter().collect()
    }
}

impl<T> IntoIterator for List<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;
    fn into_iter(self) -> IntoIter<T> {
        IntoIter(IntoValues::new(self.0))
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut List<T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

/// The values of a [`List`], by value.
#[derive(Debug)]
pub struct IntoIter<T>(IntoValues<T>);

impl<T> Iterator for IntoIter<T> {
    type Item = T;
    fn next(&mut self) -> Option<T> {
        self.0.next()
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<T> DoubleEndedIterator for IntoIter<T> {
    fn next_back(&mut self) -> Option<T> {
        self.0.next_back()
    }
}

impl<T> ExactSizeIterator for IntoIter<T> {}

/// Makes a [`List`] of the given values, as [`vec!`] makes a [`Vec`].
///
/// ```
/// use healthcode_core::{List, list};
/// let codes: List<i32> = list![1, 2, 3];
/// assert_eq!(&codes[..], [1, 2, 3]);
/// ```
#[macro_export]
macro_rules! list {
    () => { $crate::List::new() };
    ($($value:expr),+ $(,)?) => { $crate::List::from([$($value),+]) };
}
