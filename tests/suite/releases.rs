//! STU3, R4B and R5, read without structs; and R4 in the same way.

use crate::common::check_all;
use healthcode_core::{Released, Root, SchemaKind, UntypedResource};
use healthcode_r4::schema::R4;
use healthcode_releases::{R4b, R5, Stu3};
use healthcode_tests::{Document, release_examples, spec_examples, tree_eq};

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

fn all_come_back<R: Released>(test: &str, package: &str, count: usize) {
    let Some(mut examples) = release_examples(test, package) else {
        return;
    };
    // The package of STU3 has lists of its files, too.
    examples.retain(|example| example.name.starts_with(|c: char| c.is_ascii_uppercase()));
    assert_eq!(examples.len(), count);
    check_all(&examples, |example| example.name.clone(), comes_back::<R>);
}

#[test]
fn stu3_comes_back() {
    all_come_back::<Stu3>(
        "releases::stu3_comes_back",
        "hl7.fhir.r3.examples@3.0.2",
        8283,
    );
}

#[test]
fn r4b_comes_back() {
    all_come_back::<R4b>(
        "releases::r4b_comes_back",
        "hl7.fhir.r4b.examples@4.3.0",
        2840,
    );
}

#[test]
fn r5_comes_back() {
    all_come_back::<R5>(
        "releases::r5_comes_back",
        "hl7.fhir.r5.examples@5.0.0",
        2822,
    );
}

#[test]
fn r4_comes_back() {
    let Some(examples) = spec_examples("releases::r4_comes_back") else {
        return;
    };
    check_all(examples, |example| example.name.clone(), comes_back::<R4>);
}
