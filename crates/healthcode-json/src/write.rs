//! Writing any element as JSON.

use crate::scan::find_special;
use healthcode_core::lexical::is_json_number;
use healthcode_core::{
    Element, Extra, ExtraKind, Extras, Field, FieldRef, Fields, PrimitiveItems, Root, SchemaKind,
    ValueRef,
};

/// Writes a value as compact JSON.
#[must_use]
pub fn to_vec<T: Root>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    write_element(value.as_element(), &mut out, None);
    out
}

/// Writes a value as JSON with two spaces of indentation.
#[must_use]
pub fn to_vec_pretty<T: Root>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    write_element(value.as_element(), &mut out, Some(2));
    out
}

/// Writes a value as compact JSON text.
///
/// What the payload held beside the schema is written back: see [`healthcode_core::Extras`].
#[must_use]
pub fn to_string<T: Root>(value: &T) -> String {
    text(to_vec(value))
}

/// Writes a value as JSON text with two spaces of indentation.
#[must_use]
pub fn to_string_pretty<T: Root>(value: &T) -> String {
    text(to_vec_pretty(value))
}

fn text(bytes: Vec<u8>) -> String {
    // Everything written is text; the check costs a few per cent of the writing.
    String::from_utf8(bytes).unwrap_or_default()
}

/// Writes an element at the end of `out`: compact, or with `indent` spaces a level.
pub fn write_element(element: &dyn Element, out: &mut Vec<u8>, indent: Option<u8>) {
    match indent {
        None => Writer::<false>::new(out, 0).element(element),
        Some(indent) => Writer::<true>::new(out, indent).element(element),
    }
}

struct Writer<'o, 'a, const PRETTY: bool> {
    out: &'o mut Vec<u8>,
    fields: Fields<'a>,
    indent: usize,
    level: usize,
}

impl<'o, 'a, const PRETTY: bool> Writer<'o, 'a, PRETTY> {
    fn new(out: &'o mut Vec<u8>, indent: u8) -> Self {
        Writer {
            out,
            fields: Fields::new(),
            indent: indent.into(),
            level: 0,
        }
    }

    fn element(&mut self, element: &'a dyn Element) {
        let schema = element.schema();
        let extras = element.extras();
        let start = self.fields.len();
        element.fields(&mut self.fields);
        let end = self.fields.len();
        if !extras.is_empty()
            && end == start
            && let Some(whole) = extras.iter().find(|extra| extra.kind().is_whole())
        {
            self.raw(whole.json());
            return;
        }
        self.open(b'{');
        if schema.kind == SchemaKind::Resource
            && extras.find(ExtraKind::MissingResourceType).is_none()
        {
            self.separate();
            self.key("\"resourceType\":");
            self.out.push(b'"');
            self.raw(schema.name);
            self.out.push(b'"');
        }
        for index in start..end {
            let field = self.fields.get(index);
            self.field(&schema.fields[field.index as usize], field, extras);
        }
        if !extras.is_empty() {
            self.extras(element, start, end);
        }
        self.fields.truncate(start);
        self.close(b'}');
    }

    #[inline]
    fn field(&mut self, definition: &'static Field, field: FieldRef<'a>, extras: &'a Extras) {
        match field.value {
            ValueRef::Primitives(items) => self.primitives(definition, items, extras),
            ValueRef::Metadata(metadata) => self.metadata(definition, field.choice, metadata),
            value => {
                self.name(definition, field.choice);
                match value {
                    ValueRef::Element(element) => self.element(element),
                    ValueRef::Elements(items) => {
                        self.open(b'[');
                        for index in 0..items.count() {
                            self.separate();
                            self.element(items.element_at(index));
                        }
                        self.close(b']');
                    }
                    value => self.scalar(value),
                }
            }
        }
    }

    fn scalar(&mut self, value: ValueRef<'_>) {
        match value {
            ValueRef::Text(text) => self.string(text),
            ValueRef::Boolean(true) => self.raw("true"),
            ValueRef::Boolean(false) => self.raw("false"),
            ValueRef::Integer(number) => self.integer(number),
            ValueRef::Decimal(number) if is_json_number(number) => self.raw(number),
            ValueRef::Decimal(text) => self.string(text),
            _ => self.raw("null"),
        }
    }

    fn integer(&mut self, number: i32) {
        let mut digits = [0; 11];
        let mut at = digits.len();
        let mut rest = number.unsigned_abs();
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if number < 0 {
            at -= 1;
            digits[at] = b'-';
        }
        self.out.extend_from_slice(&digits[at..]);
    }

    /// The id and extensions of a primitive, and its malformed value.
    fn metadata(&mut self, definition: &'static Field, choice: u16, metadata: &'a dyn Element) {
        if let Some(value) = metadata.extras().find(ExtraKind::Value) {
            self.name(definition, choice);
            self.raw(value.json());
        }
        if has_object(metadata) {
            self.sibling_name(definition, choice);
            self.element(metadata);
        }
    }

    fn primitives(
        &mut self,
        definition: &'static Field,
        items: &'a dyn PrimitiveItems,
        extras: &Extras,
    ) {
        let count = items.count();
        let mut values = 0;
        let mut siblings = 0;
        for index in 0..count {
            let metadata = items.metadata_at(index);
            if items.value_at(index).is_some()
                || metadata.is_some_and(|m| m.extras().find(ExtraKind::Value).is_some())
            {
                values = index + 1;
            }
            if metadata.is_some_and(has_object) {
                siblings = index + 1;
            }
        }
        let mut noted = (None, None);
        if !extras.is_empty() {
            let name = definition.name();
            noted = (
                extras.length_of(name),
                extras.length_of(&format!("_{name}")),
            );
        }
        // An array is as long as the list, unless noted otherwise; it never loses an item.
        let length = |used: usize, noted: Option<usize>| match noted {
            Some(noted) => Some(noted.max(used)),
            None if used > 0 => Some(count),
            None => None,
        };
        if let Some(length) = length(values, noted.0) {
            self.name(definition, 0);
            self.open(b'[');
            for index in 0..length {
                self.separate();
                let item =
                    (index < count).then(|| (items.value_at(index), items.metadata_at(index)));
                match item {
                    Some((Some(value), _)) => self.scalar(value),
                    Some((None, Some(metadata))) => {
                        match metadata.extras().find(ExtraKind::Value) {
                            Some(value) => self.raw(value.json()),
                            None => self.raw("null"),
                        }
                    }
                    _ => self.raw("null"),
                }
            }
            self.close(b']');
        }
        if let Some(length) = length(siblings, noted.1) {
            self.sibling_name(definition, 0);
            self.open(b'[');
            for index in 0..length {
                self.separate();
                match (index < count).then(|| items.metadata_at(index)).flatten() {
                    Some(metadata) if has_object(metadata) => self.element(metadata),
                    _ => self.raw("null"),
                }
            }
            self.close(b']');
        }
    }

    /// The members that are kept raw, and the arrays that have no items.
    #[cold]
    #[inline(never)]
    fn extras(&mut self, element: &'a dyn Element, start: usize, end: usize) {
        let schema = element.schema();
        for extra in element.extras() {
            match extra.kind() {
                kind if kind.is_member() => {
                    self.separate();
                    self.string(extra.key());
                    self.out.push(b':');
                    if PRETTY {
                        self.out.push(b' ');
                    }
                    self.raw(extra.json());
                }
                ExtraKind::Length(length) => {
                    let name = extra.key().strip_prefix('_').unwrap_or(extra.key());
                    let written = (start..end).any(|index| {
                        let field = self.fields.get(index);
                        schema.fields[field.index as usize].name() == name
                    });
                    if !written {
                        self.empty_array(extra, length);
                    }
                }
                _ => {}
            }
        }
    }

    fn empty_array(&mut self, extra: &Extra, length: u32) {
        self.separate();
        self.string(extra.key());
        self.out.push(b':');
        if PRETTY {
            self.out.push(b' ');
        }
        self.open(b'[');
        for _ in 0..length {
            self.separate();
            self.raw("null");
        }
        self.close(b']');
    }

    #[inline]
    fn name(&mut self, definition: &'static Field, choice: u16) {
        self.separate();
        if definition.choice {
            self.choice_name("\"", definition, choice);
        } else {
            self.key(definition.key);
        }
    }

    #[inline]
    fn key(&mut self, key: &str) {
        self.raw(key);
        if PRETTY {
            self.out.push(b' ');
        }
    }

    #[cold]
    fn sibling_name(&mut self, definition: &'static Field, choice: u16) {
        self.separate();
        self.choice_name("\"_", definition, choice);
    }

    fn choice_name(&mut self, start: &str, definition: &'static Field, choice: u16) {
        self.raw(start);
        self.raw(definition.name());
        if definition.choice {
            self.raw(definition.types[choice as usize].suffix);
        }
        self.key("\":");
    }

    #[inline]
    fn open(&mut self, bracket: u8) {
        self.out.push(bracket);
        if PRETTY {
            self.level += 1;
        }
    }

    #[inline]
    fn separate(&mut self) {
        if !matches!(self.out.last(), Some(b'{' | b'[')) {
            self.out.push(b',');
        }
        if PRETTY {
            self.new_line();
        }
    }

    fn new_line(&mut self) {
        self.out.push(b'\n');
        let spaces = self.indent * self.level;
        self.out.resize(self.out.len() + spaces, b' ');
    }

    #[inline]
    fn close(&mut self, bracket: u8) {
        if PRETTY {
            self.level -= 1;
            if !matches!(self.out.last(), Some(b'{' | b'[')) {
                self.new_line();
            }
        }
        self.out.push(bracket);
    }

    #[inline]
    fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    #[inline]
    fn string(&mut self, text: &str) {
        write_string(self.out, text);
    }
}

/// Whether a primitive's metadata is written under its `_` name.
fn has_object(metadata: &dyn Element) -> bool {
    let extras = metadata.extras();
    if extras.iter().any(|extra| extra.kind() != ExtraKind::Value) {
        return true;
    }
    let mut fields = Fields::new();
    metadata.fields(&mut fields);
    !fields.is_empty()
}

/// Writes a JSON string.
pub(crate) fn write_string(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    let mut from = 0;
    loop {
        let rest = &bytes[from..];
        let run = find_special(rest);
        out.extend_from_slice(&rest[..run]);
        let Some(&byte) = rest.get(run) else {
            break;
        };
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            control => {
                const HEXADECIMAL: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.push(HEXADECIMAL[(control >> 4) as usize]);
                out.push(HEXADECIMAL[(control & 15) as usize]);
            }
        }
        from += run + 1;
    }
    out.push(b'"');
}
