//! Numbers, and quantities with their units. Each value is a range, mostly of one number.

use super::super::number::{Exact, Extent};
use super::super::truth::Truth;
use super::super::walk::{Found, text_at, values};
use crate::Reason;
use healthcode_core::Element;
use healthcode_r4 as r4;
use healthcode_search::{Prefix, Quantity};

/// A number, or a range of such.
pub(super) fn number(found: Found<'_>, prefix: Option<Prefix>, wanted: Exact) -> Truth {
    let extent = match found {
        // A choice between a number and text: a dose is "3" or "booster".
        Found::Text(text) => match Exact::parse(text) {
            Some(number) => Some(Extent::of(number)),
            None => return Truth::No,
        },
        Found::Integer(_) | Found::Decimal(_) => found.number().map(Extent::of),
        Found::Element(element) => match element.downcast_ref::<r4::Range>() {
            Some(range) => extent_of(range),
            None => return Truth::No,
        },
        _ => return Truth::No,
    };
    truth(extent, prefix, wanted)
}

fn truth(extent: Option<Extent>, prefix: Option<Prefix>, wanted: Exact) -> Truth {
    match extent {
        Some(extent) => Truth::from(extent.matches(prefix, wanted)),
        None => Truth::Unknown(Reason::Unreadable),
    }
}

/// The bounds of a range; none if a number cannot be read.
fn extent_of(range: &r4::Range) -> Option<Extent> {
    let bound = |quantity: Option<&r4::Quantity>| {
        let value = quantity.and_then(|quantity| quantity.value.value());
        value.map_or(Some(None), |value| Exact::parse(value.as_str()).map(Some))
    };
    Some(Extent {
        low: bound(range.low.as_deref())?,
        high: bound(range.high.as_deref())?,
    })
}

/// A quantity, an amount of money, a range or the bounds of sampled data. Units are compared as they are;
/// none is converted.
pub(super) fn quantity(wanted: &Quantity, number: Exact, found: Found<'_>) -> Truth {
    let Found::Element(element) = found else {
        return Truth::No;
    };
    let (unit, extent) = if let Some(range) = element.downcast_ref::<r4::Range>() {
        let bounds = [range.low.as_deref(), range.high.as_deref()];
        let mut bounds = bounds.into_iter().flatten().peekable();
        let some = bounds.peek().is_some();
        let unit = some && bounds.all(|bound| is_of(wanted, bound));
        (unit, extent_of(range))
    } else if let Some(data) = element.downcast_ref::<r4::SampledData>() {
        let origin = data.origin.as_deref();
        let unit = origin.is_some_and(|origin| is_of(wanted, origin));
        (unit, sampled(data))
    } else {
        match simple(element) {
            Some(extent) => (is_of(wanted, element), extent),
            None => return Truth::No,
        }
    };
    if unit {
        truth(extent, wanted.prefix, number)
    } else {
        Truth::No
    }
}

/// The number of a quantity, which a comparator makes a range; none if it has none.
fn simple(element: &dyn Element) -> Option<Option<Extent>> {
    let text = |name| match values(element, name).first() {
        Some(Found::Text(text) | Found::Decimal(text)) => Some(*text),
        _ => None,
    };
    let Some(number) = Exact::parse(text("value")?) else {
        return Some(None);
    };
    let (low, high) = match text("comparator") {
        Some("<" | "<=") => (None, Some(number)),
        Some(">" | ">=") => (Some(number), None),
        _ => (Some(number), Some(number)),
    };
    Some(Some(Extent { low, high }))
}

/// Whether a quantity is in the unit that is requested.
fn is_of(wanted: &Quantity, element: &dyn Element) -> bool {
    const CURRENCIES: &str = "urn:iso:std:iso:4217";
    let text = |name| text_at(element, name);
    let currency = text("currency");
    let system = text("system").or(currency.map(|_| CURRENCIES));
    let code = text("code").or(currency);
    match &wanted.unit {
        None => true,
        Some((own, unit)) if own.is_empty() => {
            code == Some(unit) || text("unit") == Some(unit.as_str())
        }
        Some((own, unit)) => system == Some(own) && (unit.is_empty() || code == Some(unit)),
    }
}

/// From the least to the greatest of sampled data; what is beyond the limits of detection has no bound.
fn sampled(data: &r4::SampledData) -> Option<Extent> {
    let number =
        |decimal: Option<&r4::Decimal>| decimal.map(|decimal| Exact::parse(decimal.as_str()));
    let origin = data.origin.as_deref()?.value.value();
    let origin = number(origin)??;
    let factor = match number(data.factor.value()) {
        Some(factor) => Some(factor?),
        None => None,
    };
    let (mut extent, mut above, mut below): (Option<Extent>, _, _) = (None, false, false);
    for word in data.data.as_str()?.split_ascii_whitespace() {
        match word {
            "E" => {}
            "U" => above = true,
            "L" => below = true,
            word => {
                let raw = Exact::parse(word)?;
                let scaled = match factor {
                    Some(factor) => raw.times(factor)?,
                    None => raw,
                };
                let one = Extent::of(scaled.plus(origin)?);
                extent = Some(extent.map_or(one, |extent| extent.with(one)));
            }
        }
    }
    let bound = |number: Option<Exact>, open: bool| number.filter(|_| !open);
    match extent {
        Some(extent) => Some(Extent {
            low: bound(extent.low, below),
            high: bound(extent.high, above),
        }),
        None => (above || below).then_some(Extent {
            low: None,
            high: None,
        }),
    }
}
