//! The structural rows of the table of payload defects.

use crate::{check, check_by};
use healthcode_core::Detail;
use healthcode_validate::{Policy, Validator};

/// A patient with these further members, which begin on line 2.
fn patient(members: &str) -> String {
    format!("{{\"resourceType\":\"Patient\",\n{members}}}")
}

#[test]
fn clean() {
    for json in [
        r#"{"resourceType":"Patient"}"#,
        // Extension-only primitives count as present.
        r#"{"resourceType":"Observation","_status":{"extension":[{"url":"http://a.b","valueCode":"x"}]},"code":{"text":"x"}}"#,
        r#"{"resourceType":"Patient","name":[{"given":["A",null],"_given":[{"id":"x"},{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}]}]}"#,
        // Forms that look odd and are right.
        r#"{"resourceType":"Patient","birthDate":"1974"}"#,
        r#"{"resourceType":"Patient","birthDate":"1974-05"}"#,
        r#"{"resourceType":"Patient","deceasedDateTime":"2020-01"}"#,
        r#"{"resourceType":"Patient","deceasedDateTime":"2016-12-31T23:59:60.123456789012Z"}"#,
        r#"{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.00e-3}}"#,
        r#"{"resourceType":"Patient","id":"a-1.B","name":[{"id":"an-id+with_odd/characters","text":" spaced "}]}"#,
        r#"{"resourceType":"Patient","photo":[{"contentType":"image/png","data":"QUJD\n RA=="}]}"#,
        r#"{"resourceType":"Binary","contentType":"text/plain","data":"QUJD"}"#,
        r#"{"resourceType":"Patient","identifier":[{"system":"urn:oid:2.16.840","value":"x"}]}"#,
        r#"{"resourceType":"PlanDefinition","status":"draft","library":["urn:oid:2.16.840|4.0.1"]}"#,
    ] {
        check(json, &[]);
    }
}

/// Row 1.
#[test]
fn byte_order_mark() {
    check(
        "\u{feff}{\"resourceType\":\"Patient\"}",
        &[("JSON-BOM", "Patient", 1, 1)],
    );
    check(
        "\u{feff}{\"resourceType\":\"Patient\",\"id\":\"a b\"}",
        &[
            ("JSON-BOM", "Patient", 1, 1),
            ("R4-ID", "Patient.id", 1, 32),
        ],
    );
}

/// Rows 2 to 6: the text cannot be read, or has a name twice.
#[test]
fn not_json() {
    for (json, rule) in [
        (&b"{\"resourceType\":\"Patient\",}"[..], "JSON-SYNTAX"),
        (b"{\"resourceType\":\"Pat\xff\"}", "JSON-UTF8"),
        (
            b"{\"resourceType\":\"Patient\",\"id\":\"\\ud800\"}",
            "JSON-SURROGATE",
        ),
        (b"{\"resourceType\":\"Patient\"", "JSON-TRUNCATED"),
        (b"{\"resourceType\":\"Patient\"}\n{}", "JSON-TRAILING"),
        (b"", "JSON-EMPTY"),
        (b"\xef\xbb\xbf \n", "JSON-EMPTY"),
    ] {
        let validator = Validator::new(Policy::R4);
        let error = validator.read::<healthcode_r4::Resource>(json).unwrap_err();
        assert_eq!(error.rule().id, rule, "{}", String::from_utf8_lossy(json));
    }
    check(
        &patient("\"active\":true,\n\"active\":false"),
        &[("JSON-REPEATED-NAME", "Patient.active", 3, 1)],
    );
}

#[test]
fn other_formats() {
    for (text, expected) in [
        (
            &b"\n<!DOCTYPE html><html><body>Bad gateway<br>"[..],
            Detail::Expected("FHIR; this begins like HTML"),
        ),
        (
            b"<html lang='en'></html>",
            Detail::Expected("FHIR; this begins like HTML"),
        ),
        (b"resourceType: Patient", Detail::Expected("a JSON object")),
        (
            b"\xff\xfe{\0}\0",
            Detail::Expected("UTF-8; this begins like UTF-16"),
        ),
    ] {
        let validator = Validator::new(Policy::R4);
        let error = validator.read::<healthcode_r4::Resource>(text).unwrap_err();
        assert_eq!(error.issue().detail, expected);
    }
}

/// Row 7.
#[test]
fn resource_types() {
    check("{}", &[("FHIR-RESOURCE-TYPE-MISSING", "Resource", 1, 1)]);
    check("[]", &[("FHIR-ARRAY-UNEXPECTED", "Resource", 1, 1)]);
    let report = Validator::new(Policy::R4)
        .read::<healthcode_r4::Resource>(b"[{}]")
        .unwrap();
    let advice = "one JSON object; several are the entries of a Bundle, or lines of NDJSON";
    assert_eq!(report.issues[0].detail, Detail::Expected(advice));
    check(
        r#"{"resourceType":"patient"}"#,
        &[("FHIR-RESOURCE-TYPE-UNKNOWN", "Resource.resourceType", 1, 17)],
    );
    check(
        r#"{"resourceType":7}"#,
        &[("FHIR-JSON-TYPE", "Resource.resourceType", 1, 17)],
    );
    check(
        r#"{"id":"x","resourceType":"Patient"}"#,
        &[("FHIR-RESOURCE-TYPE-LATE", "Patient.resourceType", 1, 11)],
    );
    let hint = |name: &str| {
        let json = format!(
            r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"fullUrl":"http://a.b/c","resource":{{"resourceType":"{name}"}}}}]}}"#
        );
        let validator = Validator::new(Policy::R4);
        let report = validator
            .read::<healthcode_r4::Resource>(json.as_bytes())
            .unwrap();
        assert_eq!(report.issues.len(), 1);
        assert_eq!(
            report.issues[0].path,
            "Bundle.entry[0].resource.resourceType"
        );
        report.issues[0].to_string()
    };
    assert!(
        hint("patient").contains("did you mean Patient?"),
        "{}",
        hint("patient")
    );
    assert!(hint("Pracitioner").contains("did you mean Practitioner?"));
    assert!(!hint("ReserveSlot").contains("did you mean"));
}

/// Row 8.
#[test]
fn unknown_members() {
    check(
        &patient("\"birthdate\":\"1974\""),
        &[("FHIR-UNKNOWN-MEMBER", "Patient.birthdate", 2, 1)],
    );
    check(
        &patient("\"fhir_comments\":[\"SECRET\"]"),
        &[("FHIR-UNKNOWN-MEMBER", "Patient.fhir_comments", 2, 1)],
    );
}

/// Rows 9 to 13.
#[test]
fn nothing_where_something_belongs() {
    check(
        &patient("\"name\":[]"),
        &[("FHIR-EMPTY-ARRAY", "Patient.name", 2, 8)],
    );
    check(
        &patient("\"name\":[{}]"),
        &[("FHIR-EMPTY-OBJECT", "Patient.name[0]", 2, 9)],
    );
    check(
        &patient("\"maritalStatus\":{}"),
        &[("FHIR-EMPTY-OBJECT", "Patient.maritalStatus", 2, 17)],
    );
    check(
        &patient("\"name\":[{\"family\":\"\"}]"),
        &[("R4-EMPTY-STRING", "Patient.name[0].family", 2, 19)],
    );
    check(
        &patient("\"birthDate\":\"\""),
        &[("R4-EMPTY-STRING", "Patient.birthDate", 2, 13)],
    );
    check(
        &patient("\"name\":[{\"family\":\" \\t\"}]"),
        &[("R4-BLANK-STRING", "Patient.name[0].family", 2, 19)],
    );
    check(
        &patient("\"active\":null"),
        &[("FHIR-NULL", "Patient.active", 2, 10)],
    );
    check(
        &patient("\"maritalStatus\":null"),
        &[("FHIR-NULL", "Patient.maritalStatus", 2, 17)],
    );
    check(
        &patient("\"name\":[null]"),
        &[("FHIR-NULL", "Patient.name[0]", 2, 9)],
    );
    check(
        &patient("\"name\":[{\"given\":[\"A\",null]}]"),
        &[("FHIR-NULL-PAIR", "Patient.name[0].given[1]", 2, 23)],
    );
    check(
        &patient("\"name\":[{\"given\":[null],\"_given\":[null]}]"),
        &[("FHIR-NULL-PAIR", "Patient.name[0].given[0]", 2, 19)],
    );
}

/// Elements with an id and nothing else, which `ele-1` forbids.
#[test]
fn ids_alone() {
    for (members, found) in [
        (
            r#""name":[{"id":"x"}]"#,
            &[("ele-1", "Patient.name[0]", 2, 9)][..],
        ),
        (
            r#""_birthDate":{"id":"x"}"#,
            &[("ele-1", "Patient.birthDate", 2, 14)],
        ),
        (r#""birthDate":"1990","_birthDate":{"id":"x"}"#, &[]),
        (
            r#""name":[{"given":[null,"A"],"_given":[{"id":"x"},{"id":"y"}]}]"#,
            &[("ele-1", "Patient.name[0].given[0]", 2, 39)],
        ),
        (
            r#""_deceasedBoolean":{"id":"x"}"#,
            &[("ele-1", "Patient.deceased", 2, 20)],
        ),
        // A value of another JSON type is one.
        (
            r#""birthDate":1990,"_birthDate":{"id":"x"}"#,
            &[("FHIR-JSON-TYPE", "Patient.birthDate", 2, 13)],
        ),
        (
            r#""contact":[{"id":"x","gender":"male"},{"id":"y","name":{"text":"x"}}]"#,
            &[("pat-1", "Patient.contact[0]", 2, 12)],
        ),
    ] {
        check(&patient(members), found);
    }
}

/// Rows 14 to 17, and 19 and 20.
#[test]
fn shapes() {
    check(
        &patient("\"name\":[{\"given\":[\"A\"],\"_given\":[null,{\"id\":\"x\"}]}]"),
        &[("FHIR-ARRAY-PAIRING", "Patient.name[0].given", 2, 18)],
    );
    check(
        &patient("\"_name\":[{\"id\":\"x\"}]"),
        &[("FHIR-UNDERSCORE", "Patient._name", 2, 1)],
    );
    check(
        &patient("\"_birthDate\":{}"),
        &[("FHIR-EMPTY-OBJECT", "Patient.birthDate", 2, 14)],
    );
    check(
        &patient("\"_birthDate\":[]"),
        &[("FHIR-ARRAY-UNEXPECTED", "Patient.birthDate", 2, 14)],
    );
    check(
        &patient("\"maritalStatus\":[{\"text\":\"x\"}]"),
        &[("FHIR-ARRAY-UNEXPECTED", "Patient.maritalStatus", 2, 17)],
    );
    check(
        &patient("\"birthDate\":[\"1974\"]"),
        &[("FHIR-ARRAY-UNEXPECTED", "Patient.birthDate", 2, 13)],
    );
    check(
        &patient("\"name\":{\"text\":\"x\"}"),
        &[("FHIR-ARRAY-EXPECTED", "Patient.name", 2, 8)],
    );
    check(
        &patient("\"name\":[{\"given\":\"A\"}]"),
        &[("FHIR-ARRAY-EXPECTED", "Patient.name[0].given", 2, 18)],
    );
    check(
        &patient("\"deceasedBoolean\":true,\n\"deceasedDateTime\":\"2020\""),
        &[("FHIR-SECOND-CHOICE", "Patient.deceasedDateTime", 3, 1)],
    );
    check(
        &patient("\"deceasedString\":\"x\""),
        &[("FHIR-UNKNOWN-MEMBER", "Patient.deceasedString", 2, 1)],
    );
    check(
        &patient("\"active\":\"true\""),
        &[("FHIR-JSON-TYPE", "Patient.active", 2, 10)],
    );
    check(
        &patient("\"multipleBirthInteger\":\"2\""),
        &[("FHIR-JSON-TYPE", "Patient.multipleBirth", 2, 24)],
    );
    check(
        &patient("\"birthDate\":1974"),
        &[("FHIR-JSON-TYPE", "Patient.birthDate", 2, 13)],
    );
    check(
        &patient("\"name\":[\"x\"]"),
        &[("FHIR-NOT-OBJECT", "Patient.name[0]", 2, 9)],
    );
}

/// Row 18.
#[test]
fn required() {
    check(
        "{\n\"resourceType\":\"Observation\"}",
        &[
            ("R4-REQUIRED", "Observation.status", 1, 1),
            ("R4-REQUIRED", "Observation.code", 1, 1),
        ],
    );
    // Once for each parent.
    check(
        &patient("\"link\":[\n{\"type\":\"seealso\"},\n{\"other\":{\"display\":\"x\"}}]"),
        &[
            ("R4-REQUIRED", "Patient.link[0].other", 3, 1),
            ("R4-REQUIRED", "Patient.link[1].type", 4, 1),
        ],
    );
    // A choice counts once.
    let request = |member: &str| {
        format!(
            "{{\"resourceType\":\"MedicationRequest\",\"status\":\"active\",\"intent\":\"order\",\"subject\":{{\"display\":\"x\"}}{member}}}"
        )
    };
    check(
        &request(""),
        &[("R4-REQUIRED", "MedicationRequest.medication", 1, 1)],
    );
    check(
        &request(",\"medicationReference\":{\"display\":\"x\"}"),
        &[],
    );
    check(
        &request(",\"medicationCodeableConcept\":{\"text\":\"x\"}"),
        &[],
    );
    // An attribute is an element.
    check(
        &patient("\"extension\":[{\"valueCode\":\"x\"}]"),
        &[("R4-REQUIRED", "Patient.extension[0].url", 2, 14)],
    );
    // What is there in the wrong shape is not absent.
    for status in ["null", "1", "[]", "[\"final\"]", "{}"] {
        let json = format!(r#"{{"resourceType":"Observation","status":{status},"code":[]}}"#);
        let report = Validator::new(Policy::R4)
            .read::<healthcode_r4::Resource>(json.as_bytes())
            .unwrap();
        assert!(
            report
                .issues
                .iter()
                .all(|issue| issue.rule.id != "R4-REQUIRED"),
            "{json} {report:?}"
        );
        assert!(report.issues.len() >= 2, "{json} {report:?}");
    }
    // Repeating ones too.
    check(
        r#"{"resourceType":"CodeSystem","status":"draft","content":"complete","concept":[{"code":"a","property":[{"code":"x"}]}]}"#,
        &[(
            "R4-REQUIRED",
            "CodeSystem.concept[0].property[0].value",
            1,
            103,
        )],
    );
    check(
        r#"{"resourceType":"OperationOutcome","issue":[]}"#,
        &[("FHIR-EMPTY-ARRAY", "OperationOutcome.issue", 1, 44)],
    );
    check(
        r#"{"resourceType":"OperationOutcome"}"#,
        &[("R4-REQUIRED", "OperationOutcome.issue", 1, 1)],
    );
}

/// Rows 21 to 25.
#[test]
fn dates() {
    let column = |member: &str| member.len() as u64 + 4;
    for (member, value, rule) in [
        ("birthDate", "1974-1-5", "R4-DATE"),
        ("birthDate", "1974-13-01", "R4-DATE"),
        ("birthDate", "1974-02-30", "R4-NO-SUCH-DAY"),
        ("birthDate", "0000", "R4-DATE"),
        ("birthDate", "1974-12-25T00:00:00Z", "R4-DATE"),
        ("deceasedDateTime", "1974-12-25T14:35:45", "R4-DATETIME"),
        ("deceasedDateTime", "1974-12-25T14:35Z", "R4-DATETIME"),
        ("deceasedDateTime", "1974-12-25T24:00:00Z", "R4-DATETIME"),
        (
            "deceasedDateTime",
            "1974-12-25T14:35:45+14:01",
            "R4-DATETIME",
        ),
        ("deceasedDateTime", "1974-02-30T14:35:45Z", "R4-NO-SUCH-DAY"),
    ] {
        let path = format!("Patient.{}", member.trim_end_matches("DateTime"));
        let path = if member == "birthDate" {
            "Patient.birthDate"
        } else {
            &path
        };
        check(
            &patient(&format!("\"{member}\":\"{value}\"")),
            &[(rule, path, 2, column(member))],
        );
    }
    for value in ["2020-01-01", "2020-01-01T00:00:00"] {
        check(
            &patient(&format!("\"meta\":{{\"lastUpdated\":\"{value}\"}}")),
            &[("R4-INSTANT", "Patient.meta.lastUpdated", 2, 23)],
        );
    }
    check(
        &patient("\"extension\":[{\"url\":\"urn:u\",\"valueTime\":\"14:35\"}]"),
        &[("R4-TIME", "Patient.extension[0].value", 2, 41)],
    );
}

/// Rows 26 and 27.
#[test]
fn numbers() {
    check(
        &patient("\"multipleBirthInteger\":1.5"),
        &[("FHIR-INTEGER", "Patient.multipleBirth", 2, 24)],
    );
    check(
        &patient("\"multipleBirthInteger\":1e3"),
        &[("FHIR-INTEGER", "Patient.multipleBirth", 2, 24)],
    );
    check(
        &patient("\"multipleBirthInteger\":2147483648"),
        &[("FHIR-INTEGER", "Patient.multipleBirth", 2, 24)],
    );
    check(
        &patient("\"telecom\":[{\"rank\":0}]"),
        &[("R4-INTEGER-RANGE", "Patient.telecom[0].rank", 2, 20)],
    );
    check(
        &patient("\"photo\":[{\"size\":-1}]"),
        &[("R4-INTEGER-RANGE", "Patient.photo[0].size", 2, 18)],
    );
    let quantity = healthcode_r4::Quantity {
        value: "01".into(),
        ..Default::default()
    };
    let report = Validator::new(Policy::R4).validate(&quantity);
    assert_eq!(report.issues[0].rule.id, "R4-DECIMAL");
    assert_eq!(report.issues[0].path, "Quantity.value");
}

/// Rows 28 to 30, and 32 to 34.
#[test]
fn forms() {
    for data in ["QUJ", "QUJD...", "QU=D", "QUJ-", "===="] {
        check(
            &patient(&format!(
                "\"photo\":[{{\"data\":\"{data}\",\"contentType\":\"a/b\"}}]"
            )),
            &[("R4-BASE64", "Patient.photo[0].data", 2, 18)],
        );
    }
    let long = "a".repeat(65);
    for id in ["a_b", "a b", "a/b", &long] {
        check(
            &patient(&format!("\"id\":\"{id}\"")),
            &[("R4-ID", "Patient.id", 2, 6)],
        );
        check(
            &patient(&format!(
                "\"contained\":[{{\"resourceType\":\"Practitioner\",\"id\":\"{id}\"}}],\"generalPractitioner\":[{{\"reference\":\"#{id}\"}}]"
            )),
            &[("R4-ID", "Patient.contained[0].id", 2, 50)],
        );
    }
    for code in [" a", "a ", "a  b"] {
        check(
            &patient(&format!("\"language\":\"{code}\"")),
            &[("R4-CODE", "Patient.language", 2, 12)],
        );
    }
    let system = |uri: &str| patient(&format!("\"identifier\":[{{\"system\":\"{uri}\"}}]"));
    let at = |rule| (rule, "Patient.identifier[0].system", 2, 25);
    check(&system("http://a b"), &[at("R4-URI")]);
    check(&system("urn:oid:1.2.03"), &[at("R4-OID")]);
    check(&system("urn:oid:3.1"), &[at("R4-OID")]);
    check(
        &system("urn:uuid:C757873d-ec9a-4326-a141-556f43239520"),
        &[at("R4-UUID")],
    );
    check(
        &patient("\"name\":[{\"given\":[\"A\",\"\\u0007\"]}]"),
        &[("R4-CONTROL-CHARACTER", "Patient.name[0].given[1]", 2, 23)],
    );
}

/// Row 50.
#[test]
fn long_strings() {
    let most = "a".repeat(1_048_576);
    check(
        &patient(&format!("\"name\":[{{\"text\":\"{most}\"}}]")),
        &[],
    );
    check(
        &patient(&format!("\"name\":[{{\"text\":\"{most}a\"}}]")),
        &[("R4-STRING-LENGTH", "Patient.name[0].text", 2, 17)],
    );
}

/// Primitives in extensions of primitives are primitives.
#[test]
fn inside_metadata() {
    check(
        &patient("\"_birthDate\":{\"extension\":[{\"url\":\"a b\",\"valueDate\":\"x\"}]}"),
        &[
            ("R4-URI", "Patient.birthDate.extension[0].url", 2, 35),
            ("R4-DATE", "Patient.birthDate.extension[0].value", 2, 53),
        ],
    );
}

/// The ids of elements have no white space in them, and occur once in a resource.
#[test]
fn element_ids() {
    for (id, good) in [
        ("a", true),
        ("A.b_c/d-1", true),
        ("\u{e9}", true),
        ("a b", false),
        ("a\\t", false),
        ("\u{a0}", false),
    ] {
        let json = patient(&format!("\"name\":[{{\"id\":\"{id}\",\"text\":\"x\"}}]"));
        let bad = [("R4-ELEMENT-ID", "Patient.name[0].id", 2, 15)];
        check(&json, if good { &[] } else { &bad });
    }
    let of_primitive = patient("\"birthDate\":\"2020\",\"_birthDate\":{\"id\":\"a b\"}");
    check(
        &of_primitive,
        &[("R4-ELEMENT-ID", "Patient.birthDate.id", 2, 39)],
    );
    let repeated = |path, line, column| [("R4-ELEMENT-ID-REPEATED", path, line, column)];
    check(
        &patient(
            "\"name\":[{\"id\":\"a\",\"text\":\"x\"}],\n\"contact\":[{\"id\":\"a\",\"gender\":\"male\",\"name\":{\"text\":\"x\"}}]",
        ),
        &repeated("Patient.contact[0].id", 3, 18),
    );
    check(
        &patient(
            "\"name\":[{\"given\":[\"x\",\"y\"],\n\"_given\":[{\"id\":\"a\"},{\"id\":\"a\"}]}]",
        ),
        &repeated("Patient.name[0].given[1].id", 3, 28),
    );
    check(
        &patient("\"name\":[{\"id\":\"a\",\"text\":\"x\"},{\"id\":\"A\",\"text\":\"x\"}]"),
        &[],
    );
    // A resource, and what contains it, each have their own; so have the entries of a Bundle.
    check(
        &patient(
            "\"id\":\"a\",\"name\":[{\"id\":\"a\",\"text\":\"x\"}],\"generalPractitioner\":[{\"reference\":\"#b\"}],\"contained\":[{\"resourceType\":\"Practitioner\",\"id\":\"b\",\"name\":[{\"id\":\"a\",\"text\":\"x\"}]}]",
        ),
        &[],
    );
    let entry = |number| {
        format!(
            "{{\"fullUrl\":\"http://a.b/{number}\",\"resource\":{{\"resourceType\":\"Patient\",\"name\":[{{\"id\":\"a\",\"text\":\"x\"}}]}}}}"
        )
    };
    let bundle = format!(
        "{{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{},{}]}}",
        entry(1),
        entry(2)
    );
    check(&bundle, &[]);
    // What a differential changes is in the snapshot as well.
    let list = |of: &str| {
        format!(
            "\"{of}\":{{\"element\":[{{\"id\":\"Patient\",\"path\":\"Patient\",\"type\":[{{\"id\":\"t\",\"code\":\"Patient\"}}],\"definition\":\"x\",\"min\":0,\"max\":\"*\",\"base\":{{\"path\":\"Patient\",\"min\":0,\"max\":\"*\"}}}}]}}"
        )
    };
    let definition = format!(
        "{{\"resourceType\":\"StructureDefinition\",\"url\":\"http://a.b\",\"name\":\"X\",\"status\":\"draft\",\"kind\":\"resource\",\"abstract\":false,\"type\":\"Patient\",\"baseDefinition\":\"http://hl7.org/fhir/StructureDefinition/Patient\",\"derivation\":\"constraint\",{},{}}}",
        list("snapshot"),
        list("differential")
    );
    let validator = Validator::new(Policy::R4);
    let report = validator
        .read::<healthcode_r4::Resource>(definition.as_bytes())
        .unwrap();
    assert!(
        !report
            .issues
            .iter()
            .any(|issue| issue.rule.id.starts_with("R4-ELEMENT")),
        "{:?}",
        report.issues
    );
}

#[test]
fn healthcode_policy() {
    let dotted = patient("\"birthDate\":\"31.12.1977\"");
    check(&dotted, &[("R4-DATE", "Patient.birthDate", 2, 13)]);
    check_by(
        Policy::Healthcode,
        &dotted,
        &[("HC-DOTTED-DATE", "Patient.birthDate", 2, 13)],
    );
    for other in [
        "31.02.1977",
        "12.31.1977",
        "1.1.1977",
        "31-12-1977",
        "ä1.12.197",
    ] {
        let json = patient(&format!("\"birthDate\":\"{other}\""));
        check_by(
            Policy::Healthcode,
            &json,
            &[("R4-DATE", "Patient.birthDate", 2, 13)],
        );
    }
    let bundle = |entry: &str| {
        format!("{{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[\n{entry}]}}")
    };
    let updated = bundle(
        r#"{"extension":[{"id":"lastUpdated","valueDateTime":"2022-06-07T18:29:15+05:30"}],"fullUrl":"http://a.b/c","resource":{"resourceType":"Basic","code":{"text":"x"}}}"#,
    );
    let at = |rule| (rule, "Bundle.entry[0].extension[0].url", 2, 15);
    check(&updated, &[at("R4-REQUIRED")]);
    check_by(
        Policy::Healthcode,
        &updated,
        &[at("HC-ENTRY-EXTENSION-URL")],
    );
    let inner =
        bundle(r#"{"fullUrl":"http://a.b/c","resource":{"resourceType":"Bundle","id":"x"}}"#);
    let at = |rule| (rule, "Bundle.entry[0].resource.type", 2, 38);
    check(&inner, &[at("R4-REQUIRED")]);
    check_by(Policy::Healthcode, &inner, &[at("HC-ENTRY-BUNDLE-TYPE")]);
    let outer = r#"{"resourceType":"Bundle"}"#;
    check_by(
        Policy::Healthcode,
        outer,
        &[("R4-REQUIRED", "Bundle.type", 1, 1)],
    );
}

#[test]
fn rules_can_be_switched_off() {
    let validator = Validator::new(Policy::R4)
        .without("R4-DATE")
        .unwrap()
        .without("JSON-BOM")
        .unwrap();
    assert!(validator.clone().without("NONE").is_err());
    let json = "\u{feff}{\"resourceType\":\"Patient\",\"birthDate\":\"x\"}";
    let report = validator
        .read::<healthcode_r4::Resource>(json.as_bytes())
        .unwrap();
    assert_eq!(report.issues, []);
}

#[test]
fn parts_of_streams() {
    use healthcode_core::{Path, Root};
    let patient = healthcode_r4::Patient {
        birth_date: "x".into(),
        ..Default::default()
    };
    let path = Path::with_root("Bundle.entry[7].resource", "/entry/7/resource");
    let issues = Validator::new(Policy::R4).validate_element(patient.as_element(), &path);
    assert_eq!(issues[0].path, "Bundle.entry[7].resource.birthDate");
    assert_eq!(issues[0].pointer, "/entry/7/resource/birthDate");
    assert_eq!(issues[0].position, None);
}

/// A condition names a question of the same questionnaire, at whatever depth it is.
#[test]
fn conditions_name_questions() {
    let questionnaire = |question: &str, more: &str| {
        format!(
            r#"{{"resourceType":"Questionnaire","status":"draft","item":[
{{"linkId":"1","type":"group","item":[{{"linkId":"1.1","type":"boolean"{more}}}]}},
{{"linkId":"2","type":"string","enableWhen":[{{"question":"{question}","operator":"exists","answerBoolean":true}}]}}]}}"#
        )
    };
    for known in ["1", "1.1", "2"] {
        check(&questionnaire(known, ""), &[]);
    }
    let at = "Questionnaire.item[1].enableWhen[0].question";
    for unknown in ["1.2", "SECRET", "1.1 x"] {
        let expected = [("R4-ENABLE-WHEN-QUESTION", at, 3, 57)];
        check(&questionnaire(unknown, ""), &expected);
    }
    let below = r#","enableWhen":[{"question":"3","operator":"exists","answerBoolean":true}]"#;
    let at = "Questionnaire.item[0].item[0].enableWhen[0].question";
    let expected = [("R4-ENABLE-WHEN-QUESTION", at, 2, 97)];
    check(&questionnaire("1", below), &expected);
    // What is not all here may have the question: an item without linkId, or one to be replaced.
    let unnamed = r#","item":[{"type":"display"}]"#;
    let item = "Questionnaire.item[0].item[0].item[0]";
    let missing = format!("{item}.linkId");
    check(
        &questionnaire("9", unnamed),
        &[("R4-REQUIRED", &missing, 2, 79)],
    );
    let replaced = r#","extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-subQuestionnaire","valueCanonical":"http://e.org/q"}]"#;
    check(&questionnaire("9", replaced), &[]);
}
