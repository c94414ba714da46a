//! Places in a resource, and which element of the definitions is there.

use std::collections::HashMap;
use std::fmt::{self, Display};

use serde_json::Value;

use crate::spec::facts::ElementFact;

/// Where an issue is: the names on the way from the resource to the element.
///
/// The two validators write places differently: `Bundle.entry[0].resource.value` is
/// `Bundle.entry[0].resource/*Observation/1*/.value.ofType(Quantity)` in HL7's. Here they are the
/// same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    name: String,
    index: Index,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Index {
    /// No brackets behind the name.
    None,
    /// The number in brackets.
    At(usize),
    /// Something else in brackets, such as `[url='x']`.
    Other,
}

impl Place {
    pub(super) fn parse(text: &str) -> Self {
        Place(split(text).filter_map(|step| Step::parse(&step)).collect())
    }

    /// Whether one of the two is on the way to the other.
    pub(super) fn is_near(&self, other: &Place) -> bool {
        let mut steps = self.0.iter().zip(&other.0);
        steps.all(|(one, other)| one.name == other.name)
    }
}

impl Step {
    fn parse(text: &str) -> Option<Step> {
        let end = text.find(['[', ':', '/']).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        if name.is_empty() || name.starts_with("ofType(") {
            return None;
        }
        let inside = rest
            .split_once('[')
            .and_then(|(_, rest)| rest.split_once(']'));
        let index = match inside.map(|(inside, _)| inside) {
            // A choice as the definitions write it: `value[x]`.
            None | Some("x") => Index::None,
            Some(inside) => inside.parse().map_or(Index::Other, Index::At),
        };
        Some(Step {
            name: name.to_owned(),
            index,
        })
    }
}

/// The steps of a path: parted by dots, but for those in brackets, backticks and comments; without
/// backticks and comments.
fn split(text: &str) -> impl Iterator<Item = String> {
    let mut steps = vec![String::new()];
    let mut rest = text;
    let (mut quoted, mut depth) = (false, 0_usize);
    while let Some(next) = rest.chars().next() {
        if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
            continue;
        }
        rest = rest.get(next.len_utf8()..).unwrap_or_default();
        match next {
            '`' => quoted = !quoted,
            '.' if !quoted && depth == 0 => steps.push(String::new()),
            _ => {
                match next {
                    '[' => depth += 1,
                    ']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                if let Some(step) = steps.last_mut() {
                    step.push(next);
                }
            }
        }
    }
    steps.into_iter()
}

/// An element of the definitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Definition {
    /// Its path: that of a coding's code is `Coding.code` wherever the coding is. Choices are
    /// without `[x]`.
    pub(super) path: Vec<String>,
    /// The name of its type, if it is known.
    pub(super) type_name: Option<String>,
    /// Whether the place is one item of an array.
    pub(super) item: bool,
}

impl Display for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path.join("."))?;
        f.write_str(if self.item { "[]" } else { "" })?;
        match &self.type_name {
            Some(name) => write!(f, ":{name}"),
            None => Ok(()),
        }
    }
}

/// The elements of a release by their paths.
pub(super) struct Definitions(HashMap<String, ElementFact>);

impl Definitions {
    pub(super) fn new(elements: Vec<ElementFact>) -> Self {
        let with_path = elements.into_iter().map(|e| (e.path.clone(), e));
        Definitions(with_path.collect())
    }

    /// The element that is at a place of a resource. Members that are in no definition have the
    /// path of what holds them, and their name.
    pub(super) fn at<'v>(&self, place: &Place, resource: Option<&'v Value>) -> Definition {
        let mut steps = place.0.iter();
        let Some(first) = steps.next() else {
            return Definition::default();
        };
        let root = resource.and_then(type_of).unwrap_or(&first.name);
        // Where what the element holds is defined.
        let mut within = root.to_owned();
        let mut value = resource;
        // The extensions and id of a primitive value are beside it, in a member with an underscore.
        let mut beside = None;
        let mut found = Definition {
            path: vec![within.clone()],
            type_name: Some(within.clone()),
            item: false,
        };
        for step in steps {
            let object = |value: Option<&'v Value>| value.and_then(Value::as_object);
            let members = object(value).or_else(|| object(beside));
            let fact = self.element(&within, &step.name);
            let types = fact.map(|fact| fact.types.as_slice()).unwrap_or_default();
            // The member's key has the type of a choice behind the name.
            let typed = types.iter().find_map(|type_ref| {
                let key = member(&step.name, &type_ref.code);
                let held = members.is_some_and(|members| {
                    members.contains_key(&key) || members.contains_key(&format!("_{key}"))
                });
                held.then_some((type_ref.code.as_str(), key))
            });
            let only = match types {
                [only] => Some(only.fhir_type.as_deref().unwrap_or(&only.code)),
                _ => None,
            };
            let (type_name, key) = match (only, typed) {
                (None, Some((code, key))) => (Some(code), key),
                (only, _) => (only, step.name.clone()),
            };
            let held = |key: &str| {
                let held = members.and_then(|members| members.get(key));
                match step.index {
                    // A file in XML does not show what is an array.
                    Index::None => match held {
                        Some(Value::Array(items)) if items.len() == 1 => items.first(),
                        held => held,
                    },
                    Index::At(index) => held.and_then(|held| held.get(index)),
                    Index::Other => None,
                }
            };
            (value, beside) = (held(&key), held(&format!("_{key}")));
            found.path = within.split('.').map(str::to_owned).collect();
            found.path.push(step.name.clone());
            found.type_name = type_name.map(str::to_owned);
            found.item = step.index != Index::None;
            within = match (
                fact.and_then(|fact| fact.content_reference.as_ref()),
                type_name,
            ) {
                (Some(reference), _) => reference.clone(),
                (None, Some("Resource")) => {
                    value.and_then(type_of).unwrap_or("Resource").to_owned()
                }
                (None, Some("BackboneElement" | "Element") | None) => {
                    format!("{within}.{}", step.name)
                }
                (None, Some(type_name)) => type_name.to_owned(),
            };
        }
        found
    }

    fn element(&self, within: &str, name: &str) -> Option<&ElementFact> {
        let plain = self.0.get(&format!("{within}.{name}"));
        plain.or_else(|| self.0.get(&format!("{within}.{name}[x]")))
    }
}

/// The name of a choice's member: `value` of type `dateTime` is `valueDateTime`.
fn member(name: &str, type_name: &str) -> String {
    let mut rest = type_name.chars();
    let first = rest.next().map(|first| first.to_ascii_uppercase());
    name.chars().chain(first).chain(rest).collect()
}

fn type_of(resource: &Value) -> Option<&str> {
    resource.get("resourceType").and_then(Value::as_str)
}
