//! Changes to JSON that break invariants: dropped, doubled, exchanged and retyped members, other codes,
//! reversed periods.

use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::{Index, select};
use proptest::strategy::Just;
use serde_json::Value;

/// Codes that invariants request, to be put in place of others.
const CODES: &[&str] = &[
    "searchset",
    "history",
    "document",
    "message",
    "transaction",
    "batch-response",
    "collection",
    "entered-in-error",
    "resolved",
    "home",
    "cancelled",
    "booked",
    "display",
    "group",
    "choice",
    "exists",
    "instance",
    "requirements",
    "constraint",
    "specialization",
    "logical",
    "Reference",
    "code",
    "canonical",
    "narrower",
    "fixed",
    "other-map",
    "changes",
    "working",
    "root",
    "uuid",
    "named-event",
    "data-added",
    "request",
    "response",
    "CM",
    "*",
    "0",
    "#",
    "#x",
    "1",
    "2012",
    "2012-04",
    "2012-04-01T00:00:00Z",
    "%",
    "http://unitsofmeasure.org",
    "/_history/1",
    "x y",
];

/// A change, and the member or item that it is made to, among all.
#[derive(Clone, Debug)]
pub(crate) struct Mutation {
    at: Index,
    change: Change,
}

#[derive(Clone, Debug)]
enum Change {
    Drop,
    /// An item is there twice.
    Double,
    /// A member changes places with another of its object.
    Exchange(Index),
    /// A string is another.
    Code(&'static str),
    Number(i64),
    Flag(bool),
    /// An object is an array of it, and an array its first item.
    Retype,
    /// Of an object with `start` and `end` or `low` and `high`, each is the other.
    Reverse,
}

/// Any change.
pub(crate) fn mutation() -> impl Strategy<Value = Mutation> {
    let change = prop_oneof![
        2 => Just(Change::Drop),
        1 => Just(Change::Double),
        2 => any::<Index>().prop_map(Change::Exchange),
        3 => select(CODES).prop_map(Change::Code),
        1 => (-1i64..3).prop_map(Change::Number),
        1 => any::<bool>().prop_map(Change::Flag),
        1 => Just(Change::Retype),
        1 => Just(Change::Reverse),
    ];
    (any::<Index>(), change).prop_map(|(at, change)| Mutation { at, change })
}

impl Mutation {
    /// Makes the change where it can be made, at the place or the next that takes it.
    pub(crate) fn apply(&self, value: &mut Value) {
        let mut places = Vec::new();
        collect(value, &mut String::new(), &mut places);
        if places.is_empty() {
            return;
        }
        let start = self.at.index(places.len());
        let (before, after) = places.split_at(start);
        for (holder, name) in after.iter().chain(before) {
            let holder = value.pointer_mut(holder).expect("a place");
            if self.change.apply(holder, name) {
                return;
            }
        }
    }
}

/// The JSON pointers of what holds each member and item, with its name or index.
fn collect(value: &Value, path: &mut String, places: &mut Vec<(String, String)>) {
    let mut each = |name: String, child: &Value| {
        places.push((path.clone(), name.clone()));
        let length = path.len();
        path.push('/');
        path.push_str(&name.replace('~', "~0").replace('/', "~1"));
        collect(child, path, places);
        path.truncate(length);
    };
    match value {
        Value::Object(members) => {
            for (name, child) in members {
                each(name.clone(), child);
            }
        }
        Value::Array(items) => {
            for (index, child) in items.iter().enumerate() {
                each(index.to_string(), child);
            }
        }
        _ => {}
    }
}

impl Change {
    /// Changes a member or item; false where the change is not for what is there.
    fn apply(&self, holder: &mut Value, name: &str) -> bool {
        if let (Change::Exchange(other), Value::Object(members)) = (self, &mut *holder) {
            let one = members[name].clone();
            let alike = |value: &Value| {
                value.is_string() == one.is_string() && value.is_object() == one.is_object()
            };
            let others: Vec<String> = members
                .iter()
                .filter(|(key, value)| *key != name && alike(value))
                .map(|(key, _)| key.clone())
                .collect();
            if others.is_empty() {
                return false;
            }
            let other = &others[other.index(others.len())];
            let moved = members[other.as_str()].clone();
            members.insert(other.clone(), one);
            members.insert(name.to_owned(), moved);
            return true;
        }
        if let (Change::Drop | Change::Double, Value::Array(items)) = (self, &mut *holder) {
            let index: usize = name.parse().expect("an index");
            match self {
                Change::Drop => drop(items.remove(index)),
                _ => items.insert(index, items[index].clone()),
            }
            return true;
        }
        if let (Change::Drop, Value::Object(members)) = (self, &mut *holder) {
            members.remove(name);
            return true;
        }
        let place = match holder {
            Value::Object(members) => members.get_mut(name),
            Value::Array(items) => items.get_mut(name.parse::<usize>().expect("an index")),
            _ => None,
        };
        let place = place.expect("a place");
        let new = match (self, &mut *place) {
            (Change::Code(code), Value::String(_)) => Value::from(*code),
            (Change::Number(number), Value::Number(_)) => Value::from(*number),
            (Change::Flag(flag), Value::Bool(_)) => Value::from(*flag),
            (Change::Retype, Value::Object(_)) => Value::Array(vec![place.take()]),
            (Change::Retype, Value::Array(items)) if !items.is_empty() => items.remove(0),
            (Change::Reverse, Value::Object(members)) => {
                let pairs = [("start", "end"), ("low", "high")];
                let has = |name: &str| members.contains_key(name);
                let Some((a, b)) = pairs.into_iter().find(|(a, b)| has(a) && has(b)) else {
                    return false;
                };
                let (first, second) = (members.remove(a), members.remove(b));
                members.extend(first.map(|value| (b.to_owned(), value)));
                members.extend(second.map(|value| (a.to_owned(), value)));
                return true;
            }
            _ => return false,
        };
        *place = new;
        true
    }
}
