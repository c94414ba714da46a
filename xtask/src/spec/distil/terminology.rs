//! Value sets and their codes, from the published expansions.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};

use crate::spec::definitions::{Compose, Concept, Contained, ValueSet, is_flagged, unversioned};
use crate::spec::facts::{
    CodeFact, ElementFact, ExtensionFact, Incomplete, Strength, SystemFact, ValueSetFact,
};
use crate::spec::hash;
use crate::spec::package::Package;

/// What the URLs of code systems begin with whose codes may be copied: HL7's own, the IETF's and
/// the ISO's. Nothing is taken from SNOMED CT, LOINC, DICOM and the like.
const OPEN_SYSTEMS: &[&str] = &[
    "http://hl7.org/fhir/",
    "http://terminology.hl7.org/CodeSystem/",
    "urn:ietf:",
    "urn:iso:",
];

/// The code system for units. A value set of HL7's that lists the units itself may be copied.
const UCUM: &str = "http://unitsofmeasure.org";

/// With what strengths value sets are bound, by URL.
pub(super) type Bound<'a> = BTreeMap<&'a str, BTreeSet<Strength>>;

/// The value sets that elements and the values of extensions are bound to.
pub(super) fn bound<'a>(elements: &'a [ElementFact], extensions: &'a [ExtensionFact]) -> Bound<'a> {
    let mut strengths = Bound::new();
    let of_elements = elements.iter();
    let of_elements = of_elements.flat_map(|element| {
        let max = (Some(Strength::Max), &element.max_value_set);
        [(element.strength, &element.value_set), max]
    });
    let of_extensions = extensions.iter();
    let of_extensions = of_extensions.map(|fact| (fact.strength, &fact.value_set));
    for (strength, url) in of_elements.chain(of_extensions) {
        if let (Some(strength), Some(url)) = (strength, url) {
            strengths.entry(url).or_default().insert(strength);
        }
    }
    strengths
}

/// The code systems of HL7's all of whose codes the package has.
pub(super) fn systems(package: &Package) -> Result<Vec<SystemFact>> {
    let mut systems = Vec::new();
    for (url, system) in &package.code_systems {
        if !is_open(url) || system.content != "complete" || system.concept.is_empty() {
            continue;
        }
        let mut codes: Vec<_> = all_codes(&system.concept);
        codes.sort_unstable();
        codes.dedup();
        ensure!(
            !codes.iter().any(|code| code.contains('|')),
            "a code of {url} cannot be written"
        );
        let case_sensitive = system.case_sensitive == Some(true);
        let mut names = BTreeSet::new();
        all_names(&system.concept, case_sensitive, &mut names);
        systems.push(SystemFact {
            url: url.clone(),
            case_sensitive,
            names: names.iter().map(|hash| format!("{hash:08x}")).collect(),
            codes: codes.into_iter().map(str::to_owned).collect(),
        });
    }
    Ok(systems)
}

fn is_open(system: &str) -> bool {
    OPEN_SYSTEMS.iter().any(|prefix| system.starts_with(prefix))
}

/// The hashes of codes with each of their names; of a code without a name that of the code with none.
fn all_names(concepts: &[Concept], case_sensitive: bool, names: &mut BTreeSet<u32>) {
    for concept in concepts {
        let others = concept.designation.iter().map(|other| other.value.as_str());
        for name in others.chain([concept.display.as_deref().unwrap_or_default()]) {
            names.insert(hash::named(&concept.code, name, case_sensitive));
        }
        all_names(&concept.concept, case_sensitive, names);
    }
}

/// Distils the value sets bound with one of the `listed` strengths, and the codes of those that
/// are complete.
pub(super) fn distil(
    package: &Package,
    bound: Bound<'_>,
    listed: &[Strength],
    findings: &mut Vec<String>,
) -> Result<(Vec<ValueSetFact>, Vec<CodeFact>)> {
    let mut value_sets = Vec::new();
    let mut codes = Vec::new();
    for (url, strengths) in bound {
        if !listed.iter().any(|strength| strengths.contains(strength)) {
            continue;
        }
        let set = Set::of(package, url);
        let incomplete = set.incomplete();
        if incomplete.is_none() {
            codes.extend(set.codes.iter().map(|(system, code)| CodeFact {
                value_set: url.to_owned(),
                system: (*system).to_owned(),
                code: (*code).to_owned(),
            }));
        }
        findings.extend(set.stale(package, url));
        value_sets.push(ValueSetFact {
            url: url.to_owned(),
            name: set.definition.map(|set| set.name.clone()),
            strengths: strengths.into_iter().collect(),
            complete: incomplete.is_none(),
            incomplete,
            count: set.codes.len(),
            systems: set.systems.into_iter().map(str::to_owned).collect(),
        });
    }
    Ok((value_sets, codes))
}

/// A value set with what the package says about it.
struct Set<'a> {
    definition: Option<&'a ValueSet>,
    expansion: Option<&'a ValueSet>,
    /// The system and the code of each.
    codes: Vec<(&'a str, &'a str)>,
    systems: BTreeSet<&'a str>,
}

impl<'a> Set<'a> {
    fn of(package: &'a Package, url: &str) -> Self {
        let expansion = package.expansions.get(url);
        let definition = package.value_sets.get(url).or(expansion);
        let mut codes = Vec::new();
        if let Some(expansion) = expansion.and_then(|set| set.expansion.as_ref()) {
            flatten(&expansion.contains, &mut codes);
        } else if let Some(definition) = definition {
            codes = expand(package, &definition.compose).unwrap_or_default();
        }
        let mut systems: BTreeSet<_> = codes.iter().map(|(system, _)| *system).collect();
        if let Some(definition) = definition {
            let mut seen = BTreeSet::new();
            add_systems(package, &definition.compose, &mut seen, &mut systems);
        }
        Self {
            definition,
            expansion,
            codes,
            systems,
        }
    }

    /// Why the value set's codes cannot be listed.
    fn incomplete(&self) -> Option<Incomplete> {
        let Some(definition) = self.definition else {
            return Some(Incomplete::NotInPackage);
        };
        let third_party = |system: &&str| {
            let units = *system == UCUM && lists_its_codes(&definition.compose);
            !units && !is_open(system)
        };
        if self.systems.iter().any(third_party) {
            return Some(Incomplete::ThirdParty);
        }
        let count = self.codes.len();
        let Some(expansion) = self.expansion.and_then(|set| set.expansion.as_ref()) else {
            return (count == 0).then_some(Incomplete::NoExpansion);
        };
        if is_flagged(&expansion.extension, "valueset-toocostly") {
            return Some(Incomplete::TooCostly);
        }
        // The total may count the entries that only group others.
        let all = entries(&expansion.contains);
        let cut = is_flagged(&expansion.extension, "valueset-unclosed")
            || count == 0
            || expansion
                .total
                .is_some_and(|total| total != count && total != all);
        cut.then_some(Incomplete::Cut)
    }

    /// Compares an expansion with the code systems it was made from.
    fn stale(&self, package: &Package, url: &str) -> Vec<String> {
        let Some(definition) = self.definition else {
            return Vec::new();
        };
        if self.expansion.is_none() || self.incomplete().is_some() {
            return Vec::new();
        }
        let mut findings = Vec::new();
        for system in &self.systems {
            let Some(code_system) = package.code_systems.get(*system) else {
                continue;
            };
            if code_system.content != "complete" {
                continue;
            }
            let known: BTreeSet<_> = all_codes(&code_system.concept).into_iter().collect();
            let listed = self.codes.iter().filter(|(of, _)| of == system);
            let listed: BTreeSet<_> = listed.map(|(_, code)| *code).collect();
            let whole = definition.compose.exclude.is_empty()
                && definition.compose.include.iter().any(|include| {
                    include.system.as_deref() == Some(system)
                        && include.concept.is_empty()
                        && include.filter.is_empty()
                        && include.value_set.is_empty()
                });
            let unknown: Vec<_> = listed.difference(&known).copied().collect();
            let missing: Vec<_> = known.difference(&listed).copied().collect();
            if !unknown.is_empty() {
                let unknown = unknown.join(", ");
                findings.push(format!(
                    "{url}: codes that {system} does not have: {unknown}"
                ));
            }
            if whole && !missing.is_empty() {
                let missing = missing.join(", ");
                findings.push(format!(
                    "{url}: the expansion lacks codes of {system}: {missing}"
                ));
            }
        }
        findings
    }
}

/// The codes of an expansion in order; abstract entries only group others.
fn flatten<'a>(contains: &'a [Contained], codes: &mut Vec<(&'a str, &'a str)>) {
    for entry in contains {
        if let (Some(system), Some(code), false) = (&entry.system, &entry.code, entry.r#abstract) {
            codes.push((system, code));
        }
        flatten(&entry.contains, codes);
    }
}

/// How many entries an expansion has.
fn entries(contains: &[Contained]) -> usize {
    let below = contains.iter().map(|entry| entries(&entry.contains));
    contains.len() + below.sum::<usize>()
}

/// The codes of a definition without an expansion, where it only lists codes or takes the whole of
/// code systems that the package has.
fn expand<'a>(package: &'a Package, compose: &'a Compose) -> Option<Vec<(&'a str, &'a str)>> {
    let mut codes = Vec::new();
    if !compose.exclude.is_empty() {
        return None;
    }
    for include in &compose.include {
        let system = include.system.as_deref()?;
        if !include.filter.is_empty() || !include.value_set.is_empty() {
            return None;
        }
        if include.concept.is_empty() {
            let whole = package.code_systems.get(system)?;
            if whole.content != "complete" {
                return None;
            }
            let all = all_codes(&whole.concept).into_iter();
            codes.extend(all.map(|code| (system, code)));
        } else {
            let listed = include.concept.iter();
            codes.extend(listed.map(|concept| (system, concept.code.as_str())));
        }
    }
    Some(codes)
}

/// All codes of a code system's hierarchy.
fn all_codes(concepts: &[Concept]) -> Vec<&str> {
    let codes = concepts.iter().flat_map(|concept| {
        let mut codes = all_codes(&concept.concept);
        codes.push(&concept.code);
        codes
    });
    codes.collect()
}

/// Whether a definition only lists codes, rather than choosing them from a code system.
fn lists_its_codes(compose: &Compose) -> bool {
    let mut includes = compose.include.iter();
    !compose.include.is_empty() && includes.all(|include| !include.concept.is_empty())
}

/// Adds the code systems that a definition draws from, also by way of other value sets.
fn add_systems<'a>(
    package: &'a Package,
    compose: &'a Compose,
    seen: &mut BTreeSet<&'a str>,
    systems: &mut BTreeSet<&'a str>,
) {
    for include in &compose.include {
        systems.extend(include.system.as_deref());
        for url in &include.value_set {
            let url = unversioned(url);
            if let (true, Some(set)) = (seen.insert(url), package.value_sets.get(url)) {
                add_systems(package, &set.compose, seen, systems);
            }
        }
    }
}
