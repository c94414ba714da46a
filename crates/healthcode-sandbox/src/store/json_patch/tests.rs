//! Tests of JSON Patch: operations, the appendix of RFC 6902, and bounds.

use super::*;
use serde_json::json;

/// Applies operations, sent as PDS takes them.
fn apply(json: &mut Value, operations: &[Value]) -> Result<(), PatchError> {
    let body = json!({"patches": operations}).to_string();
    match Patch::read(body.as_bytes()) {
        Ok(patch) => patch.apply(json),
        Err(BodyError::Empty) => Ok(()),
        Err(_) => Err("no operations"),
    }
}

#[test]
fn operations() {
    let start = json!({"a": [1, 2], "b": {"c/d": 1, "m~n": 2}, "e": null});
    for (operations, expect) in [
        (
            json!([{"op": "add", "path": "/f", "value": 3}]),
            json!({"f": 3}),
        ),
        (
            json!([{"op": "add", "path": "/a/0", "value": 0}]),
            json!({"a": [0, 1, 2]}),
        ),
        (
            json!([{"op": "add", "path": "/a/2", "value": 3}]),
            json!({"a": [1, 2, 3]}),
        ),
        (
            json!([{"op": "add", "path": "/a/-", "value": 3}]),
            json!({"a": [1, 2, 3]}),
        ),
        (
            json!([{"op": "add", "path": "/a", "value": 3}]),
            json!({"a": 3}),
        ),
        (
            json!([{"op": "replace", "path": "/a/1", "value": 5}]),
            json!({"a": [1, 5]}),
        ),
        (
            json!([{"op": "replace", "path": "/e", "value": 5}]),
            json!({"e": 5}),
        ),
        (json!([{"op": "remove", "path": "/a/0"}]), json!({"a": [2]})),
        (
            json!([{"op": "remove", "path": "/b/c~1d"}]),
            json!({"b": {"m~n": 2}}),
        ),
        (
            json!([{"op": "remove", "path": "/b/m~0n"}]),
            json!({"b": {"c/d": 1}}),
        ),
        (
            json!([{"op": "test", "path": "/a/0", "value": 1}, {"op": "remove", "path": "/a/0"}]),
            json!({"a": [2]}),
        ),
        (
            json!([{"op": "test", "path": "/e", "value": null}]),
            json!({}),
        ),
        (json!([]), json!({})),
    ] {
        let mut wanted = start.clone();
        for (name, value) in expect.as_object().unwrap() {
            wanted[name] = value.clone();
        }
        let mut found = start.clone();
        apply(&mut found, operations.as_array().unwrap()).unwrap();
        assert_eq!(found, wanted, "{operations}");
    }
    for operation in [
        json!({}),
        json!({"op": "add", "path": "/a/3", "value": 1}),
        json!({"op": "add", "path": "/a/01", "value": 1}),
        json!({"op": "add", "path": "/a/x", "value": 1}),
        json!({"op": "add", "path": "/x/y", "value": 1}),
        json!({"op": "add", "path": "/f"}),
        json!({"op": "add", "path": "f", "value": 1}),
        json!({"op": "add", "path": "/f~2", "value": 1}),
        json!({"op": "add", "path": "/f~", "value": 1}),
        json!({"op": "remove", "path": ""}),
        json!({"op": "replace", "path": "/f", "value": 1}),
        json!({"op": "replace", "path": "/a/-", "value": 1}),
        json!({"op": "replace", "path": "/a/0/b", "value": 1}),
        json!({"op": "remove", "path": "/a/2"}),
        json!({"op": "remove", "path": "/a/-"}),
        json!({"op": "remove", "path": "/f"}),
        json!({"op": "test", "path": "/a/0", "value": 2}),
        json!({"op": "test", "path": "/f", "value": null}),
        json!({"op": "test", "path": "/~", "value": null}),
        json!({"op": "move", "path": "/f"}),
        json!({"op": "move", "from": "/f", "path": "/g"}),
        json!({"op": "move", "from": "/f", "path": "/f"}),
        json!({"op": "move", "from": "/a", "path": "/a/0"}),
        json!({"op": "move", "from": "", "path": "/f"}),
        json!({"op": "copy", "from": "/f", "path": "/g"}),
        json!({"op": "copy", "from": "/a", "path": "/g/h"}),
        json!({"op": "swap", "from": "/a", "path": "/g"}),
        json!("add"),
    ] {
        let mut found = start.clone();
        let done = apply(&mut found, slice::from_ref(&operation));
        assert!(done.is_err(), "{operation}");
    }
}

/// The results of the cases of appendix A of RFC 6902; `None` is an error.
#[test]
fn appendix() {
    let check = |case: &str, start: Value, patch: &str, expect: Option<Value>| {
        let mut found = start;
        let body = format!(r#"{{"patches": {patch}}}"#);
        let done = Patch::read(body.as_bytes());
        let done = done
            .map_err(|_| "no JSON")
            .and_then(|patch| patch.apply(&mut found));
        assert_eq!(done.is_ok(), expect.is_some(), "{case}: {done:?}");
        expect.inspect(|expect| assert_eq!(found, *expect, "{case}"));
    };
    let foo = || json!({"foo": "bar"});
    check(
        "A.1",
        foo(),
        r#"[{"op": "add", "path": "/baz", "value": "qux"}]"#,
        Some(json!({"baz": "qux", "foo": "bar"})),
    );
    check(
        "A.2",
        json!({"foo": ["bar", "baz"]}),
        r#"[{"op": "add", "path": "/foo/1", "value": "qux"}]"#,
        Some(json!({"foo": ["bar", "qux", "baz"]})),
    );
    check(
        "A.3",
        json!({"baz": "qux", "foo": "bar"}),
        r#"[{"op": "remove", "path": "/baz"}]"#,
        Some(foo()),
    );
    check(
        "A.4",
        json!({"foo": ["bar", "qux", "baz"]}),
        r#"[{"op": "remove", "path": "/foo/1"}]"#,
        Some(json!({"foo": ["bar", "baz"]})),
    );
    check(
        "A.5",
        json!({"baz": "qux", "foo": "bar"}),
        r#"[{"op": "replace", "path": "/baz", "value": "boo"}]"#,
        Some(json!({"baz": "boo", "foo": "bar"})),
    );
    check(
        "A.6",
        json!({"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}}),
        r#"[{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}]"#,
        Some(json!({"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}})),
    );
    check(
        "A.7",
        json!({"foo": ["all", "grass", "cows", "eat"]}),
        r#"[{"op": "move", "from": "/foo/1", "path": "/foo/3"}]"#,
        Some(json!({"foo": ["all", "cows", "eat", "grass"]})),
    );
    let tested = || json!({"baz": "qux", "foo": ["a", 2, "c"]});
    check(
        "A.8",
        tested(),
        r#"[{"op": "test", "path": "/baz", "value": "qux"},
            {"op": "test", "path": "/foo/1", "value": 2}]"#,
        Some(tested()),
    );
    check(
        "A.9",
        json!({"baz": "qux"}),
        r#"[{"op": "test", "path": "/baz", "value": "bar"}]"#,
        None,
    );
    check(
        "A.10",
        foo(),
        r#"[{"op": "add", "path": "/child", "value": {"grandchild": {}}}]"#,
        Some(json!({"foo": "bar", "child": {"grandchild": {}}})),
    );
    check(
        "A.11",
        foo(),
        r#"[{"op": "add", "path": "/baz", "value": "qux", "xyz": 123}]"#,
        Some(json!({"foo": "bar", "baz": "qux"})),
    );
    check(
        "A.12",
        foo(),
        r#"[{"op": "add", "path": "/baz/bat", "value": "qux"}]"#,
        None,
    );
    check(
        "A.13",
        foo(),
        r#"[{"op": "add", "path": "/baz", "value": "qux", "op": "remove"}]"#,
        None,
    );
    let tildes = || json!({"/": 9, "~1": 10});
    check(
        "A.14",
        tildes(),
        r#"[{"op": "test", "path": "/~01", "value": 10}]"#,
        Some(tildes()),
    );
    check(
        "A.15",
        tildes(),
        r#"[{"op": "test", "path": "/~01", "value": "10"}]"#,
        None,
    );
    check(
        "A.16",
        json!({"foo": ["bar"]}),
        r#"[{"op": "add", "path": "/foo/-", "value": ["abc", "def"]}]"#,
        Some(json!({"foo": ["bar", ["abc", "def"]]})),
    );
    // What the sections on operations say besides.
    check(
        "4.1",
        foo(),
        r#"[{"op": "add", "path": "", "value": [1]}]"#,
        Some(json!([1])),
    );
    check(
        "4.4",
        foo(),
        r#"[{"op": "move", "from": "/foo", "path": ""}]"#,
        Some(json!("bar")),
    );
    check(
        "4.4",
        foo(),
        r#"[{"op": "move", "from": "/foo", "path": "/foo"}]"#,
        Some(foo()),
    );
    check(
        "4.5",
        json!({"a": {"b": [1]}}),
        r#"[{"op": "copy", "from": "/a/b", "path": "/a/c"},
            {"op": "add", "path": "/a/c/0", "value": 0}]"#,
        Some(json!({"a": {"b": [1], "c": [0, 1]}})),
    );
    check(
        "4.5",
        foo(),
        r#"[{"op": "copy", "from": "", "path": "/all"}]"#,
        Some(json!({"foo": "bar", "all": {"foo": "bar"}})),
    );
    for (value, expect) in [
        ("[1.0, {\"a\": 2e0}]", true),
        ("[1, {\"a\": 2}]", true),
        ("[1.5, {\"a\": 2}]", false),
        ("[1, {\"a\": 2, \"b\": 0}]", false),
        ("[1, {\"b\": 2}]", false),
    ] {
        let patch = format!(r#"[{{"op": "test", "path": "", "value": {value}}}]"#);
        let start = json!([1, {"a": 2}]);
        check("4.6", start.clone(), &patch, expect.then_some(start));
    }
}

#[test]
fn bodies() {
    let check = |body: &str, expect: Result<usize, BodyError>| {
        let found = Patch::read(body.as_bytes()).map(|patch| patch.0.len());
        assert_eq!(found, expect, "{body}");
    };
    check(r#"{"patches": [1, {"op": "add"}], "more": {}}"#, Ok(2));
    check("{}", Err(BodyError::Empty));
    check(r#"{"patches": []}"#, Err(BodyError::Empty));
    check(r#"{"patches": {"op": "add"}}"#, Err(BodyError::Empty));
    check(
        r#"{"patches": [1], "patches": [2]}"#,
        Err(BodyError::NotJson),
    );
    for none in [
        "",
        "[]",
        "5",
        "{",
        r#"{"patches": [}"#,
        r#"{"patches": [1]} x"#,
    ] {
        check(none, Err(BodyError::NotJson));
    }
    let many = |count: usize| format!(r#"{{"patches": [{}]}}"#, vec!["1"; count].join(","));
    check(&many(MAX_OPERATIONS), Ok(MAX_OPERATIONS));
    check(&many(MAX_OPERATIONS + 1), Err(BodyError::TooMany));
}

/// The document and all that is added or copied count, in bytes.
#[test]
fn memory_is_bounded() {
    let check = |value: Value, times: usize, expect: Result<(), PatchError>| {
        let mut json = json!({"a": value, "b": []});
        let copy = json!({"op": "copy", "from": "/a", "path": "/b/-"});
        assert_eq!(apply(&mut json, &vec![copy; times]), expect);
        assert!(Size::deserialize(&json).unwrap().memory <= MAX_MEMORY);
    };
    let text = |bytes: usize| json!("x".repeat(bytes));
    check(text(100), 1_000, Ok(()));
    check(text(100_000), 30, Ok(()));
    check(text(100_000), 50, Err(TOO_LARGE));
    check(text(2_500_000), 1, Err(TOO_LARGE));
    check(json!(vec![0; 1_000]), 100, Ok(()));
    check(json!(vec![0; 1_000]), 200, Err(TOO_LARGE));
    check(json!(vec![json!({"a": 0}); 100]), 200, Err(TOO_LARGE));
    // Doubled again and again.
    let mut json = json!({"a": [1, 2, 3]});
    let copy = json!({"op": "copy", "from": "", "path": "/a/-"});
    assert!(apply(&mut json, &vec![copy.clone(); 5]).is_ok());
    assert_eq!(apply(&mut json, &vec![copy; 60]), Err(TOO_LARGE));
    // Replacements count, too.
    let long = "x".repeat(1_000_000);
    let replace = json!({"op": "replace", "path": "/a", "value": long});
    assert_eq!(
        apply(&mut json!({"a": 1}), &vec![replace; 5]),
        Err(TOO_LARGE)
    );
}

#[test]
fn depth_is_bounded() {
    let mut json = json!({});
    let inner = (0..60).fold(json!(1), |inner, _| json!([inner]));
    let add = json!({"op": "add", "path": "/a", "value": inner});
    assert!(apply(&mut json, &[add]).is_ok());
    let path = format!("/a{}", "/0".repeat(50));
    let copy = json!({"op": "copy", "from": "/a", "path": path});
    let done = apply(&mut json, &[copy]);
    assert_eq!(done, Err(TOO_DEEP));
}

#[test]
fn sizes() {
    let size = |text: &str| serde_json::from_str::<Size>(text);
    let depth = |text: &str| size(text).unwrap().depth;
    let all = r#"{"a": [1, -2, 0.5, null, true, "x"]}"#;
    assert_eq!((depth(all), depth("1"), depth("[[[]]]")), (2, 0, 3));
    for text in [
        r#"{"a": 1, "a": 1}"#,
        r#"[{"b": {"a": 1, "\u0061": 2}}]"#,
        "",
        "{",
    ] {
        assert!(size(text).is_err(), "{text}");
    }
    // A few bytes of text may take hundreds in memory.
    let many = |text: &str, count: usize| format!("[{}]", vec![text; count].join(","));
    for (text, fit, large) in [
        ("0", 100_000, 200_000),
        (r#"{"":0}"#, 5_000, 10_000),
        ("[[[]]]", 30_000, 60_000),
        (
            r#""0123456789012345678901234567890123456789""#,
            50_000,
            100_000,
        ),
    ] {
        assert!(
            size(&many(text, fit)).unwrap().memory < MAX_MEMORY,
            "{text}"
        );
        assert!(
            size(&many(text, large)).unwrap().memory > MAX_MEMORY,
            "{text}"
        );
        let add = format!(
            r#"{{"op": "add", "path": "/a", "value": {}}}"#,
            many(text, large)
        );
        let body = format!(r#"{{"patches": [{add}]}}"#);
        let done = Patch::read(body.as_bytes()).unwrap().apply(&mut json!({}));
        assert_eq!(done, Err(TOO_LARGE), "{text}");
    }
    let members = |count: usize| {
        let members: Vec<_> = (0..count).map(|name| format!(r#""{name}":0"#)).collect();
        format!("{{{}}}", members.join(","))
    };
    assert!(size(&members(20_000)).unwrap().memory < MAX_MEMORY);
    assert!(size(&members(40_000)).unwrap().memory > MAX_MEMORY);
}
