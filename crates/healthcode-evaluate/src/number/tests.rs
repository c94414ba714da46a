//! Tests of `number.rs`.

use super::*;

#[test]
fn precision_and_prefixes() {
    for (value, prefix, wanted, matches) in [
        // The examples of the specification.
        ("99.5", "eq", "100", true),
        ("99.4999", "eq", "100", false),
        ("100.5", "eq", "100", false),
        ("100.004", "eq", "100.00", true),
        ("100.005", "eq", "100.00", false),
        ("100", "lt", "100", false),
        ("100.0", "le", "100", true),
        ("100.01", "gt", "100", true),
        ("99.6", "ne", "100", false),
        ("0.04499", "eq", "0.05", false),
        ("0.045", "eq", "0.05", true),
        ("5.3949e-3", "eq", "5.40e-3", false),
        ("0.0054", "eq", "5.40e-3", true),
        ("49", "eq", "1e2", false),
        ("50", "eq", "1e2", true),
        ("149.99", "eq", "1e2", true),
        ("150", "eq", "1e2", false),
        ("149.99", "ne", "1e2", false),
        ("95", "eq", "1.0e2", true),
        ("94.9", "eq", "1.0e2", false),
        ("105", "eq", "1.0e2", false),
        ("100.5", "eq", "1.00e2", false),
        ("100.4", "eq", "1.00e2", true),
        ("0.75", "eq", "8e-1", true),
        ("0.8", "gt", "8e-1", false),
        ("0.81", "gt", "8e-1", true),
        ("0.4", "eq", "0", true),
        ("0.6", "eq", "0", false),
        ("-100.5", "eq", "-100", true),
        ("1e18", "gt", "1e-18", true),
        ("1e-18", "lt", "1e18", true),
        ("-1e18", "lt", "0.000000000000000001", true),
        ("109.9", "ap", "100", true),
        ("111", "ap", "100", false),
        ("-109", "ap", "-100", true),
        ("1500.00", "ge", "1500.00", true),
        ("1499.99", "ge", "1500.00", false),
    ] {
        let (number, of) = (Exact::parse(value).unwrap(), Exact::parse(wanted).unwrap());
        let (prefix, _) = Prefix::split(prefix);
        assert_eq!(
            Extent::of(number).matches(prefix, of),
            matches,
            "{value} {prefix:?} {wanted}"
        );
    }
    for text in ["1e999", "1e99999999999", "12345678901234567890123", "x"] {
        assert!(Exact::parse(text).is_none(), "{text}");
    }
}

#[test]
fn extents() {
    let end = |text: &str| match text {
        "" => None,
        text => Some(Exact::parse(text).unwrap()),
    };
    for (low, high, prefixes) in [
        // Of all that is searched for as 10.
        ("10", "10", "eq ge le ap"),
        ("9.5", "10.4", "eq gt lt ge le ap"),
        ("9", "11", "ne gt lt ge le ap"),
        ("10.1", "12", "ne gt ge sa ap"),
        ("11.1", "12", "ne gt ge sa"),
        ("", "8", "ne lt le eb"),
        ("", "10", "ne lt ge le ap"),
        ("12", "", "ne gt ge sa"),
        ("", "", "ne gt lt ge le ap"),
    ] {
        let extent = Extent {
            low: end(low),
            high: end(high),
        };
        let wanted = Exact::parse("10").unwrap();
        let matching = |prefix: &Prefix| extent.matches(Some(*prefix), wanted);
        let names = Prefix::ALL.into_iter().filter(matching).map(Prefix::as_str);
        let names: Vec<_> = names.collect();
        assert_eq!(names.join(" "), prefixes, "{low} to {high}");
    }
    let two = |a, b| (Exact::parse(a).unwrap(), Exact::parse(b).unwrap());
    let (a, b) = two("-0.25", "40");
    assert_eq!(a.times(b), Exact::parse("-10"));
    assert_eq!(a.plus(b), Exact::parse("39.75"));
    let (a, b) = two("123456789012345678", "1234567890");
    assert!(a.times(b).is_none());
}
