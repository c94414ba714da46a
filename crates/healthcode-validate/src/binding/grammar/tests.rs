//! What is a MIME type, a language tag and a unit.

use super::*;

fn check(is: fn(&str) -> bool, good: &[&str], bad: &[&str]) {
    for text in good {
        assert!(is(text), "{text} is right");
    }
    for text in bad {
        assert!(!is(text), "{text:?} is wrong");
    }
}

#[test]
fn mime_types() {
    check(
        is_mime_type,
        &[
            "image/jpeg",
            "application/fhir+json",
            "application/fhir+xml; fhirVersion=4.0",
            "text/plain;charset=utf-8; format=flowed",
            "multipart/mixed; boundary=\"a;b \\\" c\"",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "text/plain; ",
            "application/fhir+json;canonicalization=http://a.b/json#static",
            "application/fhir+xml; Canonicalization=http://a.b/xml ; charset=utf-8",
            "application/fhir+xml; canonicalization=urn:oid:1.2; q=1",
            "application/fhir+xml; canonicalization=\"http://a.b\"",
        ],
        &[
            "",
            "UTF-8",
            "json",
            "image/",
            "/png",
            "image/*",
            "image/jpeg/x",
            "image/jp eg",
            "text/plain; charset",
            "text/plain; charset=",
            "text/plain; =x",
            "text/plain; a=\"x",
            "text/plain charset=utf-8",
            ".pdf",
            "application/fhir+xml;canonicalization=a/b",
            "application/fhir+xml;canonicalization=http://a.b c",
            "application/fhir+xml;canonicalization=http://a.b\"",
            "application/fhir+xml;profile=http://a.b",
        ],
    );
}

#[test]
fn languages() {
    check(
        is_language,
        &[
            "en",
            "en-GB",
            "cy",
            "EN-us",
            "zh-Hans-CN",
            "sl-rozaj-biske",
            "de-CH-1901",
            "es-419",
            "zh-yue",
            "x-private",
            "i-klingon",
            "en-x-a",
            "en-u-ca-gregory",
            "de-a-value-x-y1",
            "yue",
            "nl-NL",
        ],
        &[
            "",
            "e",
            "en_GB",
            "English (UK)",
            "en-",
            "-en",
            "en-GB-",
            "en-a",
            "en-a-x",
            "x",
            "i",
            "englishish1",
            "en-GB-zz",
            "123",
            "en-ü",
        ],
    );
}

#[test]
fn units() {
    check(
        is_unit,
        &[
            "mg",
            "mm[Hg]",
            "10*3/uL",
            "10*-3",
            "10^9/L",
            "/min",
            "{score}",
            "mg/dL",
            "m2",
            "kg.m/s2",
            "%",
            "Cel",
            "[degF]",
            "[in_i'H2O]",
            "mL/min/{1.73_m2}",
            "1",
            "100",
            "(kg.m)/s2",
            "ug{total}/L",
            "s-1",
            "a",
            "'",
            "m[H2O]",
            "{Unsigned %}",
        ],
        &[
            "",
            "beats per minute",
            "mg/",
            "mg//dL",
            "(mg",
            "mg)",
            "mg{",
            "{a{b}}",
            "µg",
            "°C",
            "a=b",
            "[x",
            "x]",
            "-",
            "-1",
            "mg-",
            "m+-2",
        ],
    );
    assert!(!is_unit(&"(".repeat(200)));
}
