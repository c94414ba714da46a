//! Tests of `shown.rs`.

use super::*;
use crate::rules;

#[test]
fn steering_characters() {
    for c in [
        '\0', '\t', '\n', '\r', '\u{1b}', '\u{7f}', '\u{85}', '\u{9b}', '\u{61c}', '\u{200e}',
        '\u{200f}',
    ]
    .into_iter()
    .chain('\u{2028}'..='\u{202e}')
    .chain('\u{2066}'..='\u{2069}')
    {
        let text = format!("a{c}b");
        assert_eq!(printable(&text), "a\u{fffd}b");
        if c != '\n' {
            let escaped = format!("a\\u{:04x}b", u32::from(c));
            assert_eq!(printable_json(&text), escaped);
        }
    }
    let plain = "Zoë, \u{5d0}\u{627} – 日本 \u{1f600} # ## a::b [x] C##";
    assert_eq!(printable(plain), plain);
    assert_eq!(printable_json(plain), plain);
}

#[test]
fn usual_places() {
    for (path, pointer, usual) in [
        ("Patient", "", true),
        (
            "Bundle.entry[12].resource.birthDate",
            "/entry/12/resource/birthDate",
            true,
        ),
        ("contact[0].name", "/contact/0/name", true),
        ("", "", true),
        ("Patient", "/Patient", false),
        ("Patient.name2", "/name2", false),
        ("Patient._name", "/_name", false),
        ("Patient.Anna", "/Anna", false),
        ("Patient.`9434765919`", "/9434765919", false),
        ("Patient.name[a]", "/name/a", false),
        ("Patient.name[1", "/name/1x", false),
        ("Patient..name", "//name", false),
        ("Anna Jones", "", false),
        ("Patient.name~1x", "/name~1x", false),
    ] {
        assert_eq!(is_usual_path(path, pointer), usual, "{path} {pointer}");
        let detail = Detail::None;
        let (own, place) = (path.to_owned(), pointer.to_owned());
        let issue = Issue::at(&rules::FHIR_NULL, own, place, detail);
        if usual {
            assert_eq!(
                (&*issue.shown_path(), &*issue.shown_pointer()),
                (path, pointer)
            );
        }
    }
    for (pointer, usual) in [
        ("", true),
        ("/a/0/b", true),
        ("/a/", false),
        ("a", false),
        ("/a/0b", false),
    ] {
        assert_eq!(is_usual_pointer(pointer), usual, "{pointer}");
    }
}

#[test]
fn commands_to_build_servers() {
    for (text, shown) in [
        ("::error::x", "\u{fffd}:error::x"),
        ("  ::warning file=a::x", "  \u{fffd}:warning file=a::x"),
        ("a ::error::x", "a ::error::x"),
        ("x ##[error]y", "x #\u{fffd}[error]y"),
        ("###[x]", "##\u{fffd}[x]"),
        ("##teamcity[x]", "#\u{fffd}teamcity[x]"),
        ("## [x]", "## [x]"),
    ] {
        assert_eq!(printable(text), shown);
    }
    assert_eq!(printable_json("\"##vso[x]\""), "\"#\\u0023vso[x]\"");
}

#[test]
fn names_in_paths() {
    for (path, pointer, shown_path, shown_pointer) in [
        (
            "Patient.name[0].family",
            "/name/0/family",
            "Patient.name[0].family",
            "/name/0/family",
        ),
        (
            "Bundle.entry[12].resource",
            "/entry/12/resource",
            "Bundle.entry[12].resource",
            "/entry/12/resource",
        ),
        ("Patient", "", "Patient", ""),
        ("", "", "", ""),
        ("[3].name", "/3/name", "[3].name", "/3/name"),
        ("Patient.`9434765919`", "/9434765919", "Patient.***", "/***"),
        (
            "Patient.Jones[0].given",
            "/Jones/0/given",
            "Patient.***[0].given",
            "/***/0/given",
        ),
        ("Jones.given", "/Jones/given", "***.given", "/***/given"),
        (
            "name.`a.b\\`[c].d`[1].e",
            "/name/a.b`[c].d/1/e",
            "name.***[1].e",
            "/name/***/1/e",
        ),
        ("Patient.`1`[2]", "/1/2", "Patient.***[2]", "/***/2"),
        (
            "Patient.`no-such`",
            "/no-such",
            "Patient.`no-such`",
            "/no-such",
        ),
        ("Patient.`x", "/x", "Patient.***", "/x"),
        (
            "exchange[0].response: Patient.id",
            "/log/entries/0",
            "exchange[0].response: Patient.id",
            "/log/entries/0",
        ),
        (
            "exchange[0].Jones",
            "/exchange/0/Jones",
            "exchange[0].***",
            "/exchange/0/***",
        ),
    ] {
        let mut issue = Issue::at(
            &rules::FHIR_UNKNOWN_MEMBER,
            path.to_owned(),
            pointer.to_owned(),
            Detail::None,
        );
        assert_eq!(issue.shown_path(), shown_path, "{path}");
        assert_eq!(issue.shown_pointer(), shown_pointer, "{pointer}");
        issue.path = "Patient.BirthDate".to_owned();
        issue.pointer = "/BirthDate".to_owned();
        assert_eq!(issue.shown_path(), "Patient.***");
        issue.detail = Detail::Nearest("birthDate");
        assert_eq!(
            (&*issue.shown_path(), &*issue.shown_pointer()),
            ("Patient.BirthDate", "/BirthDate")
        );
    }
}
