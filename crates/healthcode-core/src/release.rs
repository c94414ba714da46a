//! [`Release`]: what a release of FHIR defines, as one static value.

use crate::{PrimitiveKind, Schema, SchemaKind};
use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

/// A release of FHIR: its types, their hierarchy, and the codes that its value sets have.
///
/// There is one value of each release, which lives as long as the program.
#[derive(Default)]
#[non_exhaustive]
pub struct Release {
    /// Its name: `STU3`.
    pub name: &'static str,
    /// Its version: `3.0.2`.
    pub version: &'static str,
    /// Resources and data types, by name.
    pub types: &'static [&'static Schema],
    /// Data types that only narrow another type (`Age`, `SimpleQuantity`), each with that type, whose schema
    /// their values have.
    pub narrowed: &'static [(&'static Schema, &'static Schema)],
    /// The id and extensions of a primitive.
    pub metadata: Option<&'static Schema>,
    /// The names of the resources, sorted.
    pub resources: &'static [&'static str],
    /// Types with their base types, by name; abstract types too.
    pub bases: &'static [(&'static str, &'static str)],
    /// The value sets whose codes are all known, by URL.
    pub value_sets: &'static [ValueSetCodes],
    /// The code systems whose codes are all known, by URL: whether case matters, and the codes.
    pub code_systems: &'static [(&'static str, bool, CodeList)],
    /// The release's own extensions, each as one text; see `healthcode-releases`.
    pub extensions: &'static [&'static str],
    /// The primitive types whose digits are limited: the greatest number before the decimal point, and behind it;
    /// 0 for any.
    pub digits: &'static [(PrimitiveKind, u8, u8)],
}

/// A value set and its codes by code system.
pub type ValueSetCodes = (&'static str, &'static [(&'static str, CodeList)]);

/// Codes, sorted. They are kept as one text until they are first looked at: few of a release's lists are.
///
/// ```
/// let codes = healthcode_core::CodeList::new("female|male|other|unknown");
/// assert!(codes.binary_search(&"male").is_ok());
/// assert_eq!(codes.len(), 4);
/// ```
pub struct CodeList {
    text: &'static str,
    codes: OnceLock<Vec<&'static str>>,
}

impl CodeList {
    /// The codes of a text, which has `|` between them.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        CodeList {
            text,
            codes: OnceLock::new(),
        }
    }
}

impl Deref for CodeList {
    type Target = [&'static str];

    fn deref(&self) -> &[&'static str] {
        self.codes.get_or_init(|| self.text.split('|').collect())
    }
}

impl fmt::Debug for CodeList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// A type that stands for a release.
pub trait Released: Send + Sync + 'static {
    /// The release. It may be unpacked when it is first requested, which takes milliseconds; the other functions need
    /// not do that.
    fn release() -> &'static Release;

    /// Its name: `STU3`.
    #[must_use]
    fn name() -> &'static str {
        Self::release().name
    }

    /// Whether a type of the release may have a member of this name; false only if none has.
    #[must_use]
    fn may_have_member(name: &str) -> bool {
        let _ = name;
        true
    }
}

impl Release {
    /// A release without definitions, with a name and a version.
    #[must_use]
    pub fn new(name: &'static str, version: &'static str) -> Self {
        Release {
            name,
            version,
            ..Release::default()
        }
    }

    /// The schema of the resource or data type of this name, including data types that only narrow another.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&'static Schema> {
        let found = self.types.binary_search_by(|schema| schema.name.cmp(name));
        if let Some(schema) = found.ok().and_then(|index| self.types.get(index)) {
            return Some(schema);
        }
        let mut narrowed = self.narrowed.iter();
        let found = narrowed.find(|(schema, _)| schema.name == name)?;
        Some(found.0)
    }

    /// The schema of the resource of this name.
    #[must_use]
    pub fn resource(&self, name: &str) -> Option<&'static Schema> {
        let schema = self.find(name)?;
        (schema.kind == SchemaKind::Resource).then_some(schema)
    }

    /// The name of the resource, as the release has it.
    #[must_use]
    pub fn resource_name(&self, name: &str) -> Option<&'static str> {
        let index = self.resources.binary_search(&name).ok()?;
        self.resources.get(index).copied()
    }

    /// The schema that values of a type have: the schema of the type that it narrows, or its own.
    #[must_use]
    pub fn schema_of_values(&self, schema: &'static Schema) -> &'static Schema {
        let mut narrowed = self.narrowed.iter();
        let found = narrowed.find(|(narrow, _)| std::ptr::eq(*narrow, schema));
        found.map_or(schema, |(_, wide)| wide)
    }

    /// Whether a text of a primitive type has more digits before or behind the decimal point than the release allows.
    #[must_use]
    pub fn has_too_many_digits(&self, kind: PrimitiveKind, text: &str) -> bool {
        let mut limits = self.digits.iter();
        let Some((_, whole, fraction)) = limits.find(|(limited, ..)| *limited == kind) else {
            return false;
        };
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let (before, behind) = text.split_once('.').unwrap_or((text, ""));
        let exceeds = |text: &str, limit: u8| limit != 0 && digits(text) > usize::from(limit);
        exceeds(before.trim_start_matches('-'), *whole) || exceeds(behind, *fraction)
    }

    /// The codes of the value set of this URL, if all are known.
    #[must_use]
    pub fn value_set(&self, url: &str) -> Option<&'static ValueSetCodes> {
        let index = self.value_sets.binary_search_by(|(one, _)| (*one).cmp(url));
        self.value_sets.get(index.ok()?)
    }

    /// Whether the code system of this URL has a code; `None` if not all of its codes are known.
    #[must_use]
    pub fn system_has(&self, url: &str, code: &str) -> Option<bool> {
        let systems = self.code_systems;
        let index = systems.binary_search_by(|(one, ..)| (*one).cmp(url)).ok()?;
        let (_, case_sensitive, codes) = systems.get(index)?;
        Some(if *case_sensitive {
            codes.binary_search(&code).is_ok()
        } else {
            codes.iter().any(|one| one.eq_ignore_ascii_case(code))
        })
    }
}

impl fmt::Debug for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Release")
            .field("name", &self.name)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
