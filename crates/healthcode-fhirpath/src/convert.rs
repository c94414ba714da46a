//! Conversions between the `System` types, and of FHIR's Quantity into FHIRPath's.

use crate::equal::{number, plain_quantity};
use crate::item::{Item, decimal};
use crate::node::is_quantity;
use crate::quantity::{Quantity, Unit};
use crate::temporal::{Calendar, Temporal, TemporalKind};
use crate::text::Text;
use healthcode_core::{Element, Fields, ValueRef};
use rust_decimal::Decimal;
use std::str::FromStr;

const UCUM: &str = "http://unitsofmeasure.org";

/// The quantity that a FHIR Quantity, or a type that restricts it, stands for. One with a
/// comparator stands for none.
pub(crate) fn quantity_of(element: &dyn Element) -> Option<Quantity<'_>> {
    let schema = element.schema();
    if !is_quantity(schema) {
        return None;
    }
    let mut fields = Fields::new();
    element.fields(&mut fields);
    let (mut value, mut unit, mut system, mut code) = (None, None, None, None);
    for field in fields.since(0) {
        let name = schema.fields.get(usize::from(field.index))?.name();
        match (name, field.value) {
            ("value", ValueRef::Decimal(text)) => value = decimal(text),
            ("comparator", ValueRef::Text(_)) => return None,
            ("unit", ValueRef::Text(text)) => unit = Some(text),
            ("system", ValueRef::Text(text)) => system = Some(text),
            ("code", ValueRef::Text(text)) => code = Some(text),
            _ => {}
        }
    }
    let unit = match (system, code) {
        // As FHIR says, years and months of UCUM stand for those of the calendar.
        (Some(UCUM), Some("a")) => Unit::Calendar(Calendar::Year),
        (Some(UCUM), Some("mo")) => Unit::Calendar(Calendar::Month),
        (Some(UCUM) | None, Some(code)) => Unit::Ucum(Text::Borrowed(code)),
        (Some(system), Some(code)) => Unit::Ucum(format!("[{system}|{code}]").into()),
        (_, None) => Unit::Ucum(Text::Borrowed(unit.unwrap_or("1"))),
    };
    Some(Quantity {
        value: value?,
        unit,
    })
}

pub(crate) fn to_boolean(item: &Item<'_>) -> Option<bool> {
    match item {
        Item::Boolean(value) => Some(*value),
        Item::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "1.0" => Some(true),
            "false" | "f" | "no" | "n" | "0" | "0.0" => Some(false),
            _ => None,
        },
        item => {
            let value = number(item)?;
            if value == Decimal::ONE {
                Some(true)
            } else if value.is_zero() {
                Some(false)
            } else {
                None
            }
        }
    }
}

pub(crate) fn to_integer(item: &Item<'_>) -> Option<i32> {
    match item {
        Item::Integer(value) => Some(*value),
        Item::Boolean(value) => Some(i32::from(*value)),
        Item::String(text) => {
            let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
            let well = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            if well { text.parse().ok() } else { None }
        }
        _ => None,
    }
}

pub(crate) fn to_decimal(item: &Item<'_>) -> Option<Decimal> {
    match item {
        Item::Boolean(value) => Some(Decimal::from(u8::from(*value))),
        Item::String(text) => plain_decimal(text),
        item => number(item),
    }
}

/// Digits with a sign and a point, as FHIRPath has them.
fn plain_decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let well = |d: &str| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit());
    if well(whole) && well(fraction) {
        Decimal::from_str(text).ok()
    } else {
        None
    }
}

pub(crate) fn to_temporal(item: &Item<'_>, kind: TemporalKind) -> Option<Temporal> {
    match (item, kind) {
        (Item::String(text), TemporalKind::Date) => Temporal::parse_date(text)
            .or_else(|| Temporal::parse_date_time(text).map(Temporal::to_date)),
        (Item::String(text), TemporalKind::DateTime) => Temporal::parse_date_time(text),
        (Item::String(text), TemporalKind::Time) => Temporal::parse_time(text),
        (Item::Temporal(value), kind) => match (value.kind(), kind) {
            (from, to) if from == to => Some(*value),
            (TemporalKind::DateTime, TemporalKind::Date) => Some(value.to_date()),
            (TemporalKind::Date, TemporalKind::DateTime) => Some(value.to_date_time()),
            _ => None,
        },
        _ => None,
    }
}

pub(crate) fn to_quantity<'a>(item: &Item<'a>) -> Option<Quantity<'a>> {
    match item {
        Item::Quantity(quantity) => Some(quantity.clone()),
        Item::Boolean(value) => Some(plain_quantity(Decimal::from(u8::from(*value)))),
        Item::String(text) => parse_quantity(text),
        item => number(item).map(plain_quantity),
    }
}

/// A number, and a unit in quotes or of the calendar: `1 day`, `4.0 'mg'`.
fn parse_quantity<'a>(text: &str) -> Option<Quantity<'a>> {
    let text = text.trim();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '+' | '-')))
        .unwrap_or(text.len());
    let (value, unit) = text.split_at(end);
    let value = plain_decimal(value)?;
    let unit = unit.trim_start();
    if unit.is_empty() {
        return Some(plain_quantity(value));
    }
    let unit = match unit.strip_prefix('\'') {
        Some(code) => {
            let code = code.strip_suffix('\'').filter(|c| !c.contains('\''))?;
            Unit::Ucum(Text::from(code.to_owned()))
        }
        None => Unit::Calendar(Calendar::of_word(unit)?),
    };
    Some(Quantity { value, unit })
}
