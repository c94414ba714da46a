//! [`List`]: the sequence type of all models.

use std::fmt;
use std::ops::{Deref, DerefMut};
use thin_vec::ThinVec;

/// The values of a repeating element.
///
/// One word wide when empty, and tuned for one value, which is what nearly every FHIR list holds.
/// Dereferences to a slice; grows like a [`Vec`]. What is inside may change between releases.
///
/// ```
/// use healthcode_core::{List, list};
/// let mut names: List<&str> = list!["Ann", "Bob"];
/// names.push("Cy");
/// assert_eq!(names.len(), 3);
/// assert_eq!(names[2], "Cy");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct List<T>(ThinVec<T>);

impl<T> List<T> {
    /// An empty list; allocates nothing.
    #[inline]
    #[must_use]
    pub fn new() -> Self {
        List(ThinVec::new())
    }

    /// An empty list with room for `capacity` values.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        List(ThinVec::with_capacity(capacity))
    }

    /// Appends a value.
    #[inline]
    pub fn push(&mut self, value: T) {
        if self.0.capacity() == 0 {
            self.0 = ThinVec::with_capacity(1);
        }
        self.0.push(value);
    }

    /// Appends a default value and gives it to be filled.
    #[inline]
    pub fn push_default(&mut self) -> &mut T
    where
        T: Default,
    {
        self.push(T::default());
        let last = self.0.len() - 1;
        &mut self.0[last]
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
        self.0.insert(index, value);
    }

    /// Removes and returns the value at `index`.
    ///
    /// # Panics
    /// If `index` is out of bounds.
    pub fn remove(&mut self, index: usize) -> T {
        self.0.remove(index)
    }

    /// Removes all values.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Shortens the list to `len` values.
    pub fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    /// Keeps the values for which `keep` is true.
    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.0.retain(keep);
    }

    /// The values as a slice.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.0
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
        &self.0
    }
}

impl<T> DerefMut for List<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
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
        IntoIter(self.0.into_iter())
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
pub struct IntoIter<T>(thin_vec::IntoIter<T>);

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
