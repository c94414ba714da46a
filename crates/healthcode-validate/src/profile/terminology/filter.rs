//! Filters of value sets (FHIR R4 valueset.html#filters).

use healthcode_r4::ValueSetComposeIncludeFilter;
use regex::Regex;

/// A filter on the concepts of a code system.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) property: Box<str>,
    pub(super) op: Op,
    pub(super) value: Box<str>,
}

/// What a filter requires of a property's value.
#[derive(Debug)]
pub(super) enum Op {
    Equal,
    IsA,
    IsNotA,
    DescendentOf,
    // The next two are R5's.
    ChildOf,
    DescendentLeaf,
    Generalizes,
    In,
    NotIn,
    Exists,
    /// The whole value matches; `None` if the expression is invalid.
    Regex(Option<Regex>),
    /// One that is not known.
    Other,
}

impl Filter {
    pub(super) fn new(stated: &ValueSetComposeIncludeFilter) -> Self {
        let value = stated.value.as_str().unwrap_or_default();
        let op = stated.op.value().map_or("", |op| op.as_str());
        Filter {
            property: stated.property.as_str().unwrap_or_default().into(),
            op: match op {
                "=" => Op::Equal,
                "is-a" => Op::IsA,
                "is-not-a" => Op::IsNotA,
                "descendent-of" => Op::DescendentOf,
                "child-of" => Op::ChildOf,
                "descendent-leaf" => Op::DescendentLeaf,
                "generalizes" => Op::Generalizes,
                "in" => Op::In,
                "not-in" => Op::NotIn,
                "exists" => Op::Exists,
                "regex" => Op::Regex(Regex::new(&format!("^(?:{value})$")).ok()),
                _ => Op::Other,
            },
            value: value.into(),
        }
    }

    /// The values of `in` and `not-in`.
    pub(super) fn list(&self) -> impl Iterator<Item = &str> {
        self.value.split(',').map(str::trim)
    }

    /// Whether it is about codes themselves.
    pub(super) fn is_of_code(&self) -> bool {
        matches!(&*self.property, "code" | "concept")
    }
}
