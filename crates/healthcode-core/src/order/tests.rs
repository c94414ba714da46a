//! Tests of `order.rs`.

use super::*;
use std::cmp::Ordering::{Equal, Greater, Less};

#[test]
fn dates() {
    let cases = [
        ("2012", "2013", Some(Less)),
        ("2012", "2012", Some(Equal)),
        ("2012", "2012-01", None),
        ("2012-05", "2012-04-30", Some(Greater)),
        ("2012-04-01", "2012-04-01T00:00:00Z", None),
        ("2012-04-02", "2012-04-01T23:59:59Z", Some(Greater)),
        (
            "2012-12-31T23:30:00-01:00",
            "2013-01-01T00:30:00Z",
            Some(Equal),
        ),
        (
            "2000-02-29T00:00:00Z",
            "2000-03-01T00:00:00+14:00",
            Some(Less),
        ),
        (
            "2012-01-01T00:00:00.1Z",
            "2012-01-01T00:00:00.10Z",
            Some(Equal),
        ),
        (
            "2012-01-01T00:00:00.09Z",
            "2012-01-01T00:00:00.1Z",
            Some(Less),
        ),
        ("1900-02-28T24:00:00Z", "1900-03-01", None),
        ("x", "2012", None),
    ];
    for (a, b, expected) in cases {
        let order = |a: &str, b: &str| DateTime::from(a).order(&DateTime::from(b));
        assert_eq!(order(a, b), expected, "{a} {b}");
        assert_eq!(order(b, a), expected.map(Ordering::reverse), "{b} {a}");
    }
}

#[test]
fn decimals() {
    let cases = [
        ("1", "1.000000000000000000000", Some(Equal)),
        ("-2", "-1", Some(Less)),
        ("0.1", "0.09", Some(Greater)),
        ("1e30", "999999999999999999999999999999", Some(Greater)),
        ("1e-30", "0", Some(Greater)),
        ("-1e5", "1e-5", Some(Less)),
        ("-1e5", "-1e4", Some(Less)),
        ("12e1", "120.0", Some(Equal)),
        (
            "123456789012345678901234567890",
            "123456789012345678901234567891",
            Some(Less),
        ),
        ("0", "-0.0", Some(Equal)),
        ("01", "1", None),
    ];
    for (a, b, expected) in cases {
        let order = |a: &str, b: &str| Decimal::from(a).order(&Decimal::from(b));
        assert_eq!(order(a, b), expected, "{a} {b}");
        assert_eq!(order(b, a), expected.map(Ordering::reverse), "{b} {a}");
    }
}
