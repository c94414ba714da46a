//! Model types in `serde_json` and inside other types.

use healthcode_json::{from_str, issues_of};
use healthcode_r4::{Bundle, Observation, Patient, Resource};
use healthcode_tests::{fixtures, tree_eq};
use serde::{Deserialize, Serialize};

const OBSERVATION: &str = r#"{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50},"component":[{"code":{"text":"a"},"valueQuantity":{"value":1e-3}},{"code":{"text":"b"},"valueQuantity":{"value":123456789012345678901234567890}}],"animal":{"n":[1.50,1e-3]},"animal":2,"referenceRange":[{"low":{"value":-0.0}}]}"#;

fn same(json: &str, written: &str) {
    tree_eq(json.as_bytes(), written.as_bytes()).expect("nothing lost");
}

#[test]
fn text_loses_nothing() {
    let value: Observation = serde_json::from_str(OBSERVATION).expect("JSON");
    same(OBSERVATION, &serde_json::to_string(&value).expect("text"));
    let value: Observation = serde_json::from_slice(OBSERVATION.as_bytes()).expect("JSON");
    same(OBSERVATION, &serde_json::to_string(&value).expect("text"));
    let value: Observation = serde_json::from_reader(OBSERVATION.as_bytes()).expect("JSON");
    same(
        OBSERVATION,
        &String::from_utf8(serde_json::to_vec(&value).expect("text")).expect("UTF-8"),
    );
    assert_eq!(
        value,
        from_str::<Observation>(OBSERVATION).expect("JSON").value
    );
    assert_eq!(issues_of(&value).len(), 2);
}

#[test]
fn all_fixtures_through_text() {
    for folder in ["lexical", "documented"] {
        for document in fixtures(folder) {
            let json = document
                .json
                .strip_prefix(b"\xef\xbb\xbf")
                .unwrap_or(&document.json);
            let direct = healthcode_json::from_slice::<Resource>(json).expect("JSON");
            let bridged: Resource = match serde_json::from_slice(json) {
                Ok(value) => value,
                // serde_json has a limit of its own, of 128 levels of brackets.
                Err(error) if error.to_string().contains("recursion limit") => continue,
                Err(error) => panic!("{}: {error}", document.name),
            };
            assert_eq!(bridged, direct.value, "{}", document.name);
            for text in [
                serde_json::to_vec(&bridged),
                serde_json::to_vec_pretty(&bridged),
            ] {
                let text = text.unwrap_or_else(|e| panic!("{}: {e}", document.name));
                if let Err(difference) = tree_eq(json, &text) {
                    panic!("{}: {difference}", document.name);
                }
            }
        }
    }
}

#[test]
fn generated_resources_through_text_and_value() {
    let text =
        std::fs::read_to_string(healthcode_tests::fixture_path("generated/resources.ndjson"));
    for line in text.expect("the generated fixtures").lines() {
        let value: Resource = serde_json::from_str(line).expect("JSON");
        same(line, &serde_json::to_string(&value).expect("text"));
        let tree = serde_json::to_value(&value).expect("a value");
        let expected: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(tree, expected);
        let _: Resource = serde_json::from_value(tree).expect("a resource");
    }
}

#[test]
fn pretty_is_pretty() {
    let patient: Patient =
        serde_json::from_str(r#"{"resourceType":"Patient","name":[{"family":"A"}]}"#)
            .expect("JSON");
    let text = serde_json::to_string_pretty(&patient).expect("text");
    let expect = "{\n  \"resourceType\": \"Patient\",\n  \"name\": [\n    {\n      \"family\": \"A\"\n    }\n  ]\n}";
    assert_eq!(text, expect);
    assert_eq!(healthcode_json::to_string_pretty(&patient), expect);
}

#[test]
fn through_a_value_numbers_are_the_nearest() {
    let tree: serde_json::Value = serde_json::from_str(OBSERVATION).expect("JSON");
    let value: Observation = serde_json::from_value(tree).expect("an Observation");
    let written = healthcode_json::to_string(&value);
    assert!(written.contains(r#""value":1.5}"#), "{written}");
    assert!(written.contains(r#""value":0.001}"#), "{written}");
    // serde_json::Value has kept the last of the two.
    assert!(written.contains(r#""animal":2"#), "{written}");
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Envelope {
    note: String,
    #[serde(flatten)]
    patient: Patient,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Either {
    // First: what is no object would be kept as a defect of a resource.
    Number(u32),
    Observation(Box<Observation>),
    Patient(Box<Patient>),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Plain {
    observation: Observation,
    list: Vec<Resource>,
    absent: Option<Patient>,
}

#[test]
fn inside_other_types() {
    let json = format!(
        r#"{{"observation":{OBSERVATION},"list":[{OBSERVATION},{{"resourceType":"Channel","x":1.50}}],"absent":null}}"#
    );
    let plain: Plain = serde_json::from_str(&json).expect("JSON");
    same(&json, &serde_json::to_string(&plain).expect("text"));

    let json =
        r#"{"note":"n","resourceType":"Patient","name":[{"family":"A"}],"birthDate":"1974"}"#;
    let envelope: Envelope = serde_json::from_str(json).expect("JSON");
    assert_eq!(envelope.patient.birth_date, "1974");
    same(json, &serde_json::to_string(&envelope).expect("text"));

    let json = r#"[7,{"resourceType":"Patient","active":true},{"resourceType":"Observation","valueInteger":5}]"#;
    let either: Vec<Either> = serde_json::from_str(json).expect("JSON");
    assert!(
        matches!(
            either[..],
            [
                Either::Number(7),
                Either::Patient(_),
                Either::Observation(_)
            ]
        ),
        "{either:?}"
    );
    same(json, &serde_json::to_string(&either).expect("text"));
}

#[test]
fn flattened_with_unknown_members() {
    let json = r#"{"note":"n","resourceType":"Patient","active":"no","animal":{"a":[1,null]},"animal":2,"name":[{"given":["A",null],"_given":[null,{"id":"g"}]}]}"#;
    let envelope: Envelope = serde_json::from_str(json).expect("JSON");
    let text = serde_json::to_string(&envelope).expect("text of a flattened value with extras");
    same(json, &text);
    // Reading took the nearest numbers; writing keeps what there is.
    let patient = r#"{"resourceType":"Patient","animal":{"a":[1.50,1e-3]},"active":1.0}"#;
    let patient = from_str::<Patient>(patient).expect("JSON").value;
    let note = "n".to_owned();
    let text = serde_json::to_string(&Envelope { note, patient }).expect("text");
    same(
        r#"{"note":"n","resourceType":"Patient","animal":{"a":[1.50,1e-3]},"active":1.0}"#,
        &text,
    );
}

#[test]
fn errors() {
    let wrong = serde_json::from_str::<Patient>(r#"{"resourceType":"Observation"}"#);
    let message = wrong.expect_err("another type").to_string();
    assert!(message.contains("FHIR-RESOURCE-TYPE-OTHER"), "{message}");
    for broken in [
        "{",
        "",
        "{\"resourceType\":\"Patient\",}",
        "{\"resourceType\":\"Patient\"} x",
    ] {
        assert!(serde_json::from_str::<Patient>(broken).is_err(), "{broken}");
        assert!(
            serde_json::from_str::<Resource>(broken).is_err(),
            "{broken}"
        );
    }
    let value = serde_json::json!({"resourceType": "Observation"});
    assert!(serde_json::from_value::<Patient>(value.clone()).is_err());
    assert!(serde_json::from_value::<Resource>(value).is_ok());
    let nested = serde_json::from_str::<Vec<Bundle>>(r#"[{"resourceType":"Patient"}]"#);
    assert!(nested.is_err());
}

/// The bridge uses a name that is private to `serde_json`: the version in use must have it.
#[test]
fn serde_json_still_has_its_private_name() {
    #[derive(Debug)]
    struct Spy(String);
    impl<'de> Deserialize<'de> for Spy {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let raw = Box::<serde_json::value::RawValue>::deserialize(deserializer)?;
            Ok(Spy(raw.get().to_owned()))
        }
    }
    let spy: Spy = serde_json::from_str("1.50").expect("raw text");
    assert_eq!(spy.0, "1.50");
    // Were the name another one, the decimal would come through as a float.
    let json = r#"{"resourceType":"Observation","valueQuantity":{"value":1.50}}"#;
    let value: Observation = serde_json::from_str(json).expect("JSON");
    assert_eq!(serde_json::to_string(&value).expect("text"), json);
    assert_eq!(serde_json::to_vec(&value).expect("text"), json.as_bytes());
}
