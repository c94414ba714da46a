//! Twins for data types.

use crate::invariant::given::{Given, is, is_not};
use healthcode_core::{Decimal, Text};
use healthcode_fhirpath as fhirpath;
use healthcode_r4::{
    Attachment, ContactPoint, DataRequirementCodeFilter, DataRequirementDateFilter, Expression,
    Extension, Period, Primitive, Quantity, Range, Ratio, Reference, TimingRepeat,
    TriggerDefinition,
};
use std::cmp::Ordering;
use std::sync::LazyLock;

const UCUM: &[&str] = &["http://unitsofmeasure.org"];
const CURRENCIES: &[&str] = &["urn:iso:std:iso:4217"];
const MEALS: &[&str] = &["C", "CM", "CD", "CV"];

twins! {
    "att-1": Attachment, |it| !it.data.given() || it.content_type.given();
    "cpt-2": ContactPoint, |it| !it.value.given() || it.system.given();
    "ext-1": Extension, |it| it.extension.given() != it.value.given();
    "ref-1": Reference, |it, place| match it.reference.as_str().and_then(|url| url.strip_prefix('#')) {
        // What is contained refers by # alone to what contains it.
        None | Some("") => true,
        Some(id) => place.contained(id).is_some(),
    };
    "per-1": Period, |it| match (it.start.value(), it.end.value()) {
        (Some(start), Some(end)) => start.order(end) != Some(Ordering::Greater),
        _ => true,
    };
    "qty-3": Quantity, |it| !it.code.given() || it.system.given();
    "sqty-1": Quantity, |it| !it.comparator.given();
    "age-1": Quantity, |it| unit_of(it, UCUM) && sign(&it.value).is_none_or(Ordering::is_gt);
    "cnt-3": Quantity, |it| unit_of(it, UCUM)
        && (!it.code.given() || !is_not(&it.code, &["1"]))
        && it.value.as_str().is_none_or(|value| !value.contains('.'));
    "dis-1": Quantity, |it| unit_of(it, UCUM);
    "drt-1": Quantity, |it| !it.code.given()
        || (it.system.given() && !is_not(&it.system, UCUM) && it.value.given());
    "mqty-1": Quantity, |it| unit_of(it, CURRENCIES);
    "rng-2": Range, |it| match (&it.low, &it.high) {
        (Some(low), Some(high)) if low.value.value().is_some() && high.value.value().is_some() => {
            match order(low, high) {
                Some(order) => order.is_le(),
                None => are_in_order(it),
            }
        }
        _ => true,
    };
    "rat-1": Ratio, |it| it.numerator.given() == it.denominator.given()
        && (it.numerator.given() || it.extension.given());
    "tim-1": TimingRepeat, |it| !it.duration.given() || it.duration_unit.given();
    "tim-2": TimingRepeat, |it| !it.period.given() || it.period_unit.given();
    "tim-4": TimingRepeat, |it| sign(&it.duration) != Some(Ordering::Less);
    "tim-5": TimingRepeat, |it| sign(&it.period) != Some(Ordering::Less);
    "tim-6": TimingRepeat, |it| !it.period_max.given() || it.period.given();
    "tim-7": TimingRepeat, |it| !it.duration_max.given() || it.duration.given();
    "tim-8": TimingRepeat, |it| !it.count_max.given() || it.count.given();
    "tim-9": TimingRepeat, |it| !it.offset.given() || match it.when.as_slice() {
        [] => false,
        [when] => !is(when, MEALS),
        // The expression asks for one.
        _ => true,
    };
    "tim-10": TimingRepeat, |it| !it.time_of_day.given() || !it.when.given();
    "drq-1": DataRequirementCodeFilter, |it| it.path.given() != it.search_param.given();
    "drq-2": DataRequirementDateFilter, |it| it.path.given() != it.search_param.given();
    "exp-1": Expression, |it| it.expression.given() || it.reference.given();
    "trd-1": TriggerDefinition, |it| !it.data.given() || !it.timing.given();
    "trd-2": TriggerDefinition, |it| !it.condition.given() || it.data.given();
    "trd-3": TriggerDefinition, |it| match it.type_.as_str() {
        None => it.name.given() && it.timing.given() && it.data.given(),
        Some("named-event") => it.name.given(),
        Some("periodic") => it.timing.given(),
        Some(type_) if type_.starts_with("data-") => it.data.given(),
        _ => true,
    };
}

/// Whether a value has a coded unit, and the unit is of one of these systems, or of none.
fn unit_of(it: &Quantity, systems: &[&str]) -> bool {
    (it.code.given() || !it.value.given()) && !is_not(&it.system, systems)
}

fn sign(value: &Primitive<Decimal>) -> Option<Ordering> {
    value.value().and_then(Decimal::sign)
}

/// Which quantity is less, if both have the same unit.
fn order(a: &Quantity, b: &Quantity) -> Option<Ordering> {
    let same = |a: Option<&str>, b: Option<&str>| a == b;
    let coded = a.code.given() || b.code.given();
    let comparable = same(a.system.as_str(), b.system.as_str())
        && same(text(&a.code), text(&b.code))
        && (coded || same(text(&a.unit), text(&b.unit)));
    if !comparable {
        return None;
    }
    a.value.value()?.order(b.value.value()?)
}

/// Whether the boundaries of a range, whose units are written in different ways, are in order.
#[cold]
#[inline(never)]
fn are_in_order(range: &Range) -> bool {
    static IN_ORDER: LazyLock<Option<fhirpath::Expression>> =
        LazyLock::new(|| fhirpath::Expression::compile("low <= high").ok());
    let environment = fhirpath::Environment::new(range);
    let answer = IN_ORDER
        .as_ref()
        .map(|it| it.evaluate_boolean(&environment));
    matches!(answer, Some(Ok(Some(true))))
}

fn text<T: Text>(value: &Primitive<T>) -> Option<&str> {
    value.as_str()
}
