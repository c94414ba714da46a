//! JSON Patch (RFC 6902), as the Personal Demographics Service accepts it.
//!
//! The `json-patch` crate applies the operations. Beforehand, this module bounds how large and how deep
//! they make the document, and refuses repeated names.

use json_patch::{PatchErrorKind, PatchOperation};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::fmt;
use std::slice;

/// What is wrong with a patch.
pub(crate) type PatchError = &'static str;

/// The most memory that a document may take, with all that a patch adds to it, in bytes. A patient
/// takes some ten kB.
const MAX_MEMORY: usize = 4 << 20;

/// The most operations of a patch, each of which may walk through the whole document.
const MAX_OPERATIONS: usize = 1_000;

/// The deepest nesting of a document.
const MAX_DEPTH: usize = 100;

const TOO_LARGE: PatchError = "the patched document would be too large";
const TOO_DEEP: PatchError = "the patched document would be nested too deep";
const NOT_UNIQUE: PatchError = "invalid operation: a name is repeated, or it is nested too deep";
const NOT_OPERATION: PatchError =
    "invalid operation: expected add, remove, replace, move, copy or test with its members";
const NO_SUCH_PATH: PatchError = "invalid path: there is no such place in the document";
const NO_SUCH_SOURCE: PatchError = "invalid from: there is no such place in the document";
const MOVED_INTO_ITSELF: PatchError = "move is not allowed here: the target is inside the value";
const TEST_FAILED: PatchError = "a test failed: the value is another one";

/// Operations, each as its text: they are parsed one by one, so that only one at a time is in memory.
pub(crate) struct Patch<'a>(Vec<&'a RawValue>);

/// Why a body has no patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    NotJson,
    Empty,
    TooMany,
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    patches: Option<&'a RawValue>,
}

impl<'a> Patch<'a> {
    /// The operations in `patches` of a body.
    ///
    /// # Errors
    /// If the body is not a JSON object, or has no operation or too many.
    pub(crate) fn read(body: &'a [u8]) -> Result<Self, BodyError> {
        // Serde reads a struct from an array, too.
        let is_object = body.trim_ascii_start().starts_with(b"{");
        let body = serde_json::from_slice::<Body<'a>>(body);
        let body = body.ok().filter(|_| is_object).ok_or(BodyError::NotJson)?;
        let operations = body.patches.map_or("[]", RawValue::get);
        let operations: Vec<_> = serde_json::from_str(operations).unwrap_or_default();
        match operations.len() {
            0 => Err(BodyError::Empty),
            count if count > MAX_OPERATIONS => Err(BodyError::TooMany),
            _ => Ok(Patch(operations)),
        }
    }

    /// Applies the operations one after the other. If one fails, the document must be discarded.
    pub(crate) fn apply(&self, document: &mut Value) -> Result<(), PatchError> {
        let size = Size::deserialize(&*document).map_err(|_| NOT_UNIQUE)?;
        let mut room = MAX_MEMORY.checked_sub(size.memory).ok_or(TOO_LARGE)?;
        for text in &self.0 {
            let size: Size = serde_json::from_str(text.get()).map_err(|_| NOT_UNIQUE)?;
            if size.memory > MAX_MEMORY {
                return Err(TOO_LARGE);
            }
            let operation: PatchOperation =
                serde_json::from_str(text.get()).map_err(|_| NOT_OPERATION)?;
            room = check(&operation, document, room)?;
            // Its test compares numbers by how they are written.
            if let PatchOperation::Test(test) = &operation {
                let found = document.pointer(test.path.as_str()).ok_or(NO_SUCH_PATH)?;
                if !equal(found, &test.value) {
                    return Err(TEST_FAILED);
                }
                continue;
            }
            let applied = json_patch::patch(document, slice::from_ref(&operation));
            applied.map_err(|error| match error.kind {
                PatchErrorKind::InvalidFromPointer => NO_SUCH_SOURCE,
                PatchErrorKind::CannotMoveInsideItself => MOVED_INTO_ITSELF,
                _ => NO_SUCH_PATH,
            })?;
        }
        Ok(())
    }
}

/// Checks the depth of what an operation puts into a document, and returns the room that it leaves.
fn check(operation: &PatchOperation, document: &Value, room: usize) -> Result<usize, PatchError> {
    let value = match operation {
        PatchOperation::Add(add) => Some(&add.value),
        PatchOperation::Replace(replace) => Some(&replace.value),
        PatchOperation::Copy(copy) => document.pointer(copy.from.as_str()),
        PatchOperation::Move(moved) => document.pointer(moved.from.as_str()),
        PatchOperation::Remove(_) | PatchOperation::Test(_) => None,
    };
    let Some(value) = value else {
        return Ok(room);
    };
    let size = Size::deserialize(value).map_err(|_| NOT_UNIQUE)?;
    if operation.path().count() + size.depth > MAX_DEPTH {
        return Err(TOO_DEEP);
    }
    match operation {
        PatchOperation::Move(_) => Ok(room),
        _ => room.checked_sub(size.memory).ok_or(TOO_LARGE),
    }
}

/// Whether two values are equal (RFC 6902, 4.6): numbers are compared by value.
fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            let is_float = left.is_f64() || right.is_f64();
            left == right || is_float && left.as_f64() == right.as_f64()
        }
        (Value::Array(left), Value::Array(right)) => {
            let mut pairs = left.iter().zip(right);
            left.len() == right.len() && pairs.all(|(left, right)| equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let mut members = left.iter();
            let has = |(name, left)| right.get(name).is_some_and(|right| equal(left, right));
            left.len() == right.len() && members.all(has)
        }
        _ => left == right,
    }
}

/// The memory of a map's node with room for eleven members, without what they point to.
const NODE: usize = 11 * (size_of::<String>() + size_of::<Value>()) + 24;

/// The least members of a node, unless there are no more.
const NODE_MEMBERS: usize = 5;

/// The size of a value, without building it. Reading one fails where a name is repeated, which would say
/// two things at once (RFC 6902, A.13).
#[derive(Clone, Copy, Debug)]
struct Size {
    /// Its memory in bytes, never less than it takes but for spare room of arrays.
    memory: usize,
    /// How deep it is nested.
    depth: usize,
}

impl Size {
    fn leaf<E>(more: usize) -> Result<Self, E> {
        let memory = size_of::<Value>() + more;
        Ok(Size { memory, depth: 0 })
    }

    fn add(&mut self, inner: Size) {
        self.memory += inner.memory;
        self.depth = self.depth.max(inner.depth + 1);
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(SizeVisitor)
    }
}

struct SizeVisitor;

impl<'de> Visitor<'de> for SizeVisitor {
    type Value = Size;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Size, E> {
        Size::leaf(0)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Size, E> {
        Size::leaf(0)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Size, E> {
        Size::leaf(0)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Size, E> {
        Size::leaf(0)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Size, E> {
        Size::leaf(0)
    }

    fn visit_str<E>(self, text: &str) -> Result<Size, E> {
        Size::leaf(text.len())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Size, A::Error> {
        let mut size = Size::leaf::<A::Error>(0)?;
        size.depth = 1;
        while let Some(item) = items.next_element()? {
            size.add(item);
        }
        Ok(size)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Size, A::Error> {
        let mut size = Size::leaf::<A::Error>(0)?;
        size.depth = 1;
        let mut names = HashSet::new();
        while let Some((name, member)) = members.next_entry::<String, Size>()? {
            size.add(member);
            size.memory += name.len();
            if !names.insert(name) {
                return Err(A::Error::custom("a name is repeated"));
            }
        }
        size.memory += NODE * names.len().div_ceil(NODE_MEMBERS);
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
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
}
