//! Systems and identifiers as URIs.

use crate::check;
use healthcode_core::Severity;
use healthcode_r4::Resource;
use healthcode_validate::{Policy, ProfileSet, Validator};
use std::sync::Arc;

/// Systems are absolute URIs; identifiers that are said to be URIs are.
#[test]
fn systems() {
    let quantity = |system: &str| {
        format!(
            "{{\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{{\"text\":\"x\"}},\"valueQuantity\":{{\"value\":1,\"code\":\"g\",\n\"system\":\"{system}\"}}}}"
        )
    };
    let at = |rule| [(rule, "Observation.value.system", 2, 10)];
    check(&quantity("http://unitsofmeasure.org"), &[]);
    check(&quantity("urn:oid:2.16.840.1.113883.6.8"), &[]);
    check(&quantity("UCUM"), &at("R4-CODING-SYSTEM-RELATIVE"));
    check(
        &quantity("unitsofmeasure.org"),
        &at("R4-CODING-SYSTEM-RELATIVE"),
    );
    check(&quantity("/units"), &at("R4-CODING-SYSTEM-RELATIVE"));
    let misspelt = "R4-CODING-SYSTEM-MISSPELT";
    check(&quantity("https://unitsofmeasure.org"), &at(misspelt));
    check(&quantity("http://unitsofmeasure.org/"), &at(misspelt));
    let value_set = "http://hl7.org/fhir/ValueSet/ucum-units";
    check(&quantity(value_set), &at("R4-CODING-SYSTEM-IS-VALUE-SET"));
    let forms = "http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm";
    let code = [(
        "R4-CODE-SYSTEM-UNKNOWN-CODE",
        "Observation.value.code",
        1,
        102,
    )];
    check(&quantity(forms), &code);
    check(&quantity(forms).replace("\"g\"", "\"TAB\""), &[]);
    for hidden in [
        "\u{200b}", "\u{feff}", "\u{a0}", "\u{202a}", "\\u200d", "\u{ad}",
    ] {
        check(
            &quantity(&format!("http://unitsofmeasure.org{hidden}")),
            &at("R4-URI"),
        );
    }
    let identifier = |members: &str| {
        format!("{{\"resourceType\":\"Patient\",\"identifier\":[{{\n{members}}}]}}")
    };
    let of = |system: &str| identifier(&format!("\"system\":\"{system}\",\"value\":\"1\""));
    check(&of("https://fhir.nhs.uk/Id/nhs-number"), &[]);
    check(&of("urn:oid:1.2.3"), &[]);
    let at = |rule| [(rule, "Patient.identifier[0].system", 2, 10)];
    for relative in ["MRN", "nhs-number", "/ids", "a.b/ids", "2.16.840.1"] {
        check(&of(relative), &at("R4-IDENTIFIER-SYSTEM-RELATIVE"));
    }
    check(&of("urn:oid:1.2.x"), &at("R4-OID"));
    check(&of("http://a.b/\u{2060}ids"), &at("R4-URI"));
    let uri = |value: &str| {
        identifier(&format!(
            "\"system\":\"urn:ietf:rfc:3986\",\n\"value\":\"{value}\""
        ))
    };
    for good in [
        "urn:oid:1.2.3",
        "urn:uuid:04121321-4af5-424c-a0e1-ed3aab1c349d",
        "urn:uuid:04121321-4AF5-424C-A0E1-ED3AAB1C349D",
        "https://a.b/c?d#e",
        "mailto:a@b.c",
    ] {
        check(&uri(good), &[]);
    }
    let at = [("R4-IDENTIFIER-URI", "Patient.identifier[0].value", 3, 9)];
    for bad in [
        "1.2.3",
        "04121321-4af5-424c-a0e1-ed3aab1c349d",
        "SECRET",
        "urn:uuid:SECRET",
        "urn:oid:1.2.SECRET",
        "https://a.b/SECRET name",
        "a.b/c",
    ] {
        check(&uri(bad), &at);
    }
    let coding = |system: &str, code: &str| {
        format!(
            "{{\"resourceType\":\"Basic\",\"code\":{{\"coding\":[{{\n\"system\":\"{system}\",\n\"code\":\"{code}\"}}]}}}}"
        )
    };
    let at = |rule, member, line| [(rule, member, line, 10)];
    let system = "Basic.code.coding[0].system";
    check(
        &coding("http://hl7.org/fhir/observation-kind", "x"),
        &at("R4-CODING-SYSTEM-UNKNOWN", system, 2),
    );
    check(&coding("http://hl7.org/fhir/sid/cvx", "x"), &[]);
    check(
        &coding("http://hl7.org/fhir/us/core/CodeSystem/x", "x"),
        &[],
    );
    check(
        &coding("http://hl7.org/fhir/administrative-gender", "male"),
        &[],
    );
    check(&coding("urn:ietf:rfc:3986", "urn:oid:1.2"), &[]);
    let code = [(
        "R4-CODE-SYSTEM-UNKNOWN-CODE",
        "Basic.code.coding[0].code",
        3,
        8,
    )];
    check(&coding("urn:ietf:rfc:3986", "1.2"), &code);
}

/// Displays are those of the code system, in whatever case and with whatever white space.
#[test]
fn displays() {
    let coding = |system: &str, code: &str, display: &str| {
        format!(
            "{{\"resourceType\":\"Basic\",\"code\":{{\"coding\":[{{\"system\":\"{system}\",\"code\":\"{code}\",\n\"display\":\"{display}\"}}]}}}}"
        )
    };
    let at = [("R4-CODING-DISPLAY", "Basic.code.coding[0].display", 2, 11)];
    let category = "http://terminology.hl7.org/CodeSystem/observation-category";
    let gender = "http://hl7.org/fhir/administrative-gender";
    let identifier = "http://terminology.hl7.org/CodeSystem/v2-0203";
    let act = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
    for (system, code, display) in [
        (category, "vital-signs", "Vital Signs"),
        (category, "vital-signs", "VITAL  signs"),
        (category, "vital-signs", "vital\\tsigns"),
        (gender, "female", "female"),
        (identifier, "MR", "Medical record number"),
        (act, "AMB", "ambulatory"),
        // Of others it is not known.
        ("http://snomed.info/sct", "73211009", "anything"),
        ("http://a.b/codes", "x", "anything"),
    ] {
        check(&coding(system, code, display), &[]);
    }
    for (system, code, display) in [
        (category, "vital-signs", "Laboratory"),
        (category, "vital-signs", "Vital-Signs"),
        (gender, "female", "Woman"),
        (identifier, "MR", "MR"),
        (act, "AMB", "Outpatient"),
    ] {
        check(&coding(system, code, display), &at);
    }
    // In other languages few codes have names.
    let german = coding(gender, "female", "weiblich");
    let in_language = |tag: &str| {
        let from = "\"code\":{\"coding\"";
        german.replace(from, &format!("\"language\":\"{tag}\",{from}"))
    };
    check(&in_language("de"), &[]);
    check(&in_language("de-CH"), &[]);
    check(&in_language("en-GB"), &at);
    let unknown = coding(category, "vitals", "SECRET");
    let code = [(
        "R4-CODE-SYSTEM-UNKNOWN-CODE",
        "Basic.code.coding[0].code",
        1,
        121,
    )];
    check(&unknown, &code);
    let empty = coding(category, "vital-signs", "");
    check(
        &empty,
        &[("R4-EMPTY-STRING", "Basic.code.coding[0].display", 2, 11)],
    );
}

/// Names of codes in code systems that are loaded, and in supplements of these and of shipped ones.
#[test]
fn displays_of_loaded_systems() {
    let system = r#"{"resourceType":"CodeSystem","url":"http://a.b/colours","status":"active",
        "content":"fragment","concept":[{"code":"r","display":"Red","designation":[
        {"language":"cy","value":"Coch"}],"concept":[{"code":"s","display":"Scarlet Red"}]},
        {"code":"n"}]}"#;
    let supplement = |of: &str, code: &str, name: &str| {
        format!(
            r#"{{"resourceType":"CodeSystem","url":"http://a.b/more","status":"active",
            "content":"supplement","supplements":"{of}","concept":[{{"code":"{code}",
            "designation":[{{"value":"{name}"}}]}}]}}"#
        )
    };
    let category = "http://terminology.hl7.org/CodeSystem/observation-category";
    let mut set = ProfileSet::new();
    for json in [
        system,
        &supplement("http://a.b/colours|1", "r", "Crimson"),
        &supplement(category, "vital-signs", "Observations at the bedside"),
    ] {
        assert!(set.read(json.as_bytes()).expect("JSON").is_empty());
    }
    let validator = Validator::new(Policy::R4).profiles(Arc::new(set));
    for (system, code, display, expect) in [
        ("http://a.b/colours", "r", "red", true),
        ("http://a.b/colours", "r", "Coch", true),
        ("http://a.b/colours", "r", "CRIMSON", true),
        ("http://a.b/colours", "s", "scarlet  red", true),
        ("http://a.b/colours", "s", "Red", false),
        ("http://a.b/colours", "r", "Green", false),
        ("http://a.b/colours", "n", "anything", true),
        ("http://a.b/colours", "unknown", "anything", true),
        ("http://a.b/others", "r", "Green", true),
        (category, "vital-signs", "Vital Signs", true),
        (category, "vital-signs", "observations at the bedside", true),
        (category, "vital-signs", "Laboratory", false),
    ] {
        let json = format!(
            r#"{{"resourceType":"Basic","code":{{"coding":[{{"system":"{system}","code":"{code}","display":"{display}"}}]}}}}"#
        );
        let report = validator.read::<Resource>(json.as_bytes()).expect("JSON");
        let is_reported = report.issues.iter().any(|issue| {
            issue.rule.id == "R4-CODING-DISPLAY" && issue.path == "Basic.code.coding[0].display"
        });
        assert_eq!(!is_reported, expect, "{system} {code} {display}");
    }
}

/// Codes of systems that are loaded with all their codes.
#[test]
fn codes_of_loaded_systems() {
    let system = |name: &str, more: &str| {
        format!(
            r#"{{"resourceType":"CodeSystem","url":"http://a.b/{name}","status":"active",{more},
            "concept":[{{"code":"r","concept":[{{"code":"s"}}]}}]}}"#
        )
    };
    let mut set = ProfileSet::new();
    for json in [
        system("all", r#""content":"complete""#),
        system("folded", r#""content":"complete","caseSensitive":false"#),
        system("part", r#""content":"fragment""#),
        system("none", r#""content":"not-present""#),
    ] {
        assert!(set.read(json.as_bytes()).expect("JSON").is_empty());
    }
    let validator = Validator::new(Policy::R4).profiles(Arc::new(set));
    for (system, code, known) in [
        ("all", "r", true),
        ("all", "s", true),
        ("all", "t", false),
        ("all", "R", false),
        ("folded", "R", true),
        ("folded", "t", false),
        ("part", "t", true),
        ("none", "t", true),
        ("absent", "t", true),
    ] {
        let coding = format!(r#"{{"system":"http://a.b/{system}","code":"{code}"}}"#);
        let json = format!(r#"{{"resourceType":"Basic","code":{{"coding":[{coding}]}}}}"#);
        let report = validator.read::<Resource>(json.as_bytes()).expect("JSON");
        let found: Vec<_> = report
            .issues
            .iter()
            .map(|issue| (issue.rule.id, issue.severity))
            .collect();
        let rule = ("R4-CODE-SYSTEM-UNKNOWN-CODE", Severity::Warning);
        let expect = if known { Vec::new() } else { vec![rule] };
        assert_eq!(found, expect, "{system} {code}");
    }
}
