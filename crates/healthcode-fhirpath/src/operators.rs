//! What operators do with the items on both sides.

use crate::ast::Operator;
use crate::equal::{DistinctItems, Equality, compare, number, quantity};
use crate::error::EvalErrorKind;
use crate::eval::{Evaluator, Result, at_most_one, wrong};
use crate::item::{Collection, Item};
use crate::quantity::{Quantity, Unit, round};
use crate::temporal::{Calendar, Temporal, TemporalKind};
use crate::text::Text;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

impl<'a> Evaluator<'_, 'a> {
    /// Operators that give a truth value, `and` and its like aside.
    pub(crate) fn relate(
        &self,
        operator: Operator,
        left: &Collection<'a>,
        right: &Collection<'a>,
    ) -> Result<Option<bool>> {
        let equality = self.equality();
        let equivalence = Equality {
            equivalence: true,
            ..equality
        };
        self.spend(left.len().max(right.len()))?;
        Ok(match operator {
            Operator::Equal | Operator::NotEqual => {
                if left.is_empty() || right.is_empty() {
                    return Ok(None);
                }
                let equal = equality.collections(left, right);
                equal.map(|equal| equal == (operator == Operator::Equal))
            }
            Operator::Equivalent | Operator::NotEquivalent => {
                self.spend_kept(right.len())?;
                let same = equivalence.equivalent_collections(left, right);
                Some(same == (operator == Operator::Equivalent))
            }
            _ => self.ordered(operator, left, right)?,
        })
    }

    fn ordered(
        &self,
        operator: Operator,
        left: &Collection<'a>,
        right: &Collection<'a>,
    ) -> Result<Option<bool>> {
        let of = operator.symbol();
        let Some((a, b)) = pair(left, right, of)? else {
            return Ok(None);
        };
        let (x, y) = match (a.system(), b.system()) {
            (Some(x), Some(y)) => (x, y),
            (None, _) => return unordered(a, of),
            (_, None) => return unordered(b, of),
        };
        let order = compare(&x, &y, self.env.zone).map_err(|()| {
            let expected = "two values of one type that has an order";
            wrong(of, expected, if number(&x).is_some() { b } else { a })
        })?;
        Ok(order.map(|order| match operator {
            Operator::Less => order.is_lt(),
            Operator::LessEqual => order.is_le(),
            Operator::Greater => order.is_gt(),
            _ => order.is_ge(),
        }))
    }

    /// Operators that give other items.
    pub(crate) fn operate(
        &self,
        operator: Operator,
        left: Collection<'a>,
        right: Collection<'a>,
    ) -> Result<Collection<'a>> {
        if operator == Operator::Concatenate {
            let a = self.string(&left, "&")?;
            let b = self.string(&right, "&")?;
            let length = |text: &Option<Text<'_>>| text.as_ref().map_or(0, |text| text.len());
            self.spend_text(length(&a).saturating_add(length(&b)))?;
            let joined = match (&a, &b) {
                (Some(a), Some(b)) => [&**a, &**b].concat(),
                (Some(text), None) | (None, Some(text)) => text.to_string(),
                (None, None) => String::new(),
            };
            Ok(Item::String(joined.into()).into())
        } else {
            let of = operator.symbol();
            let Some((a, b)) = pair(&left, &right, of)? else {
                return Ok(Collection::new());
            };
            match (a.system(), b.system()) {
                (Some(a), Some(b)) => Ok(self.arithmetic(operator, &a, &b)?.into()),
                (None, _) => unordered(a, of).map(|_| Collection::new()),
                (_, None) => unordered(b, of).map(|_| Collection::new()),
            }
        }
    }

    pub(crate) fn union(&self, left: &[Item<'a>], right: &[Item<'a>]) -> Result<Collection<'a>> {
        self.spend(left.len().saturating_add(right.len()).saturating_mul(4))?;
        let mut seen = DistinctItems::new(self.equality());
        for item in left.iter().chain(right) {
            seen.add(item);
        }
        Ok(seen.into_collection())
    }

    fn arithmetic(
        &self,
        operator: Operator,
        a: &Item<'a>,
        b: &Item<'a>,
    ) -> Result<Option<Item<'a>>> {
        let of = operator.symbol();
        Ok(match (operator, a, b) {
            (Operator::Add, Item::String(a), Item::String(b)) => {
                self.spend_text(a.len() + b.len())?;
                Some(Item::String([&**a, &**b].concat().into()))
            }
            (Operator::Add, Item::Temporal(a), Item::Quantity(b)) => later(*a, b, b.value, of)?,
            (Operator::Subtract, Item::Temporal(a), Item::Quantity(b)) => {
                later(*a, b, -b.value, of)?
            }
            (_, Item::Integer(a), Item::Integer(b)) => integers(operator, *a, *b),
            (_, Item::Quantity(_), _) | (_, _, Item::Quantity(_)) => {
                let of_item = |item| {
                    quantity(item).ok_or_else(|| wrong(of, "two quantities or numbers", item))
                };
                quantities(operator, &of_item(a)?, &of_item(b)?, of)?
            }
            _ => {
                let expected = "two numbers, or other values that it is defined for";
                let x = number(a).ok_or_else(|| wrong(of, expected, a))?;
                let y = number(b).ok_or_else(|| wrong(of, expected, b))?;
                decimals(operator, x, y)
            }
        })
    }

    pub(crate) fn sign(&self, items: Collection<'a>, minus: bool) -> Result<Collection<'a>> {
        let of = if minus { "-" } else { "+" };
        let Some(value) = at_most_one(&items, of)?.and_then(Item::system) else {
            return Ok(Collection::new());
        };
        Ok(match value {
            Item::Integer(value) if minus => value.checked_neg().map(Item::Integer).into(),
            Item::Decimal(value) if minus => Item::Decimal(-value).into(),
            Item::Quantity(value) if minus => Item::Quantity(Quantity {
                value: -value.value,
                unit: value.unit,
            })
            .into(),
            value @ (Item::Integer(_) | Item::Decimal(_) | Item::Quantity(_)) => value.into(),
            other => return Err(wrong(of, "a number or quantity", &other)),
        })
    }
}

/// What a value outside the `System` types means for an operator: a primitive without a
/// value is empty, anything else an error.
pub(crate) fn unordered(item: &Item<'_>, of: &'static str) -> Result<Option<bool>> {
    match item {
        Item::Node(node) if node.as_element().is_none() => Ok(None),
        // A quantity with a comparator, or without a number, has no place in the order.
        Item::Node(node) if node.is_a("Quantity") => Ok(None),
        _ => Err(wrong(of, "a primitive value", item)),
    }
}

/// The single items of both sides; `None` if one of them is empty.
fn pair<'c, 'a>(
    left: &'c Collection<'a>,
    right: &'c Collection<'a>,
    of: &'static str,
) -> Result<Option<(&'c Item<'a>, &'c Item<'a>)>> {
    match (left.as_slice(), right.as_slice()) {
        ([a], [b]) => Ok(Some((a, b))),
        (a, b) if a.len() > 1 || b.len() > 1 => Err(EvalErrorKind::NotSingle { of }.into()),
        _ => Ok(None),
    }
}

/// A date or time, so much later.
fn later<'a>(
    from: Temporal,
    quantity: &Quantity<'_>,
    amount: Decimal,
    of: &'static str,
) -> Result<Option<Item<'a>>> {
    let unit = match &quantity.unit {
        Unit::Calendar(unit) => Some(*unit),
        Unit::Ucum(code) => Calendar::of_ucum(code).or_else(|| Calendar::of_word(code)),
    };
    // A time of day has no days that others could be added to.
    let unit = unit.filter(|unit| from.kind() != TemporalKind::Time || unit.is_of_a_day());
    let unit = unit.ok_or(EvalErrorKind::Unit { of })?;
    Ok(from.plus(amount, unit).map(Item::Temporal))
}

fn integers<'a>(operator: Operator, a: i32, b: i32) -> Option<Item<'a>> {
    let value = match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        Operator::Div => a.checked_div(b),
        Operator::Mod => a.checked_rem(b),
        _ => return decimals(operator, a.into(), b.into()),
    };
    value.map(Item::Integer)
}

fn decimals<'a>(operator: Operator, a: Decimal, b: Decimal) -> Option<Item<'a>> {
    match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide => a.checked_div(b).map(|quotient| quotient.normalize()),
        Operator::Mod => a.checked_rem(b),
        Operator::Div => {
            let whole = a.checked_div(b)?.trunc();
            return match whole.to_i32() {
                Some(whole) => Some(Item::Integer(whole)),
                None => Some(Item::Decimal(whole)),
            };
        }
        _ => None,
    }
    .map(Item::Decimal)
}

fn quantities<'a>(
    operator: Operator,
    a: &Quantity<'a>,
    b: &Quantity<'a>,
    of: &'static str,
) -> Result<Option<Item<'a>>> {
    let one = |unit: &Unit<'_>| unit.code() == "1";
    let (value, unit) = match operator {
        Operator::Add | Operator::Subtract => {
            let Some(other) = a.in_this_unit(b) else {
                return Ok(None);
            };
            let value = match operator {
                Operator::Add => a.value.checked_add(other),
                _ => a.value.checked_sub(other),
            };
            (value, a.unit.clone())
        }
        Operator::Multiply => {
            let unit = if one(&a.unit) {
                b.unit.clone()
            } else if one(&b.unit) {
                a.unit.clone()
            } else {
                compound(&a.unit, '.', &b.unit)
            };
            (a.value.checked_mul(b.value), unit)
        }
        Operator::Divide => {
            if let Some(other) = a.in_this_unit(b) {
                let unit = Unit::Ucum(Text::Borrowed("1"));
                (a.value.checked_div(other), unit)
            } else if one(&b.unit) {
                (a.value.checked_div(b.value), a.unit.clone())
            } else {
                (
                    a.value.checked_div(b.value),
                    compound(&a.unit, '/', &b.unit),
                )
            }
        }
        _ => return Err(EvalErrorKind::Unit { of }.into()),
    };
    let value = value.map(|value| round(value, 20).normalize());
    Ok(value.map(|value| Item::Quantity(Quantity { value, unit })))
}

fn compound<'a>(a: &Unit<'_>, operator: char, b: &Unit<'_>) -> Unit<'a> {
    let plain = |code: &str| code.bytes().all(|b| b.is_ascii_alphabetic());
    let (a, b) = (a.code(), b.code());
    let text = if plain(b) {
        format!("{a}{operator}{b}")
    } else {
        format!("{a}{operator}({b})")
    };
    Unit::Ucum(text.into())
}
