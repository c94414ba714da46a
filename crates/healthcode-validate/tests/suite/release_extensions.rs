//! Extensions that stand for elements of other releases, by the definitions of these releases: whether there is such
//! an element, its types, and how often it occurs.

use healthcode_releases::{R4b, R5, Stu3};
use healthcode_validate::{FhirVersion, Policy, Supported, Validator};

static SUPPORTED: [Supported; 3] = [
    Supported::of::<Stu3>(),
    Supported::of::<R4b>(),
    Supported::of::<R5>(),
];

/// Rules and places of the issues of extensions in a resource of R4.
fn issues(json: &str) -> Vec<String> {
    let validator = Validator::new(Policy::R4).fhir_version(FhirVersion::R4, &SUPPORTED);
    let found = validator.check(json.as_bytes(), None).unwrap();
    let found = found
        .iter()
        .filter(|issue| issue.rule.id.contains("EXTENSION"));
    let lines = found.map(|issue| {
        let path = issue.path.split_once(".extension").unwrap_or_default().1;
        format!(
            "{} {path}",
            issue.rule.id.trim_start_matches("R4-EXTENSION-")
        )
    });
    lines.collect()
}

/// A resource with extensions for elements: release, id of the element, and content.
fn resource(kind: &str, extensions: &[(&str, &str, &str)]) -> String {
    let extensions = extensions.iter().map(|(release, id, content)| {
        format!(
            r#"{{"url":"http://hl7.org/fhir/{release}/StructureDefinition/extension-{id}",{content}}}"#
        )
    });
    let extensions: Vec<_> = extensions.collect();
    format!(
        r#"{{"resourceType":"{kind}","extension":[{}]}}"#,
        extensions.join(",")
    )
}

#[test]
fn elements_types_and_cardinalities() {
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str, &'a str)], &'a [&'a str]);
    let breed = r#""extension":[{"url":"species","valueCodeableConcept":{"text":"dog"}}]"#;
    let cases: &[Case<'_>] = &[
        // The element.
        (
            "Encounter",
            &[(
                "5.0",
                "Encounter.actualPeriod",
                r#""valuePeriod":{"start":"2020"}"#,
            )],
            &[],
        ),
        (
            "Encounter",
            &[(
                "5.0",
                "Encounter.actualPeriods",
                r#""valuePeriod":{"start":"2020"}"#,
            )],
            &["UNKNOWN [0].url"],
        ),
        (
            "Encounter",
            &[(
                "5.0",
                "Encounters.actualPeriod",
                r#""valuePeriod":{"start":"2020"}"#,
            )],
            &["UNKNOWN [0].url"],
        ),
        ("Patient", &[("3.0", "Patient.animal", breed)], &[]),
        (
            "Patient",
            &[("5.0", "Patient.animal", breed)],
            &["UNKNOWN [0].url"],
        ),
        (
            "Patient",
            &[("4.3", "Patient.animal", breed)],
            &["UNKNOWN [0].url"],
        ),
        // The type.
        (
            "Encounter",
            &[("5.0", "Encounter.actualPeriod", r#""valueString":"2020""#)],
            &["VALUE [0].value"],
        ),
        (
            "MedicationStatement",
            &[("3.0", "MedicationStatement.taken", r#""valueCode":"y""#)],
            &[],
        ),
        (
            "MedicationStatement",
            &[("3.0", "MedicationStatement.taken", r#""valueBoolean":true"#)],
            &["VALUE [0].value"],
        ),
        (
            "Patient",
            &[("3.0", "Patient.animal", r#""valueString":"dog""#)],
            &["VALUE [0].value"],
        ),
        (
            "Observation",
            &[(
                "5.0",
                "Observation.instantiates[x]",
                r#""valueCanonical":"http://example.org/d""#,
            )],
            &[],
        ),
        (
            "Observation",
            &[("5.0", "Observation.instantiates[x]", r#""valueInteger":1"#)],
            &["VALUE [0].value"],
        ),
        // R4 has no such type: what stands for it is not known.
        (
            "Procedure",
            &[(
                "5.0",
                "Procedure.used",
                r#""valueReference":{"reference":"Device/1"}"#,
            )],
            &[],
        ),
        // The cardinality.
        (
            "Encounter",
            &[
                (
                    "5.0",
                    "Encounter.actualPeriod",
                    r#""valuePeriod":{"start":"2020"}"#,
                ),
                (
                    "5.0",
                    "Encounter.plannedStartDate",
                    r#""valueDateTime":"2020""#,
                ),
                (
                    "5.0",
                    "Encounter.actualPeriod",
                    r#""valuePeriod":{"start":"2021"}"#,
                ),
            ],
            &["REPEATED [2].url"],
        ),
        (
            "Encounter",
            &[
                (
                    "5.0",
                    "Encounter.virtualService",
                    r#""extension":[{"url":"sessionKey","valueString":"a"}]"#,
                ),
                (
                    "5.0",
                    "Encounter.virtualService",
                    r#""extension":[{"url":"sessionKey","valueString":"b"}]"#,
                ),
            ],
            &[],
        ),
        // The parts of an element: names, types, and how often each occurs.
        (
            "Patient",
            &[(
                "3.0",
                "Patient.animal",
                r#""extension":[{"url":"breed","valueCodeableConcept":{"text":"a"}}]"#,
            )],
            &["PART-MISSING [0]"],
        ),
        (
            "Patient",
            &[(
                "3.0",
                "Patient.animal",
                r#""extension":[{"url":"species","valueString":"dog"},{"url":"kind","valueString":"dog"}]"#,
            )],
            &[
                "VALUE [0].extension[0].value",
                "PART-UNKNOWN [0].extension[1].url",
            ],
        ),
        (
            "Patient",
            &[(
                "3.0",
                "Patient.animal",
                r#""extension":[{"url":"species","valueCodeableConcept":{"text":"a"}},{"url":"species","valueCodeableConcept":{"text":"b"}}]"#,
            )],
            &["REPEATED [0].extension[1].url"],
        ),
        // A part with an absolute URL is an extension of its own.
        (
            "Patient",
            &[(
                "3.0",
                "Patient.animal",
                r#""extension":[{"url":"species","valueCodeableConcept":{"text":"a"}},{"url":"http://example.org/own","valueString":"b"}]"#,
            )],
            &[],
        ),
    ];
    for (kind, extensions, expect) in cases {
        let json = resource(kind, extensions);
        assert_eq!(issues(&json), *expect, "{json}");
    }
}

/// A release that is not supported is not checked: a note says so.
#[test]
fn other_releases_are_noted() {
    for release in ["1.0", "6.0"] {
        let json = resource(
            "Patient",
            &[(release, "Patient.animal", r#""valueString":"a""#)],
        );
        assert_eq!(issues(&json), ["UNKNOWN [0].url"]);
    }
}
