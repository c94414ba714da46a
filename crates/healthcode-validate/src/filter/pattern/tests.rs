//! Which paths patterns match.

use super::{Pattern, index_free};

#[test]
fn matching() {
    for (pattern, path, expect) in [
        ("Patient", "Patient", true),
        ("Patient", "Patient.name[0].family", true),
        ("Patient.name", "Patient.name[0].family", true),
        ("Patient.name[0]", "Patient.name[0].family", true),
        ("Patient.name[1]", "Patient.name[0].family", false),
        ("Patient.name[1]", "Patient.name[10]", false),
        ("Patient.nam", "Patient.name[0]", false),
        ("patient", "Patient.name", false),
        ("Patient.name.family", "Patient.name[0]", false),
        ("*.name", "Patient.name[0]", true),
        ("*.name", "Bundle.entry[0].resource.name", false),
        ("*.*[2]", "Patient.name[2].given[0]", true),
        ("**.name", "Bundle.entry[0].resource.name[0].given", true),
        (
            "**.name.given",
            "Bundle.name.entry[0].resource.name[0].given",
            true,
        ),
        (
            "**.given.x",
            "Bundle.entry[0].resource.name[0].given",
            false,
        ),
        (
            "Bundle.**.coding.**.a",
            "Bundle.x.coding.b.coding.c.a[3]",
            true,
        ),
        ("Bundle.**", "Bundle", true),
        ("**", "", true),
        ("Patient", "", false),
        ("Patient.`a.b[0]`", "Patient.`a.b[0]`.c", true),
        ("Patient.`a.b[1]`", "Patient.`a.b[0]`.c", false),
        ("Patient.`a\\`.b`", "Patient.`a\\`.b`", true),
        ("Patient.é", "Patient.é[1]", true),
    ] {
        let parsed = Pattern::parse(pattern).expect(pattern);
        assert_eq!(parsed.matches(path), expect, "{pattern} {path}");
    }
}

#[test]
fn not_patterns() {
    for text in [
        "", ".", "a.", "a[", "a[]", "a[x]", "a[1]b", "[0]", "**[1]", "a..b",
    ] {
        assert!(Pattern::parse(text).is_err(), "{text}");
    }
}

#[test]
fn without_indexes() {
    assert_eq!(
        index_free("Bundle.entry[3].resource.`x[1].y`[2]"),
        "Bundle.entry.resource.`x[1].y`"
    );
    assert_eq!(index_free(""), "");
}
