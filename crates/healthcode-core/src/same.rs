//! Equality of model values, by their fields: what generated `PartialEq` impls call.

use crate::{Element, FieldRef, Fields, ValueRef};
use std::any::Any;

/// Whether two elements are of one type and hold the same: the same values by their text, the same
/// ids and extensions, and the same beside them.
#[must_use]
pub fn same_element(a: &dyn Element, b: &dyn Element) -> bool {
    same(a, b, &mut Fields::new(), &mut Fields::new())
}

fn same<'a, 'b>(
    a: &'a dyn Element,
    b: &'b dyn Element,
    left: &mut Fields<'a>,
    right: &mut Fields<'b>,
) -> bool {
    if (a as &dyn Any).type_id() != (b as &dyn Any).type_id() || a.extras() != b.extras() {
        return false;
    }
    let (from, start) = (left.len(), right.len());
    a.fields(left);
    b.fields(right);
    let count = left.len() - from;
    if right.len() - start != count {
        return false;
    }
    for index in 0..count {
        if !same_field(
            left.get(from + index),
            right.get(start + index),
            left,
            right,
        ) {
            return false;
        }
    }
    left.truncate(from);
    right.truncate(start);
    true
}

fn same_field<'a, 'b>(
    a: FieldRef<'a>,
    b: FieldRef<'b>,
    left: &mut Fields<'a>,
    right: &mut Fields<'b>,
) -> bool {
    (a.index, a.choice) == (b.index, b.choice) && same_value(a.value, b.value, left, right)
}

fn same_value<'a, 'b>(
    a: ValueRef<'a>,
    b: ValueRef<'b>,
    left: &mut Fields<'a>,
    right: &mut Fields<'b>,
) -> bool {
    match (a, b) {
        (ValueRef::Text(a), ValueRef::Text(b)) => a == b,
        (ValueRef::Decimal(a), ValueRef::Decimal(b)) => a == b,
        (ValueRef::Boolean(a), ValueRef::Boolean(b)) => a == b,
        (ValueRef::Integer(a), ValueRef::Integer(b)) => a == b,
        (ValueRef::Metadata(a), ValueRef::Metadata(b))
        | (ValueRef::Element(a), ValueRef::Element(b)) => same(a, b, left, right),
        (ValueRef::Elements(a), ValueRef::Elements(b)) => {
            a.count() == b.count()
                && (0..a.count()).all(|i| same(a.element_at(i), b.element_at(i), left, right))
        }
        (ValueRef::Primitives(a), ValueRef::Primitives(b)) => {
            a.count() == b.count()
                && (0..a.count()).all(|i| {
                    let values = match (a.value_at(i), b.value_at(i)) {
                        (Some(a), Some(b)) => same_value(a, b, left, right),
                        (a, b) => a.is_none() && b.is_none(),
                    };
                    values
                        && match (a.metadata_at(i), b.metadata_at(i)) {
                            (Some(a), Some(b)) => same(a, b, left, right),
                            (a, b) => a.is_none() && b.is_none(),
                        }
                })
        }
        _ => false,
    }
}

/// Whether what two values put among the fields is the same; for choice enums.
#[doc(hidden)]
#[must_use]
pub fn same_fields<'v>(a: &dyn Fn(&mut Fields<'v>), b: &dyn Fn(&mut Fields<'v>)) -> bool {
    let (mut left, mut right) = (Fields::new(), Fields::new());
    a(&mut left);
    b(&mut right);
    let count = left.len();
    count == right.len()
        && (0..count).all(|i| same_field(left.get(i), right.get(i), &mut left, &mut right))
}
