//! Closed lists of PDS's schemas: what no patch may set. Which operations there
//! are, and who may do what, is the service's to say.

use serde_json::Value;

/// An element with a closed list: its path in the patient, `*` for an index, and its values.
type Row = (&'static str, &'static [&'static str]);

static LISTS: &[Row] = &[
    ("gender", &["male", "female", "other", "unknown"]),
    (
        "name/*/use",
        &["usual", "temp", "nickname", "old", "maiden"],
    ),
    ("address/*/use", &["home", "work", "temp", "billing"]),
    ("telecom/*/system", &["phone", "fax", "email", "other"]),
    ("telecom/*/use", &["home", "work", "temp", "mobile"]),
];

/// The first element that an operation of JSON Patch sets to what its list has not, and the list.
pub(super) fn unlisted(operation: &Value) -> Option<Row> {
    let text = |name: &str| operation.get(name)?.as_str();
    if !matches!(text("op"), Some("add" | "replace")) {
        return None;
    }
    let (path, value) = (text("path")?.strip_prefix('/')?, operation.get("value")?);
    let sets = |row: &&Row| {
        let steps: Vec<&str> = row.0.split('/').collect();
        below(path, &steps).is_some_and(|rest| !all_listed(value, rest, row.1))
    };
    LISTS.iter().find(sets).copied()
}

/// What is left of an element's steps below a pointer that leads to it or to what holds it.
fn below<'s>(path: &str, steps: &'s [&'s str]) -> Option<&'s [&'s str]> {
    let mut rest = steps;
    for step in path.split('/') {
        let (next, after) = rest.split_first()?;
        if *next != "*" && *next != step {
            return None;
        }
        rest = after;
    }
    Some(rest)
}

/// Whether all texts at these steps of a value are in the list.
fn all_listed(value: &Value, steps: &[&str], list: &[&str]) -> bool {
    match (steps.split_first(), value) {
        (None, Value::String(text)) => list.contains(&&**text),
        (Some((&"*", rest)), Value::Array(items)) => {
            items.iter().all(|item| all_listed(item, rest, list))
        }
        (Some((name, rest)), Value::Object(members)) => {
            let member = members.get(*name);
            member.is_none_or(|item| all_listed(item, rest, list))
        }
        _ => true,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_that_are_in_no_list() {
        let check = |operation: Value, expect: Option<&str>| {
            let found = unlisted(&operation).map(|row| row.0);
            assert_eq!(found, expect, "{operation}");
        };
        let set = |path: &str, value: Value| json!({"op": "replace", "path": path, "value": value});
        for gender in ["male", "female", "other", "unknown"] {
            check(set("/gender", json!(gender)), None);
        }
        for gender in ["Male", "f", "", "non-binary"] {
            check(set("/gender", json!(gender)), Some("gender"));
        }
        let name = |text: &str| json!({"use": text, "family": "Smith"});
        let add = |path: &str, value: Value| json!({"op": "add", "path": path, "value": value});
        check(add("/name/-", name("usual")), None);
        check(add("/name/-", name("official")), Some("name/*/use"));
        check(
            add("/name", json!([name("old"), name("legal")])),
            Some("name/*/use"),
        );
        check(
            add("/name", json!([name("old"), {"family": "Smith"}])),
            None,
        );
        check(set("/name/0/use", json!("anonymous")), Some("name/*/use"));
        check(set("/address/12/use", json!("old")), Some("address/*/use"));
        check(
            set("/telecom/0/system", json!("sms")),
            Some("telecom/*/system"),
        );
        check(
            add("/telecom/-", json!({"system": "email", "use": "old"})),
            Some("telecom/*/use"),
        );
        check(
            add("/telecom/-", json!({"system": "email", "use": "work"})),
            None,
        );
        // Other elements, other operations, and what is no text.
        check(set("/contact/0/telecom/0/use", json!("old")), None);
        check(set("/name/0/use/0", json!("x")), None);
        check(set("/genders", json!("x")), None);
        check(set("/gender", Value::Null), None);
        check(json!({"op": "test", "path": "/gender", "value": "x"}), None);
        check(json!({"op": "remove", "path": "/gender"}), None);
        check(
            json!({"op": "bogus", "path": "/gender", "value": "x"}),
            None,
        );
        check(json!("gender"), None);
    }
}
