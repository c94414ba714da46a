//! What findings say.

use super::{Inferred, Known, StaticType};
use crate::ast::Operator;
use crate::node::{PRIMITIVES, is_quantity};
use healthcode_core::{PrimitiveKind, Schema, SchemaKind, nearest};

/// Says that an operator takes no operands of these types, so that evaluating it fails.
pub(super) fn mismatch(operator: Operator, left: &Inferred, right: &Inferred) -> Option<String> {
    let (a, b) = (sort(left)?, sort(right)?);
    let pair = |one: &[Sort], other: &[Sort]| {
        one.contains(&a) && other.contains(&b) || one.contains(&b) && other.contains(&a)
    };
    let numbers = || pair(&[Sort::Number], &[Sort::Number, Sort::Quantity]);
    let quantities = || numbers() || pair(&[Sort::Quantity], &[Sort::Quantity]);
    let is_date = matches!(a, Sort::Date | Sort::Time) && b == Sort::Quantity;
    let takes = match operator {
        Operator::Add => quantities() || is_date || pair(&[Sort::Text], &[Sort::Text]),
        Operator::Subtract => quantities() || is_date,
        Operator::Multiply | Operator::Divide => quantities(),
        Operator::Div | Operator::Mod => pair(&[Sort::Number], &[Sort::Number]),
        Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual => {
            quantities() || a == b && !matches!(a, Sort::Boolean | Sort::Element)
        }
        _ => true,
    };
    if takes {
        return None;
    }
    let name = |inferred: &Inferred| {
        let types = inferred.types().unwrap_or_default();
        types.first().map_or("", |of| of.name())
    };
    Some(format!(
        "{} is not allowed here: the operands are {} and {}",
        operator.symbol(),
        name(left),
        name(right)
    ))
}

/// What operators distinguish.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Boolean,
    Number,
    Quantity,
    Text,
    /// A date, with or without a time.
    Date,
    Time,
    /// An element that has no value.
    Element,
}

/// Whether elements of a type have no value of their own.
fn is_plain(schema: &Schema) -> bool {
    matches!(schema.kind, SchemaKind::DataType | SchemaKind::Backbone) && !is_quantity(schema)
}

/// What all items are; `None` if that is not known, or differs.
fn sort(inferred: &Inferred) -> Option<Sort> {
    let types = inferred.types()?;
    let mut sorts = types.iter().map(|of| {
        if let StaticType::Primitive(PrimitiveKind::Integer64) = of {
            return Some(Sort::Number);
        }
        Some(match of.system() {
            Some("Boolean") => Sort::Boolean,
            Some("Integer" | "Decimal") => Sort::Number,
            Some("Quantity") => Sort::Quantity,
            Some("String") => Sort::Text,
            Some("Date" | "DateTime") => Sort::Date,
            Some("Time") => Sort::Time,
            None if matches!(of, StaticType::Element(schema) if is_plain(schema)) => Sort::Element,
            _ => return None,
        })
    });
    let first = sorts.next()??;
    sorts.all(|other| other == Some(first)).then_some(first)
}

/// Names of which one is meant.
pub(super) fn one_of(names: &[&str]) -> String {
    const SHOWN: usize = 8;
    match names {
        [name] => (*name).to_owned(),
        names if names.len() > SHOWN => {
            format!(
                "one of {}, ...",
                names.get(..SHOWN).unwrap_or_default().join(", ")
            )
        }
        names => format!("one of {}", names.join(", ")),
    }
}

/// Says that none of these types has a member, and what was probably meant.
pub(super) fn missing(types: &[Known], name: &str) -> String {
    for known in types {
        if let StaticType::Element(schema) = known.of
            && let Some((field, chosen)) = schema.member(name)
        {
            return format!(
                "{} has no element {name}; in FHIRPath it is {}.ofType({})",
                schema.name,
                field.name(),
                chosen.code
            );
        }
    }
    let names: Vec<&str> = types.iter().map(|known| known.of.name()).collect();
    let elements = types.iter().filter_map(|known| match known.of {
        StaticType::Element(schema) => Some(schema.fields),
        _ => None,
    });
    let near = nearest(name, elements.flatten().map(|field| field.name()));
    let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
    let of = match names.as_slice() {
        [name] if PRIMITIVES.contains(name) => format!("a {name}"),
        names => one_of(names),
    };
    format!("{of} has no element {name}{near}")
}
