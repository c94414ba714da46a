//! From the package's definitions to facts.

mod extensions;
pub(crate) mod profiles;
mod search;
mod structures;
mod terminology;

use std::collections::BTreeSet;

use anyhow::Result;

use super::facts::{ElementFact, Facts, SourceFact, Strength, TypeKind};
use super::package::Package;

/// The strengths of binding whose value sets are listed, and where they are complete, their codes.
const LISTED: &[Strength] = &[Strength::Required, Strength::Extensible, Strength::Max];

/// Distils the package, and lists what is odd about its definitions.
pub(crate) fn distil(package: &Package) -> Result<(Facts, Vec<String>)> {
    let mut findings = Vec::new();
    let structures = structures::distil(package)?;
    let extensions = extensions::distil(package, &structures.names)?;
    // Of the other releases the types and their terminology are known, and nothing of search and profiles.
    let (profiles, profile_elements) = if package.release.is_r4() {
        profiles::distil(package)?
    } else {
        Default::default()
    };
    let mut bound = terminology::bound(&structures.elements, &extensions);
    profiles::bind(&profile_elements, &mut bound)?;
    let (value_sets, codes) = terminology::distil(package, bound, LISTED, &mut findings)?;
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
    let manifest = &package.manifest;
    let pinned = package.release.definitions();
    let mut origin = vec![
        ("package", pinned.name),
        ("version", pinned.version),
        ("sha256", pinned.sha256),
        ("licence", &manifest.license),
    ];
    for other in &package.release.packages[1..] {
        origin.push(("package", other.name));
        origin.push(("version", other.version));
        origin.push(("sha256", other.sha256));
    }
    let origin = origin.into_iter();
    let origin = origin.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let counts = counts(package, facts).into_iter();
    let counts = counts.map(|(key, count)| (key, count.to_string()));
    let rows = origin.into_iter().chain(counts);
    rows.map(|(key, value)| SourceFact { key, value }).collect()
}

/// How many there are of everything.
fn counts(package: &Package, facts: &Facts) -> Vec<(String, usize)> {
    let types = |kind, is_abstract| {
        let types = facts.types.iter();
        types
            .filter(|fact| fact.kind == kind && fact.is_abstract == is_abstract)
            .count()
    };
    let profiles = facts.types.iter();
    let profiles = profiles.filter(|fact| fact.kind == TypeKind::Profile);
    let profiles: BTreeSet<_> = profiles.map(|fact| fact.name.as_str()).collect();
    // The elements of the types themselves: neither types as a whole, nor profiles' repetitions.
    let of_type = |element: &&ElementFact| {
        let path = element.path.split_once('.');
        path.is_some_and(|(name, _)| !profiles.contains(name))
    };
    let elements: Vec<_> = facts.elements.iter().filter(of_type).collect();
    let parents = elements.iter();
    let parents = parents.filter_map(|element| Some(element.path.rsplit_once('.')?.0));
    let backbones: BTreeSet<_> = parents.filter(|parent| parent.contains('.')).collect();
    let with = |is: fn(&ElementFact) -> bool| elements.iter().filter(|fact| is(fact)).count();
    let bound = |strength| {
        let bound = elements.iter();
        bound.filter(|fact| fact.strength == Some(strength)).count()
    };
    let sets = |strength, complete: bool| {
        let bound = facts.elements.iter();
        let bound = bound.filter(|element| element.strength == Some(strength));
        let urls: BTreeSet<_> = bound.filter_map(|fact| fact.value_set.as_ref()).collect();
        let sets = facts
            .value_sets
            .iter()
            .filter(|set| urls.contains(&set.url));
        sets.filter(|set| set.incomplete.is_none() || !complete)
            .count()
    };
    let abstracts = types(TypeKind::Resource, true) + types(TypeKind::Complex, true);
    let system_codes = facts.systems.iter().map(|system| system.codes.len());
    let invariants = facts.invariants.iter();
    let parameters = facts.search_parameters.iter();
    let ids: BTreeSet<_> = parameters.map(|parameter| &parameter.id).collect();

    let mut counts: Vec<(String, usize)> = Vec::new();
    let mut add = |key: &str, count| counts.push((key.to_owned(), count));
    add("resources", types(TypeKind::Resource, false));
    add("data types", types(TypeKind::Complex, false));
    add("primitive types", types(TypeKind::Primitive, false));
    add("abstract types", abstracts);
    add("quantity profiles", profiles.len());
    add("backbone types", backbones.len());
    add("elements", elements.len());
    add("choice elements", with(|fact| fact.path.ends_with("[x]")));
    let shared = with(|fact| fact.content_reference.is_some());
    add("content references", shared);
    for strength in [
        Strength::Required,
        Strength::Extensible,
        Strength::Preferred,
        Strength::Example,
    ] {
        add(&format!("bindings, {strength}"), bound(strength));
    }
    for strength in [Strength::Required, Strength::Extensible] {
        let key = format!("value sets, {strength}");
        add(&key, sets(strength, false));
        add(&format!("{key}, complete"), sets(strength, true));
    }
    add("codes", facts.codes.len());
    add("code systems, complete", facts.systems.len());
    add("codes of complete code systems", system_codes.sum());
    add("invariants", facts.invariants.len());
    let best_practice = invariants.filter(|invariant| invariant.best_practice);
    add("invariants, best practice", best_practice.count());
    let all_parameters = package.search_parameters.len();
    add("search parameters in package", all_parameters);
    add("search parameters", ids.len());
    add("search parameters by base", facts.search_parameters.len());
    add("extension definitions", facts.extensions.len());
    add("profiles", facts.profiles.len());
    counts
}
