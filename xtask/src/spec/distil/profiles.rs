//! The profiles of resources and data types which the standard itself defines.

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};

use super::terminology::Bound;
use crate::spec::definitions::{StructureDefinition, unversioned};
use crate::spec::facts::{ProfileElementFact, ProfileFact};
use crate::spec::package::Package;

/// The members of elements that are facts.
const KEPT: &[&str] = &[
    "binding",
    "constraint",
    "contentReference",
    "max",
    "maxLength",
    "min",
    "mustSupport",
    "slicing",
    "type",
];

/// What the names of choice elements begin with whose values are facts.
const KEPT_CHOICES: &[&str] = &["fixed", "pattern", "minValue", "maxValue"];

/// The members of elements that are text for readers, or of no consequence for validation.
const LEFT_OUT: &[&str] = &[
    "alias",
    "comment",
    "condition",
    "definition",
    "extension",
    "id",
    "isModifier",
    "isModifierReason",
    "isSummary",
    "mapping",
    "path",
    "requirements",
    "short",
    "sliceName",
];

/// Distils the profiles. Those that come without a snapshot are parts of an example.
pub(super) fn distil(package: &Package) -> Result<(Vec<ProfileFact>, Vec<ProfileElementFact>)> {
    let (mut profiles, mut elements) = (Vec::new(), Vec::new());
    for definition in package.structures.values() {
        let has_snapshot = !definition.snapshot.element.is_empty();
        if !definition.is_profile() || definition.r#type == "Extension" || !has_snapshot {
            continue;
        }
        let base = definition.base_definition.clone();
        profiles.push(ProfileFact {
            url: definition.url.clone(),
            version: definition.version.clone(),
            kind: definition.r#type.clone(),
            base: base.with_context(|| format!("{} has no base", definition.url))?,
        });
        for element in &definition.differential.element {
            let fact = element_fact(definition, element);
            elements.push(fact.with_context(|| definition.url.clone())?);
        }
    }
    Ok((profiles, elements))
}

fn element_fact(
    definition: &StructureDefinition,
    element: &Map<String, Value>,
) -> Result<ProfileElementFact> {
    let text = |name: &str| element.get(name).and_then(Value::as_str);
    let member = |name: &str| element.get(name).cloned().unwrap_or_default();
    let id = text("id").context("an element has no id")?;
    let mut stated = Map::new();
    for (name, value) in element {
        let is_choice = KEPT_CHOICES.iter().any(|choice| name.starts_with(choice));
        if is_choice || KEPT.contains(&name.as_str()) {
            stated.insert(name.clone(), fact(name, value));
        } else {
            let known = LEFT_OUT.contains(&name.as_str());
            ensure!(known, "{id}: unknown member {name}");
        }
    }
    let (path, slice) = path_and_slice(id);
    if text("path") != Some(path.as_str()) {
        stated.insert("path".into(), member("path"));
    }
    if text("sliceName") != slice {
        stated.insert("sliceName".into(), member("sliceName"));
    }
    Ok(ProfileElementFact {
        profile: definition.url.clone(),
        id: id.to_owned(),
        stated,
    })
}

/// The path that an element's id stands for, and the name of its slice.
pub(crate) fn path_and_slice(id: &str) -> (String, Option<&str>) {
    let steps = id.split('.').map(|step| match step.split_once(':') {
        Some((name, slice)) => (name, Some(slice)),
        None => (step, None),
    });
    let (names, slices): (Vec<_>, Vec<_>) = steps.unzip();
    (names.join("."), slices.last().copied().flatten())
}

/// A member's value without the texts in it.
fn fact(name: &str, value: &Value) -> Value {
    let kept: &[&str] = match name {
        "binding" => &["strength", "valueSet"],
        "constraint" => &["key", "severity", "expression"],
        "slicing" => &["discriminator", "ordered", "rules"],
        "type" => &["code", "profile", "targetProfile"],
        _ => return value.clone(),
    };
    match value {
        Value::Array(all) => all.iter().map(|item| fact(name, item)).collect(),
        Value::Object(members) => {
            let mut members = members.clone();
            members.retain(|name, _| kept.contains(&name.as_str()));
            members.into()
        }
        other => other.clone(),
    }
}

/// Adds the value sets that profiles bind elements to.
pub(super) fn bind<'a>(elements: &'a [ProfileElementFact], bound: &mut Bound<'a>) -> Result<()> {
    let bindings = elements
        .iter()
        .filter_map(|element| element.stated.get("binding"));
    for binding in bindings {
        let text = |name: &str| binding.get(name).and_then(Value::as_str);
        if let (Some(strength), Some(url)) = (text("strength"), text("valueSet")) {
            let strengths = bound.entry(unversioned(url)).or_default();
            strengths.insert(strength.parse()?);
        }
    }
    Ok(())
}
