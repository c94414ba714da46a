//! Primitives, their values, lists and codes through serde, by themselves.
#![cfg(feature = "serde")]

use healthcode_r4::codes::AdministrativeGender;
use healthcode_r4::{
    Base64Binary, Boxed, Code, Date, DateTime, Decimal, HumanName, Id, Instant, Primitive, Str,
    Time, Uri, list,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, from_str, from_value, json, to_string, to_value};
use std::collections::BTreeMap;
use std::fmt::Debug;

/// Reads the text, and writes it again, both as text and as a tree.
fn survives<T: Serialize + DeserializeOwned + PartialEq + Debug>(json: &str) -> T {
    let value: T = from_str(json).expect("a value");
    assert_eq!(to_string(&value).expect("JSON"), json);
    assert_eq!(
        to_value(&value).expect("JSON"),
        from_str::<Value>(json).expect("JSON"),
        "{json}"
    );
    value
}

#[test]
fn values_are_strings() {
    assert_eq!(survives::<Date>(r#""1977-05-09""#), "1977-05-09");
    assert_eq!(survives::<Date>(r#""9.5.77""#), "9.5.77");
    survives::<DateTime>(r#""2020-01-01T10:00:00+01:00""#);
    survives::<Instant>(r#""2020-01-01T10:00:00.000Z""#);
    survives::<Time>(r#""10:00:00""#);
    survives::<Id>(r#""a-1""#);
    survives::<Uri>(r#""urn:x""#);
    survives::<Code>(r#""final""#);
    survives::<Base64Binary>(r#""AA==""#);
    assert_eq!(survives::<Str>(r#""a\"\nb""#), "a\"\nb");
    assert!(from_str::<Date>("1977").is_err());
    assert!(from_str::<Date>("null").is_err());
    assert_eq!(from_str::<Option<Date>>("null").unwrap(), None);
}

#[test]
fn decimals_keep_their_digits() {
    for json in ["72.50", "1e2", "-0.0", "100000000000000000000.10", "0", "7"] {
        let decimal: Decimal = from_str(json).unwrap();
        assert_eq!(decimal, json);
        assert_eq!(to_string(&decimal).unwrap(), json);
        let amounts = BTreeMap::from([("a", list![decimal])]);
        assert_eq!(to_string(&amounts).unwrap(), format!(r#"{{"a":[{json}]}}"#));
    }
    // A tree has the nearest number.
    assert_eq!(to_value(Decimal::from("72.50")).unwrap(), json!(72.5));
    assert_eq!(from_value::<Decimal>(json!(72.5)).unwrap(), "72.5");
    assert_eq!(from_value::<Decimal>(json!(-3)).unwrap(), "-3");
    // Text that is no number is a string, and strings are read.
    assert_eq!(survives::<Decimal>(r#""about 5""#), "about 5");
    assert_eq!(from_str::<Decimal>(r#""72.50""#).unwrap(), "72.50");
    for json in ["true", "null", "[1]", "{}"] {
        assert!(from_str::<Decimal>(json).is_err(), "{json}");
    }
}

#[test]
fn primitives_are_their_values() {
    assert_eq!(survives::<Primitive<Date>>(r#""1977""#), "1977");
    assert_eq!(survives::<Primitive<bool>>("true"), true);
    assert_eq!(survives::<Primitive<i32>>("-7"), -7);
    let weight: Primitive<Decimal> = from_str("72.50").unwrap();
    assert_eq!(weight.as_str(), Some("72.50"));
    assert_eq!(to_string(&weight).unwrap(), "72.50");
    let absent = survives::<Primitive<Str>>("null");
    assert!(absent.is_empty());

    // Id and extensions are members of the element around it.
    let mut family: Primitive<Str> = "Clinton".into();
    family.metadata_mut().id = Some("f1".into());
    assert_eq!(to_string(&family).unwrap(), r#""Clinton""#);
    let name = HumanName {
        family,
        ..HumanName::default()
    };
    assert_eq!(
        to_string(&name).unwrap(),
        r#"{"family":"Clinton","_family":{"id":"f1"}}"#
    );
}

#[test]
fn values_of_the_wrong_type_are_kept() {
    for json in ["77", r#"{"a":[1,2.50]}"#, "[]", "false"] {
        let date: Primitive<Date> = from_str(json).unwrap();
        assert_eq!((date.value(), date.malformed()), (None, Some(json)));
        assert_eq!(to_string(&date).unwrap(), json);
        let tree = to_value(&date).unwrap();
        assert_eq!(tree, from_str::<Value>(json).unwrap());
        assert_eq!(from_value::<Primitive<Date>>(tree).unwrap().value(), None);
    }
    for json in ["-0", "1.5", "4294967296", r#""7""#] {
        let number: Primitive<i32> = from_str(json).unwrap();
        assert_eq!((number.get(), number.malformed()), (None, Some(json)));
    }
    let decimal: Primitive<Decimal> = from_str(r#""72.50""#).unwrap();
    assert_eq!(decimal.malformed(), Some(r#""72.50""#));
    // Half of a surrogate pair is no text.
    let text: Primitive<Str> = from_str(r#""\ud800""#).unwrap();
    assert_eq!(text.malformed(), Some(r#""\ud800""#));
    assert!(from_str::<Primitive<Str>>("Clinton").is_err());
}

#[test]
fn codes_and_lists() {
    let gender = survives::<AdministrativeGender>(r#""female""#);
    assert_eq!(gender, AdministrativeGender::Female);
    let other = survives::<AdministrativeGender>(r#""F""#);
    assert_eq!(other, AdministrativeGender::Unrecognized("F".into()));
    assert_eq!(
        survives::<Primitive<AdministrativeGender>>(r#""male""#),
        Primitive::from(AdministrativeGender::Male)
    );
    let names = survives::<healthcode_core::List<HumanName>>(r#"[{"family":"Clinton"},{}]"#);
    assert_eq!(names[0].family, "Clinton");
    survives::<healthcode_core::List<Primitive<Str>>>(r#"["a",null,"b"]"#);
    assert_eq!(survives::<Boxed<i32>>("5"), Boxed::new(5));
    assert!(from_str::<healthcode_core::List<i32>>("5").is_err());
}
