//! JSON Patch (RFC 6902), as the Personal Demographics Service takes it.

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};
use std::cell::Cell;
use std::fmt;

/// What is wrong with a patch.
pub(crate) type Unfit = &'static str;

const NOWHERE: Unfit = "an operation's path leads nowhere";

/// The most memory that a document may take, with all that a patch puts into it, in bytes. A patient
/// takes some ten kB.
pub(crate) const ROOM: usize = 4 << 20;

/// The most operations of a patch: each may walk through all of the document.
const OPERATIONS: usize = 1_000;

/// How deep a document may be nested.
const DEEP: usize = 100;

/// Operations, each as its text: they are read one by one, so that what they hold is there once.
pub(crate) struct Patch<'a>(Vec<&'a RawValue>);

impl<'a> Patch<'a> {
    /// The operations in `patches` of a body.
    ///
    /// # Errors
    /// If the body is not JSON, or holds no operation or too many.
    pub(crate) fn read(body: &'a [u8]) -> Result<Self, Unread> {
        let Patches(all) = serde_json::from_slice(body).map_err(|_| Unread::NoJson)?;
        match all.len() {
            0 => Err(Unread::Empty),
            many if many > OPERATIONS => Err(Unread::TooMany),
            _ => Ok(Patch(all)),
        }
    }

    /// Applies the operations one after the other. If one fails, what was given is not to be kept.
    pub(crate) fn apply(&self, json: &mut Value) -> Result<(), Unfit> {
        let mut room = ROOM.checked_sub(weight(json)).ok_or(LARGE)?;
        self.0.iter().try_for_each(|text| {
            let operation = read(text.get()).map_err(|unfitting| match unfitting {
                Unfitting::Large => LARGE,
                Unfitting::Malformed => "an operation has a name twice",
            })?;
            one(json, operation, &mut room)
        })
    }
}

/// Why there are no operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    NoJson,
    Empty,
    TooMany,
}

/// The member `patches`; without it there are no operations.
struct Patches<'a>(Vec<&'a RawValue>);

impl<'de> Deserialize<'de> for Patches<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Outer).map(Patches)
    }
}

/// Reads the operations of a body.
struct Outer;

impl<'de> Visitor<'de> for Outer {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with patches")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(name) = from.next_key::<String>()? {
            if name != "patches" {
                from.next_value::<IgnoredAny>()?;
            } else if found.replace(from.next_value::<&RawValue>()?).is_some() {
                return Err(de::Error::custom("a name is repeated"));
            }
        }
        let list = found.map(|it| serde_json::from_str(it.get()));
        // What is no array has no operations.
        Ok(list.and_then(Result::ok).unwrap_or_default())
    }
}

const LARGE: Unfit = "the document would be too large";

fn one(json: &mut Value, mut operation: Value, room: &mut usize) -> Result<(), Unfit> {
    let value = operation.get_mut("value").map(Value::take);
    let value = || value.ok_or("an operation has no value");
    let text = |name: &str| operation.get(name).and_then(Value::as_str);
    let path = text("path").ok_or("an operation has no path")?;
    let from = || text("from").ok_or("an operation has no from");
    let mut fits = |value: Value| -> Result<Value, Unfit> {
        *room = room.checked_sub(weight(&value)).ok_or(LARGE)?;
        Ok(value)
    };
    match text("op") {
        Some("add") => set(json, path, fits(value()?)?, true),
        Some("replace") => set(json, path, fits(value()?)?, false),
        Some("remove") => take(json, path).map(drop),
        Some("move") => {
            let from = from()?;
            let below = path.strip_prefix(from);
            if below.is_some_and(|it| it.starts_with('/')) {
                return Err("a value cannot be moved into itself");
            }
            // The whole document stays where it is.
            match below == Some("") {
                true => at(json, from).map(drop),
                false => take(json, from).and_then(|value| set(json, path, value, true)),
            }
        }
        Some("copy") => {
            let value = at(json, from()?)?;
            *room = room.checked_sub(weight(value)).ok_or(LARGE)?;
            let value = value.clone();
            set(json, path, value, true)
        }
        Some("test") => match same(at(json, path)?, &value()?) {
            true => Ok(()),
            false => Err("a test failed"),
        },
        _ => Err("an operation is none of add, remove, replace, move, copy and test"),
    }
}

/// What a node of a map takes that has room for eleven members, without what they point to.
const NODE: usize = 11 * (size_of::<String>() + size_of::<Value>()) + 24;

/// How many members a node has at least, unless there are no more.
const FILLED: usize = 5;

/// How much memory a value takes, in bytes: never less than it does, but for spare room of arrays.
fn weight(value: &Value) -> usize {
    let inside = match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Object(members) => {
            let inside = members
                .iter()
                .map(|(name, value)| name.len() + weight(value));
            inside.sum::<usize>() + NODE * members.len().div_ceil(FILLED)
        }
        _ => 0,
    };
    size_of::<Value>() + inside
}

/// How deep a value is nested.
fn depth(value: &Value) -> usize {
    let below = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(members) => members.values().map(depth).max(),
        _ => return 0,
    };
    1 + below.unwrap_or(0)
}

/// Whether two values are equal (RFC 6902, 4.6): numbers are by what they amount to.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => amount(left, right),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let has = |(name, value): (&String, &Value)| {
                right.get(name).is_some_and(|other| same(value, other))
            };
            left.len() == right.len() && left.iter().all(has)
        }
        _ => left == right,
    }
}

fn amount(left: &Number, right: &Number) -> bool {
    left == right || (left.is_f64() || right.is_f64()) && left.as_f64() == right.as_f64()
}

/// Whether a text is a pointer (RFC 6901): a tilde stands for something.
fn is_pointer(path: &str) -> bool {
    let escapes = || path.split('~').skip(1);
    (path.is_empty() || path.starts_with('/')) && escapes().all(|it| it.starts_with(['0', '1']))
}

fn at<'a>(json: &'a Value, path: &str) -> Result<&'a Value, Unfit> {
    let found = json.pointer(path).filter(|_| is_pointer(path));
    found.ok_or(NOWHERE)
}

/// The place that holds what a path leads to, and its name there.
fn holder<'a>(json: &'a mut Value, path: &str) -> Result<(&'a mut Value, String), Unfit> {
    let split = path.rsplit_once('/').filter(|_| is_pointer(path));
    let (parent, name) = split.ok_or(NOWHERE)?;
    let name = name.replace("~1", "/").replace("~0", "~");
    Ok((json.pointer_mut(parent).ok_or(NOWHERE)?, name))
}

/// An index as RFC 6901 writes it: without zeros before it.
fn index(name: &str) -> Option<usize> {
    let plain = name == "0" || !name.starts_with(['0', '+']);
    name.parse().ok().filter(|_| plain)
}

fn set(json: &mut Value, path: &str, value: Value, add: bool) -> Result<(), Unfit> {
    if path.matches('/').count() + depth(&value) > DEEP {
        return Err("the document would be nested too deep");
    }
    if path.is_empty() {
        *json = value;
        return Ok(());
    }
    let (place, name) = holder(json, path)?;
    match place {
        Value::Object(members) => {
            if !add && !members.contains_key(&name) {
                return Err(NOWHERE);
            }
            members.insert(name, value);
        }
        Value::Array(items) if add => {
            let end = items.len();
            let at = match &*name {
                "-" => end,
                name => index(name).filter(|it| *it <= end).ok_or(NOWHERE)?,
            };
            items.insert(at, value);
        }
        Value::Array(items) => {
            let at = index(&name).ok_or(NOWHERE)?;
            *items.get_mut(at).ok_or(NOWHERE)? = value;
        }
        _ => return Err(NOWHERE),
    }
    Ok(())
}

fn take(json: &mut Value, path: &str) -> Result<Value, Unfit> {
    let (place, name) = holder(json, path)?;
    match place {
        Value::Object(members) => members.remove(&name).ok_or(NOWHERE),
        Value::Array(items) => {
            let at = index(&name).filter(|it| *it < items.len());
            Ok(items.remove(at.ok_or(NOWHERE)?))
        }
        _ => Err(NOWHERE),
    }
}

/// Why a value is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unfitting {
    /// It is no JSON, or an object has two members of one name, which says two things at once (RFC
    /// 6902, A.13).
    Malformed,
    /// It would take more memory than [`ROOM`].
    Large,
}

/// JSON from a text, which is read no further than there is room.
fn read(text: &str) -> Result<Value, Unfitting> {
    let room = Cell::new(ROOM);
    let mut json = serde_json::Deserializer::from_str(text);
    let read = Once(&room).deserialize(&mut json);
    read.map_err(|_| match room.get() {
        0 => Unfitting::Large,
        _ => Unfitting::Malformed,
    })
}

/// Reads JSON without repeated names into what is left of the room.
#[derive(Clone, Copy)]
struct Once<'r>(&'r Cell<usize>);

impl Once<'_> {
    /// Takes room; all of it if there is not enough.
    fn take<E: de::Error>(self, bytes: usize) -> Result<(), E> {
        let left = self.0.get().saturating_sub(bytes);
        self.0.set(left);
        match left {
            0 => Err(E::custom(LARGE)),
            _ => Ok(()),
        }
    }

    fn value<E: de::Error>(self, value: Value) -> Result<Value, E> {
        self.take(weight(&value)).map(|()| value)
    }
}

impl<'de> DeserializeSeed<'de> for Once<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Once<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        self.value(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, it: bool) -> Result<Value, E> {
        self.value(Value::Bool(it))
    }

    fn visit_u64<E: de::Error>(self, it: u64) -> Result<Value, E> {
        self.value(it.into())
    }

    fn visit_i64<E: de::Error>(self, it: i64) -> Result<Value, E> {
        self.value(it.into())
    }

    fn visit_f64<E: de::Error>(self, it: f64) -> Result<Value, E> {
        self.value(it.into())
    }

    fn visit_str<E: de::Error>(self, it: &str) -> Result<Value, E> {
        self.value(it.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        self.take::<A::Error>(size_of::<Value>())?;
        let mut items = Vec::new();
        while let Some(item) = from.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        self.take::<A::Error>(size_of::<Value>())?;
        let mut members = Map::new();
        while let Some(name) = from.next_key::<String>()? {
            let node = if members.len().is_multiple_of(FILLED) {
                NODE
            } else {
                0
            };
            self.take::<A::Error>(name.len() + node)?;
            if members.insert(name, from.next_value_seed(self)?).is_some() {
                return Err(de::Error::custom("a name is repeated"));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Applies operations, sent as PDS takes them.
    fn apply(json: &mut Value, operations: &[Value]) -> Result<(), Unfit> {
        let body = json!({"patches": operations}).to_string();
        match Patch::read(body.as_bytes()) {
            Ok(patch) => patch.apply(json),
            Err(Unread::Empty) => Ok(()),
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
            let done = apply(&mut found, std::slice::from_ref(&operation));
            assert!(done.is_err(), "{operation}");
        }
    }

    /// What each case of appendix A of RFC 6902 comes to; an error where there is nothing.
    #[test]
    fn appendix() {
        let check = |case: &str, start: Value, patch: &str, expect: Option<Value>| {
            let mut found = start;
            let body = format!(r#"{{"patches": {patch}}}"#);
            let done = Patch::read(body.as_bytes());
            let done = done
                .map_err(|_| "no JSON")
                .and_then(|it| it.apply(&mut found));
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
        // What the sections on operations say beside it.
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
        let check = |body: &str, expect: Result<usize, Unread>| {
            let found = Patch::read(body.as_bytes()).map(|it| it.0.len());
            assert_eq!(found, expect, "{body}");
        };
        check(r#"{"patches": [1, {"op": "add"}], "more": {}}"#, Ok(2));
        check("{}", Err(Unread::Empty));
        check(r#"{"patches": []}"#, Err(Unread::Empty));
        check(r#"{"patches": {"op": "add"}}"#, Err(Unread::Empty));
        check(r#"{"patches": [1], "patches": [2]}"#, Err(Unread::NoJson));
        for none in [
            "",
            "[]",
            "5",
            "{",
            r#"{"patches": [}"#,
            r#"{"patches": [1]} x"#,
        ] {
            check(none, Err(Unread::NoJson));
        }
        let many = |count: usize| format!(r#"{{"patches": [{}]}}"#, vec!["1"; count].join(","));
        check(&many(OPERATIONS), Ok(OPERATIONS));
        check(&many(OPERATIONS + 1), Err(Unread::TooMany));
    }

    /// What is copied, added and there counts in bytes, be it long or many.
    #[test]
    fn room_is_bounded() {
        let check = |value: Value, times: usize, expect: Result<(), Unfit>| {
            let mut json = json!({"a": value, "b": []});
            let copy = json!({"op": "copy", "from": "/a", "path": "/b/-"});
            assert_eq!(apply(&mut json, &vec![copy; times]), expect);
            assert!(weight(&json) <= ROOM);
        };
        let text = |bytes: usize| json!("x".repeat(bytes));
        check(text(100), 1_000, Ok(()));
        check(text(100_000), 30, Ok(()));
        check(text(100_000), 50, Err(LARGE));
        check(text(2_500_000), 1, Err(LARGE));
        check(json!(vec![0; 1_000]), 100, Ok(()));
        check(json!(vec![0; 1_000]), 200, Err(LARGE));
        check(json!(vec![json!({"a": 0}); 100]), 200, Err(LARGE));
        // Doubled again and again.
        let mut json = json!({"a": [1, 2, 3]});
        let copy = json!({"op": "copy", "from": "", "path": "/a/-"});
        assert!(apply(&mut json, &vec![copy.clone(); 5]).is_ok());
        assert_eq!(apply(&mut json, &vec![copy; 60]), Err(LARGE));
        // What is put in place of something counts, too.
        let long = "x".repeat(1_000_000);
        let replace = json!({"op": "replace", "path": "/a", "value": long});
        assert_eq!(apply(&mut json!({"a": 1}), &vec![replace; 5]), Err(LARGE));
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
        assert_eq!(done, Err("the document would be nested too deep"));
    }

    #[test]
    fn values() {
        let check = |text: &str, expect: Result<Value, Unfitting>| {
            assert_eq!(read(text), expect, "{text}");
        };
        let all = json!({"a": [1, -2, 0.5, null, true, "x"]});
        check(&all.to_string(), Ok(all));
        for text in [
            r#"{"a": 1, "a": 1}"#,
            r#"[{"b": {"a": 1, "\u0061": 2}}]"#,
            "",
            "{",
        ] {
            check(text, Err(Unfitting::Malformed));
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
            let value = read(&many(text, fit));
            assert!(value.is_ok_and(|it| weight(&it) < ROOM), "{text}");
            assert_eq!(read(&many(text, large)), Err(Unfitting::Large), "{text}");
        }
        let members = |count: usize| {
            let members: Vec<_> = (0..count).map(|it| format!(r#""{it}":0"#)).collect();
            format!("{{{}}}", members.join(","))
        };
        let value = read(&members(20_000)).unwrap();
        assert!(weight(&value) < ROOM);
        assert_eq!(read(&members(40_000)), Err(Unfitting::Large));
    }
}
