//! Extensions whose definitions are loaded with profiles.

use crate::profiles::{profile, set_of};
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

#[track_caller]
fn check(validator: &Validator, of_type: &str, members: &str, expected: &[&str]) {
    let json = format!(r#"{{"resourceType":"{of_type}",{members}}}"#);
    let report = validator.read::<Resource>(json.as_bytes()).expect("JSON");
    let show = |issue: &healthcode_core::Issue| format!("{} {}", issue.rule.id, issue.path);
    let found: Vec<String> = report.issues.iter().map(show).collect();
    assert_eq!(found, expected, "{members}");
}

/// A validator with these definitions, which are as they should be.
fn validator(resources: &[String]) -> Validator {
    let set = set_of(resources);
    let urls: Vec<String> = set.urls().map(str::to_owned).collect();
    for url in urls {
        assert_eq!(set.problems(&url), [], "{url}");
    }
    Validator::new(Policy::R4).profiles(Arc::new(set))
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
    let check = |members: &str, expected: &[&str]| check(&validator, "Patient", members, expected);
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

const PLAIN: &str = r#"{"id":"Extension","path":"Extension"}"#;

/// Where an extension may be: the context, the type and members of a resource with `¶` for the
/// extension, and whether it may be there.
#[test]
fn contexts() {
    for (of, expression, of_type, members, allowed) in [
        ("element", "Patient", "Patient", "¶", true),
        ("element", "Patient", "Basic", "¶", false),
        ("element", "DomainResource", "Basic", "¶", true),
        ("element", "Resource", "Basic", "¶", true),
        ("element", "Element", "Patient", r#""name":[{¶}]"#, true),
        (
            "element",
            "BackboneElement",
            "Patient",
            r#""contact":[{"gender":"male",¶}]"#,
            true,
        ),
        (
            "element",
            "BackboneElement",
            "Patient",
            r#""name":[{¶}]"#,
            false,
        ),
        ("element", "HumanName", "Patient", r#""name":[{¶}]"#, true),
        (
            "element",
            "Patient.name",
            "Patient",
            r#""name":[{¶}]"#,
            true,
        ),
        (
            "element",
            "Patient.name",
            "Patient",
            r#""contact":[{"name":{¶}}]"#,
            false,
        ),
        (
            "element",
            "Patient.contact.name",
            "Patient",
            r#""contact":[{"name":{¶}}]"#,
            true,
        ),
        (
            "element",
            "Patient.name.given",
            "Patient",
            r#""name":[{"given":["x"],"_given":[{¶}]}]"#,
            true,
        ),
        (
            "element",
            "Patient.name.family",
            "Patient",
            r#""name":[{"given":["x"],"_given":[{¶}]}]"#,
            false,
        ),
        (
            "element",
            "HumanName.given",
            "Patient",
            r#""name":[{"given":["x"],"_given":[{¶}]}]"#,
            true,
        ),
        (
            "element",
            "Patient.contact.name.given",
            "Patient",
            r#""name":[{"given":["x"],"_given":[{¶}]}]"#,
            false,
        ),
        (
            "element",
            "Patient.identifier.type.coding",
            "Patient",
            r#""identifier":[{"type":{"coding":[{¶}]}}]"#,
            true,
        ),
        (
            "element",
            "Patient.deceased[x]",
            "Patient",
            r#""deceasedBoolean":true,"_deceasedBoolean":{¶}"#,
            true,
        ),
        (
            "element",
            "Patient.multipleBirth[x]",
            "Patient",
            r#""deceasedBoolean":true,"_deceasedBoolean":{¶}"#,
            false,
        ),
        (
            "element",
            "Resource.language",
            "Patient",
            r#""language":"en","_language":{¶}"#,
            true,
        ),
        (
            "element",
            "http://hl7.org/fhir/StructureDefinition/Patient",
            "Patient",
            "¶",
            true,
        ),
        (
            "element",
            "http://hl7.org/fhir/StructureDefinition/Patient#Patient.name:official",
            "Patient",
            r#""name":[{¶}]"#,
            true,
        ),
        (
            "element",
            "http://hl7.org/fhir/StructureDefinition/Patient#Patient.photo",
            "Patient",
            r#""name":[{¶}]"#,
            false,
        ),
        (
            "fhirpath",
            "Patient.name.where(use = 'old')",
            "Patient",
            r#""name":[{"use":"old",¶}]"#,
            true,
        ),
        (
            "fhirpath",
            "Patient.name.where(use = 'old')",
            "Patient",
            r#""name":[{"use":"usual",¶},{"use":"old"}]"#,
            false,
        ),
        (
            "fhirpath",
            "Patient.name.where(use = 'old')",
            "Patient",
            r#""name":[{¶}]"#,
            false,
        ),
        (
            "fhirpath",
            "name | contact.name",
            "Patient",
            r#""contact":[{"name":{¶}}]"#,
            true,
        ),
        (
            "fhirpath",
            "Patient.name.family",
            "Patient",
            r#""name":[{"family":"x","_family":{¶}}]"#,
            true,
        ),
        (
            "fhirpath",
            "Patient.name.given.first()",
            "Patient",
            r#""name":[{"given":["x","y"],"_given":[null,{¶}]}]"#,
            false,
        ),
        (
            "fhirpath",
            "Patient.where(active)",
            "Patient",
            r#""active":true,¶"#,
            true,
        ),
        ("fhirpath", "Patient.where(active)", "Patient", "¶", false),
        ("fhirpath", "Basic", "Patient", "¶", false),
        // The resource is the one that holds it.
        (
            "fhirpath",
            "Basic",
            "Patient",
            r##""contained":[{"resourceType":"Basic","id":"b","code":{"text":"x"},"subject":{"reference":"#"},¶}]"##,
            true,
        ),
        (
            "extension",
            "http://a.b/outer",
            "Patient",
            r#""extension":[{"url":"http://a.b/outer","extension":[¶¶]}]"#,
            true,
        ),
        (
            "extension",
            "http://a.b/other",
            "Patient",
            r#""extension":[{"url":"http://a.b/outer","extension":[¶¶]}]"#,
            false,
        ),
        ("extension", "http://a.b/outer", "Patient", "¶", false),
    ] {
        let validator = validator(&[
            definition("x", &[(of, expression)], PLAIN),
            definition("outer", &[("element", "Element")], PLAIN),
        ]);
        let own = r#"{"url":"http://a.b/x","valueCode":"x"}"#;
        let members = members.replace("¶¶", own);
        let members = members.replace('¶', &format!(r#""extension":[{own}]"#));
        let json = format!(
            r#"{{"resourceType":"{of_type}","text":{{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"}},{members}}}"#
        );
        let report = validator.read::<Resource>(json.as_bytes()).expect("JSON");
        let wrong = report
            .issues
            .iter()
            .any(|issue| issue.rule.id == "R4-EXTENSION-CONTEXT");
        assert_eq!(!wrong, allowed, "{of} {expression}: {members}");
    }
}

#[test]
fn invariants_of_contexts() {
    let json = definition("x", &[("element", "Patient")], PLAIN);
    let invariant =
        r#""contextInvariant":["gender = 'male' or %extension.value = 'any'"],"context""#;
    let validator = validator(&[json.replace("\"context\"", invariant)]);
    let with = |code: &str, more: &str| {
        format!(r#""extension":[{{"url":"http://a.b/x","valueCode":"{code}"}}]{more}"#)
    };
    let wrong = &["R4-EXTENSION-CONTEXT-INVARIANT Patient.extension[0].url"];
    for (members, expected) in [
        (with("a", r#","gender":"male""#), &[][..]),
        (with("any", ""), &[]),
        (with("a", r#","gender":"female""#), wrong),
        // An empty result is not true.
        (with("a", ""), wrong),
    ] {
        check(&validator, "Patient", &members, expected);
    }
}

/// Parts of a complex extension, and of a part, have the relative URLs that the definition names.
#[test]
fn parts_are_those_that_are_named() {
    let part = |id: &str, path: &str, name: &str| {
        format!(
            r#"{{"id":"{id}:{name}","path":"{path}","sliceName":"{name}"}},
            {{"id":"{id}:{name}.url","path":"{path}.url","fixedUri":"{name}"}}"#
        )
    };
    let open = |path: &str| {
        format!(
            r#"{{"id":"{path}","path":"{path}","slicing":{{"discriminator":[{{"type":"value","path":"url"}}],"rules":"open"}}}}"#
        )
    };
    let complex = [
        PLAIN.to_owned(),
        open("Extension.extension"),
        part("Extension.extension", "Extension.extension", "a"),
        part("Extension.extension", "Extension.extension", "b"),
        r#"{"id":"Extension.extension:b.extension","path":"Extension.extension.extension","slicing":{"discriminator":[{"type":"value","path":"url"}],"rules":"open"}}"#.to_owned(),
        part("Extension.extension:b.extension", "Extension.extension.extension", "c"),
        r#"{"id":"Extension.value[x]","path":"Extension.value[x]","max":"0"}"#.to_owned(),
    ]
    .join(",");
    let validator = validator(&[
        definition("complex", &[("element", "Patient")], &complex),
        definition("plain", &[("element", "Element")], PLAIN),
    ]);
    let of = |parts: &str| {
        format!(r#""extension":[{{"url":"http://a.b/complex","extension":[{parts}]}}]"#)
    };
    let unknown = "R4-EXTENSION-PART-UNKNOWN Patient.extension[0].extension";
    for (parts, expected) in [
        (r#"{"url":"a","valueCode":"x"}"#, vec![]),
        (
            r#"{"url":"b","extension":[{"url":"c","valueCode":"x"}]}"#,
            vec![],
        ),
        (r#"{"url":"http://a.b/plain","valueCode":"x"}"#, vec![]),
        (
            r#"{"url":"d","valueCode":"x"}"#,
            vec![format!("{unknown}[0].url")],
        ),
        (
            r#"{"url":"A","valueCode":"x"}"#,
            vec![format!("{unknown}[0].url")],
        ),
        (
            r#"{"url":"a","valueCode":"x"},{"url":"c","valueCode":"x"}"#,
            vec![format!("{unknown}[1].url")],
        ),
        (
            r#"{"url":"b","extension":[{"url":"c","valueCode":"x"},{"url":"a","valueCode":"x"}]}"#,
            vec![format!("{unknown}[0].extension[1].url")],
        ),
    ] {
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        check(&validator, "Patient", &of(parts), &expected);
    }
}

/// A profile says more of the parts of an extension, whose urls come from the extension's definition:
/// one that is loaded, or one of the standard.
#[test]
fn parts_in_profiles() {
    let sliced = |path: &str| {
        format!(
            r#"{{"id":"{path}","path":"{path}","slicing":{{"discriminator":[{{"type":"value","path":"url"}}],"rules":"open"}}}}"#
        )
    };
    let loaded = [
        PLAIN.to_owned(),
        sliced("Extension.extension"),
        r#"{"id":"Extension.extension:one","path":"Extension.extension","sliceName":"one","min":1,"max":"1"},
           {"id":"Extension.extension:one.url","path":"Extension.extension.url","fixedUri":"part-one"},
           {"id":"Extension.extension:one.value[x]","path":"Extension.extension.value[x]","type":[{"code":"code"},{"code":"string"}]},
           {"id":"Extension.extension:two","path":"Extension.extension","sliceName":"two"},
           {"id":"Extension.extension:two.url","path":"Extension.extension.url","fixedUri":"part-two"}"#.to_owned(),
    ]
    .join(",");
    let extension = |path: &str, name: &str, url: &str| {
        format!(
            r#"{{"id":"{path}.extension:{name}","path":"{path}.extension","sliceName":"{name}","type":[{{"code":"Extension","profile":["{url}"]}}]}}"#
        )
    };
    let elements = [
        extension("Patient", "own", "http://a.b/own"),
        r#"{"id":"Patient.extension:own.extension:two","path":"Patient.extension.extension","sliceName":"two","min":1},
           {"id":"Patient.extension:own.extension:one.value[x]","path":"Patient.extension.extension.value[x]","type":[{"code":"string"}]},
           {"id":"Patient.extension:own.extension:one.valueString","path":"Patient.extension.extension.valueString","maxLength":3}"#.to_owned(),
        extension("Patient", "citizen", "http://hl7.org/fhir/StructureDefinition/patient-citizenship"),
        r#"{"id":"Patient.extension:citizen.extension:code","path":"Patient.extension.extension","sliceName":"code","min":1},
           {"id":"Patient.extension:citizen.extension:code.value[x].coding","path":"Patient.extension.extension.value[x].coding","min":1},
           {"id":"Patient.extension:citizen.extension:period","path":"Patient.extension.extension","sliceName":"period","max":"0"}"#.to_owned(),
    ]
    .join(",");
    let validator = validator(&[
        definition("own", &[("element", "Patient")], &loaded),
        profile("p", "Patient", &elements),
    ])
    .profile("http://a.b/p")
    .unwrap();
    let own =
        |parts: &str| format!(r#""extension":[{{"url":"http://a.b/own","extension":[{parts}]}}]"#);
    let citizen = |parts: &str| {
        format!(
            r#""extension":[{{"url":"http://hl7.org/fhir/StructureDefinition/patient-citizenship","extension":[{parts}]}}]"#
        )
    };
    let part = |url: &str, value: &str| format!(r#"{{"url":"{url}",{value}}}"#);
    let one = |value: &str| part("part-one", value);
    let two = part("part-two", r#""valueCode":"x""#);
    let coded = part(
        "code",
        r#""valueCodeableConcept":{"coding":[{"display":"x"}]}"#,
    );
    for (members, expected) in [
        (
            own(&format!("{},{two}", one(r#""valueString":"abc""#))),
            vec![],
        ),
        (
            own(&one(r#""valueString":"abc""#)),
            vec!["R4-PROFILE-MIN Patient.extension[0].extension"],
        ),
        // The definition requires the one, the profile the other, and each once.
        (
            own(&part("part-three", r#""valueCode":"x""#)),
            vec![
                "R4-PROFILE-MIN Patient.extension[0].extension",
                "R4-PROFILE-MIN Patient.extension[0].extension",
                "R4-EXTENSION-PART-UNKNOWN Patient.extension[0].extension[0].url",
            ],
        ),
        (
            own(&format!("{},{two}", one(r#""valueString":"abcd""#))),
            vec!["R4-PROFILE-LIMIT Patient.extension[0].extension[0].value"],
        ),
        (
            own(&format!("{},{two}", one(r#""valueCode":"a""#))),
            vec!["R4-PROFILE-TYPE Patient.extension[0].extension[0].value"],
        ),
        (citizen(&coded), vec![]),
        (
            citizen(&part("code", r#""valueCodeableConcept":{"text":"x"}"#)),
            vec!["R4-PROFILE-MIN Patient.extension[0].extension[0].value.coding"],
        ),
        (
            citizen(&part("period", r#""valuePeriod":{"start":"2000"}"#)),
            vec![
                "R4-PROFILE-MIN Patient.extension[0].extension",
                "R4-PROFILE-MAX Patient.extension[0].extension[0]",
            ],
        ),
    ] {
        check(&validator, "Patient", &members, &expected);
    }
}

/// A coding without a system is in no value set.
#[test]
fn codings_without_systems() {
    const SET: &str = "http://hl7.org/fhir/ValueSet/administrative-gender";
    let bound = |of_type: &str, strength: &str| {
        format!(
            r#"{PLAIN},{{"id":"Extension.value[x]","path":"Extension.value[x]","min":1,"type":[{{"code":"{of_type}"}}],"binding":{{"strength":"{strength}","valueSet":"{SET}"}}}}"#
        )
    };
    let anywhere = &[("element", "Element")];
    let validator = validator(&[
        definition("concept", anywhere, &bound("CodeableConcept", "required")),
        definition("coding", anywhere, &bound("Coding", "required")),
        definition("code", anywhere, &bound("code", "required")),
        definition("maybe", anywhere, &bound("Coding", "extensible")),
    ]);
    let system = r#""system":"http://hl7.org/fhir/administrative-gender","#;
    let wrong = &["R4-PROFILE-BINDING Patient.extension[0].value"];
    for (name, value, expected) in [
        (
            "concept",
            format!(r#""valueCodeableConcept":{{"coding":[{{{system}"code":"male"}}]}}"#),
            &[][..],
        ),
        (
            "concept",
            r#""valueCodeableConcept":{"coding":[{"code":"male"}]}"#.to_owned(),
            wrong,
        ),
        (
            "concept",
            format!(
                r#""valueCodeableConcept":{{"coding":[{{"code":"male"}},{{{system}"code":"male"}}]}}"#
            ),
            &[],
        ),
        (
            "coding",
            format!(r#""valueCoding":{{{system}"code":"male"}}"#),
            &[],
        ),
        (
            "coding",
            r#""valueCoding":{"code":"male"}"#.to_owned(),
            wrong,
        ),
        (
            "maybe",
            r#""valueCoding":{"code":"male"}"#.to_owned(),
            wrong,
        ),
        // A code's system is implied.
        ("code", r#""valueCode":"male""#.to_owned(), &[]),
        ("code", r#""valueCode":"man""#.to_owned(), wrong),
    ] {
        let members = format!(r#""extension":[{{"url":"http://a.b/{name}",{value}}}]"#);
        check(&validator, "Patient", &members, expected);
    }
}
