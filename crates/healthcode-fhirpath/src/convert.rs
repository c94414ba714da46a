//! Conversions between the `System` types.

use crate::equal::number;
use crate::item::Item;
use crate::quantity::{Quantity, Unit, plain_quantity};
use crate::temporal::{Calendar, Temporal, TemporalKind};
use crate::text::Text;
use rust_decimal::Decimal;
use std::str::FromStr;

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
