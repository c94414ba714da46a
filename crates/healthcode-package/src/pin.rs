//! Adding versions to canonical URLs of a definition, if its package depends on other versions than those that are
//! used for URLs without a version.

use healthcode_r4::{
    Canonical, ElementDefinition, OpenType, Primitive, Resource, ValueSetComposeInclude,
};
use healthcode_validate::DefinitionKind;

/// The version that a definition means by a URL alone, where that has to be said.
pub(crate) type Version<'v> = dyn Fn(DefinitionKind, &str) -> Option<&'v str> + 'v;

/// Adds versions to the canonical URLs in a definition that have none.
pub(crate) fn pin(resource: &mut Resource, version: &Version<'_>) {
    use DefinitionKind::{StructureDefinition, ValueSet};
    match resource {
        Resource::StructureDefinition(definition) => {
            let definition = &mut **definition;
            set(
                &mut definition.base_definition,
                StructureDefinition,
                version,
            );
            let differential = definition.differential.iter_mut();
            let snapshot = definition.snapshot.iter_mut();
            let elements = differential
                .flat_map(|list| list.element.iter_mut())
                .chain(snapshot.flat_map(|list| list.element.iter_mut()));
            for element in elements {
                pin_element(element, version);
            }
        }
        Resource::ValueSet(value_set) => {
            if let Some(compose) = &mut value_set.compose {
                let excluded = compose.exclude.iter_mut();
                for include in compose.include.iter_mut().chain(excluded) {
                    pin_include(include, version);
                    for url in &mut include.value_set {
                        set(url, ValueSet, version);
                    }
                }
            }
        }
        _ => {}
    }
}

fn pin_element(element: &mut ElementDefinition, version: &Version<'_>) {
    use DefinitionKind::{StructureDefinition, ValueSet};
    for of_type in &mut element.type_ {
        let profiles = of_type.profile.iter_mut();
        for url in profiles.chain(of_type.target_profile.iter_mut()) {
            set(url, StructureDefinition, version);
        }
    }
    if let Some(binding) = &mut element.binding {
        set(&mut binding.value_set, ValueSet, version);
        for extension in &mut binding.extension {
            if let Some(OpenType::Canonical(url)) = &mut extension.value {
                set(url, ValueSet, version);
            }
        }
    }
}

/// Names the version of a code system that is meant.
fn pin_include(include: &mut ValueSetComposeInclude, version: &Version<'_>) {
    let system = include.system.as_str();
    let meant = system.and_then(|system| version(DefinitionKind::CodeSystem, system));
    if let Some(meant) = meant.filter(|_| include.version.is_empty()) {
        include.version = meant.into();
    }
}

fn set(url: &mut Primitive<Canonical>, kind: DefinitionKind, version: &Version<'_>) {
    let bare = url.as_str().filter(|url| !url.contains('|'));
    let meant = bare.and_then(|bare| Some(format!("{bare}|{}", version(kind, bare)?)));
    if let Some(meant) = meant {
        *url = meant.as_str().into();
    }
}
