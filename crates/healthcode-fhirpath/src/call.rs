//! What functions do with the items before them. Those that hand on items one by one, or give a
//! truth value without collecting, are in `eval.rs`.

use crate::ast::{Call, Expr};
use crate::convert;
use crate::equal::{DistinctItems, compare, quantity};
use crate::error::EvalErrorKind;
use crate::eval::{Evaluator, Result, Scope, at_most_one, wrong};
use crate::functions::{Func, Group};
use crate::item::{Collection, Item};
use crate::operators::unordered;
use crate::quantity::Quantity;
use crate::temporal::TemporalKind;
use healthcode_core::PrimitiveKind;
use std::cmp::Ordering;

impl<'a> Evaluator<'_, 'a> {
    pub(crate) fn call(
        &self,
        call: &Call,
        items: Collection<'a>,
        scope: Scope<'_, 'a>,
    ) -> Result<Collection<'a>> {
        let first = call.arguments.first();
        // Most make another collection of the items.
        self.spend_kept(items.len())?;
        Ok(match call.function.group {
            Group::Set => {
                let other = self.argument(first, scope)?;
                self.as_set(call.function.func, items, &other)?
            }
            Group::Number => self.math(call, &items, scope)?,
            Group::Text => self.text(call, &items, scope)?,
            Group::Conversion => self.conversion(call, &items, scope)?,
            Group::Fhir => self.fhir(call, items, scope)?,
            Group::Items => self.call_of_items(call, items, scope)?,
            // `eval` does not come here with them.
            Group::Streams | Group::Decides => items,
        })
    }

    fn call_of_items(
        &self,
        call: &Call,
        items: Collection<'a>,
        scope: Scope<'_, 'a>,
    ) -> Result<Collection<'a>> {
        let name = call.function.name;
        let first = call.arguments.first();
        Ok(match call.function.func {
            Func::AllTrue | Func::AnyTrue | Func::AllFalse | Func::AnyFalse => {
                Item::Boolean(quantified(call, &items)?).into()
            }
            Func::Count => Item::Integer(i32::try_from(items.len()).unwrap_or(i32::MAX)).into(),
            Func::Single => at_most_one(&items, name)?.cloned().into(),
            Func::Last => items.last().cloned().into(),
            Func::Tail => items.get(1..).unwrap_or_default().into(),
            Func::Skip | Func::Take => {
                let count = self.argument(first, scope)?;
                let Some(count) = self.integer(&count, name)? else {
                    return Ok(Collection::new());
                };
                let count = usize::try_from(count).unwrap_or(0).min(items.len());
                let (start, rest) = items.as_slice().split_at(count);
                match call.function.func {
                    Func::Skip => rest.into(),
                    _ => start.into(),
                }
            }
            Func::Repeat => self.repeat(first, items, scope)?,
            Func::Iif => self.iif(call, &items, scope)?,
            Func::Aggregate => self.aggregate(call, &items, scope)?,
            Func::Type => items
                .into_iter()
                .map(|item| {
                    let (namespace, name) = item.type_name();
                    Item::Type(namespace, name)
                })
                .collect(),
            Func::Trace => self.trace(call, items, scope)?,
            Func::Sort => self.sort(call, items, scope)?,
            Func::Now | Func::Today | Func::TimeOfDay => {
                let now = self.env.now.ok_or(EvalErrorKind::NoClock)?;
                match call.function.func {
                    Func::Now => Item::Temporal(now).into(),
                    Func::Today => Item::Temporal(now.to_date()).into(),
                    _ => now.to_time().map(Item::Temporal).into(),
                }
            }
            // `comparable()`.
            _ => {
                let other = self.argument(first, scope)?;
                let quantities = single_quantity(&items).zip(single_quantity(&other));
                let comparable = quantities.map(|(a, b)| a.comparable(&b));
                comparable.map(Item::Boolean).into()
            }
        })
    }

    /// What looks at items as the members of a set.
    fn as_set(
        &self,
        func: Func,
        items: Collection<'a>,
        other: &Collection<'a>,
    ) -> Result<Collection<'a>> {
        self.spend(other.len())?;
        let equality = self.equality();
        Ok(match func {
            Func::SubsetOf => {
                let many = DistinctItems::of(other, equality);
                Item::Boolean(items.iter().all(|item| many.contains(item))).into()
            }
            Func::SupersetOf => {
                let many = DistinctItems::of(&items, equality);
                Item::Boolean(other.iter().all(|item| many.contains(item))).into()
            }
            Func::Distinct => self.union(&items, &[])?,
            Func::IsDistinct => {
                let mut seen = DistinctItems::new(equality);
                Item::Boolean(items.iter().all(|item| seen.add(item))).into()
            }
            Func::Intersect => {
                let other = DistinctItems::of(other, equality);
                let mut common = DistinctItems::new(equality);
                for item in items.iter().filter(|item| other.contains(item)) {
                    common.add(item);
                }
                common.into_collection()
            }
            Func::Exclude => {
                let other = DistinctItems::of(other, equality);
                let kept = items.into_iter().filter(|item| !other.contains(item));
                kept.collect()
            }
            Func::Union => self.union(&items, other)?,
            _ => {
                self.spend(items.len().saturating_add(other.len()).saturating_mul(4))?;
                items.into_iter().chain(other.iter().cloned()).collect()
            }
        })
    }

    /// The items of an argument; names in it refer to what they refer to outside the call.
    pub(crate) fn argument(
        &self,
        argument: Option<&Expr>,
        scope: Scope<'_, 'a>,
    ) -> Result<Collection<'a>> {
        match argument {
            Some(argument) => self.eval(argument, scope),
            None => Ok(Collection::new()),
        }
    }

    fn repeat(
        &self,
        projection: Option<&Expr>,
        items: Collection<'a>,
        scope: Scope<'_, 'a>,
    ) -> Result<Collection<'a>> {
        let Some(projection) = projection else {
            return Ok(items);
        };
        let mut seen = DistinctItems::new(self.equality());
        let mut queue: Vec<Item<'a>> = items.into_iter().collect();
        while !queue.is_empty() {
            let mut next = Vec::new();
            for (index, item) in queue.iter().enumerate() {
                self.step()?;
                self.each(projection, scope.item(item, index), &mut |found| {
                    self.spend_kept(2)?;
                    if seen.add(&found) {
                        next.push(found);
                    }
                    Ok(true)
                })?;
            }
            queue = next;
        }
        Ok(seen.into_collection())
    }

    fn iif(&self, call: &Call, items: &[Item<'a>], scope: Scope<'_, 'a>) -> Result<Collection<'a>> {
        at_most_one(items, "iif()")?;
        // Names refer to what is before the function.
        let inner = Scope {
            this: items,
            ..scope
        };
        let [criterion, branches @ ..] = call.arguments.as_slice() else {
            return Ok(Collection::new());
        };
        let criterion = self.eval(criterion, inner)?;
        let chosen = match at_most_one(&criterion, "the criterion of iif()")? {
            None => branches.get(1),
            Some(item) => match (item.boolean(), item) {
                (Some(true), _) => branches.first(),
                (Some(false), _) => branches.get(1),
                // A boolean that has extensions only.
                (None, Item::Node(node))
                    if node.primitive_kind() == Some(PrimitiveKind::Boolean) =>
                {
                    branches.get(1)
                }
                (None, item) => return Err(wrong("the criterion of iif()", "a boolean", item)),
            },
        };
        self.argument(chosen, inner)
    }

    fn aggregate(
        &self,
        call: &Call,
        items: &[Item<'a>],
        scope: Scope<'_, 'a>,
    ) -> Result<Collection<'a>> {
        let mut total = self.argument(call.arguments.get(1), scope)?;
        for (index, item) in items.iter().enumerate() {
            self.step()?;
            let inner = Scope {
                total: Some(&total),
                ..scope.item(item, index)
            };
            let next = self.argument(call.arguments.first(), inner)?;
            total = next;
        }
        Ok(total)
    }

    fn trace(
        &self,
        call: &Call,
        items: Collection<'a>,
        scope: Scope<'_, 'a>,
    ) -> Result<Collection<'a>> {
        let name = self.argument(call.arguments.first(), scope)?;
        let name = self.string(&name, "trace()")?;
        let name = name.as_deref().unwrap_or("");
        match call.arguments.get(1) {
            None => self.env.services.trace(name, &items),
            Some(projection) => {
                let mut seen = Collection::new();
                for (index, item) in items.iter().enumerate() {
                    for found in self.eval(projection, scope.item(item, index))? {
                        seen.push(found);
                    }
                }
                self.env.services.trace(name, &seen);
            }
        }
        Ok(items)
    }

    /// Sorts by the arguments in turn, each of which may have a minus before it for descending
    /// order; without any, by the items themselves. What has no key comes first in either order.
    fn sort(
        &self,
        call: &Call,
        items: Collection<'a>,
        scope: Scope<'_, 'a>,
    ) -> Result<Collection<'a>> {
        let this = [Expr::This];
        let keys = match call.arguments.as_slice() {
            [] => &this,
            keys => keys,
        };
        let mut rows = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            self.spend_kept(keys.len().saturating_mul(2) + 2)?;
            let mut row = Vec::new();
            for key in keys {
                let (key, down) = match key {
                    Expr::Minus(key) => (&**key, true),
                    key => (key, false),
                };
                let value = self.eval(key, scope.item(&item, index))?;
                let value = at_most_one(&value, "sort()")?;
                if let Some(value) = value
                    && value.system().is_none()
                {
                    unordered(value, "sort()")?;
                }
                row.push((value.and_then(Item::system), down));
            }
            rows.push((row, item));
        }
        let mut failed = None;
        let zone = self.env.zone;
        let rows = merge_sort(rows, &mut |(a, _), (b, _)| {
            for ((a, down), (b, _)) in a.iter().zip(b) {
                let order = match (a, b) {
                    (None, None) => Ordering::Equal,
                    (None, _) => return Ordering::Less,
                    (_, None) => return Ordering::Greater,
                    (Some(a), Some(b)) => {
                        if let Ok(order) = compare(a, b, zone) {
                            order.unwrap_or(Ordering::Equal)
                        } else {
                            let expected = "items of one type that has an order";
                            failed = Some(wrong("sort()", expected, b));
                            Ordering::Equal
                        }
                    }
                };
                if order.is_ne() {
                    return if *down { order.reverse() } else { order };
                }
            }
            Ordering::Equal
        });
        match failed {
            Some(error) => Err(error),
            None => Ok(rows.into_iter().map(|(_, item)| item).collect()),
        }
    }

    fn conversion(
        &self,
        call: &Call,
        items: &[Item<'a>],
        scope: Scope<'_, 'a>,
    ) -> Result<Collection<'a>> {
        let of = call.function.name;
        let Some(item) = at_most_one(items, of)? else {
            return Ok(Collection::new());
        };
        let system = item.system();
        let temporal = |kind| {
            let value = system.as_ref()?;
            convert::to_temporal(value, kind).map(Item::Temporal)
        };
        let by =
            |convert: &dyn Fn(&Item<'a>) -> Option<Item<'a>>| system.as_ref().and_then(convert);
        let value = match call.function.func {
            Func::ToBoolean | Func::ConvertsToBoolean => {
                by(&|item| convert::to_boolean(item).map(Item::Boolean))
            }
            Func::ToInteger | Func::ConvertsToInteger => {
                by(&|item| convert::to_integer(item).map(Item::Integer))
            }
            Func::ToDecimal | Func::ConvertsToDecimal => {
                by(&|item| convert::to_decimal(item).map(Item::Decimal))
            }
            Func::ToString | Func::ConvertsToString => by(&|_| match item.shared_text() {
                Some(text) => Some(Item::String(text)),
                None => Some(Item::String(self.written(item).into())),
            }),
            Func::ToDate | Func::ConvertsToDate => temporal(TemporalKind::Date),
            Func::ToDateTime | Func::ConvertsToDateTime => temporal(TemporalKind::DateTime),
            Func::ToTime | Func::ConvertsToTime => temporal(TemporalKind::Time),
            _ => {
                let quantity = system.as_ref().and_then(convert::to_quantity);
                match (quantity, call.arguments.first()) {
                    (Some(quantity), Some(unit)) => {
                        let unit = self.eval(unit, scope)?;
                        let unit = self.string(&unit, of)?;
                        unit.and_then(|unit| quantity.to_unit(unit))
                    }
                    (quantity, _) => quantity,
                }
                .map(Item::Quantity)
            }
        };
        let is_test = of.starts_with("convertsTo");
        Ok(if is_test {
            Item::Boolean(value.is_some()).into()
        } else {
            value.into()
        })
    }

    /// A value as text; a FHIR Quantity as the quantity it is.
    fn written(&self, item: &Item<'a>) -> String {
        match item.system() {
            Some(Item::Quantity(quantity)) => quantity.to_string(),
            _ => item.to_string(),
        }
    }
}

/// Whether all or any of the items are true or false, as the function requires. What has no value says
/// nothing.
fn quantified(call: &Call, items: &[Item<'_>]) -> Result<bool> {
    let (any, wanted) = match call.function.func {
        Func::AllTrue => (false, true),
        Func::AnyTrue => (true, true),
        Func::AllFalse => (false, false),
        _ => (true, false),
    };
    let mut result = !any;
    for item in items {
        let value = match item.boolean() {
            Some(value) => value,
            None if item.system().is_none() && item.as_node().is_some() => continue,
            None => return Err(wrong(call.function.name, "booleans", item)),
        };
        if any {
            result |= value == wanted;
        } else {
            result &= value == wanted;
        }
    }
    Ok(result)
}

/// The quantity that a single item is; a number is one without unit.
fn single_quantity<'a>(items: &[Item<'a>]) -> Option<Quantity<'a>> {
    match items {
        [item] => quantity(&item.system()?),
        _ => None,
    }
}

/// Sorts stably by an order that need not be total: dates of different precision have none, and
/// the standard library may panic at that.
fn merge_sort<T>(mut rows: Vec<T>, order: &mut dyn FnMut(&T, &T) -> Ordering) -> Vec<T> {
    if rows.len() < 2 {
        return rows;
    }
    let right = rows.split_off(rows.len() / 2);
    let left = merge_sort(rows, order);
    let right = merge_sort(right, order);
    let mut out = Vec::with_capacity(left.len() + right.len());
    let mut right = right.into_iter().peekable();
    for row in left {
        while let Some(next) = right.next_if(|next| order(next, &row).is_lt()) {
            out.push(next);
        }
        out.push(row);
    }
    out.extend(right);
    out
}
