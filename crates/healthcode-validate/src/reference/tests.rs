//! The forms of references.

use super::Form;
use healthcode_r4::Resource;

#[test]
fn forms() {
    let shown = |text| match Form::of(text, Resource::TYPE_NAMES) {
        Form::Contained(id) => format!("contained {id}"),
        Form::Relative {
            target,
            shown,
            version,
        } => format!("relative {target} {shown} {version:?}"),
        Form::Absolute {
            url,
            shown,
            version,
        } => format!("absolute {url} {shown:?} {version:?}"),
        Form::Conditional(name) => format!("conditional {name}"),
        Form::UnknownType(name) => format!("unknown {name}"),
        Form::Malformed => "malformed".to_owned(),
    };
    for (text, expect) in [
        ("#", "contained "),
        ("#a b", "contained a b"),
        ("Patient/1", "relative Patient/1 Patient None"),
        (
            "Patient/1/_history/2",
            "relative Patient/1 Patient Some(\"2\")",
        ),
        (
            "http://a.b/fhir/Patient/1",
            "absolute http://a.b/fhir/Patient/1 Some(\"Patient\") None",
        ),
        (
            "https://a.b/Patient/1/_history/2",
            "absolute https://a.b/Patient/1 Some(\"Patient\") Some(\"2\")",
        ),
        (
            "https://a.b/patient/1",
            "absolute https://a.b/patient/1 None None",
        ),
        (
            "ftp://a.b/Patient/1",
            "absolute ftp://a.b/Patient/1 None None",
        ),
        ("urn:oid:1.2.3", "absolute urn:oid:1.2.3 None None"),
        (
            "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
            "absolute urn:uuid:c757873d-ec9a-4326-a141-556f43239520 None None",
        ),
        ("Patient?identifier=a|b", "conditional Patient"),
        ("Patient?identifier=http://a.b/c|1", "conditional Patient"),
        (
            "Patient?name=a/b _history/ \u{e9}%20#1",
            "conditional Patient",
        ),
        (
            "Patient?organization=Organization/1/_history/2",
            "conditional Patient",
        ),
        ("Patient?", "malformed"),
        ("?identifier=a", "malformed"),
        ("patient?identifier=a", "malformed"),
        ("Patient/1?identifier=a", "malformed"),
        ("Patient/_search?identifier=a", "malformed"),
        (
            "https://a.b/Patient?x=Patient/1",
            "absolute https://a.b/Patient?x=Patient/1 None None",
        ),
        (
            "https://a.b/#/Patient/1",
            "absolute https://a.b/#/Patient/1 None None",
        ),
        ("Site/HC010EO", "unknown Site"),
        ("urn:uuid:x", "malformed"),
        ("urn:oid:01", "malformed"),
        ("http://a b", "malformed"),
        ("Patient", "malformed"),
        ("Patient/", "malformed"),
        ("/Patient/1", "malformed"),
        ("../Patient/1", "malformed"),
        ("Patient/1/2", "malformed"),
        ("Patient/a_b", "malformed"),
        ("Patient/1/_history/", "malformed"),
        ("patient/1", "malformed"),
        ("Site?x=y", "unknown Site"),
        ("John Smith", "malformed"),
    ] {
        assert_eq!(shown(text), expect, "{text}");
    }
}
