//! [`Fields`]: the present fields of an element, to be walked or written.

use crate::Element;
use crate::json::Writer;
use std::fmt::Debug;

/// The present fields of elements, as [`Element::fields`] puts them.
///
/// Used as a stack: a walker remembers [`Fields::len`], lets an element add its fields, handles
/// them (children add theirs on top), and truncates. One allocation serves a whole tree.
#[derive(Debug, Default)]
pub struct Fields<'a> {
    list: Vec<FieldRef<'a>>,
    /// Fields are written rather than collected.
    writer: Option<Writer<'a>>,
}

impl<'a> Fields<'a> {
    /// No fields yet.
    #[must_use]
    pub fn new() -> Self {
        Fields::default()
    }

    /// No fields, in the memory of these.
    #[must_use]
    #[expect(
        clippy::unnecessary_filter_map,
        reason = "the lifetime of the items changes, which `filter` cannot"
    )]
    pub fn recycled<'b>(mut self) -> Fields<'b> {
        self.list.clear();
        // Collecting what is empty into fields of another lifetime keeps the allocation.
        let list = self.list.into_iter();
        Fields {
            list: list.filter_map(|_| None).collect(),
            writer: None,
        }
    }

    /// How many fields are on the stack.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The field at `index`.
    ///
    /// # Panics
    /// If `index` is out of bounds.
    #[inline]
    #[must_use]
    pub fn get(&self, index: usize) -> FieldRef<'a> {
        self.list[index]
    }

    /// The fields from `start` on.
    #[must_use]
    #[inline]
    pub fn since(&self, start: usize) -> &[FieldRef<'a>] {
        &self.list[start..]
    }

    /// Drops all fields from `len` on.
    #[inline]
    pub fn truncate(&mut self, len: usize) {
        self.list.truncate(len);
    }

    /// Fields that are written as they are pushed.
    pub(crate) fn writing(writer: Writer<'a>) -> Self {
        Fields {
            list: Vec::new(),
            writer: Some(writer),
        }
    }

    #[inline]
    pub(crate) fn writer(&mut self) -> Option<&mut Writer<'a>> {
        self.writer.as_mut()
    }

    pub(crate) fn into_writer(self) -> Option<Writer<'a>> {
        self.writer
    }

    /// Adds a field: writes it, or puts it onto the stack.
    // Inlined where the sort of value is known, so that text, which most are, takes a short way.
    #[inline(always)]
    pub fn push(&mut self, index: u16, choice: u16, value: ValueRef<'a>) {
        match value {
            ValueRef::Text(text) => self.push_text(index, choice, text),
            value => self.push_other(index, choice, value),
        }
    }

    #[inline(never)]
    fn push_text(&mut self, index: u16, choice: u16, text: &'a str) {
        if !self.write_text(index, choice, text) {
            self.collect(index, choice, ValueRef::Text(text));
        }
    }

    #[inline(never)]
    fn push_other(&mut self, index: u16, choice: u16, value: ValueRef<'a>) {
        if !self.write_field(index, choice, value) {
            self.collect(index, choice, value);
        }
    }

    #[inline]
    fn collect(&mut self, index: u16, choice: u16, value: ValueRef<'a>) {
        if self.list.len() == self.list.capacity() {
            self.grow();
        }
        self.list.push(FieldRef {
            index,
            choice,
            value,
        });
    }

    /// Makes room for the fields of most elements at once.
    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        self.list.reserve(32.max(self.list.len()));
    }
}

/// A field that holds something.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FieldRef<'a> {
    /// Its index in [`Schema::fields`](crate::Schema::fields).
    pub index: u16,
    /// The index in [`Field::types`](crate::Field::types) of the type that its value has.
    pub choice: u16,
    /// What it holds.
    pub value: ValueRef<'a>,
}

/// What a field holds. A primitive with both value and metadata is two fields in sequence.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ValueRef<'a> {
    /// A string.
    Text(&'a str),
    /// A boolean.
    Boolean(bool),
    /// An integer.
    Integer(i32),
    /// A decimal's text.
    Decimal(&'a str),
    /// The id and extensions of a primitive, or what is kept of its malformed value.
    Metadata(&'a dyn Element),
    /// Repeating primitives, values and metadata.
    Primitives(&'a dyn PrimitiveItems),
    /// An element or resource.
    Element(&'a dyn Element),
    /// Repeating elements or resources.
    Elements(&'a dyn ElementItems),
}

/// Repeating primitives, for walkers.
pub trait PrimitiveItems {
    /// How many there are.
    fn count(&self) -> usize;
    /// The value of the primitive at `index`.
    fn value_at(&self, index: usize) -> Option<ValueRef<'_>>;
    /// The metadata of the primitive at `index`.
    fn metadata_at(&self, index: usize) -> Option<&dyn Element>;
    /// Whether each has a value, and none has metadata.
    fn are_plain(&self) -> bool {
        let mut indexes = 0..self.count();
        indexes.all(|index| self.value_at(index).is_some() && self.metadata_at(index).is_none())
    }
}

/// Repeating elements, for walkers.
pub trait ElementItems {
    /// How many there are.
    fn count(&self) -> usize;
    /// The element at `index`.
    fn element_at(&self, index: usize) -> &dyn Element;
}

impl Debug for dyn PrimitiveItems + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let items = (0..self.count()).map(|index| (self.value_at(index), self.metadata_at(index)));
        f.debug_list().entries(items).finish()
    }
}

impl Debug for dyn ElementItems + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let items = (0..self.count()).map(|index| self.element_at(index));
        f.debug_list().entries(items).finish()
    }
}
