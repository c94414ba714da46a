//! Tests of `structures.rs`.

use super::*;

#[test]
fn pages() {
    for (name, kind, expected) in [
        ("Patient", TypeKind::Resource, "patient.html"),
        ("Resource", TypeKind::Resource, "resource.html"),
        ("HumanName", TypeKind::Complex, "datatypes.html#HumanName"),
        ("Age", TypeKind::Profile, "datatypes.html#Age"),
        ("code", TypeKind::Primitive, "datatypes.html#code"),
        ("xhtml", TypeKind::Primitive, "narrative.html#xhtml"),
        ("Dosage", TypeKind::Complex, "dosage.html"),
        ("Meta", TypeKind::Complex, "resource.html#Meta"),
    ] {
        assert_eq!(page(name, kind), expected);
    }
}

#[test]
fn only_types_are_shortened() {
    let names = Names(["Patient".to_owned()].into());
    let types = [TypeReference {
        code: "Reference".into(),
        target_profile: vec![
            "http://hl7.org/fhir/StructureDefinition/Patient|4.0.1".into(),
            "http://hl7.org/fhir/StructureDefinition/vitalsigns".into(),
        ],
        ..TypeReference::default()
    }];
    assert_eq!(
        names.type_refs(&types)[0].to_string(),
        "Reference(Patient,http://hl7.org/fhir/StructureDefinition/vitalsigns)"
    );
}

#[test]
fn one_key_may_stand_for_several_invariants() {
    let mut invariants = Invariants::default();
    for (key, expression, path) in [
        ("x-10", "a", "A"),
        ("x-2", "b", "B"),
        ("x-2", "b", "C"),
        ("x-2", "a", "D"),
    ] {
        let constraint = Constraint {
            key: key.into(),
            severity: "error".into(),
            expression: expression.into(),
            ..Constraint::default()
        };
        invariants.add(&constraint, path);
    }
    let facts = invariants.facts().unwrap();
    let lines: Vec<_> = facts
        .iter()
        .map(|fact| format!("{} {} {}", fact.key, fact.expression, fact.paths.join(",")))
        .collect();
    assert_eq!(lines, ["x-2 b B,C", "x-2 a D", "x-10 a A"]);
}
