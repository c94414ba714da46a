//! Tests of `time.rs`.

use super::*;

fn check(value: &str, wanted: &str) -> String {
    let (value, wanted) = (Span::of(value).unwrap(), Span::of(wanted).unwrap());
    let matching = |prefix: &Prefix| value.matches(Some(*prefix), wanted);
    let names = Prefix::ALL.into_iter().filter(matching).map(Prefix::as_str);
    names.collect::<Vec<_>>().join(" ")
}

#[test]
fn prefixes_and_precision() {
    for (value, wanted, prefixes) in [
        // The examples of the specification.
        ("2013-01-14T00:00", "2013-01-14", "eq ge le ap"),
        ("2013-01-14T10:00", "2013-01-14", "eq ge le ap"),
        ("2013-01-15T00:00", "2013-01-14", "ne gt ge sa"),
        ("2013-01-14T10:00", "2013-01-14T10:00", "eq ge le ap"),
        ("2013-01-14", "2013-01-14T10:00", "ne gt lt ge le ap"),
        ("2013-03-15", "2013-03-14", "ne gt ge sa"),
        ("2013-03-13", "2013-03-14", "ne lt le eb"),
        ("2013", "2013-03", "ne gt lt ge le ap"),
        ("2013-03", "2013", "eq ge le ap"),
        ("2012-12-31T23:59:59.999", "2013", "ne lt le eb"),
        ("2013-12-31T23:30:00-01:00", "2013", "ne gt ge sa"),
        ("2013-01-01T00:30:00+01:00", "2013", "ne lt le eb"),
        (
            "2013-01-14T10:00:00.5Z",
            "2013-01-14T10:00:00Z",
            "eq ge le ap",
        ),
        // A tenth of a second that begins with the hundredth: it only ends later.
        (
            "2013-01-14T10:00:00.5Z",
            "2013-01-14T10:00:00.50Z",
            "ne gt ge le ap",
        ),
        ("2024-02-29", "2024-02", "eq ge le ap"),
    ] {
        let found = check(value, wanted);
        assert_eq!(found, prefixes, "{value} for {wanted}");
    }
    assert_eq!(Span::of("09.05.1977"), None);
}

#[test]
fn periods() {
    let span = |from, to| Span::between(from, to).unwrap();
    let march = Span::of("2013-03").unwrap();
    assert!(span(Some("2013-03-02"), Some("2013-03-09")).matches(None, march));
    assert!(!span(Some("2013-03-02"), None).matches(None, march));
    assert!(span(Some("2013-03-02"), None).matches(Some(Prefix::Gt), march));
    let until_its_end = span(Some("2012"), Some("2013-03-31"));
    assert!(until_its_end.matches(Some(Prefix::Ge), march));
    assert!(!until_its_end.matches(Some(Prefix::Gt), march));
    assert!(span(Some("2013-03-31"), Some("2014")).matches(Some(Prefix::Le), march));
    assert!(!span(Some("2013-04-01"), None).matches(Some(Prefix::Le), march));
    assert!(span(None, Some("2013")).matches(Some(Prefix::Lt), march));
    assert!(span(None, None).matches(Some(Prefix::Ap), march));
}

#[test]
fn days_are_counted() {
    assert_eq!(days(1970, 1, 1) - days(1969, 12, 31), 1);
    assert_eq!(days(2000, 3, 1) - days(2000, 2, 28), 2);
    assert_eq!(days(1900, 3, 1) - days(1900, 2, 28), 1);
    assert_eq!(days(2026, 1, 1) - days(1970, 1, 1), 20454);
}
