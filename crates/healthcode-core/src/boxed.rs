//! [`Boxed`]: the box that a resource of any type lies in.

use crate::outlined::{Outlined, Owner};
use std::fmt::{self, Debug};
use std::ops::{Deref, DerefMut};

/// A value on the heap, as in a [`Box`].
///
/// What drops it is compiled once for all crates: a crate that reads a resource of any type does
/// not compile the code that drops each of them. A value whose destructor panics aborts the process.
///
/// ```
/// use healthcode_core::Boxed;
/// let mut name = Boxed::new(String::from("Ann"));
/// name.push('e');
/// assert_eq!(name.into_inner(), "Anne");
/// ```
pub struct Boxed<T>(Outlined<Box<T>>);

impl<T> Owner for Box<T> {}

impl<T> Boxed<T> {
    /// Moves `value` to the heap.
    #[inline]
    #[must_use]
    pub fn new(value: T) -> Self {
        Boxed(Outlined::new(Box::new(value)))
    }

    /// The value, taken off the heap.
    #[inline]
    #[must_use]
    pub fn into_inner(self) -> T {
        *self.0.into_inner()
    }
}

impl<T> Deref for Boxed<T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Boxed<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for Boxed<T> {
    #[inline]
    fn from(value: T) -> Self {
        Boxed::new(value)
    }
}

impl<T: Default> Default for Boxed<T> {
    #[inline]
    fn default() -> Self {
        Boxed(Outlined::new(Box::default()))
    }
}

impl<T: Clone> Clone for Boxed<T> {
    fn clone(&self) -> Self {
        Boxed::new(T::clone(self))
    }
}

impl<T: PartialEq> PartialEq for Boxed<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Debug> Debug for Boxed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}
