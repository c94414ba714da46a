//! The parts of the specification's definition resources which the import reads.
//!
//! Fields have the names and meanings of the specification.

use anyhow::Result;
use serde::Deserialize;

use super::facts::Strength;

/// The package's `package.json`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: String,
}

/// A bundle of one kind of resource.
#[derive(Debug, Deserialize)]
pub(crate) struct Bundle<T> {
    pub(crate) entry: Vec<Entry<T>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Entry<T> {
    pub(crate) resource: T,
}

/// The first extension with this short name under `http://hl7.org/fhir/StructureDefinition/`.
fn extension<'a>(list: &'a [Extension], name: &str) -> Option<&'a Extension> {
    list.iter()
        .find(|extension| extension.url.strip_prefix(HL7_DEFINITION) == Some(name))
}

/// Whether there is an extension with this short name that is true.
pub(crate) fn is_flagged(list: &[Extension], name: &str) -> bool {
    extension(list, name).is_some_and(|extension| extension.value_boolean == Some(true))
}

/// The text of an extension with this short name, whatever its string-like type.
pub(crate) fn extension_text<'a>(list: &'a [Extension], name: &str) -> Option<&'a str> {
    let extension = extension(list, name)?;
    [
        &extension.value_string,
        &extension.value_uri,
        &extension.value_url,
        &extension.value_canonical,
    ]
    .into_iter()
    .find_map(|value| value.as_deref())
}

/// A canonical URL without its version.
pub(crate) fn unversioned(canonical: &str) -> &str {
    canonical.split('|').next().unwrap_or_default()
}

/// What URLs of the standard's structure definitions begin with.
pub(crate) const HL7_DEFINITION: &str = "http://hl7.org/fhir/StructureDefinition/";

impl StructureDefinition {
    /// Whether it restricts another one.
    pub(crate) fn is_profile(&self) -> bool {
        self.derivation.as_deref() == Some("constraint")
    }
}

impl Binding {
    pub(crate) fn strength(&self) -> Result<Strength> {
        Ok(self.strength.parse()?)
    }

    /// The value set, without a version.
    pub(crate) fn url(&self) -> Option<String> {
        let url = self.value_set.as_deref()?;
        Some(unversioned(url).to_owned())
    }
}

/// Declares parts of definitions, whose members may all be absent.
macro_rules! definitions {
    ($($(#[$about:meta])* struct $name:ident { $($(#[$doc:meta])* $field:ident: $type:ty,)+ })+) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, Default, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        pub(crate) struct $name {
            $($(#[$doc])* pub(crate) $field: $type,)+
        }
    )+};
}

definitions! {
    struct Extension {
        url: String,
        value_string: Option<String>,
        value_uri: Option<String>,
        value_url: Option<String>,
        value_canonical: Option<String>,
        value_boolean: Option<bool>,
    }

    struct StructureDefinition {
        url: String,
        version: String,
        name: String,
        kind: String,
        r#abstract: bool,
        r#type: String,
        base_definition: Option<String>,
        derivation: Option<String>,
        context: Vec<ExtensionContext>,
        context_invariant: Vec<String>,
        snapshot: Snapshot,
        differential: Differential,
    }

    /// The elements of a differential, as they are written: what one does not state it leaves as it is.
    struct Differential {
        element: Vec<serde_json::Map<String, serde_json::Value>>,
    }

    struct ExtensionContext {
        r#type: String,
        expression: String,
    }

    struct Snapshot {
        element: Vec<ElementDefinition>,
    }

    struct ElementDefinition {
        id: String,
        path: String,
        representation: Vec<String>,
        min: u32,
        max: String,
        content_reference: Option<String>,
        r#type: Vec<TypeReference>,
        extension: Vec<Extension>,
        fixed_uri: Option<String>,
        order_meaning: Option<String>,
        min_value_integer: Option<i64>,
        max_value_integer: Option<i64>,
        max_length: Option<u64>,
        constraint: Vec<Constraint>,
        is_modifier: bool,
        is_summary: bool,
        binding: Option<Binding>,
    }

    struct TypeReference {
        code: String,
        extension: Vec<Extension>,
        profile: Vec<String>,
        target_profile: Vec<String>,
    }

    struct Constraint {
        extension: Vec<Extension>,
        key: String,
        severity: String,
        expression: String,
    }

    struct Binding {
        extension: Vec<Extension>,
        strength: String,
        value_set: Option<String>,
    }

    struct ValueSet {
        url: String,
        name: String,
        compose: Compose,
        expansion: Option<Expansion>,
    }

    struct Compose {
        include: Vec<Include>,
        exclude: Vec<Include>,
    }

    struct Include {
        system: Option<String>,
        value_set: Vec<String>,
        concept: Vec<Concept>,
        filter: Vec<serde::de::IgnoredAny>,
    }

    struct Expansion {
        extension: Vec<Extension>,
        total: Option<usize>,
        contains: Vec<Contained>,
    }

    struct Contained {
        system: Option<String>,
        code: Option<String>,
        r#abstract: bool,
        contains: Vec<Self>,
    }

    struct CodeSystem {
        url: String,
        content: String,
        case_sensitive: Option<bool>,
        concept: Vec<Concept>,
    }

    /// A code, in a code system's hierarchy or in a value set's list.
    struct Concept {
        code: String,
        display: Option<String>,
        designation: Vec<Designation>,
        concept: Vec<Self>,
    }

    /// Another name of a code, in whatever language.
    struct Designation {
        value: String,
    }

    struct SearchParameter {
        url: String,
        code: String,
        base: Vec<String>,
        r#type: String,
        expression: Option<String>,
        xpath_usage: Option<String>,
        target: Vec<String>,
        multiple_or: Option<bool>,
        multiple_and: Option<bool>,
        comparator: Vec<String>,
        modifier: Vec<String>,
        component: Vec<Component>,
    }

    struct Component {
        definition: String,
        expression: String,
    }
}
