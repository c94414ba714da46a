//! [`Outlined`]: a value that is dropped by a call.
//!
//! The compiler writes the code that drops a type again in every codegen unit of every crate that
//! may drop one, with the code for all that is inside. FHIR types hold each other, by way of
//! `Resource` all of them: with `Box` and `Vec` alone, each of the 654 types of R4 was dropped by
//! four copies on average, up to ten of the resources. Together they were 5.2 of the 7.3 MB of code
//! of a program that reads and writes all of R4, 1.0 MB of its unwinding tables, and a third of the
//! time it took to build; the program's own crate took 15 s of processor time, now 0.5 s.
//!
//! A field of type `T` brings the code that drops a `T`, whatever its owner's `Drop` does: only
//! [`ManuallyDrop`] holds one without. The call goes to a function that is not inlined, so that
//! one copy serves all crates, and whose ABI says that it does not unwind, so that its callers need
//! no code for that case.
#![allow(unsafe_code, reason = "see above; `cargo xtask tidy` knows this file")]

use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};

/// What [`Outlined`] can hold.
pub(crate) trait Owner {
    /// Whether dropping would free nothing.
    #[inline]
    fn owns_nothing(&self) -> bool {
        false
    }
}

/// A `T` that is dropped by one call. A panic of its destructor aborts the process.
pub(crate) struct Outlined<T: Owner>(ManuallyDrop<T>);

impl<T: Owner> Outlined<T> {
    #[inline]
    pub(crate) const fn new(value: T) -> Self {
        Outlined(ManuallyDrop::new(value))
    }

    #[inline]
    pub(crate) fn into_inner(self) -> T {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: `this` is never used again, nor dropped.
        unsafe { ManuallyDrop::take(&mut this.0) }
    }
}

impl<T: Owner> Drop for Outlined<T> {
    #[inline]
    fn drop(&mut self) {
        if !self.0.owns_nothing() {
            // SAFETY: `self` is being dropped, so nobody uses the value after this.
            unsafe { dispose(&mut self.0) }
        }
    }
}

/// Drops the value.
///
/// # Safety
/// The value must not be used afterwards.
#[inline(never)]
unsafe extern "C" fn dispose<T>(value: &mut ManuallyDrop<T>) {
    // SAFETY: the caller promises not to use it again.
    unsafe { ManuallyDrop::drop(value) }
}

impl<T: Owner> Deref for Outlined<T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Owner> DerefMut for Outlined<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

#[cfg(test)]
mod tests;
