//! `Debug` shows the form of queries, and nothing that they hold.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_search::{Captured, PatientTrace, Query, Scope};

fn read(scope: &str, text: &str) -> Captured {
    Captured::parse(text, Some(Scope::named(scope).unwrap())).unwrap()
}

/// Every value of these queries holds the digits 943476 or the word Secret.
const QUERIES: [(&str, &str); 12] = [
    (
        "Patient",
        "identifier=https://fhir.nhs.uk/Id/nhs-number|9434765919",
    ),
    ("Patient", "identifier=|9434765919,9434765919|,9434765919"),
    ("Patient", "identifier:of-type=Secret|Secret|9434765919"),
    (
        "Patient",
        "family:exact=Secret&_sort=-birthdate&_include=Patient:link",
    ),
    (
        "Patient",
        "organization=9434765919,Organization/9434765919,urn:9434765919",
    ),
    ("Patient", "general-practitioner:Practitioner.name=Secret"),
    (
        "Patient",
        "9434765919=1&name9434765919.name:9434765919=Secret&Secret 1=x",
    ),
    (
        "Observation",
        "value-quantity=9434765919|Secret|Secret&code-value-string=Secret$9434765919",
    ),
    ("RiskAssessment", "probability=ge9434765919&date=9434765919"),
    ("Location", "near=9.434765919|9.434765919|9434765919|km"),
    (
        "find-member",
        "membershipNumber=9434765919&dateOfbirth=Secret",
    ),
    (
        "practitioner-role",
        "practitioner=9434765919,Secret&page=943476",
    ),
];

#[test]
fn values_are_not_shown() {
    for (scope, text) in QUERIES {
        let captured = read(scope, &format!("https://x.org/Patient/9434765919?{text}"));
        let encoded = captured.query.encode_as_it_is();
        for shown in [
            format!("{captured:?}"),
            format!("{captured:#?}"),
            format!("{:?}", captured.query.parameters()),
            format!("{encoded:?}"),
        ] {
            assert!(
                !shown.contains("943476") && !shown.contains("Secret"),
                "{text}: {shown}"
            );
        }
        // The values are there all the same.
        assert!(
            captured
                .query
                .pairs()
                .iter()
                .any(|pair| pair.1.contains("943476") || pair.1.contains("Secret"))
        );
    }
    let builder = PatientTrace::new().family("Secret");
    assert!(!format!("{builder:?}").contains("Secret"));
}

#[test]
fn the_form_is_shown() {
    let mut query = Query::new(Scope::resource("Patient").unwrap());
    query.set("family:exact", "Clinton").unwrap();
    query.set("identifier", "urn:s|12345").unwrap();
    query.set("birthdate", "ge1977-05-09").unwrap();
    insta::assert_snapshot!(format!("{:#?}", query.parameters()));
}
