//! What is refused, and what the error says to do.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_search::{Query, Scope};

/// A query from names and values; its text, or the rules and suggestions of its errors.
fn encode(scope: &str, pairs: &[(&str, &str)]) -> String {
    let mut query = Query::new(Scope::named(scope).unwrap());
    let result = pairs
        .iter()
        .try_for_each(|(name, value)| query.set(*name, value).map(|_| ()))
        .and_then(|()| query.encode());
    match result {
        Ok(encoded) => encoded.as_str().to_owned(),
        Err(error) => {
            // A suggestion may well hold what was almost right.
            let suggested = error.to_string().contains("did you mean");
            for (_, value) in pairs.iter().filter(|pair| !suggested && pair.1.len() > 6) {
                assert!(!error.to_string().contains(value), "{error}");
                assert!(!format!("{error:?}").contains(value), "{error:?}");
            }
            let lines = error.issues().iter().map(ToString::to_string);
            lines.collect::<Vec<_>>().join("\n")
        }
    }
}

#[test]
fn refused() {
    let role = "practitioner-role";
    let (ods, service) = (
        "https://fhir.nhs.uk/Id/ods-organization-code|A1001",
        "https://fhir.nhs.uk/Id/nhsServiceInteractionId|urn:nhs:names:services:psis:X",
    );
    let mut shown = String::new();
    for (scope, pairs) in [
        (role, &[("near", "north:west")][..]),
        (role, &[("near", "53.4,-2.2,200mi")]),
        (role, &[("near", "91:0")]),
        (role, &[("near", "53.4:-2.2:-4:mi")]),
        (role, &[("near", "53.4:-2.2:4:miles")]),
        (role, &[("near-distance", "0")]),
        (role, &[("near-distance", "4")]),
        (role, &[("_sort", "distance:desc")]),
        (role, &[("_sort", "-name")]),
        (role, &[("_sort", "nam:asc")]),
        (role, &[("_include", "PractitionerRole:practitioner")]),
        (role, &[("distinct-by", "practitoner")]),
        (role, &[("specialty", "")]),
        (role, &[("practitioner", "SP00123,,SP00456")]),
        (role, &[("gender", "male"), ("gender", "female")]),
        (role, &[("near", "1:1"), ("near", "2:2")]),
        ("practitioner", &[("page", "0")]),
        ("practitioner", &[("is-onlinebooking-available", "no")]),
        ("find-member", &[("dateOfBirth", "1998-08-08")]),
        ("find-member", &[("dateOfbirth", "08.08.1998")]),
        (
            "remittance-summary",
            &[
                ("insurerIdentifier", "slh"),
                ("datePaid", "2025-01-03_2025-01-01"),
            ],
        ),
        (
            "remittance-summary",
            &[("insurerIdentifier", "slh"), ("paymentAmount", "1,500")],
        ),
        ("Patient", &[("birthdat", "1977")]),
        ("Patient", &[("birthdate", "09.05.1977")]),
        ("Patient", &[("family:exat", "Clinton")]),
        ("Patient", &[("family", r"lone\backslash")]),
        ("Patient", &[("_sort", "birthdat")]),
        ("Patient", &[("_include", "Patient:generalpractitioner")]),
        (
            "Patient",
            &[("_summary", "text"), ("_include", "Patient:organization")],
        ),
        ("Observation", &[("code-value-quantity", "8480-6")]),
        ("Observation", &[("value-quantity", "5.4|mmol")]),
        ("Observation", &[("subject", "a b c d e f")]),
        ("pds-patient", &[("family", "*mith")]),
        (
            "pds-patient",
            &[("family", "Smi*"), ("_fuzzy-match", "true")],
        ),
        (
            "pds-patient",
            &[("address-postcode", "AB1"), ("address-postalcode", "AB1")],
        ),
        ("pds-patient", &[("birthdate", "gt2010-10-22")]),
        ("pds-patient", &[("_count", "5")]),
        ("sds-device", &[("identifier", service)]),
        (
            "sds-device",
            &[("organization", ods), ("identifier", "a|b,c|d")],
        ),
        ("sds-endpoint", &[("organization", ods)]),
        (
            "graphnet-observation",
            &[("code", "http://snomed.info/sct|1")],
        ),
        ("graphnet-medication-request", &[("patient", "Patient/1")]),
    ] {
        shown.push_str(&format!("{scope} {pairs:?}\n    "));
        shown.push_str(&encode(scope, pairs).replace('\n', "\n    "));
        shown.push('\n');
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn encoded() {
    for (scope, pairs, expected) in [
        (
            "practitioner-role",
            &[("practitioner", "SP00123,SP00456")][..],
            "practitioner=SP00123,SP00456",
        ),
        (
            "practitioner-role",
            &[("near", "1.0:2"), ("_sort", "distance:asc,name")],
            "near=1.0:2&_sort=distance:asc,name",
        ),
        (
            "practitioner",
            &[("family", "O'Neil & Söhne=#?+%")],
            "family=O%27Neil%20%26%20S%C3%B6hne%3D%23%3F%2B%25",
        ),
        (
            "practitioner",
            &[("family", r"a\,b|c")],
            "family=a%5C,b%7Cc",
        ),
        (
            "Location",
            &[("near", "53.4|-2.2|200|km")],
            "near=53.4%7C-2.2%7C200%7Ckm",
        ),
        (
            "stu3-location",
            &[("near", "53.4:-2.2"), ("near-distance", "le5||km")],
            "near=53.4:-2.2&near-distance=le5%7C%7Ckm",
        ),
        (
            "Patient",
            &[("identifier", "urn:x|1,|2,urn:y|")],
            "identifier=urn:x%7C1,%7C2,urn:y%7C",
        ),
        (
            "Patient",
            &[("_lastUpdated", "ge2020-01-01T00:00:00+01:00")],
            "_lastUpdated=ge2020-01-01T00:00:00%2B01:00",
        ),
        (
            "Patient",
            &[("_sort", "family,-birthdate"), ("_elements", "id,name")],
            "_sort=family,-birthdate&_elements=id,name",
        ),
        (
            "Patient",
            &[("_has:Observation:patient:code", "1234-5")],
            "_has:Observation:patient:code=1234-5",
        ),
        (
            "Observation",
            &[("code-value-quantity", "http://loinc.org|8480-6$gt140")],
            "code-value-quantity=http://loinc.org%7C8480-6$gt140",
        ),
        (
            "Observation",
            &[("_include:iterate", "Observation:subject:Patient")],
            "_include:iterate=Observation:subject:Patient",
        ),
        (
            "pds-patient",
            &[("family", "Smi*"), ("given", "A"), ("given", "B")],
            "family=Smi%2A&given=A&given=B",
        ),
        (
            "find-member",
            &[("insurerIdentifier", "bup"), ("postCode", "BT43 7BU")],
            "insurerIdentifier=bup&postCode=BT43%207BU",
        ),
        (
            "graphnet-observation",
            &[
                (
                    "patient.identifier",
                    "https://fhir.nhs.uk/Id/nhs-number|9000000009",
                ),
                ("_sort", "-date"),
            ],
            "patient.identifier=https://fhir.nhs.uk/Id/nhs-number%7C9000000009&_sort=-date",
        ),
    ] {
        assert_eq!(encode(scope, pairs), expected);
    }
}
