//! Payloads that are not as documented: each defect has its issue, and nothing is lost.

use crate::{read, there_and_back};
use healthcode_core::Path;
use healthcode_extensions::codes::{Insurer, RecognitionStatus};
use healthcode_extensions::{
    DateOrder, DecodeOptions, ExtensionView, HasExtensions, Item, PractitionerExtensions,
};
use healthcode_json::{locate, to_string};
use healthcode_r4::{Practitioner, PractitionerRole};

const E: &str = "https://ref.api.healthcode.co.uk/extension/";
const S: &str = "https://ref.api.healthcode.co.uk/";

/// A Practitioner with these extensions, in which `E/` and `S/` stand for the documented bases.
fn practitioner(extensions: &str) -> (Practitioner, String) {
    let extensions = extensions
        .replace("\"E/", &format!("\"{E}"))
        .replace("\"S/", &format!("\"{S}"));
    let json = format!(r#"{{"resourceType":"Practitioner","extension":[{extensions}]}}"#);
    (read(json.as_bytes()), json)
}

/// Decodes extensions, encodes them back, and compares the issues: rule, path, and the text at
/// which the issue's position is.
#[track_caller]
fn check(extensions: &str, expected: &[(&str, &str, &str)]) -> PractitionerExtensions {
    let (practitioner, json) = practitioner(extensions);
    let mut decoded = there_and_back(&practitioner);
    locate(json.as_bytes(), &mut decoded.issues, false);
    let found: Vec<_> = decoded
        .issues
        .iter()
        .map(|issue| {
            assert!(!issue.to_string().contains("SECRET"), "{issue}");
            let offset = usize::try_from(issue.position.unwrap().offset).unwrap();
            (issue.rule.id, issue.path.as_str(), &json[offset..])
        })
        .collect();
    let bare: Vec<_> = found.iter().map(|(rule, path, _)| (*rule, *path)).collect();
    let wanted: Vec<_> = expected
        .iter()
        .map(|(rule, path, _)| (*rule, *path))
        .collect();
    assert_eq!(bare, wanted, "{json}");
    for ((.., text), (.., start)) in found.iter().zip(expected) {
        let start = start.replace("\"E/", &format!("\"{E}"));
        assert!(
            text.starts_with(&start),
            "{text} does not start with {start}"
        );
    }
    decoded.value
}

#[test]
fn wrong_types() {
    // A number where text belongs: as an integer, and as a JSON number under valueString.
    for value in [r#""valueInteger":1234567"#, r#""valueString":1234567"#] {
        let view = check(
            &format!(
                r#"{{"url":"E/registrationnumbers","extension":[
                {{"url":"E/regulatorybody","valueCodeableConcept":{{"coding":[{{"system":"S/regulatorybody","code":"GMC"}}]}}}},
                {{"url":"E/regulatorreference",{value}}}]}}"#
            ),
            &[(
                "HC-EXTENSION-VALUE-TYPE",
                "Practitioner.extension[0].extension[1].value",
                "1234567",
            )],
        );
        let reference = view.registrations[0].reference.as_ref().unwrap();
        assert_eq!(reference.as_str(), "1234567");
    }
    let view = check(
        r#"{"url":"E/onlineBookingStatus","valueString":"true"},
           {"url":"E/indemnityStatus","valueCode":"N"}"#,
        &[
            (
                "HC-EXTENSION-VALUE-TYPE",
                "Practitioner.extension[0].value",
                "\"true\"",
            ),
            (
                "HC-EXTENSION-VALUE-TYPE",
                "Practitioner.extension[1].value",
                "\"N\"",
            ),
        ],
    );
    assert_eq!(view.online_booking.as_deref(), Some(&true));
    assert_eq!(view.indemnity_status.unwrap().as_str(), "N");
    // What cannot be converted is kept as it is.
    let view = check(
        r#"{"url":"E/onlineBookingStatus","valueString":"SECRET"},
           {"url":"E/indemnityStatus","valueString":{"SECRET":[1]}},
           {"url":"E/indemnityStatus"}"#,
        &[
            (
                "HC-EXTENSION-VALUE",
                "Practitioner.extension[0].value",
                "\"SECRET\"",
            ),
            (
                "HC-EXTENSION-VALUE",
                "Practitioner.extension[1].value",
                "{\"SECRET\"",
            ),
            (
                "HC-EXTENSION-VALUE",
                "Practitioner.extension[2]",
                "{\"url\"",
            ),
        ],
    );
    assert!(view.online_booking.is_none() && view.indemnity_status.is_none());
    assert_eq!(view.unrecognised().len(), 3);
}

#[test]
fn groups() {
    // A child that is missing, one that is not known, and one that comes twice.
    let view = check(
        r#"{"id":"insurers","url":"E/insurers","extension":[
            {"id":"x","url":"E/SECRET","valueString":"SECRET"},
            {"id":"insurerprovidercode","url":"E/insurerprovidercode","valueString":"1"},
            {"id":"insurerprovidercode","url":"E/insurerprovidercode","valueString":"2"},
            {"id":"insurer","url":"E/insurer","valueCodeableConcept":{"coding":[{"system":"S/insurer","code":"bup"}]}}]}"#,
        &[
            (
                "HC-EXTENSION-CHILD-MISSING",
                "Practitioner.extension[0]",
                r#"{"id":"insurers""#,
            ),
            (
                "HC-EXTENSION-UNKNOWN",
                "Practitioner.extension[0].extension[0]",
                r#"{"id":"x""#,
            ),
            (
                "HC-EXTENSION-REPEATED",
                "Practitioner.extension[0].extension[2]",
                r#"{"id":"insurerprovidercode","url":"E/insurerprovidercode","valueString":"2"}"#,
            ),
        ],
    );
    let group = &view.insurers[0];
    assert_eq!(group.insurer.as_ref().unwrap().code, Insurer::Bupa);
    assert_eq!(group.provider_code.as_ref().unwrap().as_str(), "1");
    assert_eq!(group.unrecognised.extensions.len(), 2);
    assert!(!view.is_recognised_by(&Insurer::Bupa));
}

#[test]
fn groups_that_say_the_same() {
    let group = |code: &str, status: &str| {
        format!(
            r#"{{"url":"E/insurers","extension":[
            {{"url":"E/insurer","valueCodeableConcept":{{"coding":[{{"system":"S/insurer","code":"{code}"}}]}}}},
            {{"url":"E/recognitionstatus","valueCodeableConcept":{{"coding":[{{"system":"S/recognitionstatus","code":"{status}"}}]}}}}]}}"#
        )
    };
    // Groups repeat, one for each insurer.
    let view = check(&[group("bup", "Y"), group("nuh", "Y")].join(","), &[]);
    assert!(view.is_recognised_by(&Insurer::Bupa) && view.is_recognised_by(&Insurer::Aviva));
    // Two for one insurer may contradict each other; the place is that of the second, whatever
    // is between.
    let other = r#"{"url":"https://example.org/other","valueString":"kept"}"#;
    let view = check(
        &[
            group("bup", "Y"),
            other.into(),
            group("nuh", "Y"),
            group("bup", "N"),
        ]
        .join(","),
        &[(
            "HC-EXTENSION-DUPLICATE",
            "Practitioner.extension[3]",
            "{\"url\":\"E/insurers\"",
        )],
    );
    assert_eq!(view.insurers.len(), 3);
    assert!(!view.is_recognised_by(&Insurer::Bupa) && view.is_recognised_by(&Insurer::Aviva));
    assert_eq!(
        view.recognition(&Insurer::Bupa)
            .unwrap()
            .status
            .as_ref()
            .unwrap()
            .code,
        RecognitionStatus::Recognised
    );
}

/// The url of `profession` is that of its parent and of its child.
#[test]
fn shapes() {
    let concept = r#""valueCodeableConcept":{"coding":[{"system":"S/profession","code":"00U"}]}"#;
    let view = check(
        &format!(r#"{{"url":"E/profession",{concept}}}"#),
        &[(
            "HC-EXTENSION-SHAPE",
            "Practitioner.extension[0]",
            "{\"url\"",
        )],
    );
    assert!(view.professions.is_empty());
    let view = check(
        &format!(
            r#"{{"url":"E/profession","extension":[{{"url":"E/profession","extension":[{{"url":"E/profession",{concept}}}]}}]}}"#
        ),
        &[(
            "HC-EXTENSION-SHAPE",
            "Practitioner.extension[0].extension[0]",
            "{\"url\"",
        )],
    );
    assert!(view.professions[0].profession.is_none());
    // Both a value and children.
    let view = check(
        &format!(
            r#"{{"url":"E/profession",{concept},"extension":[{{"url":"E/profession",{concept},"extension":[{{"url":"a"}}]}}]}}"#
        ),
        &[
            (
                "HC-EXTENSION-SHAPE",
                "Practitioner.extension[0]",
                "{\"url\"",
            ),
            (
                "HC-EXTENSION-SHAPE",
                "Practitioner.extension[0].extension[0]",
                "{\"url\"",
            ),
        ],
    );
    assert_eq!(
        view.professions[0]
            .profession
            .as_ref()
            .unwrap()
            .code
            .as_str(),
        "00U"
    );
    // Children that are no extensions at all, and none.
    check(
        r#"{"url":"E/profession","extension":[5,null,{}]},{"url":"E/profession","extension":[]},"SECRET""#,
        &[
            (
                "HC-EXTENSION-CHILD-MISSING",
                "Practitioner.extension[0]",
                "{",
            ),
            (
                "HC-EXTENSION-UNKNOWN",
                "Practitioner.extension[0].extension[0]",
                "5",
            ),
            (
                "HC-EXTENSION-UNKNOWN",
                "Practitioner.extension[0].extension[1]",
                "null",
            ),
            (
                "HC-EXTENSION-UNKNOWN",
                "Practitioner.extension[0].extension[2]",
                "{}",
            ),
            (
                "HC-EXTENSION-CHILD-MISSING",
                "Practitioner.extension[1]",
                "{",
            ),
        ],
    );
}

#[test]
fn codes() {
    let ages = |concept: &str, expected: &[(&str, &str, &str)]| {
        check(
            &format!(
                r#"{{"url":"E/insurers","extension":[{{"url":"E/recognitionstatus",{concept}}},
                {{"url":"E/insurer","valueCoding":{{"system":"S/insurer","code":"xyz","display":"New"}}}}]}}"#
            ),
            &[
                expected,
                &[(
                    "HC-EXTENSION-VALUE-TYPE",
                    "Practitioner.extension[0].extension[1].value",
                    "{",
                )],
            ]
            .concat(),
        )
    };
    let value = "Practitioner.extension[0].extension[0].value";
    // Another system's code first, text, ids: all stay.
    let view = ages(
        r#""valueCodeableConcept":{"id":"c","text":"yes","coding":[{"system":"urn:other","code":"N"},
            {"id":"d","system":"S/recognitionstatus","version":"2","code":"Y","_code":{"id":"e"}}]}"#,
        &[],
    );
    let group = &view.insurers[0];
    assert_eq!(
        group.status.as_ref().unwrap().code,
        RecognitionStatus::Recognised
    );
    let insurer = group.insurer.as_ref().unwrap();
    assert_eq!(insurer.to_string(), "New (xyz)");
    ages(
        r#""valueCodeableConcept":{"coding":[{"code":"Y"}]}"#,
        &[(
            "HC-CODE-SYSTEM",
            "Practitioner.extension[0].extension[0]",
            "{",
        )],
    );
    ages(
        r#""valueCodeableConcept":{"coding":[{"system":"urn:other","code":"SECRET"}]}"#,
        &[("HC-EXTENSION-VALUE", value, "{")],
    );
    ages(
        r#""valueCodeableConcept":{"text":"SECRET"}"#,
        &[("HC-EXTENSION-VALUE", value, "{")],
    );
    ages(
        r#""valueCode":"Y""#,
        &[("HC-EXTENSION-VALUE-TYPE", value, "\"Y\"")],
    );
}

#[test]
fn dates() {
    let group = |date: &str| {
        format!(
            r#"{{"url":"E/registrationnumbers","extension":[
            {{"url":"E/regulatorybody","valueCodeableConcept":{{"coding":[{{"system":"S/regulatorybody","code":"GMC"}}]}}}},
            {{"url":"E/regulatorreference","valueString":"1"}},
            {{"url":"E/registrationdate","valueString":"{date}"}}]}}"#
        )
    };
    let value = "Practitioner.extension[0].extension[2].value";
    for (date, rule) in [
        ("08.05.1997", None),
        ("1997-05-08", None),
        ("1997", None),
        ("29.02.2020", None),
        ("31.02.2020", Some("HC-DATE-NO-SUCH-DAY")),
        ("2020-02-31", Some("HC-DATE-NO-SUCH-DAY")),
        ("12.31.2020", Some("HC-DATE-FORM")),
        ("8.5.1997", Some("HC-DATE-FORM")),
        ("08/05/1997", Some("HC-DATE-FORM")),
        ("SECRET", Some("HC-DATE-FORM")),
        ("", Some("HC-DATE-FORM")),
    ] {
        let expected: Vec<_> = rule.iter().map(|rule| (*rule, value, "\"")).collect();
        let view = check(&group(date), &expected);
        assert_eq!(view.registrations[0].date.as_ref().unwrap().as_str(), date);
    }
    // The order is an assumption.
    let (practitioner, _) = practitioner(&group("12.31.2020"));
    let options = DecodeOptions::new().date_order(DateOrder::MonthFirst);
    let decoded = practitioner.decode_extensions_at(&Path::root("Practitioner"), &options);
    assert_eq!(decoded.issues, []);
}

/// Order, ids and whatever else is beside the values.
#[test]
fn odd_but_harmless() {
    let view = check(
        r#"{"url":"https://example.org/other","valueString":"kept"},
           {"id":"odd","url":"E/onlineBookingStatus","valueBoolean":true,"_valueBoolean":{"id":"meta"}},
           {"url":"E/indemnityStatus","valueString":"N","nonsense":[1,{}]},
           {"url":"E/newer","valueString":"kept"}"#,
        &[("HC-EXTENSION-UNKNOWN", "Practitioner.extension[3]", "{")],
    );
    assert_eq!(view.unrecognised().len(), 2);
    assert_eq!(view.online_booking.as_deref(), Some(&true));
}

/// Extensions as documented but for one thing more: that is kept too.
#[test]
fn anything_beside() {
    let coding = |more: &str| {
        format!(r#"{{"system":"{S}agestreated","code":"C0","display":"0-3 Years"{more}}}"#)
    };
    let concept = |coding: &str, more: &str| {
        format!(r#""valueCodeableConcept":{{"coding":[{coding}]{more}}}"#)
    };
    let beside = r#","extension":[{"url":"urn:x","valueString":"kept"}]"#;
    let mut values = Vec::new();
    for more in [
        r#","id":"kept""#,
        r#","version":"kept""#,
        r#","userSelected":true"#,
        r#","_userSelected":{"id":"kept"}"#,
        r#","_system":{"id":"kept"}"#,
        r#","_code":{"id":"kept"}"#,
        r#","_display":{"id":"kept"}"#,
        r#","_version":{"id":"kept"}"#,
        r#","nonsense":"kept""#,
        r#","code":"kept""#,
        beside,
    ] {
        values.push(concept(&coding(more), ""));
    }
    for more in [
        r#","id":"kept""#,
        r#","text":"kept""#,
        r#","_text":{"id":"kept"}"#,
        r#","nonsense":"kept""#,
        beside,
    ] {
        values.push(concept(&coding(""), more));
    }
    values.push(concept(&format!("{},{{}}", coding("")), ""));
    values.push(concept(&coding(""), "") + beside);
    values.push(concept(&coding(""), "") + r#","nonsense":"kept""#);
    for value in values {
        let json = format!(
            r#"{{"resourceType":"PractitionerRole","extension":[{{"id":"agestreated","url":"{E}agestreated",{value}}}]}}"#
        );
        let role: PractitionerRole = read(json.as_bytes());
        let decoded = there_and_back(&role);
        let [ages] = &decoded.value.ages_treated[..] else {
            panic!("not read: {json}")
        };
        assert_eq!(ages.to_string(), "0-3 Years (C0)");
        assert!(ages.source().is_some(), "{json}");
    }
    // Only what is documented costs no more than its value.
    let json = format!(
        r#"{{"resourceType":"PractitionerRole","extension":[{{"id":"agestreated","url":"{E}agestreated",{}}}]}}"#,
        concept(&coding(""), "")
    );
    let decoded = there_and_back(&read::<PractitionerRole>(json.as_bytes()));
    assert!(decoded.value.ages_treated[0].source().is_none());
}

/// An edit keeps what it does not touch.
#[test]
fn edits() {
    let (mut practitioner, json) = practitioner(
        r#"{"id":"odd","url":"E/onlineBookingStatus","valueBoolean":true,"_valueBoolean":{"id":"meta"}},
           {"url":"https://example.org/other","valueString":"kept"},
           {"id":"insurers","extension":[{"url":"E/newer","valueString":"kept"},{"id":"insurer","url":"E/insurer","valueCodeableConcept":{"coding":[{"system":"S/insurer","code":"bup"}],"text":"t"}}],"url":"E/insurers"},
           {"id":"indemnityStatus","url":"E/indemnityStatus","valueString":"N"}"#,
    );
    let mut view = practitioner.decode_extensions().value;
    *view.online_booking.as_mut().unwrap() = Item::from(false);
    practitioner.encode_extensions(&view);
    assert!(to_string(&practitioner).contains(
        r#"{"id":"isOnlineBookingAvailable","url":"https://ref.api.healthcode.co.uk/extension/onlineBookingStatus","valueBoolean":false}"#
    ), "a new value is as documented");

    let mut practitioner: Practitioner = read(json.as_bytes());
    let mut view = practitioner.decode_extensions().value;
    **view.online_booking.as_mut().unwrap() = false;
    view.insurers[0].insurer.as_mut().unwrap().code = Insurer::Wpa;
    view.indemnity_status = None;
    practitioner.encode_extensions(&view);
    let cut = json
        .find(",\n           {\"id\":\"indemnityStatus\"")
        .unwrap();
    let expected = format!("{}]}}", &json[..cut])
        .replace("\"valueBoolean\":true", "\"valueBoolean\":false")
        .replace("bup", "wpa")
        .replace("\n           ", "");
    assert_eq!(to_string(&practitioner), expected);
}

/// What nobody would send does not take long: twenty thousand groups.
#[test]
fn many() {
    let group = format!(
        r#"{{"url":"{E}profession","extension":[{{"url":"{E}profession","valueCodeableConcept":{{"coding":[{{"system":"{S}profession","code":"00U"}}]}}}}]}}"#
    );
    let json = format!(
        r#"{{"resourceType":"Practitioner","extension":[{}]}}"#,
        vec![group; 20_000].join(",")
    );
    let decoded = there_and_back(&read::<Practitioner>(json.as_bytes()));
    assert_eq!(decoded.value.professions.len(), 20_000);
    assert_eq!(decoded.issues.len(), 19_999);
}
