//! Functions of numbers, and of how precise values are.

use crate::ast::Call;
use crate::equal::number;
use crate::error::EvalErrorKind;
use crate::eval::{Evaluator, Result, Scope, at_most_one, wrong};
use crate::functions::Func;
use crate::item::{Collection, Item};
use crate::quantity::{Quantity, round};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, MathematicalOps, RoundingStrategy};

/// Digits after the point of numbers that are not exact.
const INEXACT_SCALE: u32 = 16;
/// The most digits after the point that decimals have.
const MAX_SCALE: i32 = 28;

impl<'a> Evaluator<'_, 'a> {
    pub(crate) fn math(
        &self,
        call: &Call,
        items: &[Item<'a>],
        scope: Scope<'_, 'a>,
    ) -> Result<Collection<'a>> {
        let of = call.function.name;
        let Some(item) = at_most_one(items, of)? else {
            return Ok(Collection::new());
        };
        let Some(value) = item.system() else {
            return Ok(Collection::new());
        };
        let argument = self.argument(call.arguments.first(), scope)?;
        if let Some(found) = self.measured(call, item, &value, &argument)? {
            return Ok(found);
        }
        let x = number(&value).ok_or_else(|| wrong(of, "a number", item))?;
        let inexact = |value: Option<Decimal>| {
            value.map(|value| Item::Decimal(round(value, INEXACT_SCALE).normalize()))
        };
        let whole = |value: Decimal| value.to_i32().map(Item::Integer);
        let second = match at_most_one(&argument, of)? {
            None => None,
            Some(item) => match item.system().as_ref().map(number) {
                Some(Some(number)) => Some(number),
                None => None,
                Some(None) => return Err(wrong(of, "a number", item)),
            },
        };
        Ok(match call.function.func {
            Func::Ceiling => whole(x.ceil()),
            Func::Floor => whole(x.floor()),
            Func::Truncate => whole(x.trunc()),
            Func::Exp => inexact(x.checked_exp()),
            Func::Ln => inexact(logarithm(x)),
            Func::Sqrt => inexact(x.sqrt()),
            Func::Log => {
                let base = second.and_then(logarithm);
                inexact(base.and_then(|base| logarithm(x)?.checked_div(base)))
            }
            Func::Power => match (&value, second) {
                (_, None) => None,
                (Item::Integer(base), Some(exponent)) if exponent.scale() == 0 => {
                    match u32::try_from(exponent).ok() {
                        Some(exponent) => base.checked_pow(exponent).map(Item::Integer),
                        None => inexact(power(x, exponent)),
                    }
                }
                (_, Some(exponent)) => inexact(power(x, exponent)),
            },
            _ => {
                let digits = match call.arguments.len() {
                    0 => Some(0),
                    _ => self.integer(&argument, of)?,
                };
                match digits {
                    None => None,
                    Some(digits) => {
                        let digits = u32::try_from(digits).map_err(|_| {
                            let expected = "a number of digits that is not negative";
                            EvalErrorKind::Argument { of, expected }
                        })?;
                        Some(Item::Decimal(round(x, digits)))
                    }
                }
            }
        }
        .into())
    }

    /// How precise a value is, its boundaries and its distance from zero: what more than numbers
    /// have. `None` for the other functions.
    fn measured(
        &self,
        call: &Call,
        item: &Item<'a>,
        value: &Item<'a>,
        argument: &[Item<'a>],
    ) -> Result<Option<Collection<'a>>> {
        let of = call.function.name;
        Ok(Some(match call.function.func {
            Func::LowBoundary | Func::HighBoundary => {
                let digits = match call.arguments.len() {
                    0 => None,
                    _ => match self.integer(argument, of)? {
                        None => return Ok(Some(Collection::new())),
                        digits => digits,
                    },
                };
                let high = call.function.func == Func::HighBoundary;
                match boundary(value, digits, high) {
                    Ok(value) => value.into(),
                    Err(()) => return Err(wrong(of, "a number, quantity, date or time", item)),
                }
            }
            Func::Precision => {
                let digits = match value {
                    Item::Integer(_) => 0,
                    Item::Decimal(value) => value.scale(),
                    Item::Temporal(value) => value.digits().into(),
                    _ => return Err(wrong(of, "a number, date or time", item)),
                };
                Item::Integer(i32::try_from(digits).unwrap_or(0)).into()
            }
            Func::Abs => match value {
                Item::Integer(value) => value.checked_abs().map(Item::Integer).into(),
                Item::Decimal(value) => Item::Decimal(value.abs()).into(),
                Item::Quantity(Quantity { value, unit }) => Item::Quantity(Quantity {
                    value: value.abs(),
                    unit: unit.clone(),
                })
                .into(),
                _ => return Err(wrong(of, "a number or quantity", item)),
            },
            _ => return Ok(None),
        }))
    }
}

fn logarithm(value: Decimal) -> Option<Decimal> {
    (value > Decimal::ZERO).then(|| value.checked_ln())?
}

fn power(base: Decimal, exponent: Decimal) -> Option<Decimal> {
    if exponent.fract().is_zero() {
        return base.checked_powi(exponent.to_i64()?);
    }
    (base > Decimal::ZERO).then(|| base.checked_powd(exponent))?
}

/// The least or greatest value that one of this precision can stand for, with so many digits.
/// `Err` for types that have no boundaries.
fn boundary<'a>(
    value: &Item<'a>,
    digits: Option<i32>,
    high: bool,
) -> std::result::Result<Option<Item<'a>>, ()> {
    Ok(match value {
        Item::Integer(value) => of_decimal(Decimal::from(*value), digits, high).map(Item::Decimal),
        Item::Decimal(value) => of_decimal(*value, digits, high).map(Item::Decimal),
        Item::Quantity(Quantity { value, unit }) => of_decimal(*value, digits, high).map(|value| {
            Item::Quantity(Quantity {
                value,
                unit: unit.clone(),
            })
        }),
        Item::Temporal(value) => value.boundary(digits, high).map(Item::Temporal),
        _ => return Err(()),
    })
}

fn of_decimal(value: Decimal, digits: Option<i32>, high: bool) -> Option<Decimal> {
    let digits = digits.unwrap_or(8);
    if !(0..=MAX_SCALE).contains(&digits) {
        return None;
    }
    let digits = u32::try_from(digits).ok()?;
    let half = Decimal::try_from_i128_with_scale(5, value.scale() + 1).ok()?;
    let (edge, rounding) = if high {
        (
            value.checked_add(half)?,
            RoundingStrategy::ToPositiveInfinity,
        )
    } else {
        (
            value.checked_sub(half)?,
            RoundingStrategy::ToNegativeInfinity,
        )
    };
    let mut edge = edge.round_dp_with_strategy(digits, rounding);
    edge.rescale(digits);
    (edge.scale() == digits).then_some(edge)
}
