//! The extensions which the standard itself defines.

use anyhow::{Context, Result, ensure};

use super::structures::Names;
use crate::spec::definitions::{Binding, ElementDefinition, StructureDefinition};
use crate::spec::facts::{ExtensionFact, Max, Part, TypeRef};
use crate::spec::package::Package;

/// Distils the extensions.
pub(super) fn distil(package: &Package, names: &Names) -> Result<Vec<ExtensionFact>> {
    let definitions = package.structures.values();
    definitions
        .filter(|definition| definition.is_profile() && definition.r#type == "Extension")
        .map(|definition| extension_fact(definition, names).with_context(|| definition.url.clone()))
        .collect()
}

fn extension_fact(definition: &StructureDefinition, names: &Names) -> Result<ExtensionFact> {
    let elements = &definition.snapshot.element;
    let root = elements.first().context("no snapshot")?;
    let value = value_of(elements, &root.id);
    let binding = value.and_then(|value| value.binding.as_ref());
    let contexts = definition.context.iter().map(|context| {
        if context.r#type == "element" {
            context.expression.clone()
        } else {
            format!("{}:{}", context.r#type, context.expression)
        }
    });
    ensure!(
        definition.context_invariant.len() <= 1,
        "several context invariants"
    );
    Ok(ExtensionFact {
        url: definition.url.clone(),
        name: definition.name.clone(),
        min: root.min,
        max: root.max.parse()?,
        is_modifier: root.is_modifier,
        contexts: contexts.collect(),
        context_invariant: definition.context_invariant.first().cloned(),
        types: types(value, names)?,
        strength: binding.map(Binding::strength).transpose()?,
        value_set: binding.and_then(Binding::url),
        parts: parts(elements, &root.id, "", names)?,
    })
}

/// The value element of the extension with this element id.
fn value_of<'a>(elements: &'a [ElementDefinition], id: &str) -> Option<&'a ElementDefinition> {
    elements.iter().find(|element| {
        let rest = element.id.strip_prefix(id);
        let rest = rest.and_then(|rest| rest.strip_prefix(".value"));
        rest.is_some_and(|rest| !rest.contains('.'))
    })
}

/// The types of a value which may be present.
fn types(value: Option<&ElementDefinition>, names: &Names) -> Result<Vec<TypeRef>> {
    match value {
        Some(value) if value.max.parse::<Max>()? != Max::Count(0) => {
            Ok(names.type_refs(&value.r#type))
        }
        _ => Ok(Vec::new()),
    }
}

/// The parts of the extension with this element id, each followed by its own.
fn parts(
    elements: &[ElementDefinition],
    id: &str,
    prefix: &str,
    names: &Names,
) -> Result<Vec<Part>> {
    let slices = format!("{id}.extension:");
    let mut parts = Vec::new();
    for element in elements {
        let slice = element.id.strip_prefix(&slices);
        let Some(slice) = slice.filter(|slice| !slice.contains('.')) else {
            continue;
        };
        let url_id = format!("{}.url", element.id);
        let fixed = elements.iter().find(|element| element.id == url_id);
        let fixed = fixed.and_then(|element| element.fixed_uri.as_ref());
        let mut profiles = element.r#type.iter().flat_map(|of| &of.profile);
        let name = fixed.or(profiles.next()).map_or(slice, String::as_str);
        let url = format!("{prefix}{name}");
        ensure!(
            !url.contains([' ', '|']),
            "the name of a part cannot be written: {url}"
        );
        let inner = format!("{url}>");
        parts.push(Part {
            url,
            min: element.min,
            max: element.max.parse()?,
            types: types(value_of(elements, &element.id), names)?,
        });
        parts.extend(self::parts(elements, &element.id, &inner, names)?);
    }
    Ok(parts)
}
