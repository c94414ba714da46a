//! [`Generator`]: resources made from the schema tables, structurally valid and rich.

use healthcode_core::{Field, PrimitiveKind, Schema, SchemaKind, Type};
use std::collections::{HashMap, HashSet};
use std::fmt::Write;

/// Makes instances of schemas as compact JSON, in the order in which the writer writes.
///
/// The first instance of each type in a generator's life has every field; later ones have some of
/// them, in rotation. Choice elements go through their types in rotation. Values are lexically
/// valid, and codes plausible; invariants and bindings are not looked at.
#[derive(Debug)]
pub struct Generator {
    resources: Vec<&'static Schema>,
    /// What varies values and absent fields.
    state: u64,
    /// Whether fields are left out at random rather than in rotation.
    random: bool,
    out: String,
    seen: HashMap<&'static str, u32>,
    rotation: HashMap<(&'static str, &'static str), usize>,
    variants: HashSet<(&'static str, &'static str, &'static str)>,
    stack: Vec<&'static str>,
    /// The type to be shown in full, and all types on the way to it; nothing else is optional.
    aim: Option<(&'static str, HashSet<&'static str>)>,
}

/// How much of an element is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// Every field.
    Full,
    /// What is required, every choice, and some more.
    Lean,
    /// What is required.
    Least,
}

impl Generator {
    /// A generator in rotation, which takes nested resources from `resources`.
    #[must_use]
    pub fn new(resources: Vec<&'static Schema>) -> Self {
        Generator {
            resources,
            state: 1,
            random: false,
            out: String::new(),
            seen: HashMap::new(),
            rotation: HashMap::new(),
            variants: HashSet::new(),
            stack: Vec::new(),
            aim: None,
        }
    }

    /// A generator whose fields and values depend on `seed`.
    #[must_use]
    pub fn random(resources: Vec<&'static Schema>, seed: u64) -> Self {
        let mut generator = Generator::new(resources);
        generator.state = seed;
        generator.random = true;
        generator
    }

    /// Makes an instance of a resource type.
    pub fn resource(&mut self, schema: &'static Schema) -> String {
        self.out.clear();
        self.stack.clear();
        self.object(schema, Extent::Full);
        std::mem::take(&mut self.out)
    }

    fn next(&mut self) -> u64 {
        // splitmix64
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.next().is_multiple_of(n)
    }

    fn object(&mut self, schema: &'static Schema, wanted: Extent) {
        let times = self.seen.entry(schema.name).or_default();
        *times += u32::from(wanted != Extent::Least);
        let extent = match schema.kind {
            _ if wanted == Extent::Least => Extent::Least,
            // A data type is shown in full once, and then in part.
            _ if *times == 1 => Extent::Full,
            SchemaKind::Resource | SchemaKind::Backbone => wanted,
            _ => Extent::Lean,
        };
        let first = *times == 1 && wanted != Extent::Least;
        self.stack.push(schema.name);
        self.out.push('{');
        if schema.kind == SchemaKind::Resource {
            let _ = write!(self.out, "\"resourceType\":\"{}\"", schema.name);
        }
        let start = self.out.len();
        for field in schema.fields {
            if self.is_present(schema, field, extent, first) {
                self.field(schema, field);
            }
        }
        if self.out.len() == start && schema.kind != SchemaKind::Resource {
            // An empty object is a defect: take the first field that ends somewhere.
            let leaf = |f: &&Field| f.types.iter().all(|t| t.primitive.is_some());
            if let Some(field) = schema.fields.iter().copied().rev().find(leaf) {
                self.field(schema, field);
            }
        }
        self.out.push('}');
        self.stack.pop();
    }

    fn is_present(
        &mut self,
        schema: &'static Schema,
        field: &'static Field,
        extent: Extent,
        first: bool,
    ) -> bool {
        let depth = self.stack.len();
        let opens_resource = field.types.iter().any(|t| t.code == "Resource");
        if schema.name == "Extension" {
            // Either a value or extensions (ext-1).
            let nested = self.seen.get("Extension").is_some_and(|n| n % 16 == 1) && depth < 6;
            return match field.name() {
                "url" => true,
                "extension" => nested,
                "id" => self.one_in(8),
                _ => !nested,
            };
        }
        if opens_resource {
            let inside = self
                .stack
                .iter()
                .filter(|name| self.is_resource(name))
                .count();
            return inside == 1 && (!self.random || self.one_in(2));
        }
        if let Some((aim, way)) = &self.aim {
            let once = self
                .stack
                .iter()
                .filter(|name| **name == schema.name)
                .count()
                == 1;
            let leads = |t: &Type| t.schema().is_some_and(|s| way.contains(s.name));
            let new = |t: &Type| !self.variants.contains(&(schema.name, field.key, t.suffix));
            return field.min > 0
                || schema.name == *aim && field.types.iter().any(new)
                || once && !self.stack.contains(aim) && field.types.iter().any(leads);
        }
        let again = |t: &Type| {
            t.schema()
                .is_some_and(|s| self.stack.iter().filter(|n| **n == s.name).count() > 1)
        };
        if field.min == 0 && field.types.iter().any(again) {
            return false;
        }
        if field.min > 0 {
            return true;
        }
        if depth > 7 && (self.random || !first) {
            return false;
        }
        if matches!(field.name(), "extension" | "modifierExtension") {
            return match extent {
                Extent::Full if self.random => self.one_in(3),
                Extent::Full => first,
                _ => self.one_in(24),
            };
        }
        if self.random {
            return self.one_in(match extent {
                Extent::Full => 2,
                Extent::Lean => 4,
                Extent::Least => 32,
            });
        }
        match extent {
            Extent::Full => true,
            Extent::Lean => field.choice || chooses(field) || self.one_in(6),
            Extent::Least => false,
        }
    }

    fn is_resource(&self, name: &str) -> bool {
        self.resources.iter().any(|schema| schema.name == name)
    }

    fn separate(&mut self) {
        if !self.out.ends_with(['{', '[']) {
            self.out.push(',');
        }
    }

    fn key(&mut self, prefix: &str, field: &'static Field, t: &'static Type) {
        self.separate();
        let suffix = if field.choice { t.suffix } else { "" };
        let _ = write!(self.out, "\"{prefix}{}{suffix}\":", field.name());
    }

    fn field(&mut self, schema: &'static Schema, field: &'static Field) {
        let offset = self.state as usize;
        let random = self.random;
        let turn = self
            .rotation
            .entry((schema.name, field.key))
            .or_insert(if random { offset % 64 } else { 0 });
        let mut t = &field.types[*turn % field.types.len()];
        *turn += 1;
        if let Some((aim, way)) = &self.aim
            && schema.name != *aim
            && let Some(leads) = field
                .types
                .iter()
                .find(|t| t.schema().is_some_and(|s| way.contains(s.name)))
        {
            t = leads;
        }
        self.variants.insert((schema.name, field.key, t.suffix));
        let Some(kind) = t.primitive else {
            if t.schema().is_none() && t.code != "Resource" {
                return;
            }
            self.key("", field, t);
            self.complex_values(field, t);
            return;
        };
        // Element ids and extension URLs are attributes, and narrative has no extensions.
        let attribute = (field.name() == "id" && schema.kind != SchemaKind::Resource)
            || schema.name == "Extension" && field.name() == "url"
            || kind == PrimitiveKind::Xhtml;
        if !field.repeats() {
            let sibling = !attribute && self.one_in(12);
            if !(sibling && self.one_in(3)) {
                self.key("", field, t);
                self.primitive(kind);
            }
            if sibling {
                self.key("_", field, t);
                self.metadata();
            }
            return;
        }
        let count = 1 + self.next() as usize % 3;
        let pattern = if self.one_in(6) {
            1 + self.next() % 7
        } else {
            0
        };
        // For item i, bit i of the pattern says that it has metadata; every third of these has no
        // value.
        let has = |i: usize| pattern >> i & 1 == 1;
        let bare = |i: usize| has(i) && (i + count).is_multiple_of(3);
        if !(0..count).all(bare) {
            self.key("", field, t);
            self.out.push('[');
            for index in 0..count {
                self.separate();
                if bare(index) {
                    self.out.push_str("null");
                } else {
                    self.primitive(kind);
                }
            }
            self.out.push(']');
        }
        if (0..count).any(has) {
            self.key("_", field, t);
            self.out.push('[');
            for index in 0..count {
                self.separate();
                if has(index) {
                    self.metadata();
                } else {
                    self.out.push_str("null");
                }
            }
            self.out.push(']');
        }
    }

    fn complex_values(&mut self, field: &'static Field, t: &'static Type) {
        if !field.repeats() {
            self.complex(field, t);
            return;
        }
        let count = if self.one_in(5) { 2 } else { 1 };
        self.out.push('[');
        for _ in 0..count {
            self.separate();
            self.complex(field, t);
        }
        self.out.push(']');
    }

    fn complex(&mut self, field: &'static Field, t: &'static Type) {
        if let Some(schema) = t.schema() {
            let full = schema.kind == SchemaKind::Backbone && !self.stack.contains(&schema.name);
            let extent = if self.stack.len() > 6 && field.min > 0 {
                Extent::Least
            } else if full {
                Extent::Full
            } else {
                Extent::Lean
            };
            self.object(schema, extent);
        } else {
            let pick = self.next() as usize % self.resources.len();
            self.object(self.resources[pick], Extent::Least);
        }
    }

    fn metadata(&mut self) {
        if self.one_in(2) {
            let number = self.next() % 1000;
            let _ = write!(self.out, "{{\"id\":\"m{number}\"}}");
        } else {
            self.out.push_str(
                "{\"extension\":[{\"url\":\"http://hl7.org/fhir/StructureDefinition/data-absent-reason\",\"valueCode\":\"unknown\"}]}",
            );
        }
    }

    fn primitive(&mut self, kind: PrimitiveKind) {
        use PrimitiveKind as K;
        let choices: &[&str] = match kind {
            K::Boolean => &["true", "false"],
            K::Integer => &["0", "-7", "42", "2147483647", "-2147483648"],
            K::PositiveInt => &["1", "3", "2147483647"],
            K::UnsignedInt => &["0", "12", "2147483647"],
            K::Decimal => &[
                "1.50",
                "0",
                "-0.0",
                "1e-3",
                "1.00E+2",
                "72",
                "0.000000000000000000001",
                "123456789012345678901234567890.10",
            ],
            K::String => &[
                "\"Ann\"",
                "\"two words\"",
                "\"Zoë Ångström 日本 😀\"",
                "\"a \\\"quoted\\\" word\"",
                "\"line\\nline\\ttab\"",
                "\"back\\\\slash\"",
                "\"12\"",
                "\"null\"",
            ],
            K::Markdown => &["\"*note*: see\\n\\n- one\\n- two\"", "\"plain\""],
            K::Code => &["\"active\"", "\"final\"", "\"en-GB\"", "\"two words\""],
            K::Id => &["\"a-1.B\"", "\"example\"", "\"0\""],
            K::Uri => &[
                "\"http://example.org/fhir/x\"",
                "\"urn:oid:2.16.840.1.113883.4.642\"",
                "\"urn:uuid:c757873d-ec9a-4326-a141-556f43239520\"",
            ],
            K::Url => &[
                "\"https://example.org/files/1?a=b&c=d\"",
                "\"mailto:ann@example.org\"",
            ],
            K::Canonical => &[
                "\"http://example.org/fhir/StructureDefinition/x|1.0.0\"",
                "\"http://example.org/fhir/ValueSet/y\"",
            ],
            K::Oid => &["\"urn:oid:1.2.3.4\"", "\"urn:oid:2.16.840.1\""],
            K::Uuid => &["\"urn:uuid:c757873d-ec9a-4326-a141-556f43239520\""],
            K::Date => &[
                "\"1974-12-25\"",
                "\"1974-12\"",
                "\"1974\"",
                "\"2024-02-29\"",
            ],
            K::DateTime => &[
                "\"2015-02-07T13:28:17.239+02:00\"",
                "\"2015\"",
                "\"2015-02\"",
                "\"2015-02-07\"",
                "\"2015-02-07T13:28:17Z\"",
                "\"2016-12-31T23:59:60Z\"",
            ],
            K::Instant => &[
                "\"2015-02-07T13:28:17.239+02:00\"",
                "\"2015-02-07T13:28:17Z\"",
                "\"2015-02-07T13:28:17.123456789-05:00\"",
            ],
            K::Time => &["\"13:28:17\"", "\"00:00:00.000\""],
            K::Base64Binary => &["\"QUJDRA==\"", "\"AAEC/+8=\""],
            K::Xhtml => &[
                "\"<div xmlns=\\\"http://www.w3.org/1999/xhtml\\\"><p>made by a generator &amp; more</p></div>\"",
            ],
            _ => &["\"new kind\""],
        };
        let pick = self.next() as usize % choices.len();
        self.out.push_str(choices[pick]);
    }
}

/// Examples of all resource types, one a line, in order of name: for each type a rich one, and then
/// lean ones until every choice element of the type has had a value of each of its types; at the
/// end some for what the data types have not shown by then.
#[must_use]
pub fn examples_of(resources: &[&'static Schema]) -> String {
    let mut resources = resources.to_vec();
    resources.sort_by_key(|schema| schema.name);
    let mut generator = Generator::new(resources.clone());
    let mut out = String::new();
    for &schema in &resources {
        out.push_str(&generator.resource(schema));
        out.push('\n');
        let mut wanted = HashSet::new();
        choices(schema, &mut wanted, &mut HashSet::new());
        for _ in 0..128 {
            if wanted.is_subset(&generator.variants) {
                break;
            }
            generator.out.clear();
            generator.object(schema, Extent::Lean);
            out.push_str(&generator.out);
            out.push('\n');
        }
    }
    // What data types have not shown yet.
    for &resource in &resources {
        let mut schemas = Vec::new();
        reachable(resource, &mut schemas);
        for schema in schemas
            .iter()
            .filter(|schema| schema.kind != SchemaKind::Resource)
        {
            let reaches = |s: &&'static Schema| {
                let mut below = Vec::new();
                reachable(s, &mut below);
                below.iter().any(|b| b.name == schema.name)
            };
            let mut way: Option<HashSet<&'static str>> = None;
            for _ in 0..64 {
                let shown = |f: &Field, t: &Type| {
                    generator.variants.contains(&(schema.name, f.key, t.suffix))
                };
                if schema
                    .fields
                    .iter()
                    .all(|f| f.types.iter().all(|t| shown(f, t)))
                {
                    break;
                }
                let names = || {
                    schemas
                        .iter()
                        .copied()
                        .filter(reaches)
                        .map(|s| s.name)
                        .collect()
                };
                generator.aim = Some((schema.name, way.get_or_insert_with(names).clone()));
                out.push_str(&generator.resource(resource));
                out.push('\n');
            }
            generator.aim = None;
        }
    }
    out
}

/// A schema and all that its elements, but for extensions, lead to.
fn reachable(schema: &'static Schema, out: &mut Vec<&'static Schema>) {
    if out.iter().any(|known| known.name == schema.name) {
        return;
    }
    out.push(schema);
    // Whatever has extensions leads to every data type through them, by a long way.
    if schema.name == "Extension" {
        return;
    }
    for t in schema.fields.iter().flat_map(|field| field.types) {
        if let Some(inner) = t.schema() {
            reachable(inner, out);
        }
    }
}

/// Whether the element has parts, and these have choices.
fn chooses(field: &'static Field) -> bool {
    let mut found = HashSet::new();
    for inner in field.types.iter().filter_map(Type::schema) {
        if inner.kind == SchemaKind::Backbone {
            choices(inner, &mut found, &mut HashSet::new());
        }
    }
    !found.is_empty()
}

/// The choices of a resource's own elements.
fn choices(
    schema: &'static Schema,
    out: &mut HashSet<(&'static str, &'static str, &'static str)>,
    visited: &mut HashSet<&'static str>,
) {
    if !visited.insert(schema.name) {
        return;
    }
    for field in schema.fields {
        for t in field.types {
            if field.choice {
                out.insert((schema.name, field.key, t.suffix));
            }
            if let Some(inner) = t
                .schema()
                .filter(|inner| inner.kind == SchemaKind::Backbone)
            {
                choices(inner, out, visited);
            }
        }
    }
}
