//! From a packed table to a [`Release`].
//!
//! The table is a text. Its first line has the name and the version of the release; each other line is
//! a record, whose columns are separated by tabs and whose first one says what it is:
//!
//! - `h`: an abstract or primitive type, and what it is derived from;
//! - `n`: a primitive type, the greatest numbers of its digits before and behind the decimal point (0 for any);
//! - `i`: an invariant: key, severity (`E` or `W`, `b` for best practice), expression;
//! - `b`: a binding: strength, value set, greatest value set;
//! - `f`: a field: name as a JSON key, least and greatest number, flags, types, binding, invariants;
//! - `s`: a schema: name, kind, base, fields, invariants;
//! - `v`: a value set, followed by `w` for each of its code systems: the system, its codes;
//! - `y`: a code system, whether case matters, its codes;
//! - `e`: an extension: see [`Release::extensions`].
//!
//! Fields, bindings and invariants are referred to by their numbers, counted from 0 for each sort. A
//! type is a code, in brackets the name of its schema, in parentheses what it may refer to.

use healthcode_core::{
    Binding, BindingStrength, CodeList, Field, Invariant, PrimitiveKind, Release, Schema,
    SchemaKind, Type, UNBOUNDED, ValueSetCodes,
};
use std::collections::HashMap;
use std::sync::OnceLock;

/// How many schemas, and lists of types, there may be before tables for them grow.
const SCHEMAS: usize = 1024;
const TYPES: usize = 2048;

/// What a field that refers to a schema holds until all schemas are there.
type Cell = &'static OnceLock<&'static Schema>;

/// A code system, and codes of it.
type SystemCodes = (&'static str, CodeList);

/// Keeps a value until the program ends.
fn keep<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// Keeps a list until the program ends.
fn keep_list<T>(list: Vec<T>) -> &'static [T] {
    Vec::leak(list)
}

/// A schema that was read.
struct Read {
    schema: &'static Schema,
    is_narrow: bool,
    base: &'static str,
}

#[derive(Default)]
struct Unpacked {
    invariants: Vec<&'static Invariant>,
    bindings: Vec<&'static Binding>,
    fields: Vec<&'static Field>,
    /// By their text, which many fields have in common.
    types: HashMap<&'static str, &'static [Type]>,
    cells: HashMap<&'static str, Cell>,
    schemas: Vec<Read>,
    bases: Vec<(&'static str, &'static str)>,
    digits: Vec<(PrimitiveKind, u8, u8)>,
    sets: Vec<(&'static str, Vec<SystemCodes>)>,
    systems: Vec<(&'static str, bool, CodeList)>,
    extensions: Vec<&'static str>,
}

/// The release that a table describes.
pub(crate) fn unpack(text: &'static str) -> Release {
    let (head, mut rest) = line(text);
    let (name, version) = two(head);
    let mut all = Unpacked {
        types: HashMap::with_capacity(TYPES),
        cells: HashMap::with_capacity(SCHEMAS),
        ..Unpacked::default()
    };
    while !rest.is_empty() {
        let (record, after) = line(rest);
        all.record(record);
        rest = after;
    }
    all.release(name, version)
}

/// The name of the release that a table describes.
pub(crate) fn name(text: &'static str) -> &'static str {
    two(text).0
}

/// Whether the flags of a field say that its name is followed by that of a type.
pub(crate) fn is_choice(flags: &str) -> bool {
    flags.contains('x')
}

/// The first line of a text, and the others.
pub(crate) fn line(text: &'static str) -> (&'static str, &'static str) {
    split(text, memchr::memchr(b'\n', text.as_bytes()))
}

/// The text before the first tab, and the one after it.
pub(crate) fn two(text: &'static str) -> (&'static str, &'static str) {
    // Columns are short: going through the bytes costs less than preparing for many at once.
    split(text, text.bytes().position(|byte| byte == b'\t'))
}

/// The text before a byte and the one after it; all of it where there is no such byte.
fn split(text: &'static str, byte: Option<usize>) -> (&'static str, &'static str) {
    let byte = byte.unwrap_or(text.len());
    let after = text.get(byte + 1..).unwrap_or_default();
    (text.get(..byte).unwrap_or_default(), after)
}

/// The columns of a record, one after the other; empty after the last.
pub(crate) fn columns(record: &'static str) -> impl FnMut() -> &'static str {
    let mut rest = record;
    move || {
        let (column, after) = two(rest);
        rest = after;
        column
    }
}

fn number<T: std::str::FromStr + Default>(text: &str) -> T {
    text.parse().unwrap_or_default()
}

/// The items whose numbers a text lists.
fn picked<T: Copy>(numbers: &str, all: &[T]) -> &'static [T] {
    if numbers.is_empty() {
        return &[];
    }
    let numbers = numbers.as_bytes().split(|byte| *byte == b' ');
    let value = |digits: &[u8]| {
        let digits = digits.iter().map(|digit| usize::from(digit & 0xf));
        digits.fold(0, |value, digit| value * 10 + digit)
    };
    let items = numbers.filter_map(|digits| all.get(value(digits)).copied());
    keep_list(items.collect())
}

impl Unpacked {
    fn record(&mut self, record: &'static str) {
        let (kind, rest) = two(record);
        match kind {
            "h" => self.bases.push(two(rest)),
            "n" => {
                let (code, limits) = two(rest);
                let (whole, fraction) = two(limits);
                let kind = PrimitiveKind::of(code);
                let limits = kind.map(|kind| (kind, number(whole), number(fraction)));
                self.digits.extend(limits);
            }
            "i" => {
                let (key, rest) = two(rest);
                let (severity, expression) = two(rest);
                let (error, practice) = (severity.starts_with('E'), severity.ends_with('b'));
                let invariant = Invariant::new(key, error, practice, expression);
                self.invariants.push(keep(invariant));
            }
            "b" => {
                let (strength, rest) = two(rest);
                let (url, max) = two(rest);
                let strength = match strength {
                    "r" => BindingStrength::Required,
                    "e" => BindingStrength::Extensible,
                    "p" => BindingStrength::Preferred,
                    _ => BindingStrength::Example,
                };
                self.bindings
                    .push(keep(Binding::new(strength, url).max(max)));
            }
            "f" => self.field(rest),
            "s" => self.schema(rest),
            "v" => self.sets.push((rest, Vec::new())),
            "w" => {
                let (system, list) = two(rest);
                if let Some((_, systems)) = self.sets.last_mut() {
                    systems.push((system, CodeList::new(list)));
                }
            }
            "y" => {
                let (url, rest) = two(rest);
                let (case, list) = two(rest);
                self.systems.push((url, case == "1", CodeList::new(list)));
            }
            "e" => self.extensions.push(rest),
            _ => {}
        }
    }

    fn field(&mut self, record: &'static str) {
        let mut next = columns(record);
        let (key, min, max, flags, types) = (next(), next(), next(), next(), next());
        let (binding, invariants) = (next(), next());
        let types = self.types_of(types);
        let max = match max {
            "*" => UNBOUNDED,
            max => number(max),
        };
        let mut field = Field::new(key, number(min), max, types);
        if is_choice(flags) {
            field = field.choice();
        }
        if flags.contains('?') {
            field = field.modifier();
        }
        if flags.contains('S') {
            field = field.summary();
        }
        if !binding.is_empty()
            && let Some(binding) = self.bindings.get(number::<usize>(binding))
        {
            field = field.bound(binding);
        }
        if !invariants.is_empty() {
            field = field.invariants(picked(invariants, &self.invariants));
        }
        self.fields.push(keep(field));
    }

    fn types_of(&mut self, text: &'static str) -> &'static [Type] {
        if let Some(types) = self.types.get(text) {
            return types;
        }
        let types = text.split(';').map(|text| self.type_of(text));
        let types = keep_list(types.collect());
        self.types.insert(text, types);
        types
    }

    fn type_of(&mut self, text: &'static str) -> Type {
        let (text, targets) = match text.strip_suffix(')').and_then(|rest| rest.split_once('(')) {
            Some((text, targets)) => (text, keep_list(targets.split(',').collect())),
            None => (text, &[][..]),
        };
        let (code, schema) = match text.strip_suffix(']').and_then(|rest| rest.split_once('[')) {
            Some((code, schema)) => (code, Some(schema)),
            None => (text, None),
        };
        let kind = PrimitiveKind::of(code);
        let suffix = match kind {
            Some(_) => suffix(code),
            None => code,
        };
        let cell = schema.map(|name| {
            *self
                .cells
                .entry(name)
                .or_insert_with(|| keep(OnceLock::new()))
        });
        Type::unpacked((code, suffix), kind, cell, targets)
    }

    fn schema(&mut self, record: &'static str) {
        let mut next = columns(record);
        let (name, letter, base, fields, invariants) = (next(), next(), next(), next(), next());
        let kind = match letter {
            "R" => SchemaKind::Resource,
            "B" => SchemaKind::Backbone,
            _ => SchemaKind::DataType,
        };
        let fields = picked(fields, &self.fields);
        let invariants = picked(invariants, &self.invariants);
        self.schemas.push(Read {
            schema: keep(Schema::new(name, kind, fields, invariants)),
            is_narrow: letter == "P",
            base,
        });
    }

    fn release(mut self, name: &'static str, version: &'static str) -> Release {
        for read in &self.schemas {
            if let Some(cell) = self.cells.get(read.schema.name) {
                let _ = cell.set(read.schema);
            }
        }
        let mut types: Vec<_> = Vec::new();
        let mut resources = Vec::new();
        let mut narrowed = Vec::new();
        for read in &self.schemas {
            let schema = read.schema;
            if schema.kind == SchemaKind::Backbone {
                continue;
            }
            self.bases.push((schema.name, read.base));
            if schema.kind == SchemaKind::Resource {
                resources.push(schema.name);
            }
            if read.is_narrow {
                let mut all = self.schemas.iter();
                if let Some(wide) = all.find(|wide| wide.schema.name == read.base) {
                    narrowed.push((schema, wide.schema));
                }
            } else {
                types.push(schema);
            }
        }
        types.sort_unstable_by_key(|schema| schema.name);
        resources.sort_unstable();
        self.bases.sort_unstable();
        let sets = self.sets.into_iter();
        let sets: Vec<ValueSetCodes> = sets.map(|(url, list)| (url, keep_list(list))).collect();
        let mut release = Release::new(name, version);
        release.metadata = metadata(&types);
        release.types = keep_list(types);
        release.resources = keep_list(resources);
        release.narrowed = keep_list(narrowed);
        release.bases = keep_list(self.bases);
        release.digits = keep_list(self.digits);
        release.value_sets = keep_list(sets);
        release.code_systems = keep_list(self.systems);
        release.extensions = keep_list(self.extensions);
        release
    }
}

/// The id and extensions of a primitive, as every type begins.
fn metadata(types: &[&'static Schema]) -> Option<&'static Schema> {
    let extension = types.iter().find(|schema| schema.name == "Extension")?;
    let fields = ["id", "extension"].map(|name| extension.field(name).map(|(_, field)| field));
    let fields: Vec<&'static Field> = fields.into_iter().flatten().collect();
    let kind = SchemaKind::Metadata;
    Some(keep(Schema::new("Element", kind, keep_list(fields), &[])))
}

/// What a choice's member ends in for a primitive: `DateTime`.
fn suffix(code: &'static str) -> &'static str {
    const SUFFIXES: &[&str] = &[
        "Boolean",
        "Integer",
        "Integer64",
        "PositiveInt",
        "UnsignedInt",
        "Decimal",
        "String",
        "Markdown",
        "Code",
        "Id",
        "Uri",
        "Url",
        "Canonical",
        "Oid",
        "Uuid",
        "Date",
        "DateTime",
        "Instant",
        "Time",
        "Base64Binary",
        "Xhtml",
    ];
    let mut suffixes = SUFFIXES.iter().copied();
    let same =
        |suffix: &&str| suffix.get(1..) == code.get(1..) && suffix.eq_ignore_ascii_case(code);
    suffixes.find(same).unwrap_or(code)
}
