//! Properties of all values and all texts.

use crate::common::{resource_schemas, round_trip};
use healthcode_json::from_slice;
use healthcode_r4::{Bundle, Observation, Patient, Resource};
use healthcode_tests::{Generator, tree_eq};
use proptest::prelude::*;
use proptest::sample::select;

/// Names that FHIR has, nearly has, and has in pairs.
fn name() -> impl Strategy<Value = String> {
    select(vec![
        "resourceType",
        "id",
        "_id",
        "meta",
        "text",
        "div",
        "language",
        "_language",
        "contained",
        "extension",
        "_extension",
        "modifierExtension",
        "url",
        "_url",
        "name",
        "_name",
        "given",
        "_given",
        "family",
        "_family",
        "prefix",
        "_prefix",
        "birthDate",
        "_birthDate",
        "active",
        "_active",
        "gender",
        "_gender",
        "maritalStatus",
        "deceasedBoolean",
        "_deceasedBoolean",
        "deceasedDateTime",
        "multipleBirthInteger",
        "_multipleBirthInteger",
        "photo",
        "size",
        "_size",
        "contact",
        "telecom",
        "value",
        "_value",
        "unit",
        "code",
        "_code",
        "valueString",
        "_valueString",
        "valueQuantity",
        "_valueQuantity",
        "valueDecimal",
        "valueBoolean",
        "valueReference",
        "valueX",
        "value[x]",
        "entry",
        "resource",
        "fullUrl",
        "type",
        "total",
        "animal",
        "_",
        "",
        "Name",
        "n\\u0061me",
        "giv\\u0065n",
        "\\u0022",
        "link",
        "item",
        "reference",
        "identifier",
        "period",
        "start",
        "_start",
        "status",
        "component",
        "profile",
        "_profile",
    ])
    .prop_map(str::to_owned)
}

fn leaf() -> impl Strategy<Value = String> {
    select(vec![
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-0.0",
        "1",
        "1.50",
        "1e-3",
        "1.0E+2",
        "2147483648",
        "123456789012345678901234567890",
        "\"\"",
        "\" \"",
        "\"a\"",
        "\"Patient\"",
        "\"Observation\"",
        "\"Bundle\"",
        "\"Channel\"",
        "\"male\"",
        "\"1974-12-25\"",
        "\"\\u00e9\\n\\ud83d\\ude00\"",
        "\"true\"",
        "\"#a\"",
        "{}",
        "[]",
        "[null]",
        "{ }",
        "[ ]",
    ])
    .prop_map(str::to_owned)
}

/// JSON of FHIR's names in any arrangement, with white space and repeated names.
fn soup() -> impl Strategy<Value = String> {
    let space = || select(vec!["", "", "", " ", "\n", "\t ", "\r\n"]);
    leaf().prop_recursive(6, 48, 6, move |inner| {
        let array =
            (proptest::collection::vec(inner.clone(), 0..4), space()).prop_map(|(items, space)| {
                format!("[{space}{}{space}]", items.join(&format!("{space},")))
            });
        let member =
            (name(), inner, space()).prop_map(|(n, v, space)| format!("\"{n}\"{space}:{space}{v}"));
        let object =
            (proptest::collection::vec(member, 0..7), space()).prop_map(|(members, space)| {
                format!("{{{space}{}{space}}}", members.join(&format!(",{space}")))
            });
        prop_oneof![1 => array, 3 => object]
    })
}

/// An object that starts with its type, or any JSON.
fn document(types: &'static [&'static str]) -> impl Strategy<Value = String> {
    let members = proptest::collection::vec((name(), soup()), 0..8);
    let typed = (select(types), members).prop_map(|(t, members)| {
        let mut out = format!("{{\"resourceType\":\"{t}\"");
        for (name, value) in members {
            out.push_str(&format!(",\"{name}\":{value}"));
        }
        out.push('}');
        out
    });
    prop_oneof![4 => typed, 1 => soup()]
}

fn config(default: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|n| n.parse().ok());
    ProptestConfig {
        cases: cases.unwrap_or(default),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(256))]

    /// A value that follows its schema is written and read to the same value, without issues.
    #[test]
    fn valid_resources(seed: u64, index in 0usize..1000) {
        let schemas = resource_schemas();
        let schema = schemas[index % schemas.len()];
        let json = Generator::random(schemas, seed).resource(schema);
        let issues = round_trip::<Resource>(json.as_bytes()).map_err(TestCaseError::fail)?;
        prop_assert!(issues.is_empty(), "{:?}", issues);
        let read = from_slice::<Resource>(json.as_bytes()).expect("JSON");
        prop_assert_eq!(healthcode_json::to_string(&read.value), json);
    }
}

proptest! {
    #![proptest_config(config(1024))]

    /// Whatever JSON there is comes back, whichever type it is read as.
    #[test]
    fn any_json_as_a_resource(json in document(&["Patient", "Observation", "Bundle", "Parameters", "Channel"])) {
        round_trip::<Resource>(json.as_bytes()).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn any_json_as_its_type(json in document(&["Patient"])) {
        if from_slice::<Patient>(json.as_bytes()).is_ok() {
            round_trip::<Patient>(json.as_bytes()).map_err(TestCaseError::fail)?;
        }
        for typed in [json.replace("Patient", "Observation"), json.replace("Patient", "Bundle")] {
            if from_slice::<Observation>(typed.as_bytes()).is_ok() {
                round_trip::<Observation>(typed.as_bytes()).map_err(TestCaseError::fail)?;
            }
            if from_slice::<Bundle>(typed.as_bytes()).is_ok() {
                round_trip::<Bundle>(typed.as_bytes()).map_err(TestCaseError::fail)?;
            }
        }
    }

    /// Through serde's text nothing is lost either.
    #[test]
    fn any_json_through_serde(json in document(&["Patient", "Observation", "Bundle"])) {
        let value: Resource = serde_json::from_str(&json).expect("JSON");
        let direct = from_slice::<Resource>(json.as_bytes()).expect("JSON").value;
        prop_assert_eq!(&value, &direct);
        let text = serde_json::to_string(&value).expect("text");
        tree_eq(json.as_bytes(), text.as_bytes()).map_err(TestCaseError::fail)?;
        let pretty = serde_json::to_string_pretty(&value).expect("text");
        tree_eq(json.as_bytes(), pretty.as_bytes()).map_err(TestCaseError::fail)?;
    }

    /// No text makes a reader panic.
    #[test]
    fn any_text(text in "[\\[\\]{}\",:0-9eE.+\\-ntrufalse\\\\ \\n\u{e9}]{0,60}") {
        let parsed = healthcode_tests::Tree::parse(text.as_bytes());
        let read = from_slice::<Resource>(text.as_bytes());
        prop_assert_eq!(parsed.is_ok(), read.is_ok(), "{:?} {:?}", parsed, read);
    }
}
