//! Tests of generation as a whole, on the committed facts and on broken ones.

use super::*;
use crate::spec::facts::{ElementFact, Max, TypeFact};

/// The facts of a committed release.
fn committed(name: &str) -> (&'static Version, Facts) {
    let version = VERSIONS.iter().find(|v| v.name == name).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    (version, Facts::load(&root.join(version.facts)).unwrap())
}

fn error(facts: Facts) -> String {
    let (toy, _) = committed("toy");
    format!("{:#}", planned(toy, facts).unwrap_err())
}

fn element(path: &str, types: &[&str]) -> ElementFact {
    ElementFact {
        path: path.into(),
        max: Max::Count(1),
        types: types.iter().map(|t| t.parse().unwrap()).collect(),
        ..ElementFact::default()
    }
}

#[test]
fn the_committed_code_is_fresh() {
    run(None, true).unwrap();
}

#[test]
fn an_unknown_release_is_refused() {
    assert!(run(Some("r9"), true).is_err());
}

#[test]
fn generation_is_deterministic() {
    let text = || {
        let (version, facts) = committed("toy");
        let dir = tempfile::tempdir().unwrap();
        let output = render(version, &planned(version, facts).unwrap());
        output.write(dir.path(), false).unwrap();
        let (version, facts) = committed("toy");
        let again = render(version, &planned(version, facts).unwrap());
        again.write(dir.path(), true).unwrap()
    };
    assert!(text().is_empty());
}

#[test]
fn r4_holds_what_the_release_holds() {
    let (r4, facts) = committed("r4");
    let plan = planned(r4, facts).unwrap();
    let of_kind = |kind| plan.definitions.iter().filter(|d| d.kind == kind).count();
    assert_eq!(of_kind(TypeKind::Resource), 146);
    assert_eq!(of_kind(TypeKind::Complex), 35);
    assert_eq!(of_kind(TypeKind::Profile), 6);
    assert_eq!(plan.open.as_ref().unwrap().variants.len(), 50);
    let names: Vec<_> = plan
        .enums
        .by_name()
        .iter()
        .map(|fact| fact.name.clone())
        .collect();
    // Of bindings of several names, the value set's is used; a single one has precedence.
    assert!(names.contains(&"RequestStatus".to_owned()));
    assert!(!names.contains(&"CarePlanStatus".to_owned()));
}

#[test]
fn broken_facts_are_refused() {
    let (_, mut facts) = committed("toy");
    facts.elements.push(element("Person.extras", &["string"]));
    assert!(error(facts).contains("would both be named `extras`"));

    let (_, mut facts) = committed("toy");
    facts.elements.push(element("Person.pet", &["Dog"]));
    assert!(error(facts).contains("in `Person.pet`: unknown type `Dog`"));

    let (_, mut facts) = committed("toy");
    facts
        .elements
        .push(element("Person.pet", &["string", "code"]));
    assert!(error(facts).contains("has 2 types but is no choice"));

    let (_, mut facts) = committed("toy");
    facts
        .elements
        .push(element("Person.pet", &["BackboneElement"]));
    assert!(error(facts).contains("has no elements"));

    let (_, mut facts) = committed("toy");
    facts.elements.push(ElementFact {
        content_reference: Some("Person.dog".into()),
        ..element("Person.pet", &[])
    });
    assert!(error(facts).contains("unknown element `Person.dog`"));

    let (_, mut facts) = committed("toy");
    facts.types.push(TypeFact {
        name: "PersonFriend".into(),
        page: "friend.html".into(),
        ..TypeFact::default()
    });
    facts.elements.push(element("PersonFriend", &[]));
    assert!(error(facts).contains("would both be named `PersonFriend`"));
}

#[test]
fn lists_of_many_types_that_differ_have_enums_of_their_own() {
    let (r4b, facts) = committed("r4b");
    let plan = planned(r4b, facts).unwrap();
    assert_eq!(plan.open.as_ref().unwrap().variants.len(), 51);
    let choices = plan.definitions.iter().flat_map(plan::Definition::choices);
    let many = choices.filter(|choice| choice.variants.len() > plan::MANY_TYPES);
    let many: Vec<_> = many
        .map(|choice| (choice.name.as_str(), choice.variants.len()))
        .collect();
    let expected = [
        ("ParametersParameterValue", 50),
        ("StructureMapGroupRuleSourceDefaultValue", 50),
        ("TaskInputValue", 50),
        ("TaskOutputValue", 50),
    ];
    assert_eq!(many, expected);
}

/// R5's binding names are not unique, and one is `??`.
#[test]
fn sets_whose_bindings_share_a_name_have_their_own() {
    let (r5, facts) = committed("r5");
    let plan = planned(r5, facts).unwrap();
    let name = |url: &str| {
        let url = format!("http://hl7.org/fhir/ValueSet/{url}");
        let all = plan.enums.by_name();
        let found = all.into_iter().find(|set| set.url == url);
        found.unwrap().name.clone()
    };
    assert_eq!(name("publication-status"), "PublicationStatus");
    assert_eq!(name("specimen-combined"), "SpecimenCombined");
    assert_eq!(name("conformance-expectation"), "ConformanceExpectation");
}
