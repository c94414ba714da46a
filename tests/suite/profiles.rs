//! R4's own profiles: the snapshots that their differentials make, and the examples that claim them.

use healthcode_core::{Checked, Issue};
use healthcode_json::from_slice;
use healthcode_r4::{ElementDefinition, Resource, StructureDefinition, codes};
use healthcode_tests::{pinned, spec_examples};
use healthcode_validate::{Policy, ProfileSet, Validator};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// The set of all of R4's StructureDefinitions, and those of them that are profiles.
fn official(test: &str) -> Option<(ProfileSet, Vec<StructureDefinition>)> {
    let examples = spec_examples(test)?;
    let mut set = ProfileSet::new();
    let mut profiles = Vec::new();
    for example in examples {
        if !example.name.starts_with("StructureDefinition-") {
            continue;
        }
        let read = from_slice::<Resource>(&example.json).expect("JSON");
        let Some(definition) = read.value.get::<StructureDefinition>() else {
            continue;
        };
        if definition.derivation.value() == Some(&codes::TypeDerivationRule::Constraint) {
            profiles.push(definition.clone());
        }
        set.add(read.value);
    }
    Some((set, profiles))
}

/// What is compared of an element.
fn facts(element: &ElementDefinition) -> BTreeMap<&'static str, String> {
    let mut facts = BTreeMap::new();
    let mut put = |name, value: Option<String>| {
        if let Some(value) = value {
            facts.insert(name, value);
        }
    };
    let id = element.id.as_deref().unwrap_or_default();
    put("path", element.path.as_str().map(str::to_owned));
    put("sliceName", element.slice_name.as_str().map(str::to_owned));
    put("min", element.min.get().map(|min| min.to_string()));
    put("max", element.max.as_str().map(str::to_owned));
    put(
        "content",
        element.content_reference.as_str().map(str::to_owned),
    );
    let types = element.type_.iter().map(|one| {
        let code = one.code.as_str().unwrap_or_default();
        // What is defined in place is a BackboneElement in resources, an Element in data types.
        let code = match code {
            "Element" => "BackboneElement",
            _ if id.ends_with(".id")
                || id.ends_with("Extension.url")
                || code.starts_with("http://hl7.org/fhirpath/") =>
            {
                "string"
            }
            code => code,
        };
        let list = |urls: Vec<&str>| urls.join(",");
        let profiles = list(one.profile.iter().filter_map(|url| url.as_str()).collect());
        let mut targets: Vec<&str> = one
            .target_profile
            .iter()
            .filter_map(|url| url.as_str())
            .collect();
        targets.retain(|url| *url != "http://hl7.org/fhir/StructureDefinition/Resource");
        format!("{code}[{profiles}]({})", list(targets))
    });
    let types: Vec<String> = types.collect();
    put("type", (!types.is_empty()).then(|| types.join(" ")));
    put(
        "fixed",
        element.fixed.as_ref().map(|value| format!("{value:?}")),
    );
    put(
        "pattern",
        element.pattern.as_ref().map(|value| format!("{value:?}")),
    );
    put(
        "binding",
        element.binding.as_ref().map(|binding| {
            let strength = binding
                .strength
                .value()
                .map_or("", |strength| strength.as_str());
            let set = binding.value_set.as_str().unwrap_or_default();
            format!("{strength} {}", set.split('|').next().unwrap_or(set))
        }),
    );
    put(
        "slicing",
        element.slicing.as_ref().map(|slicing| {
            let by: Vec<String> = slicing
                .discriminator
                .iter()
                .map(|discriminator| {
                    format!(
                        "{}@{}",
                        discriminator.type_.value().map_or("", |kind| kind.as_str()),
                        discriminator.path.as_str().unwrap_or_default()
                    )
                })
                .collect();
            let ordered = slicing.ordered.get() == Some(true);
            format!(
                "{} {ordered} {}",
                by.join(","),
                slicing.rules.value().map_or("", |rules| rules.as_str())
            )
        }),
    );
    put(
        "mustSupport",
        (element.must_support.get() == Some(true)).then(|| "true".to_owned()),
    );
    facts
}

/// How the elements of two snapshots differ, a line each.
fn differences(ours: &[ElementDefinition], theirs: &[ElementDefinition]) -> Vec<String> {
    let by_id = |all: &[ElementDefinition]| -> BTreeMap<String, BTreeMap<&'static str, String>> {
        let pairs = all.iter().map(|element| {
            (
                element.id.as_deref().unwrap_or_default().to_owned(),
                facts(element),
            )
        });
        pairs.collect()
    };
    let (ours, theirs) = (by_id(ours), by_id(theirs));
    let mut lines = Vec::new();
    for (id, facts) in &theirs {
        match ours.get(id) {
            None => lines.push(format!("{id}\tabsent")),
            Some(own) => {
                let names: std::collections::BTreeSet<_> = own.keys().chain(facts.keys()).collect();
                for name in names {
                    if own.get(name) != facts.get(name) {
                        let show =
                            |value: Option<&String>| value.cloned().unwrap_or_else(|| "-".into());
                        lines.push(format!(
                            "{id}\t{name}\t{} | {}",
                            show(own.get(name)),
                            show(facts.get(name))
                        ));
                    }
                }
            }
        }
    }
    for id in ours.keys().filter(|id| !theirs.contains_key(*id)) {
        lines.push(format!("{id}\tmore"));
    }
    lines
}

/// The profiles whose snapshot in the package is not what their differential makes, and why. How they
/// differ is pinned in `profile-snapshots.txt`.
const DIFFERENT: &[(&str, &str)] = &[
    (
        "catalog",
        "the differential names a slice of date, which is not sliced",
    ),
    (
        "codesystem-history",
        "the differential allows 0 extensions, and adds slices with more",
    ),
    (
        "elementdefinition-de",
        "the package lists extensions' elements that no profile changes",
    ),
    (
        "familymemberhistory-genetic",
        "the differential names slices of what is not sliced, and drops elements",
    ),
    (
        "provenance-relevant-history",
        "the package has another value set than the differential, and a contentReference that names a slice",
    ),
];

/// The differentials of R4's profiles and extensions make the snapshots that come with them.
#[test]
fn snapshots_agree() {
    let Some((set, profiles)) = official("profiles::snapshots_agree") else {
        return;
    };
    let mut out = String::new();
    let mut different = Vec::new();
    let mut count = 0;
    for profile in &profiles {
        let url = profile.url.as_str().expect("a URL");
        let Some(snapshot) = &profile.snapshot else {
            continue;
        };
        count += 1;
        let name = url.rsplit('/').next().unwrap_or(url);
        let ours = set.generate(url).expect("a snapshot");
        let lines = differences(&ours, &snapshot.element);
        if !lines.is_empty() {
            different.push(name);
        }
        for line in lines {
            let _ = writeln!(out, "{name}\t{line}");
        }
    }
    let known: Vec<&str> = DIFFERENT.iter().map(|(name, _)| *name).collect();
    assert_eq!(different, known);
    assert_eq!(count, 439);
    pinned("profile-snapshots.txt", &out);
}

/// The examples that claim profiles of R4, and what they are reported for.
#[test]
fn examples_follow_what_they_claim() {
    let test = "profiles::examples_follow_what_they_claim";
    let (Some((set, profiles)), Some(examples)) = (official(test), spec_examples(test)) else {
        return;
    };
    // Snapshots and what differentials make judge alike.
    let mut generated = ProfileSet::new();
    for mut profile in profiles {
        if profile.differential.is_some() {
            profile.snapshot = None;
        }
        generated.add(profile);
    }
    let validator = Validator::new(Policy::R4).profiles(Arc::new(set));
    let by_differential = Validator::new(Policy::R4).profiles(Arc::new(generated));
    let mut found = BTreeMap::new();
    for example in examples {
        if !example
            .json
            .windows(9)
            .any(|window| window == b"\"profile\"")
        {
            continue;
        }
        let report = validator.read::<Resource>(&example.json).expect("JSON");
        let again = by_differential
            .read::<Resource>(&example.json)
            .expect("JSON");
        let key = |issue: &Issue| (issue.rule.id, issue.path.clone());
        let keys = |report: &Checked<Resource>| report.issues.iter().map(key).collect::<Vec<_>>();
        assert_eq!(keys(&report), keys(&again), "{}", example.name);
        for issue in &report.issues {
            let of_profile = issue.rule.id.starts_with("R4-PROFILE-");
            assert_ne!(issue.rule.id, "R4-PROFILE-DEFINITION");
            if of_profile && issue.rule.id != "R4-PROFILE-UNCHECKED" {
                let text = issue
                    .constraint
                    .as_ref()
                    .map(|constraint| format!("{}: {}", constraint.element, constraint.text));
                let line = format!(
                    "{}\t{}\t{}\t{}",
                    example.name,
                    issue.rule.id,
                    issue.path,
                    text.unwrap_or_default(),
                );
                *found.entry(line).or_insert(0) += 1;
            }
        }
    }
    let lines: Vec<String> = found.keys().map(|line| format!("{line}\n")).collect();
    pinned("profile-examples.txt", &lines.concat());
}
