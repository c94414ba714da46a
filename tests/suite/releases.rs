//! STU3, R4B and R5, read without structs, and R4 in the same way; their errors, and how releases are found.

use crate::common::{Groups, check_all, check_groups, without_indexes};
use healthcode_core::{Issue, Released, Root, SchemaKind, Severity, UntypedResource};
use healthcode_r4::Resource;
use healthcode_r4::schema::R4;
use healthcode_releases::{R4b, R5, Stu3};
use healthcode_tests::{Document, pinned, release_examples, spec_examples, tree_eq};
use healthcode_validate::{FhirVersion, Policy, Supported, Validator};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Mutex;

/// A release and the package of its examples.
struct Examples {
    release: &'static str,
    version: FhirVersion,
    package: &'static str,
    /// How many resources the package has.
    count: usize,
    /// The list of errors.
    errors: &'static str,
}

const STU3: Examples = Examples {
    release: "STU3",
    version: FhirVersion::Stu3,
    package: "hl7.fhir.r3.examples@3.0.2",
    count: 8286,
    errors: "stu3-issues.txt",
};

const R4B: Examples = Examples {
    release: "R4B",
    version: FhirVersion::R4b,
    package: "hl7.fhir.r4b.examples@4.3.0",
    count: 2840,
    errors: "r4b-issues.txt",
};

const R5_: Examples = Examples {
    release: "R5",
    version: FhirVersion::R5,
    package: "hl7.fhir.r5.examples@5.0.0",
    count: 2822,
    errors: "r5-issues.txt",
};

pub(crate) static RELEASES: [Supported; 3] = [
    Supported::of::<Stu3>(),
    Supported::of::<R4b>(),
    Supported::of::<R5>(),
];

impl Examples {
    /// All examples, if the package is there.
    fn read(&self, test: &str) -> Option<Vec<Document>> {
        let mut examples = release_examples(test, self.package)?;
        // The package of STU3 has lists of its files, too.
        examples.retain(|it| it.name.starts_with(|c: char| c.is_ascii_uppercase()));
        assert_eq!(examples.len(), self.count);
        Some(examples)
    }

    /// The errors of the examples are those that are listed: the file, the rule, the path without indexes, how
    /// often, and why the example is wrong.
    fn check_errors(&self, test: &str) {
        let Some(examples) = self.read(test) else {
            return;
        };
        let validator = Validator::new(Policy::R4).fhir_version(self.version, &RELEASES);
        let found = Mutex::new(Groups::new());
        check_all(
            &examples,
            |example| example.name.clone(),
            |example| {
                let issues = validator.check(&example.json, None);
                let issues = issues.map_err(|error| error.to_string())?;
                let is_error = |issue: &&Issue| issue.severity >= Severity::Error;
                let mut found = found.lock().map_err(|error| error.to_string())?;
                for issue in issues.iter().filter(is_error) {
                    let path = without_indexes(&issue.path);
                    let group = format!("{}\t{}\t{path}", example.name, issue.rule.id);
                    *found.entry(group).or_insert(0) += 1;
                }
                Ok(())
            },
        );
        let found = found.into_inner().expect("no panic");
        check_groups(self.errors, &found);
    }
}

#[test]
fn errors_of_stu3_are_listed() {
    STU3.check_errors("releases::errors_of_stu3_are_listed");
}

#[test]
fn errors_of_r4b_are_listed() {
    R4B.check_errors("releases::errors_of_r4b_are_listed");
}

#[test]
fn errors_of_r5_are_listed() {
    R5_.check_errors("releases::errors_of_r5_are_listed");
}

/// Whether a release defines all types and members of a payload.
fn defines<R: Released>(json: &[u8]) -> bool {
    let read = healthcode_json::from_slice::<UntypedResource<R>>(json);
    let is_unknown = |issue: &Issue| {
        matches!(
            issue.rule.id,
            "FHIR-UNKNOWN-MEMBER" | "FHIR-RESOURCE-TYPE-UNKNOWN"
        )
    };
    read.is_ok_and(|read| !read.issues.iter().any(is_unknown))
}

/// The releases that define all types and members of a payload.
fn definers(json: &[u8]) -> Vec<&'static str> {
    let all = [
        ("STU3", defines::<Stu3>(json)),
        ("R4", defines::<R4>(json)),
        ("R4B", defines::<R4b>(json)),
        ("R5", defines::<R5>(json)),
    ];
    let all = all.into_iter().filter(|(_, defines)| *defines);
    all.map(|(name, _)| name).collect()
}

/// How examples of a release are recognised.
#[derive(Default)]
struct Recognised {
    /// How many examples have a type or member that no other release has, and how many of these are recognised.
    distinct: usize,
    of_distinct: usize,
    /// How many of all are taken for each release.
    taken: BTreeMap<String, usize>,
}

/// Which release automatic detection finds.
pub(crate) fn found(validator: &Validator, json: &[u8]) -> Result<String, String> {
    let read = healthcode_json::from_slice::<Resource>(json);
    let read = read.map_err(|error| error.to_string())?;
    Ok(match validator.untyped(json, &read) {
        Ok(None) => "R4".to_owned(),
        Ok(Some(value)) => value.release().name.to_owned(),
        Err(name) => name.to_owned(),
    })
}

/// Of the examples that have a type or member of their release alone, at least 95 % are recognised, and none of
/// R4's is taken for another release.
#[test]
fn releases_of_examples_are_found() {
    const TEST: &str = "releases::releases_of_examples_are_found";
    let mut lines = String::new();
    let mut all = Vec::new();
    for one in [STU3, R4B, R5_] {
        let Some(examples) = one.read(TEST) else {
            return;
        };
        all.push((one.release, examples));
    }
    let Some(examples) = spec_examples(TEST) else {
        return;
    };
    all.push(("R4", examples.to_vec()));
    let validator = Validator::new(Policy::R4).fhir_version(FhirVersion::Auto, &RELEASES);
    for (release, examples) in all {
        let counts = Mutex::new(Recognised::default());
        check_all(
            &examples,
            |example| example.name.clone(),
            |example| {
                let name = found(&validator, &example.json)?;
                if release == "R4" && name != "R4" {
                    return Err(format!("taken for {name}"));
                }
                let distinct = definers(&example.json) == [release];
                let mut counts = counts.lock().map_err(|error| error.to_string())?;
                counts.distinct += usize::from(distinct);
                counts.of_distinct += usize::from(distinct && name == release);
                *counts.taken.entry(name).or_default() += 1;
                Ok(())
            },
        );
        let counts = counts.into_inner().expect("no panic");
        let (distinct, of_distinct) = (counts.distinct, counts.of_distinct);
        let (rest, taken) = (examples.len() - distinct, counts.taken);
        assert!(
            of_distinct * 100 >= distinct * 95,
            "{release}: {of_distinct} of {distinct}"
        );
        let taken: Vec<String> = taken
            .iter()
            .map(|(name, n)| format!("{name} {n}"))
            .collect();
        let taken = taken.join(", ");
        let _ = writeln!(
            lines,
            "{release}\t{of_distinct} of {distinct} with a type or member of this release alone are recognised\t{rest} others\ttaken for: {taken}"
        );
    }
    pinned("release-detection.txt", &lines);
}

/// Payloads of more bytes are not tried as XML.
const LARGE: usize = 20_000;

/// JSON to an untyped element and back is the same tree; so it is by way of XML.
fn comes_back<R: Released>(document: &Document) -> Result<(), String> {
    let read = healthcode_json::from_slice::<UntypedResource<R>>(&document.json);
    let value = read.map_err(|error| error.to_string())?.value;
    if value.as_element().schema().kind == SchemaKind::UnknownResource {
        return Err("a resource of unknown type".into());
    }
    tree_eq(&document.json, &healthcode_json::to_vec(&value))?;
    if value.as_untyped() != value.clone().as_untyped() {
        return Err("not equal to its clone".into());
    }
    if document.json.len() > LARGE {
        return Ok(());
    }
    let written = healthcode_xml::to_string(&value);
    if let Some(issue) = written.issues.first() {
        return Err(issue.to_string());
    }
    let read = healthcode_xml::from_str::<UntypedResource<R>>(&written.value);
    let after = read.map_err(|error| error.to_string())?.value;
    tree_eq(&document.json, &healthcode_json::to_vec(&after))
}

fn all_come_back<R: Released>(test: &str, examples: &Examples) {
    if let Some(examples) = examples.read(test) {
        check_all(&examples, |example| example.name.clone(), comes_back::<R>);
    }
}

#[test]
fn stu3_comes_back() {
    all_come_back::<Stu3>("releases::stu3_comes_back", &STU3);
}

#[test]
fn r4b_comes_back() {
    all_come_back::<R4b>("releases::r4b_comes_back", &R4B);
}

#[test]
fn r5_comes_back() {
    all_come_back::<R5>("releases::r5_comes_back", &R5_);
}

#[test]
fn r4_comes_back() {
    let Some(examples) = spec_examples("releases::r4_comes_back") else {
        return;
    };
    check_all(examples, |example| example.name.clone(), comes_back::<R4>);
}
