//! [`Buffer`]: values in one allocation with their number; what a [`List`](crate::List) holds.
//!
//! The models have lists of 442 types. What makes room for values and what drops them is one function for all types here,
//! which takes the size of a value and the function that drops one. With a vector from a crate, which is compiled for
//! each type, `healthcode-r4` took a fifth more processor time to build (39.4 and 46.6 s by turns, 34.1 and 37.8 s
//! without); reading takes within 1 % of the same instructions.
#![allow(unsafe_code, reason = "see above; `cargo xtask tidy` knows this file")]

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error, realloc};
use std::marker::PhantomData;
use std::mem::needs_drop;
use std::ptr::{self, NonNull};
use std::{fmt, slice};

/// Values in one allocation with their number, which is not made before there are any. One word wide.
pub(crate) struct Buffer<T> {
    /// The start of the allocation, which is that of [`Shape::layout`] for the capacity.
    header: Option<NonNull<Header>>,
    values: PhantomData<T>,
}

/// What is before the values.
struct Header {
    /// How many values there are.
    length: usize,
    /// How many values there is room for.
    capacity: usize,
}

/// How the values of a type lie in an allocation.
struct Shape {
    /// How far after its start the first one is.
    offset: usize,
    /// The size of a value.
    size: usize,
    /// The alignment of the allocation.
    align: usize,
    /// Drops a value, if there is something to do.
    drop: Option<unsafe extern "C" fn(NonNull<u8>)>,
}

/// Drops a value. Its ABI says that it does not unwind: a panic of a destructor aborts the process.
///
/// # Safety
/// There is a value of this type, which nobody uses afterwards.
#[inline(never)]
unsafe extern "C" fn drop_value<T>(value: NonNull<u8>) {
    // SAFETY: the caller promises that it can be dropped.
    unsafe { value.cast::<T>().drop_in_place() }
}

impl Shape {
    const fn of<T>() -> Self {
        let header = Layout::new::<Header>();
        Shape {
            offset: header.size().next_multiple_of(align_of::<T>()),
            size: size_of::<T>(),
            align: if header.align() > align_of::<T>() {
                header.align()
            } else {
                align_of::<T>()
            },
            drop: if needs_drop::<T>() {
                Some(drop_value::<T>)
            } else {
                None
            },
        }
    }

    /// The allocation for a header and so many values; it is never empty.
    ///
    /// # Panics
    /// If it had more than `isize::MAX` bytes.
    fn layout(&self, capacity: usize) -> Layout {
        let size = capacity.checked_mul(self.size);
        size.and_then(|size| size.checked_add(self.offset))
            .and_then(|size| Layout::from_size_align(size, self.align).ok())
            .expect("capacity overflow")
    }

    /// The same without checks.
    ///
    /// # Safety
    /// There is an allocation of this shape and capacity.
    unsafe fn layout_of(&self, capacity: usize) -> Layout {
        let size = self.offset + capacity * self.size;
        // SAFETY: this layout was made by `layout` for the allocation.
        unsafe { Layout::from_size_align_unchecked(size, self.align) }
    }
}

/// An allocation with a header and room for so many values; it holds no values.
#[inline(never)]
fn allocate(shape: &Shape, capacity: usize) -> NonNull<Header> {
    let layout = shape.layout(capacity);
    // SAFETY: a layout with a header is not empty.
    let place = unsafe { alloc(layout) };
    let Some(header) = NonNull::new(place) else {
        handle_alloc_error(layout);
    };
    let header = header.cast::<Header>();
    // SAFETY: the allocation starts with room for a header and is aligned for it.
    unsafe {
        header.write(Header {
            length: 0,
            capacity,
        });
    }
    header
}

/// Makes room for one value more: for one at first, then for half as many again, as most lists stay short.
///
/// # Safety
/// The header is that of an allocation that [`allocate`] or this function made for values of the same shape. It must
/// not be used afterwards; that returned takes its place.
#[inline(never)]
unsafe fn grow(header: Option<NonNull<Header>>, shape: &Shape) -> NonNull<Header> {
    let Some(header) = header else {
        return allocate(shape, 1);
    };
    // SAFETY: the caller promises that there is a header.
    let Header { length, capacity } = unsafe { header.read() };
    let more = length.checked_add(length / 2 + 1);
    let more = more.expect("capacity overflow");
    let new = shape.layout(more);
    // SAFETY: `old` is the layout of the allocation; `new` is not empty, and has at most `isize::MAX` bytes.
    let place = unsafe {
        let old = shape.layout_of(capacity);
        realloc(header.as_ptr().cast(), old, new.size())
    };
    let Some(header) = NonNull::new(place) else {
        handle_alloc_error(new);
    };
    let header = header.cast::<Header>();
    // SAFETY: what was in the allocation, the header first, is in the new one.
    unsafe { (*header.as_ptr()).capacity = more };
    header
}

/// Drops the values and frees the allocation. Its ABI says that it does not unwind, so that callers have no code for
/// that case.
///
/// # Safety
/// As for [`grow`]; nobody uses the values afterwards.
#[inline(never)]
unsafe extern "C" fn dispose(header: NonNull<Header>, shape: &Shape) {
    // SAFETY: the caller promises that there is a header, with so many values after it, in an allocation of this layout.
    unsafe {
        let Header { length, capacity } = header.read();
        if let Some(drop) = shape.drop {
            let first = header.cast::<u8>().add(shape.offset);
            for index in 0..length {
                drop(first.add(index * shape.size));
            }
        }
        dealloc(header.as_ptr().cast(), shape.layout_of(capacity));
    }
}

impl<T> Buffer<T> {
    const SHAPE: &Shape = &Shape::of::<T>();

    /// No values, and no allocation.
    #[inline]
    pub(crate) const fn new() -> Self {
        Buffer {
            header: None,
            values: PhantomData,
        }
    }

    /// No values, with room for so many.
    ///
    /// # Panics
    /// If they had more than `isize::MAX` bytes.
    #[inline]
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Buffer {
            header: (capacity > 0).then(|| allocate(Self::SHAPE, capacity)),
            values: PhantomData,
        }
    }

    /// How many values there are.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        match self.header {
            // SAFETY: an allocation starts with a header.
            Some(header) => unsafe { (*header.as_ptr()).length },
            None => 0,
        }
    }

    /// How many values there is room for.
    #[inline]
    pub(crate) fn capacity(&self) -> usize {
        match self.header {
            // SAFETY: as above.
            Some(header) => unsafe { (*header.as_ptr()).capacity },
            None => 0,
        }
    }

    /// Where the values of an allocation are.
    #[inline]
    fn first(header: NonNull<Header>) -> NonNull<T> {
        // SAFETY: an allocation has at least `offset` bytes, after which is what is aligned for a `T`.
        unsafe { header.byte_add(Self::SHAPE.offset).cast() }
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[T] {
        match self.header {
            // SAFETY: so many values are there, and are borrowed as the buffer is.
            Some(header) => unsafe {
                slice::from_raw_parts(Self::first(header).as_ptr(), (*header.as_ptr()).length)
            },
            None => &[],
        }
    }

    #[inline]
    pub(crate) fn as_mut_slice(&mut self) -> &mut [T] {
        match self.header {
            // SAFETY: as above.
            Some(header) => unsafe {
                slice::from_raw_parts_mut(Self::first(header).as_ptr(), (*header.as_ptr()).length)
            },
            None => &mut [],
        }
    }

    /// Appends a value, and returns where it is.
    ///
    /// # Panics
    /// If the values had more than `isize::MAX` bytes.
    #[inline]
    pub(crate) fn push(&mut self, value: T) -> &mut T {
        // SAFETY: an allocation starts with a header. What grows is of this shape, and its old place is not used again.
        // There is room for more than `length` values; the one written is there once the length says so.
        unsafe {
            let header = match self.header {
                Some(header) if (*header.as_ptr()).length < (*header.as_ptr()).capacity => header,
                full => *self.header.insert(grow(full, Self::SHAPE)),
            };
            let length = (*header.as_ptr()).length;
            let mut place = Self::first(header).add(length);
            place.write(value);
            (*header.as_ptr()).length = length + 1;
            place.as_mut()
        }
    }

    /// Removes and returns the last value.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<T> {
        let header = self.header?;
        // SAFETY: the value is there, and after this belongs to the caller.
        unsafe {
            let last = (*header.as_ptr()).length.checked_sub(1)?;
            (*header.as_ptr()).length = last;
            Some(Self::first(header).add(last).read())
        }
    }
}

impl<T> Drop for Buffer<T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(header) = self.header {
            // SAFETY: nobody uses the values or the allocation, which is of this shape, after this.
            unsafe { dispose(header, Self::SHAPE) }
        }
    }
}

// SAFETY: a buffer owns its values, and shares nothing else.
unsafe impl<T: Send> Send for Buffer<T> {}
// SAFETY: what is behind a shared buffer can only be read, as values of a shared slice.
unsafe impl<T: Sync> Sync for Buffer<T> {}

/// The values of a buffer, by value.
pub(crate) struct IntoValues<T> {
    /// Says that it has no values: `left` of them, the first of which is at `next`, belong to this.
    _buffer: Buffer<T>,
    next: NonNull<T>,
    left: usize,
}

impl<T> IntoValues<T> {
    pub(crate) fn new(buffer: Buffer<T>) -> Self {
        let left = buffer.len();
        let next = match buffer.header {
            Some(header) => {
                // SAFETY: an allocation starts with a header. The values now belong to what is returned.
                unsafe { (*header.as_ptr()).length = 0 };
                Buffer::first(header)
            }
            None => NonNull::dangling(),
        };
        IntoValues {
            _buffer: buffer,
            next,
            left,
        }
    }

    fn rest(&self) -> *mut [T] {
        ptr::slice_from_raw_parts_mut(self.next.as_ptr(), self.left)
    }
}

impl<T> Iterator for IntoValues<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.left = self.left.checked_sub(1)?;
        let value = self.next;
        // SAFETY: the value is there, and belongs to the caller now that `next` is after it.
        unsafe {
            self.next = value.add(1);
            Some(value.read())
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T> DoubleEndedIterator for IntoValues<T> {
    fn next_back(&mut self) -> Option<T> {
        self.left = self.left.checked_sub(1)?;
        // SAFETY: the value is there, and belongs to the caller now that it is not among those left.
        Some(unsafe { self.next.add(self.left).read() })
    }
}

impl<T> Drop for IntoValues<T> {
    fn drop(&mut self) {
        // SAFETY: these values belong to this, and nobody uses them again.
        unsafe { ptr::drop_in_place(self.rest()) }
    }
}

// SAFETY: it owns its values, and shares nothing else.
unsafe impl<T: Send> Send for IntoValues<T> {}
// SAFETY: what is behind a shared one can only be read.
unsafe impl<T: Sync> Sync for IntoValues<T> {}

impl<T: fmt::Debug> fmt::Debug for IntoValues<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: these values belong to this, and are borrowed as it is.
        let rest = unsafe { &*self.rest() };
        f.debug_list().entries(rest).finish()
    }
}

#[cfg(test)]
mod tests;
