//! JSON Patch (RFC 6902), as the Personal Demographics Service takes it: `add`, `remove`, `replace` and
//! `test`.

use serde_json::Value;

/// What is wrong with a patch.
pub(crate) type Unfit = &'static str;

const NOWHERE: Unfit = "an operation's path leads nowhere";

/// Applies operations one after the other. If one fails, what was given is not to be kept.
pub(crate) fn apply(json: &mut Value, operations: &[Value]) -> Result<(), Unfit> {
    operations.iter().try_for_each(|it| one(json, it))
}

fn one(json: &mut Value, operation: &Value) -> Result<(), Unfit> {
    let text = |name: &str| operation.get(name).and_then(Value::as_str);
    let path = text("path").ok_or("an operation has no path")?;
    let value = || operation.get("value").ok_or("an operation has no value");
    match text("op") {
        Some("add") => set(json, path, value()?.clone(), true),
        Some("replace") => set(json, path, value()?.clone(), false),
        Some("remove") => take(json, path),
        Some("test") => match json.pointer(path).ok_or(NOWHERE)? == value()? {
            true => Ok(()),
            false => Err("a test failed"),
        },
        _ => Err("an operation is none of add, remove, replace and test"),
    }
}

/// The place that holds what a path leads to, and its name there.
fn holder<'a>(json: &'a mut Value, path: &str) -> Result<(&'a mut Value, String), Unfit> {
    let (parent, name) = path.rsplit_once('/').ok_or(NOWHERE)?;
    let name = name.replace("~1", "/").replace("~0", "~");
    Ok((json.pointer_mut(parent).ok_or(NOWHERE)?, name))
}

/// An index as RFC 6901 writes it: without zeros before it.
fn index(name: &str) -> Option<usize> {
    let plain = name == "0" || !name.starts_with(['0', '+']);
    name.parse().ok().filter(|_| plain)
}

fn set(json: &mut Value, path: &str, value: Value, add: bool) -> Result<(), Unfit> {
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

fn take(json: &mut Value, path: &str) -> Result<(), Unfit> {
    let (place, name) = holder(json, path)?;
    match place {
        Value::Object(members) => members.remove(&name).map(drop).ok_or(NOWHERE),
        Value::Array(items) => {
            let at = index(&name).filter(|it| *it < items.len());
            items.remove(at.ok_or(NOWHERE)?);
            Ok(())
        }
        _ => Err(NOWHERE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
            json!({"op": "add", "path": "", "value": 1}),
            json!({"op": "replace", "path": "/f", "value": 1}),
            json!({"op": "replace", "path": "/a/-", "value": 1}),
            json!({"op": "replace", "path": "/a/0/b", "value": 1}),
            json!({"op": "remove", "path": "/a/2"}),
            json!({"op": "remove", "path": "/a/-"}),
            json!({"op": "remove", "path": "/f"}),
            json!({"op": "test", "path": "/a/0", "value": 2}),
            json!({"op": "test", "path": "/f", "value": null}),
            json!({"op": "move", "from": "/a", "path": "/f"}),
            json!("add"),
        ] {
            let mut found = start.clone();
            let done = apply(&mut found, std::slice::from_ref(&operation));
            assert!(done.is_err(), "{operation}");
        }
    }
}
