//! The toy version reads, walks and writes like a real one.

use healthcode_core::{CodeEnum, Decimal, list};
use healthcode_json::{from_str, issues_of, to_string};
use healthcode_toy::codes::{Comparator, TypeOfPerson};
use healthcode_toy::{Extension, Name, OpenType, Parcel, ParcelNote, Person, Resource};

const PERSON: &str = r#"{"resourceType":"Person","id":"p","meta":{"lastUpdated":"2026-11-21T05:00:00Z"},"contained":[{"resourceType":"Parcel","id":"c","weight":1.50,"comparator":">=","noteExtension":{"url":"u"}},{"resourceType":"Letter","id":"l"}],"extension":[{"url":"a","valueMarkdown":"*x*","_valueMarkdown":{"id":"m"}},{"url":"b","valueName":{"family":"F"}}],"name":[{"given":["A",null],"_given":[null,{"id":"g"}]}],"type":"GHOST","alias":["real-person","other"],"deceasedDateTime":"2026","agePositiveInt":7,"friend":[{"name":{"family":"X"},"friend":[{"name":{"family":"Y"}}],"portrait":{"resourceType":"Person"}}]}"#;

#[test]
fn everything_comes_back() {
    let read = from_str::<Resource>(PERSON).unwrap();
    assert_eq!(to_string(&read.value), PERSON);

    let person = read.value.get::<Person>().unwrap();
    assert_eq!(person.type_.value(), Some(&TypeOfPerson::Ghost));
    assert!(!person.alias[1].value().unwrap().is_known());
    assert_eq!(person.contained[0].resource_type(), Some("Parcel"));
    assert_eq!(person.contained[1].resource_type(), Some("Letter"));
    assert_eq!(person.contained[1].id(), Some("l"));
    assert!(matches!(&person.extension[1].value, Some(OpenType::Name(name)) if name.family == "F"));
    assert_eq!(
        person.friend[0].friend[0].name.as_ref().unwrap().family,
        "Y"
    );
}

#[test]
fn a_second_choice_is_kept_beside_the_first() {
    for text in [
        r#"{"resourceType":"Person","deceasedBoolean":true,"deceasedDateTime":"2026"}"#,
        r#"{"resourceType":"Parcel","noteString":"x","noteExtension":{"url":"u"}}"#,
        r#"{"resourceType":"Parcel","noteExtension":{"url":"u"},"noteExtension":{"url":"v"}}"#,
        r#"{"resourceType":"Parcel","_noteExtension":{"id":"u"},"noteOther":1}"#,
        r#"{"resourceType":"Person","extension":[{"url":"a","valueOther":1,"value":2,"valuebool":3}]}"#,
    ] {
        let read = from_str::<Resource>(text).unwrap();
        assert!(!issues_of(&read.value).is_empty(), "{text}");
        assert_eq!(to_string(&read.value), text);
    }
}

#[test]
fn values_are_built_plainly() {
    let parcel = Parcel {
        weight: Decimal::from(3).into(),
        comparator: Comparator::V1_0.into(),
        note: Some(Extension::default().into()),
        ..Parcel::default()
    };
    assert!(matches!(parcel.note, Some(ParcelNote::Extension(_))));
    let person = Person {
        name: list![Name::default()],
        deceased: Some(true.into()),
        contained: list![parcel.clone().into()],
        ..Person::default()
    };
    let resource = Resource::from(person);
    assert_eq!(resource.meta(), None);
    let resource = Parcel::try_from(resource).unwrap_err();
    let person = Person::try_from(resource).unwrap();
    assert_eq!(
        Parcel::try_from(person.contained[0].clone()).unwrap(),
        parcel
    );
    assert_eq!(Resource::TYPE_NAMES, ["Parcel", "Person"]);
}

#[test]
fn schemas_follow_the_facts() {
    let names: Vec<_> = healthcode_toy::schema::ALL.iter().map(|s| s.name).collect();
    assert_eq!(names, ["Extension", "Meta", "Name", "Parcel", "Person"]);
    let person = healthcode_toy::schema::ALL[4];
    let keys: Vec<_> = person.invariants.iter().map(|i| i.key).collect();
    assert_eq!(keys, ["res-1", "per-1"]);
    let (_, friend) = person.field("friend").unwrap();
    let nested = friend.types[0].schema().unwrap().field("friend").unwrap().1;
    assert_eq!(nested.invariants[0].key, "fri-1");
    assert_eq!(nested.types[0].code, "Person.friend");
}
