//! Profiles: limits of values, maximum value sets, and what `resolve()` finds.

use crate::profiles::{CODED, check, found, observation, profile, set_of};
use healthcode_validate::{Policy, Validator};
use std::sync::Arc;

/// What `resolve()` finds in a Bundle, of many entries too: each is found in one step.
#[test]
fn references_in_bundles() {
    let constraint = |expression: &str| {
        format!(
            r#"{{"id":"Observation","path":"Observation","constraint":[{{"key":"k","severity":"error","human":"h","expression":"{expression}"}}]}}"#
        )
    };
    let set = set_of(&[profile(
        "p",
        "Observation",
        &constraint("subject.resolve().ofType(Patient).active"),
    )]);
    let validator = Validator::new(Policy::R4)
        .profiles(Arc::new(set))
        .profile("http://a.b/p")
        .unwrap();
    let mut entries = Vec::new();
    for index in 0..4000 {
        let kept = index % 1000 != 7;
        entries.push(format!(
            r#"{{"fullUrl":"http://a.b/Patient/{index}","resource":{{"resourceType":"Patient","id":"{index}","active":{kept}}}}}"#
        ));
        let reference = ["Patient/", "http://a.b/Patient/"][index % 2];
        entries.push(format!(
            r#"{{"fullUrl":"http://a.b/Observation/{index}","resource":{{"resourceType":"Observation","id":"{index}"{CODED},"subject":{{"reference":"{reference}{index}"}}}}}}"#
        ));
    }
    let json = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#,
        entries.join(",")
    );
    let expected: Vec<String> = [1007, 2007, 3007, 7]
        .map(|index| format!("INVARIANT Bundle.entry[{}].resource", 2 * index + 1))
        .into();
    let mut found = found(&validator, &json);
    found.sort();
    let mut expected = expected;
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn limits() {
    let element = |path: &str, limit: &str| {
        format!(r#"{{"id":"Patient.{path}","path":"Patient.{path}",{limit}}}"#)
    };
    let elements = [
        element(
            "birthDate",
            r#""minValueDate":"1900-01-01","maxValueDate":"2020-06""#,
        ),
        element(
            "multipleBirth[x]",
            r#""type":[{"code":"integer"}],"minValueInteger":1,"maxValueInteger":3"#,
        ),
        element("name.family", r#""maxLength":4"#),
    ];
    check(
        "Patient",
        &elements.join(","),
        &[],
        &[
            (
                r#","birthDate":"1900-01-01","multipleBirthInteger":3,"name":[{"family":"Älgö"}]"#,
                &[],
            ),
            (r#","birthDate":"1899-12-31""#, &["LIMIT Patient.birthDate"]),
            (r#","birthDate":"2020-07-01""#, &["LIMIT Patient.birthDate"]),
            // What is less precise may be within the limit.
            (r#","birthDate":"1900""#, &[]),
            (r#","birthDate":"2020""#, &[]),
            (r#","_birthDate":{"id":"x"}"#, &[]),
            (
                r#","multipleBirthInteger":0"#,
                &["LIMIT Patient.multipleBirth"],
            ),
            (
                r#","multipleBirthInteger":4"#,
                &["LIMIT Patient.multipleBirth"],
            ),
            (
                r#","name":[{"family":"Älgös"}]"#,
                &["LIMIT Patient.name[0].family"],
            ),
        ],
    );
    let value = |limit: &str| {
        format!(
            r#"{{"id":"Observation.value[x]","path":"Observation.value[x]","type":[{{"code":"Quantity"}}],{limit}}}"#
        )
    };
    let quantity = |value: &str, code: &str| {
        observation(&format!(
            r#""valueQuantity":{{"value":{value},"system":"http://unitsofmeasure.org","code":"{code}"}}"#
        ))
    };
    let units = [
        quantity("1.5", "g"),
        quantity("1600", "mg"),
        quantity("1400", "mg"),
        quantity("1", "m"),
    ];
    let grams = value(
        r#""minValueQuantity":{"value":1.5,"system":"http://unitsofmeasure.org","code":"g"}"#,
    );
    check(
        "Observation",
        &grams,
        &[],
        &[
            (&units[0], &[]),
            (&units[1], &[]),
            (&units[2], &["LIMIT Observation.value"]),
            // Not comparable: what it is, other elements of the profile say.
            (&units[3], &[]),
        ],
    );
    // A time before now cannot be judged.
    let ago = r#"{"id":"Patient.birthDate","path":"Patient.birthDate","minValueQuantity":{"value":1,"system":"http://unitsofmeasure.org","code":"a"}}"#;
    check(
        "Patient",
        ago,
        &[],
        &[
            ("", &[]),
            (r#","birthDate":"1900""#, &["information UNCHECKED Patient"]),
        ],
    );
}

/// The value set that limits the choice of codes, beside the one that is to be used where it fits.
#[test]
fn maximum_value_sets() {
    let set = |name: &str, codes: &str| {
        format!(
            r#"{{"resourceType":"ValueSet","url":"http://a.b/{name}","status":"draft","compose":{{"include":[{{"system":"http://a.b","concept":[{codes}]}}]}}}}"#
        )
    };
    let sets = [
        set("few", r#"{"code":"a"}"#),
        set("all", r#"{"code":"a"},{"code":"b"}"#),
    ];
    let category = |code: &str| {
        observation(&format!(
            r#""category":[{{"coding":[{{"system":"http://a.b","code":"{code}"}}]}}]"#
        ))
    };
    check(
        "Observation",
        r#"{"id":"Observation.category","path":"Observation.category","binding":{"strength":"extensible","valueSet":"http://a.b/few","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet","valueCanonical":"http://a.b/all"}]}}"#,
        &sets,
        &[
            (&category("a"), &[]),
            (&category("b"), &["warning BINDING Observation.category[0]"]),
            (
                &category("c"),
                &[
                    "BINDING Observation.category[0]",
                    "warning BINDING Observation.category[0]",
                ],
            ),
        ],
    );
}

/// The value of a primitive, as a profile names it.
#[test]
fn values_of_primitives() {
    let extension = r#""_birthDate":{"extension":[{"url":"http://a.b/e","valueCode":"x"}]}"#;
    for (limit, birth_date, expected) in [
        (r#""min":1"#, r#""birthDate":"1990-01-01""#, &[][..]),
        (r#""min":1"#, extension, &["MIN Patient.birthDate"]),
        (r#""min":1"#, r#""active":true"#, &[]),
        (
            r#""max":"0""#,
            r#""birthDate":"1990-01-01""#,
            &["MAX Patient.birthDate"],
        ),
        (r#""max":"0""#, extension, &[]),
        (
            r#""maxLength":4"#,
            r#""birthDate":"1990-01-01""#,
            &["LIMIT Patient.birthDate"],
        ),
        (r#""maxLength":4"#, r#""birthDate":"1990""#, &[]),
        (
            r#""constraint":[{"key":"k","severity":"error","human":"h","expression":"$this > @2000-01-01"}]"#,
            r#""birthDate":"1990-01-01""#,
            &["INVARIANT Patient.birthDate"],
        ),
    ] {
        let element = format!(
            r#"{{"id":"Patient.birthDate.value","path":"Patient.birthDate.value",{limit}}}"#
        );
        let set = set_of(&[profile("p", "Patient", &element)]);
        assert!(set.problems("http://a.b/p").is_empty(), "{limit}");
        let validator = Validator::new(Policy::R4)
            .profiles(Arc::new(set))
            .profile("http://a.b/p")
            .unwrap()
            .without("R4-EXTENSION-UNKNOWN")
            .unwrap();
        let json = format!(r#"{{"resourceType":"Patient",{birth_date}}}"#);
        assert_eq!(found(&validator, &json), expected, "{limit} {birth_date}");
    }
}
