//! The International Patient Summary: its examples, and its snapshots.

use super::published::{adjudicated, archives, issues, load, profiles};
use flate2::read::GzDecoder;
use healthcode_core::Severity;
use healthcode_package::Packages;
use healthcode_r4::{ElementDefinition, StructureDefinition};
use healthcode_validate::ProfileSet;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::sync::Arc;
use tar::Archive;

const NAME: &str = "hl7.fhir.uv.ips";

/// The packages with their profiles, and the archive of IPS; `None` where they are not there.
fn ips() -> Option<(Arc<Packages>, ProfileSet, String)> {
    let files = archives()?;
    let own = files.iter().find(|file| file.contains(NAME)).cloned();
    let packages = load(files.iter().map(String::as_str));
    let set = profiles(&packages);
    Some((packages, set, own.unwrap()))
}

/// The files of the folder `example`.
fn examples(archive: &str) -> BTreeMap<String, Vec<u8>> {
    let mut archive = Archive::new(GzDecoder::new(File::open(archive).unwrap()));
    let mut examples = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_string_lossy().into_owned();
        if let Some(name) = path.strip_prefix("package/example/") {
            let mut text = Vec::new();
            entry.read_to_end(&mut text).unwrap();
            // An index of the examples may be beside them.
            if name.ends_with(".json") && !name.starts_with('.') {
                examples.insert(name.to_owned(), text);
            }
        }
    }
    examples
}

/// The examples have no error, and what remains unchecked is known.
#[test]
fn examples_follow_their_profiles() {
    let Some((_, set, archive)) = ips() else {
        return;
    };
    let set = Arc::new(set);
    let examples = examples(&archive);
    assert_eq!(examples.len(), 44);
    let mut found = BTreeSet::new();
    for (name, text) in &examples {
        for issue in issues(&set, text) {
            let unchecked = issue.rule.id == "R4-PROFILE-UNCHECKED";
            if issue.severity < Severity::Error && !unchecked {
                continue;
            }
            found.insert(format!("{name}\t{}\t{}", issue.rule.id, issue.path));
            if unchecked {
                let text = issue.message();
                let (_, parts) = text.split_once("could not be checked: ").unwrap();
                for part in parts.split("; ") {
                    let known = ["a reference to ", "which values are of the slice "];
                    assert!(
                        known.iter().any(|prefix| part.starts_with(prefix)),
                        "{name}: {part}"
                    );
                }
            }
        }
    }
    adjudicated("ips-examples.tsv", &found);
}

/// What is compared of an element. R4's snapshots state `ele-1` of all elements and `ext-1` of all extensions;
/// ours leave the invariants of the type `Element` to the types.
fn facts(element: &ElementDefinition) -> BTreeMap<&'static str, String> {
    let mut facts = BTreeMap::new();
    let mut put = |name, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            facts.insert(name, value);
        }
    };
    let text = |text: Option<&str>| text.map(str::to_owned);
    // The published name the version of R4 that they were made with.
    let plain = |url: &str| url.trim_end_matches("|4.0.1").to_owned();
    put("path", text(element.path.as_str()));
    put("sliceName", text(element.slice_name.as_str()));
    put("min", element.min.get().map(|min| min.to_string()));
    put("max", text(element.max.as_str()));
    let content = element.content_reference.as_str();
    put(
        "content",
        text(content.and_then(|reference| reference.split('#').nth(1))),
    );
    let id = element.id.as_deref().unwrap_or_default();
    let types = element.type_.iter().map(|one| {
        let code = match one.code.as_str().unwrap_or_default() {
            // What is defined in place is a BackboneElement in resources, an Element in data types.
            "Element" => "BackboneElement",
            code if id.ends_with(".id")
                || id.ends_with("Extension.url")
                || code.starts_with("http://hl7.org/fhirpath/") =>
            {
                "string"
            }
            code => code,
        };
        let of_profile = one.profile.iter().filter_map(|url| url.as_str());
        let targets = one.target_profile.iter().filter_map(|url| url.as_str());
        let targets = targets.map(plain);
        let targets =
            targets.filter(|target| target != "http://hl7.org/fhir/StructureDefinition/Resource");
        let list = |urls: Vec<String>| urls.join(",");
        format!(
            "{code}[{}]({})",
            list(of_profile.map(plain).collect()),
            list(targets.collect())
        )
    });
    put("type", Some(types.collect::<Vec<_>>().join(" ")));
    put(
        "fixed",
        element.fixed.as_ref().map(|value| format!("{value:?}")),
    );
    put(
        "pattern",
        element.pattern.as_ref().map(|value| format!("{value:?}")),
    );
    let binding = element.binding.as_deref().map(|binding| {
        let strength = binding.strength.as_str().unwrap_or_default();
        let set = binding.value_set.as_str().unwrap_or_default();
        format!("{strength} {}", plain(set))
    });
    put("binding", binding);
    let slicing = element.slicing.as_deref().map(|slicing| {
        let by = slicing.discriminator.iter().map(|one| {
            let path = one.path.as_str().unwrap_or_default();
            format!("{}@{path}", one.type_.as_str().unwrap_or_default())
        });
        let by = by.collect::<Vec<_>>().join(",");
        let rules = slicing.rules.as_str().unwrap_or_default();
        format!("{by} {} {rules}", slicing.ordered.get() == Some(true))
    });
    put("slicing", slicing);
    let support = element.must_support.get() == Some(true);
    put("mustSupport", support.then(|| "true".to_owned()));
    let keys = element
        .constraint
        .iter()
        .filter_map(|constraint| constraint.key.as_str());
    let keys: BTreeSet<_> = keys
        .filter(|key| !matches!(*key, "ele-1" | "ext-1"))
        .collect();
    put(
        "constraint",
        Some(keys.into_iter().collect::<Vec<_>>().join(",")),
    );
    facts
}

/// The elements of a snapshot by id.
fn by_id(elements: &[ElementDefinition]) -> BTreeMap<&str, BTreeMap<&'static str, String>> {
    let pairs = elements.iter();
    let pairs = pairs.map(|element| (element.id.as_deref().unwrap_or_default(), facts(element)));
    pairs.collect()
}

/// Adds how a snapshot that its differential makes is not the published one.
fn compare(set: &ProfileSet, definition: &StructureDefinition, found: &mut BTreeSet<String>) {
    let url = definition.url.as_str().unwrap();
    let name = url.rsplit('/').next().unwrap();
    let ours = set.generate(url).unwrap();
    let ours = by_id(&ours);
    let theirs = by_id(&definition.snapshot.as_deref().unwrap().element);
    let ids: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    for id in ids {
        match (ours.get(id), theirs.get(id)) {
            (Some(ours), Some(theirs)) => {
                let names: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
                let differing = names
                    .into_iter()
                    .filter(|name| ours.get(*name) != theirs.get(*name));
                for fact in differing {
                    let show = |of: &BTreeMap<_, String>| of.get(fact).cloned().unwrap_or_default();
                    let (own, other) = (show(ours), show(theirs));
                    found.insert(format!("{name}\t{id}\t{fact}\t{own}\t{other}"));
                }
            }
            (ours, _) => {
                let whose = if ours.is_some() { "ours" } else { "published" };
                found.insert(format!("{name}\t{id}\t{whose} alone\t\t"));
            }
        }
    }
}

/// The differentials make the snapshots that are published with them.
#[test]
fn snapshots_agree() {
    let Some((packages, set, _)) = ips() else {
        return;
    };
    let (mut found, mut count) = (BTreeSet::new(), 0);
    for (url, candidate) in packages.definitions() {
        if candidate.package.manifest().name != NAME {
            continue;
        }
        if let Some(definition) = set.definition_of(url) {
            count += 1;
            compare(&set, definition, &mut found);
        }
    }
    assert_eq!(count, 32);
    adjudicated("ips-snapshots.tsv", &found);
}
