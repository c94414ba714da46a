//! What value sets and code systems decide that come with profiles, and what stays unknown.

use healthcode_validate::ProfileSet;

/// A hierarchy by nesting and by properties, with what filters request.
const SYSTEM: &str = r#"{"resourceType":"CodeSystem","url":"http://s","version":"1","status":"active",
    "content":"complete","caseSensitive":true,
    "property":[{"code":"level","type":"string"},{"code":"unused","type":"code"},
        {"code":"above","uri":"http://hl7.org/fhir/concept-properties#parent","type":"code"}],
    "concept":[
        {"code":"root","concept":[{"code":"mid","property":[{"code":"level","valueString":"2"}],
            "concept":[{"code":"leaf","display":"Leaf","property":[{"code":"level","valueString":"3"}]}]}]},
        {"code":"by-property","property":[{"code":"above","valueCode":"mid"},{"code":"above","valueCode":"gone"}]},
        {"code":"old","property":[{"code":"status","valueCode":"retired"}]},
        {"code":"circle","property":[{"code":"above","valueCode":"circle"}]}]}"#;

/// A value set of one include.
fn set(url: &str, include: &str) -> String {
    format!(
        r#"{{"resourceType":"ValueSet","url":"http://v/{url}","status":"active","compose":{{{include}}}}}"#
    )
}

fn filtered(url: &str, property: &str, op: &str, value: &str) -> String {
    let filter = format!(r#"{{"property":"{property}","op":"{op}","value":"{value}"}}"#);
    set(
        url,
        &format!(r#""include":[{{"system":"http://s","filter":[{filter}]}}]"#),
    )
}

fn load(texts: &[String]) -> ProfileSet {
    let mut set = ProfileSet::new();
    for text in texts {
        let issues = set.read(text.as_bytes()).expect("JSON");
        assert!(issues.is_empty(), "{text}: {issues:?}");
    }
    set
}

#[test]
fn filters() {
    for (property, op, value, inside, outside) in [
        ("concept", "is-a", "mid", "mid leaf by-property", "root old"),
        (
            "concept",
            "descendent-of",
            "mid",
            "leaf by-property",
            "mid root",
        ),
        ("concept", "is-not-a", "mid", "root old", "mid leaf"),
        (
            "concept",
            "generalizes",
            "leaf",
            "leaf mid root",
            "old by-property",
        ),
        ("concept", "is-a", "nowhere", "", "root leaf"),
        ("concept", "is-a", "circle", "circle", "root"),
        ("concept", "in", "root, old", "root old", "mid"),
        ("concept", "not-in", "root,old", "mid leaf", "root old"),
        ("code", "regex", "l.*f", "leaf", "old"),
        ("code", "regex", "ol", "", "old"),
        ("display", "=", "Leaf", "leaf", "mid"),
        ("level", "=", "2", "mid", "leaf root"),
        ("level", "exists", "true", "mid leaf", "root"),
        ("level", "exists", "false", "root old", "mid"),
        ("unused", "exists", "false", "root mid", ""),
        ("parent", "=", "mid", "", ""),
        ("above", "=", "mid", "by-property leaf", "root"),
        ("inactive", "=", "true", "", ""),
        ("status", "=", "retired", "old", "root"),
    ] {
        let loaded = load(&[SYSTEM.to_owned(), filtered("f", property, op, value)]);
        for (codes, expect) in [(inside, true), (outside, false)] {
            for code in codes.split_whitespace() {
                let found = loaded.value_set_has("http://v/f", Some("http://s"), code);
                assert_eq!(found, Some(expect), "{property} {op} {value}: {code}");
            }
        }
        let of_none = loaded.value_set_has("http://v/f", Some("http://t"), "mid");
        assert_eq!(of_none, Some(false), "{property} {op} {value}");
    }
}

#[test]
fn what_is_unknown() {
    let fragment = SYSTEM.replace("complete", "fragment");
    for (property, op, value, code, expect) in [
        ("concept", "is-a", "mid", "leaf", Some(true)),
        ("concept", "is-a", "mid", "elsewhere", None),
        ("concept", "is-a", "mid", "old", None),
        ("level", "=", "3", "leaf", Some(true)),
        ("level", "=", "3", "elsewhere", None),
    ] {
        let loaded = load(&[fragment.clone(), filtered("f", property, op, value)]);
        let found = loaded.value_set_has("http://v/f", Some("http://s"), code);
        assert_eq!(found, expect, "{property} {op} {value}: {code}");
    }
    // A system that is not there, a property that nothing declares, an expression that is invalid.
    let loaded = load(&[filtered("f", "concept", "is-a", "mid")]);
    assert_eq!(
        loaded.value_set_has("http://v/f", Some("http://s"), "mid"),
        None
    );
    for (property, op, value) in [("other", "=", "x"), ("code", "regex", "(")] {
        let loaded = load(&[SYSTEM.to_owned(), filtered("f", property, op, value)]);
        assert_eq!(
            loaded.value_set_has("http://v/f", Some("http://s"), "mid"),
            None,
            "{property}"
        );
    }
    assert_eq!(loaded.value_set_has("http://v/nowhere", None, "mid"), None);
}

#[test]
fn composition() {
    let list = |codes: &str| {
        let codes: Vec<String> = codes
            .split(' ')
            .map(|code| format!(r#"{{"code":"{code}"}}"#))
            .collect();
        format!(r#"{{"system":"http://s","concept":[{}]}}"#, codes.join(","))
    };
    let loaded = load(&[
        SYSTEM.to_owned(),
        set("a", &format!(r#""include":[{}]"#, list("root mid"))),
        set("b", &format!(r#""include":[{}]"#, list("mid leaf"))),
        set(
            "united",
            r#""include":[{"valueSet":["http://v/a","http://v/b"]}]"#,
        ),
        set(
            "of-system",
            r#""include":[{"system":"http://s","valueSet":["http://v/a","http://v/b"]}]"#,
        ),
        set(
            "without",
            r#""include":[{"system":"http://s"}],"exclude":[{"valueSet":["http://v/a"]}]"#,
        ),
        set(
            "half-known",
            r#""include":[{"valueSet":["http://v/a"]},{"system":"http://unknown"}]"#,
        ),
        set(
            "itself",
            r#""include":[{"valueSet":["http://v/itself"]},{"valueSet":["http://v/a"]}]"#,
        ),
        set(
            "active",
            r#""inactive":false,"include":[{"system":"http://s"}]"#,
        ),
        set(
            "pinned",
            r#""include":[{"system":"http://s","version":"1"}]"#,
        ),
        set(
            "other-version",
            r#""include":[{"system":"http://s","version":"2"}]"#,
        ),
        set(
            "any-version",
            r#""include":[{"system":"http://s","version":"*"}]"#,
        ),
        set(
            "statuses",
            r#""include":[{"system":"http://hl7.org/fhir/observation-status"}],
            "exclude":[{"system":"http://hl7.org/fhir/observation-status",
                "filter":[{"property":"concept","op":"is-a","value":"amended"}]}]"#,
        ),
    ]);
    let statuses = "http://hl7.org/fhir/observation-status";
    for (url, system, code, expect) in [
        ("united", "http://s", "root", Some(true)),
        ("united", "http://s", "leaf", Some(true)),
        ("united", "http://s", "old", Some(false)),
        ("of-system", "http://s", "leaf", Some(true)),
        ("of-system", "http://s", "old", Some(false)),
        ("of-system", "http://t", "leaf", Some(false)),
        ("without", "http://s", "leaf", Some(true)),
        ("without", "http://s", "mid", Some(false)),
        ("half-known", "http://s", "mid", Some(true)),
        ("half-known", "http://s", "leaf", Some(false)),
        ("half-known", "http://unknown", "x", None),
        ("itself", "http://s", "mid", Some(true)),
        ("itself", "http://s", "leaf", Some(false)),
        ("active", "http://s", "mid", Some(true)),
        ("active", "http://s", "old", Some(false)),
        ("pinned", "http://s", "mid", Some(true)),
        ("pinned", "http://s", "x", Some(false)),
        ("other-version", "http://s", "mid", None),
        ("any-version", "http://s", "mid", Some(true)),
        ("statuses", statuses, "final", Some(true)),
        ("statuses", statuses, "amended", Some(false)),
        // R4 has it below amended.
        ("statuses", statuses, "corrected", Some(false)),
        ("statuses", statuses, "x", Some(false)),
    ] {
        let found = loaded.value_set_has(&format!("http://v/{url}"), Some(system), code);
        assert_eq!(found, expect, "{url}: {system} {code}");
    }
}

#[test]
fn expansions() {
    let expanded = |more: &str| {
        format!(
            r#"{{"resourceType":"ValueSet","url":"http://v/x","status":"active","expansion":{{
            "timestamp":"2026-01-01"{more},"contains":[{{"system":"http://s","abstract":true,"code":"group",
            "contains":[{{"system":"http://s","code":"a"}},{{"system":"http://s","code":"b"}}]}}]}}}}"#
        )
    };
    for (more, absent) in [
        ("", Some(false)),
        (r#","total":3"#, Some(false)),
        (r#","total":500"#, None),
        (r#","offset":10"#, None),
        (r#","parameter":[{"name":"count","valueInteger":3}]"#, None),
        (
            r#","parameter":[{"name":"activeOnly","valueBoolean":true}]"#,
            None,
        ),
        (
            r#","parameter":[{"name":"activeOnly","valueBoolean":false},{"name":"excludeNested","valueBoolean":true}]"#,
            Some(false),
        ),
        (
            r#","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/valueset-unclosed","valueBoolean":true}]"#,
            None,
        ),
    ] {
        let loaded = load(&[expanded(more)]);
        let has = |code| loaded.value_set_has("http://v/x", Some("http://s"), code);
        assert_eq!((has("a"), has("z")), (Some(true), absent), "{more}");
        assert_eq!(has("group").or(Some(false)), Some(false), "{more}");
    }
}

/// Case does not matter in an expansion whose system says so.
#[test]
fn expansions_without_case() {
    let system = |folds: bool| {
        format!(
            r#"{{"resourceType":"CodeSystem","url":"http://s","status":"active","content":"complete",
            "caseSensitive":{},"concept":[{{"code":"Ab"}}]}}"#,
            !folds
        )
    };
    let expansion = r#"{"resourceType":"ValueSet","url":"http://v/x","status":"active","expansion":{
        "timestamp":"2026-01-01","contains":[{"system":"http://s","code":"Ab"},{"system":"http://t","code":"Cd"}]}}"#;
    for folds in [true, false] {
        let loaded = load(&[system(folds), expansion.to_owned()]);
        let has = |system, code| loaded.value_set_has("http://v/x", Some(system), code);
        assert_eq!(has("http://s", "aB"), Some(folds));
        assert_eq!(has("http://s", "Ab"), Some(true));
        assert_eq!(
            has("http://t", "cd"),
            Some(false),
            "its system is not known"
        );
        assert_eq!(has("http://t", "aB"), Some(false));
    }
}

/// A code system may name the value set of all its codes, which need not be there.
#[test]
fn value_sets_of_whole_systems() {
    let system = |content: &str| {
        format!(
            r#"{{"resourceType":"CodeSystem","url":"http://s","status":"active","content":"{content}",
            "valueSet":"http://v/all|1","concept":[{{"code":"a"}}]}}"#
        )
    };
    let loaded = load(&[system("complete")]);
    let has = |set: &str, system, code| loaded.value_set_has(set, Some(system), code);
    assert_eq!(has("http://v/all", "http://s", "a"), Some(true));
    assert_eq!(has("http://v/all|1", "http://s", "b"), Some(false));
    assert_eq!(has("http://v/all", "http://t", "a"), Some(false));
    assert_eq!(has("http://v/none", "http://s", "a"), None);
    let import = set("import", r#""include":[{"valueSet":["http://v/all"]}]"#);
    let loaded = load(&[system("fragment"), import]);
    let has = |code| loaded.value_set_has("http://v/import", Some("http://s"), code);
    assert_eq!((has("a"), has("b")), (Some(true), None));
}
