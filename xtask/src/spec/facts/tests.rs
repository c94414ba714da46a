//! Tests of writing and reading whole folders of facts.

use std::fs;

use super::*;

/// Facts with every kind of record and every kind of cell.
fn sample() -> Facts {
    Facts {
        source: vec![SourceFact {
            key: "package".into(),
            value: "example 1.0".into(),
        }],
        types: vec![
            TypeFact {
                name: "code".into(),
                kind: TypeKind::Primitive,
                base: Some("string".into()),
                page: "datatypes.html#code".into(),
                regex: Some(r"[^\s]+(\s[^\s]+)*".into()),
                ..TypeFact::default()
            },
            TypeFact {
                name: "Element".into(),
                is_abstract: true,
                page: "element.html".into(),
                ..TypeFact::default()
            },
        ],
        elements: vec![
            ElementFact {
                path: "Thing".into(),
                ..ElementFact::default()
            },
            ElementFact {
                path: "Thing.value[x]".into(),
                min: 1,
                max: Max::Count(1),
                types: vec![
                    "string".parse().unwrap(),
                    "Reference(Thing)".parse().unwrap(),
                ],
                strength: Some(Strength::Preferred),
                value_set: Some("http://x/vs".into()),
                binding_name: Some("Things".into()),
                max_value_set: Some("http://x/all".into()),
                flags: "?S".parse().unwrap(),
                invariants: vec!["thg-1".into(), "thg-2".into()],
                limits: "length<=9".parse().unwrap(),
                ..ElementFact::default()
            },
            ElementFact {
                path: "Thing.part".into(),
                content_reference: Some("Thing".into()),
                ..ElementFact::default()
            },
        ],
        invariants: vec![InvariantFact {
            key: "thg-1".into(),
            severity: Severity::Warning,
            best_practice: true,
            paths: vec!["Thing.value[x]".into()],
            expression: r"matches('^\\d+$') | 'a, b; c'".into(),
        }],
        value_sets: vec![
            ValueSetFact {
                url: "http://x/vs".into(),
                name: Some("Vs".into()),
                strengths: vec![Strength::Required, Strength::Example],
                complete: true,
                incomplete: None,
                count: 1,
                systems: vec!["http://x/cs".into()],
            },
            ValueSetFact {
                url: "http://x/all".into(),
                strengths: vec![Strength::Max],
                incomplete: Some(Incomplete::TooCostly),
                ..ValueSetFact::default()
            },
        ],
        codes: vec![CodeFact {
            value_set: "http://x/vs".into(),
            system: "http://x/cs".into(),
            code: "<=".into(),
        }],
        systems: vec![SystemFact {
            url: "http://x/cs".into(),
            case_sensitive: true,
            codes: vec!["<=".into(), "a b".into()],
            names: vec!["811c9dc5".into()],
        }],
        search_parameters: vec![SearchParameterFact {
            base: "Thing".into(),
            code: "value".into(),
            id: "Thing-value".into(),
            kind: "composite".into(),
            expression: Some("Thing.value | Thing.part".into()),
            targets: vec!["*".into(), "-Thing".into()],
            comparators: vec!["eq".into()],
            multiple_or: Some(false),
            components: vec!["Thing-a=x | y".parse().unwrap()],
            ..SearchParameterFact::default()
        }],
        extensions: vec![ExtensionFact {
            url: "http://x/ext".into(),
            name: "ext".into(),
            max: Max::Count(1),
            contexts: vec!["Thing".into(), "extension:http://x/e".into()],
            context_invariant: Some("type = 'x'".into()),
            parts: vec![
                "a|0|1|code;string".parse().unwrap(),
                "b|1|*|".parse().unwrap(),
            ],
            ..ExtensionFact::default()
        }],
        profiles: vec![ProfileFact {
            url: "http://x/short".into(),
            version: "1".into(),
            kind: "Thing".into(),
            base: "http://x/Thing".into(),
        }],
        profile_elements: vec![ProfileElementFact {
            profile: "http://x/short".into(),
            id: "Thing.part:a".into(),
            stated: serde_json::from_str(r#"{"fixedString":"a\tb\n","min":1}"#).unwrap(),
        }],
    }
}

#[test]
fn facts_round_trip() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("new");
    let facts = sample();
    let written = facts.write(&dir, false).unwrap();
    assert_eq!(written.len(), 11);
    assert_eq!(Facts::load(&dir).unwrap(), facts);
    assert!(facts.write(&dir, false).unwrap().is_empty());
}

#[test]
fn check_names_what_differs_and_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let mut facts = sample();
    assert_eq!(facts.write(dir, true).unwrap().len(), 11);
    assert!(fs::read_dir(dir).unwrap().next().is_none());

    facts.write(dir, false).unwrap();
    assert!(facts.write(dir, true).unwrap().is_empty());
    facts.codes.clear();
    assert_eq!(facts.write(dir, true).unwrap(), ["codes.tsv"]);
    assert_eq!(Facts::load(dir).unwrap().codes.len(), 1);

    fs::write(dir.join("stray.tsv"), "").unwrap();
    assert_eq!(facts.write(dir, true).unwrap(), ["codes.tsv", "stray.tsv"]);
    assert!(facts.write(dir, false).is_err());
}
