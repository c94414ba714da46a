//! Writing values as JSON.
//!
//! It is here, beside [`Fields`], because fields are written as they are pushed: each goes
//! straight into a concrete buffer. (A writer in another crate, which went through what had been
//! collected, took half as long again.)

mod buffer;

pub use buffer::write_string;

use crate::lexical::is_json_number;
use crate::{
    Element, Extra, ExtraKind, Extras, Field, Fields, PrimitiveItems, Schema, SchemaKind, ValueRef,
};
use buffer::Buffer;

/// Writes an element as JSON at the end of `text`: compact, or with `indent` spaces a level.
///
/// What the payload held beside the schema is written back: see [`Extras`].
pub fn write_element(element: &dyn Element, text: &mut Vec<u8>, indent: Option<u8>) {
    let mut fields = Fields::writing(Writer {
        buffer: Buffer::new(std::mem::take(text), indent),
        schema: element.schema(),
        extras: element.extras(),
    });
    fields.write(element);
    if let Some(writer) = fields.into_writer() {
        *text = writer.buffer.finish();
    }
}

/// Where [`Fields`] writes the fields that are pushed.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    buffer: Buffer,
    /// Those of the element whose fields are being pushed.
    schema: &'static Schema,
    extras: &'a Extras,
}

impl<'a> Fields<'a> {
    /// Writes an element.
    fn write(&mut self, element: &'a dyn Element) {
        let extras = element.extras();
        let whole = if extras.is_empty() {
            None
        } else {
            kept_whole(element, extras)
        };
        let Some(writer) = self.writer() else { return };
        if let Some(json) = whole {
            return writer.buffer.raw(json);
        }
        let outer = (writer.schema, writer.extras);
        (writer.schema, writer.extras) = (element.schema(), extras);
        writer.open();
        element.fields(self);
        let Some(writer) = self.writer() else { return };
        if !extras.is_empty() {
            writer.extras(element, extras);
        }
        writer.buffer.close(b'}');
        (writer.schema, writer.extras) = outer;
    }

    /// Writes a field of the current element; `false` if fields are only collected.
    #[inline(always)]
    pub(crate) fn write_field(&mut self, index: u16, choice: u16, value: ValueRef<'a>) -> bool {
        let Some(writer) = self.writer() else {
            return false;
        };
        let definition = writer.schema.fields[usize::from(index)];
        match value {
            ValueRef::Element(element) => {
                writer.name(definition, choice);
                self.write(element);
            }
            ValueRef::Elements(items) => {
                writer.name(definition, choice);
                writer.buffer.open(b'[');
                for index in 0..items.count() {
                    self.write_item(items.element_at(index));
                }
                self.close_array();
            }
            ValueRef::Metadata(metadata) => self.write_metadata(definition, choice, metadata),
            ValueRef::Primitives(items) => self.write_primitives(definition, items),
            value => {
                writer.name(definition, choice);
                writer.scalar(value);
            }
        }
        true
    }

    /// As [`Fields::write_field`], for text.
    #[inline(always)]
    pub(crate) fn write_text(&mut self, index: u16, choice: u16, text: &str) -> bool {
        let Some(writer) = self.writer() else {
            return false;
        };
        let definition = writer.schema.fields[usize::from(index)];
        if definition.choice {
            writer.choice_name(None, definition, choice);
            writer.buffer.string(text);
        } else {
            writer.buffer.string_member(definition.key, text);
        }
        true
    }

    fn write_item(&mut self, element: &'a dyn Element) {
        if let Some(writer) = self.writer() {
            writer.buffer.item();
        }
        self.write(element);
    }

    fn close_array(&mut self) {
        if let Some(writer) = self.writer() {
            writer.buffer.close(b']');
        }
    }

    /// Writes the id and extensions of a primitive, and its malformed value.
    #[cold]
    #[inline(never)]
    fn write_metadata(
        &mut self,
        definition: &'static Field,
        choice: u16,
        metadata: &'a dyn Element,
    ) {
        let Some(writer) = self.writer() else { return };
        if let Some(value) = metadata.extras().malformed() {
            writer.name(definition, choice);
            writer.buffer.raw(value.json());
        }
        if has_object(metadata) {
            writer.sibling_name(definition, choice);
            self.write(metadata);
        }
    }

    #[inline(never)]
    fn write_primitives(&mut self, definition: &'static Field, items: &'a dyn PrimitiveItems) {
        let Some(writer) = self.writer() else { return };
        let count = items.count();
        let (mut values, mut siblings) = (0, 0);
        for index in 0..count {
            let metadata = items.metadata_at(index);
            if items.value_at(index).is_some()
                || metadata.is_some_and(|m| m.extras().malformed().is_some())
            {
                values = index + 1;
            }
            if metadata.is_some_and(has_object) {
                siblings = index + 1;
            }
        }
        let mut noted = (None, None);
        if !writer.extras.is_empty() {
            let name = definition.name();
            noted = (
                writer.extras.length_of(name),
                writer.extras.length_of(&format!("_{name}")),
            );
        }
        // An array is as long as the list, unless noted otherwise; it never loses an item.
        let length = |used: usize, noted: Option<usize>| match noted {
            Some(noted) => Some(noted.max(used)),
            None if used > 0 => Some(count),
            None => None,
        };
        if let Some(length) = length(values, noted.0) {
            writer.name(definition, 0);
            writer.buffer.open(b'[');
            for index in 0..length {
                writer.buffer.item();
                writer.primitive(items, index);
            }
            writer.buffer.close(b']');
        }
        if let Some(length) = length(siblings, noted.1) {
            writer.sibling_name(definition, 0);
            writer.buffer.open(b'[');
            for index in 0..length {
                match (index < count).then(|| items.metadata_at(index)).flatten() {
                    Some(metadata) if has_object(metadata) => self.write_item(metadata),
                    _ => self.write_null(),
                }
            }
            self.close_array();
        }
    }

    fn write_null(&mut self) {
        if let Some(writer) = self.writer() {
            writer.buffer.item();
            writer.buffer.raw("null");
        }
    }
}

impl Writer<'_> {
    /// Opens the object of the element whose fields follow.
    #[inline]
    fn open(&mut self) {
        self.buffer.open(b'{');
        if self.schema.kind == SchemaKind::Resource
            && (self.extras.is_empty()
                || self.extras.find(ExtraKind::MissingResourceType).is_none())
        {
            self.buffer.key("\"resourceType\":");
            self.buffer.string(self.schema.name);
        }
    }

    #[inline]
    fn name(&mut self, definition: &'static Field, choice: u16) {
        if definition.choice {
            self.choice_name(None, definition, choice);
        } else {
            self.buffer.key(definition.key);
        }
    }

    #[cold]
    fn sibling_name(&mut self, definition: &'static Field, choice: u16) {
        self.choice_name(Some(b'_'), definition, choice);
    }

    fn choice_name(&mut self, prefix: Option<u8>, definition: &'static Field, choice: u16) {
        let suffix = if definition.choice {
            definition.types[usize::from(choice)].suffix
        } else {
            ""
        };
        self.buffer.key_of(prefix, definition.name(), suffix);
    }

    #[inline(always)]
    fn scalar(&mut self, value: ValueRef<'_>) {
        match value {
            ValueRef::Text(text) => self.buffer.string(text),
            ValueRef::Boolean(true) => self.buffer.raw("true"),
            ValueRef::Boolean(false) => self.buffer.raw("false"),
            ValueRef::Integer(number) => self.buffer.integer(number),
            ValueRef::Decimal(number) if is_json_number(number) => self.buffer.raw(number),
            ValueRef::Decimal(text) => self.buffer.string(text),
            _ => self.buffer.raw("null"),
        }
    }

    /// The value of one of several primitives, or what is kept of a malformed one.
    fn primitive(&mut self, items: &dyn PrimitiveItems, index: usize) {
        if index >= items.count() {
            self.buffer.raw("null");
        } else if let Some(value) = items.value_at(index) {
            self.scalar(value);
        } else {
            let metadata = items.metadata_at(index);
            let malformed = metadata.and_then(|m| m.extras().malformed());
            self.buffer.raw(malformed.map_or("null", Extra::json));
        }
    }

    /// The members that are kept raw, and the arrays that have no items.
    #[cold]
    #[inline(never)]
    fn extras(&mut self, element: &dyn Element, extras: &Extras) {
        let mut fields = Fields::new();
        element.fields(&mut fields);
        for extra in extras {
            match extra.kind() {
                kind if kind.is_member() => {
                    self.buffer.any_key(extra.key());
                    self.buffer.raw(extra.json());
                }
                ExtraKind::Length(length) => {
                    let name = extra.key().strip_prefix('_').unwrap_or(extra.key());
                    let is_written = fields
                        .since(0)
                        .iter()
                        .any(|field| self.schema.fields[usize::from(field.index)].name() == name);
                    if !is_written {
                        self.buffer.any_key(extra.key());
                        self.buffer.open(b'[');
                        for _ in 0..length {
                            self.buffer.item();
                            self.buffer.raw("null");
                        }
                        self.buffer.close(b']');
                    }
                }
                _ => {}
            }
        }
    }
}

/// The JSON text that stands for the whole element, if it was no object.
#[cold]
#[inline(never)]
fn kept_whole<'a>(element: &dyn Element, extras: &'a Extras) -> Option<&'a str> {
    let whole = extras.iter().find(|extra| extra.kind().is_whole())?;
    let mut fields = Fields::new();
    element.fields(&mut fields);
    fields.is_empty().then(|| whole.json())
}

/// Whether a primitive's metadata is written under its `_` name.
fn has_object(metadata: &dyn Element) -> bool {
    let extras = metadata.extras();
    if extras
        .iter()
        .any(|extra| !extra.kind().is_value() && !extra.kind().is_xml())
    {
        return true;
    }
    let mut fields = Fields::new();
    metadata.fields(&mut fields);
    !fields.is_empty()
}
