//! Tests of `cells.rs`.

use std::fmt::Debug;

use super::*;

fn round_trip<T: FromStr<Err: Debug> + fmt::Display + Debug>(texts: &[&str]) {
    for text in texts {
        let value: T = text.parse().unwrap();
        assert_eq!(value.to_string(), *text, "{value:?}");
    }
}

#[test]
fn types() {
    let reference: TypeRef = "Reference[http://x/y](Patient,Group)".parse().unwrap();
    assert_eq!(reference.code, "Reference");
    assert_eq!(reference.profiles, ["http://x/y"]);
    assert_eq!(reference.targets, ["Patient", "Group"]);
    let system: TypeRef = "System.String/uri".parse().unwrap();
    assert_eq!(system.code, "System.String");
    assert_eq!(system.fhir_type.as_deref(), Some("uri"));
    round_trip::<TypeRef>(&[
        "string",
        "System.String",
        "System.String/uri",
        "Quantity[SimpleQuantity]",
        "Reference(Patient)",
        "Reference[A,B](C,D)",
    ]);
    for text in ["", "(Patient)", "A(B", "A)", "A[B", "A(B)[C]", "A/"] {
        assert!(text.parse::<TypeRef>().is_err(), "{text}");
    }
}

#[test]
fn flags() {
    let flags: Flags = "?S".parse().unwrap();
    assert!(flags.modifier && flags.summary && !flags.ordered);
    round_trip::<Flags>(&["", "?", "S", "?S", "SO", "T", "@", "?SOT@X"]);
    for text in ["S?", "SS", "s"] {
        assert!(text.parse::<Flags>().is_err(), "{text}");
    }
}

#[test]
fn limits() {
    round_trip::<Limits>(&["", "length<=64", "value>=-1,value<=2"]);
    assert!("value<=2,value>=-1".parse::<Limits>().is_err());
}

#[test]
fn cardinalities() {
    round_trip::<Max>(&["0", "1", "*"]);
    assert!("n".parse::<Max>().is_err());
}

#[test]
fn components_and_parts() {
    let component: Component = "a-code=where(x=1)".parse().unwrap();
    assert_eq!(component.expression, "where(x=1)");
    round_trip::<Component>(&["a-code=where(x=1)"]);
    round_trip::<Part>(&[
        "code|1|1|Coding;Reference(A,B)",
        "http://x/y|0|*|",
        "a>b|0|1|code",
    ]);
    assert!("code|1|1".parse::<Part>().is_err());
}

#[test]
fn strengths() {
    round_trip::<Strength>(&["required", "extensible", "max", "preferred", "example"]);
    assert!("strong".parse::<Strength>().is_err());
    assert!(Strength::Required < Strength::Example);
}
