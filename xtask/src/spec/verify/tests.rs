//! Tests of `verify.rs`.

use super::*;
use crate::spec::facts::TypeFact;

fn element(path: &str, types: &[&str]) -> ElementFact {
    ElementFact {
        path: path.into(),
        types: types.iter().map(|name| name.parse().unwrap()).collect(),
        ..ElementFact::default()
    }
}

fn sound() -> Facts {
    Facts {
        types: ["Thing", "string"]
            .map(|name| TypeFact {
                name: name.into(),
                ..TypeFact::default()
            })
            .into(),
        elements: vec![
            element("Thing", &[]),
            element("Thing.part", &["Thing"]),
            element("Thing.part.value[x]", &["string", "Thing"]),
            element("string", &[]),
        ],
        ..Facts::default()
    }
}

#[test]
fn sound_facts_pass() {
    assert_eq!(problems(&sound()), Vec::<String>::new());
}

#[test]
fn dangling_references_are_found() {
    let mut facts = sound();
    let part = &mut facts.elements[1];
    part.types = vec!["Nothing".parse().unwrap()];
    part.content_reference = Some("Thing.other".into());
    part.strength = Some(Strength::Required);
    part.value_set = Some("http://x".into());
    part.invariants = vec!["thg-1".into()];
    facts
        .elements
        .push(element("Thing.a.b", &["string", "string"]));
    assert_eq!(
        problems(&facts),
        [
            "element Thing.part: unknown type Nothing",
            "element Thing.part: the content of Thing.other is missing",
            "element Thing.part: the value set http://x is missing",
            "element Thing.part: not exactly one invariant thg-1",
            "element Thing.a.b: its parent is missing",
            "element Thing.a.b: several types but no choice",
            "element Thing.a.b: a type is listed twice",
        ]
    );
}

#[test]
fn paths_are_followed() {
    let facts = sound();
    let index = Index::of(&facts);
    let bad = |expression| {
        let paths = plain_paths(expression);
        let found = paths.iter().find_map(|path| unresolved(path, &index));
        found.unwrap_or_default()
    };
    assert_eq!(bad("Thing.part.value"), "");
    assert_eq!(bad("(Thing.part.part as string)"), "");
    assert_eq!(bad("Thing.part.where(x = 'Thing.y')"), "Thing has no y");
    assert_eq!(bad("(Thing.parts as string)"), "Thing has no parts");
}
