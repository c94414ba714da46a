//! Extensions whose definitions are loaded with profiles.

use crate::profiles::set_of;
use healthcode_r4::Resource;
use healthcode_validate::{Policy, Validator};
use std::sync::Arc;

/// The definition of the extension `http://a.b/<name>` with these contexts and elements.
fn definition(name: &str, contexts: &[(&str, &str)], elements: &str) -> String {
    let contexts: Vec<String> = contexts
        .iter()
        .map(|(of, expression)| format!(r#"{{"type":"{of}","expression":"{expression}"}}"#))
        .collect();
    let contexts = contexts.join(",");
    format!(
        r#"{{"resourceType":"StructureDefinition","url":"http://a.b/{name}","version":"1","name":"E",
        "status":"draft","kind":"complex-type","abstract":false,"context":[{contexts}],
        "type":"Extension","baseDefinition":"http://hl7.org/fhir/StructureDefinition/Extension",
        "derivation":"constraint","differential":{{"element":[{elements}]}}}}"#
    )
}

#[test]
fn known_by_their_definitions() {
    let simple = r#"{"id":"Extension","path":"Extension"},
        {"id":"Extension.url","path":"Extension.url","fixedUri":"http://a.b/simple"},
        {"id":"Extension.value[x]","path":"Extension.value[x]","min":1,"type":[{"code":"code"}]}"#;
    let plain = r#"{"id":"Extension","path":"Extension"}"#;
    let modifier = r#"{"id":"Extension","path":"Extension","isModifier":true,"isModifierReason":"r"},
        {"id":"Extension.value[x]","path":"Extension.value[x]","type":[{"code":"boolean"}]}"#;
    let parts = r#"{"id":"Extension","path":"Extension"},
        {"id":"Extension.extension","path":"Extension.extension",
         "slicing":{"discriminator":[{"type":"value","path":"url"}],"rules":"closed"}},
        {"id":"Extension.extension:a","path":"Extension.extension","sliceName":"a","min":1,"max":"1"},
        {"id":"Extension.extension:a.url","path":"Extension.extension.url","fixedUri":"a"},
        {"id":"Extension.extension:a.value[x]","path":"Extension.extension.value[x]","type":[{"code":"string"}]},
        {"id":"Extension.value[x]","path":"Extension.value[x]","max":"0"}"#;
    let set = set_of(&[
        definition(
            "simple",
            &[("element", "Patient"), ("element", "HumanName.given")],
            simple,
        ),
        definition(
            "modifier",
            &[("element", "DomainResource"), ("fhirpath", "Bundle")],
            modifier,
        ),
        definition("parts", &[("element", "Element")], parts),
        definition("inner", &[("extension", "http://a.b/parts")], plain),
    ]);
    let validator = Validator::new(Policy::R4).profiles(Arc::new(set));
    let check = |members: &str, expected: &[&str]| {
        let json = format!(r#"{{"resourceType":"Patient",{members}}}"#);
        let (_, report) = validator.read::<Resource>(json.as_bytes()).expect("JSON");
        let show = |issue: &healthcode_core::Issue| format!("{} {}", issue.rule.id, issue.path);
        let found: Vec<String> = report.issues.iter().map(show).collect();
        assert_eq!(found, expected, "{members}");
    };
    check(
        r#""extension":[{"url":"http://a.b/simple","valueCode":"x"}]"#,
        &[],
    );
    check(
        r#""extension":[{"url":"http://a.b/simple","valueString":"x"}]"#,
        &["R4-PROFILE-TYPE Patient.extension[0].value"],
    );
    check(
        r#""extension":[{"url":"http://a.b/other","valueString":"x"}]"#,
        &["R4-EXTENSION-UNKNOWN Patient.extension[0].url"],
    );
    check(
        r#""name":[{"given":["x"],"_given":[{"extension":[{"url":"http://a.b/simple","valueCode":"x"}]}]}]"#,
        &[],
    );
    check(
        r#""name":[{"text":"x","extension":[{"url":"http://a.b/simple","valueCode":"x"}]}]"#,
        &["R4-EXTENSION-CONTEXT Patient.name[0].extension[0].url"],
    );
    check(
        r#""modifierExtension":[{"url":"http://a.b/modifier","valueBoolean":true}]"#,
        &[],
    );
    check(
        r#""extension":[{"url":"http://a.b/modifier","valueBoolean":true}]"#,
        &["R4-EXTENSION-MODIFIES Patient.extension[0].url"],
    );
    check(
        r#""modifierExtension":[{"url":"http://a.b/simple","valueCode":"x"}]"#,
        &["R4-EXTENSION-NO-MODIFIER Patient.modifierExtension[0].url"],
    );
    check(
        r#""extension":[{"url":"http://a.b/parts","extension":[{"url":"a","valueString":"x"}]}]"#,
        &[],
    );
    check(
        r#""extension":[{"url":"http://a.b/parts","extension":[{"url":"b","valueString":"x"}]}]"#,
        &[
            "R4-PROFILE-MIN Patient.extension[0].extension",
            "R4-PROFILE-SLICE-CLOSED Patient.extension[0].extension[0]",
        ],
    );
    check(
        r#""extension":[{"url":"http://a.b/inner","valueCode":"x"}]"#,
        &["R4-EXTENSION-CONTEXT Patient.extension[0].url"],
    );
    check(
        r#""extension":[{"url":"http://a.b/parts","extension":[{"url":"a","valueString":"x"},{"url":"http://a.b/inner","valueCode":"x"}]}]"#,
        &["R4-PROFILE-SLICE-CLOSED Patient.extension[0].extension[1]"],
    );
}
