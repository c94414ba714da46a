//! [`Quantity`]: a number with a unit.

use crate::node::is_quantity;
use crate::temporal::Calendar;
use crate::text::Text;
use crate::ucum::Unit as Ucum;
use healthcode_core::{Element, Fields, ValueRef};
use rust_decimal::Decimal;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A number with a unit: `4 days`, `10 'mg'`.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity<'a> {
    /// The number.
    pub value: Decimal,
    /// The unit.
    pub unit: Unit<'a>,
}

/// The unit of a [`Quantity`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Unit<'a> {
    /// A unit of calendar time, written as a word.
    Calendar(Calendar),
    /// A UCUM code; `1` for none.
    Ucum(Text<'a>),
}

impl Unit<'_> {
    /// The unit without what it borrows.
    pub(crate) fn code(&self) -> &str {
        match self {
            Unit::Calendar(calendar) => calendar.ucum(),
            Unit::Ucum(code) => code,
        }
    }

    /// Years and months of the calendar, in months.
    fn months(&self) -> Option<Decimal> {
        match self {
            Unit::Calendar(Calendar::Year) => Some(Decimal::from(12)),
            Unit::Calendar(Calendar::Month) => Some(Decimal::ONE),
            _ => None,
        }
    }
}

/// How two quantities compare.
pub(crate) enum Comparison {
    Known(Ordering),
    /// They measure different things.
    Incomparable,
    /// Comparable in principle, but not exactly: years of the calendar and of UCUM.
    Unknown,
}

impl Quantity<'_> {
    /// Whether both measure the same sort of thing.
    pub(crate) fn comparable(&self, other: &Self) -> bool {
        let (a, b) = (self.unit.code(), other.unit.code());
        a == b || matches!((Ucum::parse(a), Ucum::parse(b)), (Some(a), Some(b)) if a.comparable(&b))
    }

    pub(crate) fn compare(&self, other: &Self) -> Comparison {
        if self.unit == other.unit {
            return Comparison::Known(self.value.cmp(&other.value));
        }
        let (a, b) = match (self.unit.months(), other.unit.months()) {
            (Some(a), Some(b)) => (self.value.checked_mul(a), other.value.checked_mul(b)),
            (None, None) => return self.by_ucum(other),
            _ if self.comparable(other) => return Comparison::Unknown,
            _ => return Comparison::Incomparable,
        };
        match a.zip(b) {
            Some((a, b)) => Comparison::Known(a.cmp(&b)),
            None => Comparison::Unknown,
        }
    }

    fn by_ucum(&self, other: &Self) -> Comparison {
        if self.unit.code() == other.unit.code() {
            return Comparison::Known(self.value.cmp(&other.value));
        }
        let units = Ucum::parse(self.unit.code()).zip(Ucum::parse(other.unit.code()));
        match units {
            Some((a, b)) if a.comparable(&b) => match a.align(self.value, &b, other.value) {
                Some((a, b)) => Comparison::Known(a.cmp(&b)),
                None => Comparison::Unknown,
            },
            _ => Comparison::Incomparable,
        }
    }

    /// Whether both are the same to the precision of the less precise value. Here the years and
    /// months of the calendar are those of UCUM.
    pub(crate) fn equivalent(&self, other: &Self) -> bool {
        let Some((a, b)) = Ucum::parse(self.unit.code()).zip(Ucum::parse(other.unit.code())) else {
            return self.unit.code() == other.unit.code()
                && decimals_equivalent(self.value, other.value);
        };
        if self.unit.code() == other.unit.code() {
            return decimals_equivalent(self.value, other.value);
        }
        match b.convert(other.value, &a) {
            Some(value) => {
                let scale = self.value.scale().min(value.scale());
                self.value.round_dp(scale) == value.round_dp(scale)
            }
            None => false,
        }
    }

    /// The other's value in this quantity's unit, where they measure the same.
    pub(crate) fn in_this_unit(&self, other: &Self) -> Option<Decimal> {
        if self.unit == other.unit || self.unit.code() == other.unit.code() {
            return Some(other.value);
        }
        if let (Some(a), Some(b)) = (self.unit.months(), other.unit.months()) {
            return other.value.checked_mul(b)?.checked_div(a);
        }
        Ucum::parse(other.unit.code())?.convert(other.value, &Ucum::parse(self.unit.code())?)
    }
}

/// Whether two numbers are the same to the precision of the less precise one.
pub(crate) fn decimals_equivalent(a: Decimal, b: Decimal) -> bool {
    // Zeros at the end say nothing here.
    let scale = a.normalize().scale().min(b.normalize().scale());
    round(a, scale) == round(b, scale)
}

/// Rounds to so many digits after the point, halves away from zero.
pub(crate) fn round(value: Decimal, scale: u32) -> Decimal {
    value.round_dp_with_strategy(scale, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
}

impl fmt::Display for Quantity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.unit {
            Unit::Calendar(unit) if self.value == Decimal::ONE => {
                write!(f, "{} {}", self.value, unit.singular())
            }
            Unit::Calendar(unit) => write!(f, "{} {}", self.value, unit.plural()),
            Unit::Ucum(code) => write!(f, "{} '{code}'", self.value),
        }
    }
}

impl<'a> Quantity<'a> {
    /// The same quantity in another unit: a UCUM code, or a word of the calendar.
    pub(crate) fn to_unit(&self, unit: Text<'a>) -> Option<Quantity<'a>> {
        let unit = match Calendar::of_word(&unit) {
            Some(unit) => Unit::Calendar(unit),
            None => Unit::Ucum(unit),
        };
        let target = Quantity {
            value: Decimal::ONE,
            unit,
        };
        let value = target.in_this_unit(self)?;
        Some(Quantity {
            value: value.normalize(),
            unit: target.unit,
        })
    }
}

/// A number as a quantity: its unit is `1`.
pub(crate) fn plain_quantity<'a>(value: Decimal) -> Quantity<'a> {
    Quantity {
        value,
        unit: Unit::Ucum(Text::Borrowed("1")),
    }
}

const UCUM: &str = "http://unitsofmeasure.org";

/// The quantity that a FHIR Quantity, or a type that restricts it, stands for. One with a
/// comparator has none.
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

/// A JSON number; what goes beyond 28 digits is rounded.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    if text.contains(['e', 'E']) {
        return Decimal::from_scientific(text).ok();
    }
    Decimal::from_str(text).ok()
}
