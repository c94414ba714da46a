//! Every schema is sound in itself and against the others.

use healthcode_core::{Schema, SchemaKind};
use healthcode_r4::schema::{ALL, PROFILES, find};
use healthcode_r4::{Resource, codes};
use std::collections::BTreeSet;

/// Every schema that can be reached, each once.
fn reachable() -> Vec<&'static Schema> {
    let mut open: Vec<&Schema> = ALL.iter().chain(PROFILES).copied().collect();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    while let Some(schema) = open.pop() {
        if seen.insert(std::ptr::from_ref(schema)) {
            found.push(schema);
            let types = schema.fields.iter().flat_map(|field| field.types);
            open.extend(types.filter_map(healthcode_core::Type::schema));
        }
    }
    found
}

#[test]
fn schemas_are_found_by_name() {
    for schemas in [ALL, PROFILES] {
        assert!(schemas.is_sorted_by_key(|schema| schema.name));
        for schema in schemas {
            let found = find(schema.name).unwrap();
            assert!(std::ptr::eq(*schema, found), "{}", schema.name);
        }
    }
    assert!(find("Unheard").is_none());
    let resources = ALL
        .iter()
        .filter(|schema| schema.kind == SchemaKind::Resource);
    let names: Vec<_> = resources.map(|schema| schema.name).collect();
    assert_eq!(names, Resource::TYPE_NAMES);
    assert_eq!(names.len(), 146);
}

#[test]
fn fields_are_sound() {
    let all = reachable();
    assert_eq!(all.len(), 660);
    for schema in all {
        let mut members = BTreeSet::new();
        for field in schema.fields {
            let what = format!("{}: {}", schema.name, field.key);
            let name = field
                .key
                .strip_prefix('"')
                .and_then(|key| key.strip_suffix("\":"));
            assert!(
                name.is_some_and(|name| name.bytes().all(|b| b.is_ascii_alphanumeric())),
                "{what}"
            );
            assert!(field.min <= field.max || field.max == 0, "{what}");
            assert_eq!(field.choice, field.types.len() > 1, "{what}");
            for one in field.types {
                let complex = one.schema().is_some();
                let resource = one.code == "Resource";
                assert_eq!(
                    one.primitive.is_none() && !resource,
                    complex,
                    "{what} {}",
                    one.code
                );
                assert!(
                    one.schema().is_none_or(|schema| schema.name == one.code),
                    "{what}"
                );
                assert!(
                    one.primitive.is_none_or(|kind| kind.name() == one.code),
                    "{what}"
                );
                for target in one.targets {
                    assert!(
                        target.contains(':') || find(target).is_some(),
                        "{what} {target}"
                    );
                }
                let suffix = if field.choice { one.suffix } else { "" };
                assert!(
                    members.insert(format!("{}{suffix}", field.name())),
                    "{what} {suffix}"
                );
            }
        }
    }
}

#[test]
fn members_are_told_apart() {
    let observation = find("Observation").unwrap();
    let (field, one) = observation.member("valueQuantity").unwrap();
    assert_eq!((field.name(), one.code), ("value", "Quantity"));
    let (_, dose) = find("Dosage").unwrap().field("doseAndRate").unwrap();
    let (field, one) = dose.types[0]
        .schema()
        .unwrap()
        .member("doseQuantity")
        .unwrap();
    assert_eq!(
        (field.name(), one.code, one.suffix),
        ("dose", "SimpleQuantity", "Quantity")
    );
    let (_, age) = find("Condition").unwrap().member("onsetAge").unwrap();
    let keys: Vec<_> = age
        .schema()
        .unwrap()
        .invariants
        .iter()
        .map(|i| i.key)
        .collect();
    assert_eq!(keys, ["qty-3", "age-1"]);
}

#[test]
fn invariants_are_inherited() {
    let patient = find("Patient").unwrap();
    let keys: Vec<_> = patient.invariants.iter().map(|i| i.key).collect();
    assert_eq!(keys, ["dom-2", "dom-3", "dom-4", "dom-5", "dom-6"]);
    let (_, contact) = patient.field("contact").unwrap();
    assert_eq!(contact.invariants[0].key, "pat-1");
    let parameter = find("Parameters").unwrap().field("parameter").unwrap().1;
    let part = parameter.types[0]
        .schema()
        .unwrap()
        .field("part")
        .unwrap()
        .1;
    assert_eq!(part.invariants[0].key, "inv-1");
}

#[test]
fn bindings_match_the_enumerations() {
    use healthcode_r4::CodeEnum;
    let (_, gender) = find("Patient").unwrap().field("gender").unwrap();
    assert_eq!(
        gender.binding.unwrap().value_set,
        codes::AdministrativeGender::VALUE_SET
    );
    for code in codes::AdministrativeGender::CODES {
        assert!(codes::AdministrativeGender::from(*code).is_known());
    }
}
