//! The parts of the specification's definition resources which the import reads.
//!
//! Fields have the names and meanings that the specification gives them.

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

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Extension {
    pub(crate) url: String,
    pub(crate) value_string: Option<String>,
    pub(crate) value_uri: Option<String>,
    pub(crate) value_url: Option<String>,
    pub(crate) value_canonical: Option<String>,
    pub(crate) value_boolean: Option<bool>,
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

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct StructureDefinition {
    pub(crate) url: String,
    pub(crate) version: String,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) r#abstract: bool,
    pub(crate) r#type: String,
    pub(crate) base_definition: Option<String>,
    pub(crate) derivation: Option<String>,
    pub(crate) context: Vec<ExtensionContext>,
    pub(crate) context_invariant: Vec<String>,
    pub(crate) snapshot: Snapshot,
    pub(crate) differential: Differential,
}

impl StructureDefinition {
    /// Whether it restricts another one.
    pub(crate) fn is_profile(&self) -> bool {
        self.derivation.as_deref() == Some("constraint")
    }
}

/// The elements of a differential, as they are written: what one does not state it leaves as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Differential {
    pub(crate) element: Vec<serde_json::Map<String, serde_json::Value>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ExtensionContext {
    pub(crate) r#type: String,
    pub(crate) expression: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Snapshot {
    pub(crate) element: Vec<ElementDefinition>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ElementDefinition {
    pub(crate) id: String,
    pub(crate) path: String,
    pub(crate) representation: Vec<String>,
    pub(crate) min: u32,
    pub(crate) max: String,
    pub(crate) content_reference: Option<String>,
    pub(crate) r#type: Vec<TypeReference>,
    pub(crate) extension: Vec<Extension>,
    pub(crate) fixed_uri: Option<String>,
    pub(crate) order_meaning: Option<String>,
    pub(crate) min_value_integer: Option<i64>,
    pub(crate) max_value_integer: Option<i64>,
    pub(crate) max_length: Option<u64>,
    pub(crate) constraint: Vec<Constraint>,
    pub(crate) is_modifier: bool,
    pub(crate) is_summary: bool,
    pub(crate) binding: Option<Binding>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct TypeReference {
    pub(crate) code: String,
    pub(crate) extension: Vec<Extension>,
    pub(crate) profile: Vec<String>,
    pub(crate) target_profile: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Constraint {
    pub(crate) extension: Vec<Extension>,
    pub(crate) key: String,
    pub(crate) severity: String,
    pub(crate) expression: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Binding {
    pub(crate) extension: Vec<Extension>,
    pub(crate) strength: String,
    pub(crate) value_set: Option<String>,
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

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ValueSet {
    pub(crate) url: String,
    pub(crate) name: String,
    pub(crate) compose: Compose,
    pub(crate) expansion: Option<Expansion>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Compose {
    pub(crate) include: Vec<Include>,
    pub(crate) exclude: Vec<Include>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Include {
    pub(crate) system: Option<String>,
    pub(crate) value_set: Vec<String>,
    pub(crate) concept: Vec<Concept>,
    pub(crate) filter: Vec<serde::de::IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Expansion {
    pub(crate) extension: Vec<Extension>,
    pub(crate) total: Option<usize>,
    pub(crate) contains: Vec<Contained>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Contained {
    pub(crate) system: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) r#abstract: bool,
    pub(crate) contains: Vec<Self>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct CodeSystem {
    pub(crate) url: String,
    pub(crate) content: String,
    pub(crate) case_sensitive: Option<bool>,
    pub(crate) concept: Vec<Concept>,
}

/// A code, in a code system's hierarchy or in a value set's list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Concept {
    pub(crate) code: String,
    pub(crate) display: Option<String>,
    pub(crate) designation: Vec<Designation>,
    pub(crate) concept: Vec<Self>,
}

/// Another name of a code, in whatever language.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Designation {
    pub(crate) value: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct SearchParameter {
    pub(crate) url: String,
    pub(crate) code: String,
    pub(crate) base: Vec<String>,
    pub(crate) r#type: String,
    pub(crate) expression: Option<String>,
    pub(crate) xpath_usage: Option<String>,
    pub(crate) target: Vec<String>,
    pub(crate) multiple_or: Option<bool>,
    pub(crate) multiple_and: Option<bool>,
    pub(crate) comparator: Vec<String>,
    pub(crate) modifier: Vec<String>,
    pub(crate) component: Vec<Component>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Component {
    pub(crate) definition: String,
    pub(crate) expression: String,
}
