//! [`Cell`]: a value of a row, as its column's type has it.

use crate::text::write_text;
use crate::types::ColumnType;
use healthcode_core::{ExtraKind, PrimitiveKind, ValueRef, lexical};
use healthcode_fhirpath::{Item, Node, Quantity, Text, Unit};
use std::borrow::Cow;

/// A value of a row.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Cell<'a> {
    /// No value.
    #[default]
    Null,
    /// A boolean.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// The text of a number, as it was written.
    Decimal(Cow<'a, str>),
    /// Text of any other type.
    Text(Cow<'a, str>),
    /// The JSON of an element that is not a primitive.
    Json(Box<str>),
    /// The values of a column that may have several.
    List(Vec<Cell<'a>>),
}

/// What an item is in a column.
pub(crate) enum Fitted<'a> {
    Cell(Cell<'a>),
    /// It has no value: a primitive with extensions alone.
    Nothing,
    /// It is not of the column's type.
    Misfit,
}

/// The value of a node in a column of this type.
pub(crate) fn fit_node<'a>(node: &Node<'a>, of: &ColumnType) -> Fitted<'a> {
    let Some(value) = node.value() else {
        let Some(element) = node.as_element() else {
            let kept = node.metadata().is_some_and(|metadata| {
                metadata
                    .extras()
                    .iter()
                    .any(|extra| extra.kind() == ExtraKind::Value)
            });
            return if kept {
                Fitted::Misfit
            } else {
                Fitted::Nothing
            };
        };
        if !of.takes(element.schema()) {
            return Fitted::Misfit;
        }
        let mut json = Vec::new();
        healthcode_json::write_element(element, &mut json, None);
        let json = String::from_utf8(json).unwrap_or_default();
        return Fitted::Cell(Cell::Json(json.into()));
    };
    match value {
        ValueRef::Boolean(value) => fit_boolean(value, of),
        ValueRef::Integer(value) => fit_integer(value.into(), of),
        ValueRef::Decimal(text) => fit_decimal(Cow::Borrowed(text), of),
        ValueRef::Text(text) => fit_text(Cow::Borrowed(text), of),
        _ => Fitted::Misfit,
    }
}

/// The value of an item in a column of this type.
pub(crate) fn fit_item<'a>(item: &Item<'a>, of: &ColumnType) -> Fitted<'a> {
    match item {
        Item::Node(node) => fit_node(node, of),
        Item::Boolean(value) => fit_boolean(*value, of),
        Item::Integer(value) => fit_integer((*value).into(), of),
        Item::Decimal(value) => fit_decimal(Cow::Owned(value.to_string()), of),
        Item::String(Text::Borrowed(text)) => fit_text(Cow::Borrowed(text), of),
        Item::Quantity(quantity) if matches!(of, ColumnType::Complex(_)) => {
            fit_quantity(quantity, of)
        }
        Item::Type(..) | Item::Unloaded(_) => Fitted::Misfit,
        item => fit_text(Cow::Owned(item.to_string()), of),
    }
}

/// The value of a constant in a column of this type.
pub(crate) fn fit_constant<'a>(text: &'a str, own: PrimitiveKind, of: &ColumnType) -> Fitted<'a> {
    match own {
        PrimitiveKind::Boolean => fit_boolean(text == "true", of),
        PrimitiveKind::Decimal => fit_decimal(Cow::Borrowed(text), of),
        _ => match (own.json_type(), text.parse()) {
            ("number", Ok(value)) => fit_integer(value, of),
            _ => fit_text(Cow::Borrowed(text), of),
        },
    }
}

/// A quantity of the language, as FHIR writes it. Units of the calendar have codes too (FHIR R4 fhirpath.html#quantity).
fn fit_quantity<'a>(quantity: &Quantity<'_>, of: &ColumnType) -> Fitted<'a> {
    if of.name() != "Quantity" {
        return Fitted::Misfit;
    }
    let code = match &quantity.unit {
        Unit::Ucum(code) => code,
        Unit::Calendar(unit) => unit.ucum(),
        _ => return Fitted::Misfit,
    };
    let mut json = format!(r#"{{"value":{},"unit":"#, quantity.value).into_bytes();
    write_text(code, &mut json);
    json.extend_from_slice(br#","system":"http://unitsofmeasure.org","code":"#);
    write_text(code, &mut json);
    json.push(b'}');
    let json = String::from_utf8(json).unwrap_or_default();
    Fitted::Cell(Cell::Json(json.into()))
}

fn fit_boolean<'a>(value: bool, of: &ColumnType) -> Fitted<'a> {
    Fitted::Cell(match of {
        ColumnType::Any | ColumnType::Primitive(PrimitiveKind::Boolean) => Cell::Boolean(value),
        ColumnType::Primitive(kind) if is_text(*kind) => {
            Cell::Text(Cow::Borrowed(if value { "true" } else { "false" }))
        }
        _ => return Fitted::Misfit,
    })
}

fn fit_integer<'a>(value: i64, of: &ColumnType) -> Fitted<'a> {
    Fitted::Cell(match of {
        ColumnType::Any => Cell::Integer(value),
        ColumnType::Primitive(PrimitiveKind::Decimal) => Cell::Decimal(value.to_string().into()),
        ColumnType::Primitive(kind) if has_number(*kind, value) => Cell::Integer(value),
        ColumnType::Primitive(kind) if is_text(*kind) => Cell::Text(value.to_string().into()),
        _ => return Fitted::Misfit,
    })
}

/// Whether a type of whole numbers has this one.
fn has_number(kind: PrimitiveKind, value: i64) -> bool {
    match kind {
        PrimitiveKind::Integer64 => true,
        PrimitiveKind::Integer => i32::try_from(value).is_ok(),
        PrimitiveKind::UnsignedInt => (0..=i64::from(i32::MAX)).contains(&value),
        PrimitiveKind::PositiveInt => (1..=i64::from(i32::MAX)).contains(&value),
        _ => false,
    }
}

fn fit_decimal<'a>(text: Cow<'a, str>, of: &ColumnType) -> Fitted<'a> {
    Fitted::Cell(match of {
        // XML has forms that JSON has not.
        ColumnType::Any | ColumnType::Primitive(PrimitiveKind::Decimal)
            if lexical::is_json_number(&text) =>
        {
            Cell::Decimal(text)
        }
        ColumnType::Any => Cell::Text(text),
        ColumnType::Primitive(kind) if is_text(*kind) => Cell::Text(text),
        ColumnType::Primitive(kind) => match text.parse() {
            Ok(value) if has_number(*kind, value) => Cell::Integer(value),
            _ => return Fitted::Misfit,
        },
        ColumnType::Complex(_) => return Fitted::Misfit,
    })
}

fn fit_text<'a>(text: Cow<'a, str>, of: &ColumnType) -> Fitted<'a> {
    Fitted::Cell(match of {
        ColumnType::Any => Cell::Text(text),
        ColumnType::Primitive(
            kind @ (PrimitiveKind::Date
            | PrimitiveKind::DateTime
            | PrimitiveKind::Instant
            | PrimitiveKind::Time),
        ) => match lexical::check(*kind, &text) {
            Ok(()) => Cell::Text(text),
            Err(_) => return Fitted::Misfit,
        },
        ColumnType::Primitive(PrimitiveKind::Integer64) => match text.parse() {
            Ok(value) => Cell::Integer(value),
            Err(_) => return Fitted::Misfit,
        },
        ColumnType::Primitive(kind) if is_text(*kind) => Cell::Text(text),
        _ => return Fitted::Misfit,
    })
}

/// Whether values of a type are any text.
fn is_text(kind: PrimitiveKind) -> bool {
    !matches!(
        kind,
        PrimitiveKind::Boolean
            | PrimitiveKind::Integer
            | PrimitiveKind::Integer64
            | PrimitiveKind::PositiveInt
            | PrimitiveKind::UnsignedInt
            | PrimitiveKind::Decimal
            | PrimitiveKind::Date
            | PrimitiveKind::DateTime
            | PrimitiveKind::Instant
            | PrimitiveKind::Time
    )
}
