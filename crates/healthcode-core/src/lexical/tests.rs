//! Tests of `lexical.rs`.

use super::*;

#[test]
fn forms() {
    use PrimitiveKind as K;
    let long_id = "a".repeat(65);
    let cases: &[(K, &str, Option<Defect>)] = &[
        (K::Integer, "-12", None),
        (K::Integer, "012", Some(Defect::Form)),
        (K::Integer, "2147483648", Some(Defect::Range)),
        (K::PositiveInt, "0", Some(Defect::Range)),
        (K::UnsignedInt, "-1", Some(Defect::Range)),
        (K::Decimal, "1.50", None),
        (K::Decimal, "1e-3", None),
        (K::Decimal, "+1", Some(Defect::Form)),
        (K::Decimal, ".5", Some(Defect::Form)),
        (K::Decimal, "01", Some(Defect::Form)),
        (K::Decimal, "1.", Some(Defect::Form)),
        (K::Decimal, "1e", Some(Defect::Form)),
        (K::String, "a\u{7}", Some(Defect::ControlCharacter)),
        (K::String, " \t", Some(Defect::Blank)),
        (K::String, "", Some(Defect::Empty)),
        (K::Code, "a b", None),
        (K::Code, "a  b", Some(Defect::Form)),
        (K::Code, " a", Some(Defect::Form)),
        (K::Code, "a ", Some(Defect::Form)),
        (K::Id, "a-1.B", None),
        (K::Id, "a_1", Some(Defect::Form)),
        (K::Id, &long_id, Some(Defect::TooLong)),
        (K::Uri, "http://a b", Some(Defect::Form)),
        (K::Uri, "http://m\u{fc}nchen.de/\u{540d}", None),
        (K::Uri, "http://a.b/\u{1f600}", None),
        (K::Uri, "http://a.b\u{200b}", Some(Defect::Form)),
        (K::Uri, "\u{feff}http://a.b", Some(Defect::Form)),
        (K::Uri, "http://a.b/\u{a0}c", Some(Defect::Form)),
        (K::Uri, "http://a.b/\u{202e}cod", Some(Defect::Form)),
        (K::Uri, "http://a.b/\u{ad}c", Some(Defect::Form)),
        (K::Uri, "http://a.b/\u{85}", Some(Defect::Form)),
        (K::Uri, "http://a.b/\u{7f}", Some(Defect::Form)),
        (K::Uri, "http://a.b/\u{1}", Some(Defect::Form)),
        (K::Url, "http://a.b/\u{3000}", Some(Defect::Form)),
        (K::Canonical, "http://a.b/c|1\u{2060}", Some(Defect::Form)),
        (K::Uri, "urn:oid:1.2.03", Some(Defect::Form)),
        (K::Uri, "urn:oid:1.2|4.0.1", Some(Defect::Form)),
        (K::Canonical, "urn:oid:1.2|4.0.1", None),
        (K::Canonical, "urn:oid:1.02|4.0.1", Some(Defect::Form)),
        (K::Oid, "urn:oid:2.16.840", None),
        (K::Oid, "urn:oid:3.1", Some(Defect::Form)),
        (K::Oid, "urn:oid:1", Some(Defect::Form)),
        (
            K::Uuid,
            "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
            None,
        ),
        (
            K::Uuid,
            "urn:uuid:C757873d-ec9a-4326-a141-556f43239520",
            Some(Defect::Form),
        ),
        (K::Base64Binary, "QUJD\n RA==", None),
        (K::Base64Binary, "QUJ", Some(Defect::Form)),
        (K::Base64Binary, "QUJD...", Some(Defect::Form)),
        (K::Base64Binary, "QU=D", Some(Defect::Form)),
    ];
    for (kind, text, expect) in cases {
        assert_eq!(check(*kind, text).err(), *expect, "{kind:?} {text}");
    }
}

#[test]
fn numbers_of_equal_value() {
    let normal = |text| normal_decimal(text).unwrap();
    assert_eq!(normal("1.0"), normal("10e-1"));
    assert_eq!(normal("1.50"), normal("1.5"));
    assert_eq!(normal("-0.0"), normal("0"));
    assert_ne!(normal("1"), normal("-1"));
    assert_ne!(normal("100"), normal("1"));
}
