//! From the package's definitions to facts.

mod extensions;
pub(crate) mod profiles;
mod search;
mod structures;
mod terminology;

use std::collections::BTreeSet;

use anyhow::Result;

use super::facts::{Facts, SourceFact, Strength, TypeKind};
use super::package::Package;

/// The strengths of binding whose value sets are listed.
const LISTED: &[Strength] = &[Strength::Required, Strength::Extensible, Strength::Max];

/// The strengths of binding whose value sets have their codes listed, where they are complete.
const CODED: &[Strength] = LISTED;

/// Distils the package, and lists what is odd about its definitions.
pub(crate) fn distil(package: &Package) -> Result<(Facts, Vec<String>)> {
    let mut findings = Vec::new();
    let structures = structures::distil(package)?;
    let extensions = extensions::distil(package, &structures.names)?;
    let (profiles, profile_elements) = profiles::distil(package)?;
    let mut bound = terminology::bound(&structures.elements, &extensions);
    profiles::bind(&profile_elements, &mut bound)?;
    let (value_sets, codes) = terminology::distil(package, bound, LISTED, CODED, &mut findings)?;
    let systems = terminology::systems(package)?;
    let search_parameters = search::distil(package, &structures.types, &mut findings)?;
    let mut facts = Facts {
        source: Vec::new(),
        types: structures.types,
        elements: structures.elements,
        invariants: structures.invariants,
        value_sets,
        codes,
        systems,
        search_parameters,
        extensions,
        profiles,
        profile_elements,
    };
    facts.source = source(package, &facts);
    Ok((facts, findings))
}

/// Where the facts come from, and how many there are.
fn source(package: &Package, facts: &Facts) -> Vec<SourceFact> {
    let mut source = Vec::new();
    let mut add = |key: &str, value: String| {
        source.push(SourceFact {
            key: key.to_owned(),
            value,
        });
    };
    add("package", package.manifest.name.clone());
    add("version", package.manifest.version.clone());
    add("sha256", package.release.sha256.to_owned());
    add("licence", package.manifest.license.clone());

    let of_kind = |kind, is_abstract| {
        let types = facts.types.iter();
        types
            .filter(|fact| fact.kind == kind && fact.is_abstract == is_abstract)
            .count()
    };
    let profiles: BTreeSet<_> = facts
        .types
        .iter()
        .filter(|fact| fact.kind == TypeKind::Profile)
        .map(|fact| fact.name.as_str())
        .collect();
    // The elements of the types themselves: neither types as a whole, nor profiles' repetitions.
    let elements: Vec<_> = facts
        .elements
        .iter()
        .filter(|element| {
            element
                .path
                .split_once('.')
                .is_some_and(|(name, _)| !profiles.contains(name))
        })
        .collect();
    let parents: BTreeSet<_> = elements
        .iter()
        .filter_map(|element| element.path.rsplit_once('.'))
        .map(|(parent, _)| parent)
        .filter(|parent| parent.contains('.'))
        .collect();
    let bound = |strength| {
        let elements = elements.iter();
        elements
            .filter(|element| element.strength == Some(strength))
            .count()
            .to_string()
    };
    let sets = |strength, complete: bool| {
        let of_elements = facts.elements.iter();
        let urls: BTreeSet<_> = of_elements
            .filter(|element| element.strength == Some(strength))
            .filter_map(|element| element.value_set.as_deref())
            .collect();
        let sets = facts.value_sets.iter();
        sets.filter(|set| urls.contains(set.url.as_str()))
            .filter(|set| set.incomplete.is_none() || !complete)
            .count()
            .to_string()
    };

    add("resources", of_kind(TypeKind::Resource, false).to_string());
    add("data types", of_kind(TypeKind::Complex, false).to_string());
    add(
        "primitive types",
        of_kind(TypeKind::Primitive, false).to_string(),
    );
    add(
        "abstract types",
        (of_kind(TypeKind::Resource, true) + of_kind(TypeKind::Complex, true)).to_string(),
    );
    add("quantity profiles", profiles.len().to_string());
    add("backbone types", parents.len().to_string());
    add("elements", elements.len().to_string());
    let choices = elements
        .iter()
        .filter(|element| element.path.ends_with("[x]"));
    add("choice elements", choices.count().to_string());
    let shared = elements
        .iter()
        .filter(|element| element.content_reference.is_some());
    add("content references", shared.count().to_string());
    for strength in [
        Strength::Required,
        Strength::Extensible,
        Strength::Preferred,
        Strength::Example,
    ] {
        add(&format!("bindings, {strength}"), bound(strength));
    }
    for strength in [Strength::Required, Strength::Extensible] {
        add(&format!("value sets, {strength}"), sets(strength, false));
        add(
            &format!("value sets, {strength}, complete"),
            sets(strength, true),
        );
    }
    add("codes", facts.codes.len().to_string());
    add("code systems, complete", facts.systems.len().to_string());
    let codes = facts.systems.iter().map(|system| system.codes.len());
    add(
        "codes of complete code systems",
        codes.sum::<usize>().to_string(),
    );
    add("invariants", facts.invariants.len().to_string());
    let best = facts
        .invariants
        .iter()
        .filter(|invariant| invariant.best_practice);
    add("invariants, best practice", best.count().to_string());
    add(
        "search parameters in package",
        package.search_parameters.len().to_string(),
    );
    let ids: BTreeSet<_> = facts
        .search_parameters
        .iter()
        .map(|parameter| &parameter.id)
        .collect();
    add("search parameters", ids.len().to_string());
    add(
        "search parameters by base",
        facts.search_parameters.len().to_string(),
    );
    add("extension definitions", facts.extensions.len().to_string());
    add("profiles", facts.profiles.len().to_string());
    source
}

/// A canonical URL without its version.
fn unversioned(canonical: &str) -> &str {
    canonical.split('|').next().unwrap_or_default()
}
