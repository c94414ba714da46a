//! The invariants of data types, and of narratives.

use super::Method::{Elsewhere, Hot, Lenient};
use super::exists::{Exists, is};
use crate::place::Place;
use healthcode_core::Decimal;
use healthcode_fhirpath as fhirpath;
use healthcode_r4::{
    ContactPoint, Extension, Period, Primitive, Quantity, Range, Reference, TimingRepeat,
};
use std::cmp::Ordering;
use std::sync::LazyLock;

const MEALS: &[&str] = &["C", "CM", "CD", "CV"];

invariants! {
    CPT_2 = "cpt-2", Error,
        "a contact point has a value and no system",
        "FHIR R4 datatypes.html#ContactPoint: say in system what the value is: phone, fax, email, url and so on.",
        Hot(of!(ContactPoint, |contact| !contact.value.exists() || contact.system.exists())), if "value", unless "system";
    QTY_3 = "qty-3", Error,
        "a quantity has a coded unit and no system",
        "FHIR R4 datatypes.html#Quantity: name the code system of code, such as http://unitsofmeasure.org, in system.",
        Hot(of!(Quantity, |quantity| !quantity.code.exists() || quantity.system.exists())), if "code", unless "system";
    SQTY_1 = "sqty-1", Error,
        "a comparator is not allowed here: the quantity must be exact",
        "FHIR R4 datatypes.html#SimpleQuantity: leave comparator out; this element takes an exact value.",
        Hot(of!(Quantity, |quantity| !quantity.comparator.exists()));
    RNG_2 = "rng-2", Error,
        "the range starts above its end",
        "FHIR R4 datatypes.html#Range: swap low and high, or correct their values.",
        Lenient(of!(Range, |range| are_in_order(range))), if "high";
    PER_1 = "per-1", Error,
        "the period ends before it starts",
        "FHIR R4 datatypes.html#Period: swap start and end, or correct the dates and their zones.",
        Lenient(of!(Period, |period| match (period.start.value(), period.end.value()) {
            // An end that is less precise than the start, or the reverse, includes all that matches it
            // (datatypes.html#Period).
            (Some(start), Some(end)) => start.order(end) != Some(Ordering::Greater),
            _ => true,
        })), if "end";
    TIM_1 = "tim-1", Error,
        "missing unit of a duration",
        "FHIR R4 datatypes.html#Timing: give durationUnit with duration.",
        Hot(of!(TimingRepeat, |repeat| !repeat.duration.exists() || repeat.duration_unit.exists()));
    TIM_2 = "tim-2", Error,
        "missing unit of a timing's period",
        "FHIR R4 datatypes.html#Timing: give periodUnit with period.",
        Hot(of!(TimingRepeat, |repeat| !repeat.period.exists() || repeat.period_unit.exists()));
    TIM_4 = "tim-4", Error,
        "a duration is negative",
        "FHIR R4 datatypes.html#Timing: give a duration of zero or more.",
        Lenient(of!(TimingRepeat, |repeat| !is_negative(&repeat.duration)));
    TIM_5 = "tim-5", Error,
        "a timing's period is negative",
        "FHIR R4 datatypes.html#Timing: give a period of zero or more.",
        Lenient(of!(TimingRepeat, |repeat| !is_negative(&repeat.period)));
    TIM_6 = "tim-6", Error,
        "periodMax is not allowed here: there is no period",
        "FHIR R4 datatypes.html#Timing: give period as well as periodMax.",
        Hot(of!(TimingRepeat, |repeat| !repeat.period_max.exists() || repeat.period.exists()));
    TIM_7 = "tim-7", Error,
        "durationMax is not allowed here: there is no duration",
        "FHIR R4 datatypes.html#Timing: give duration as well as durationMax.",
        Hot(of!(TimingRepeat, |repeat| !repeat.duration_max.exists() || repeat.duration.exists()));
    TIM_8 = "tim-8", Error,
        "countMax is not allowed here: there is no count",
        "FHIR R4 datatypes.html#Timing: give count as well as countMax.",
        Hot(of!(TimingRepeat, |repeat| !repeat.count_max.exists() || repeat.count.exists()));
    TIM_9 = "tim-9", Error,
        "offset is not allowed here: there is no event that it refers to",
        "FHIR R4 datatypes.html#Timing: give an event in when, and none of the meals as such (C, CM, CD, CV).",
        Hot(of!(TimingRepeat, |repeat| !repeat.offset.exists() || match repeat.when.as_slice() {
            [] => false,
            [when] => !is(when, MEALS),
            // The expression requires one.
            _ => true,
        })), if "end";
    TIM_10 = "tim-10", Error,
        "a timing has both timeOfDay and when",
        "FHIR R4 datatypes.html#Timing: give either timeOfDay or when.",
        Hot(of!(TimingRepeat, |repeat| !repeat.time_of_day.exists() || !repeat.when.exists()));
    REF_1 = "ref-1", Error,
        "the resource contains no resource with the id that the reference names",
        "FHIR R4 references.html#Reference: contain the resource under this id, or correct the reference.",
        Hot(of!(Reference, |reference, place| refers_to_contained(reference, place))), if "reference";
    EXT_1 = "ext-1", Error,
        "an extension must have exactly one of a value and extensions",
        "FHIR R4 extensibility.html#Extension: give an extension either value[x] or extensions of its own.",
        Hot(of!(Extension, |extension| extension.extension.exists() != extension.value.exists()));
    TXT_1 = "txt-1", Error,
        "the narrative holds elements or attributes that are not allowed",
        "FHIR R4 narrative.html#Narrative: keep to the formatting of HTML that FHIR allows: no scripts, forms, frames, event attributes or links to style sheets.",
        Elsewhere;
    TXT_2 = "txt-2", Error,
        "the narrative is empty",
        "FHIR R4 narrative.html#Narrative: put text or an image into div, or leave text out.",
        Elsewhere;
}

/// Whether a reference to what is contained leads to it. By # alone, what is contained refers to what
/// contains it.
fn refers_to_contained(reference: &Reference, place: &Place<'_, '_>) -> bool {
    let url = reference.reference.as_str();
    match url.and_then(|url| url.strip_prefix('#')) {
        None | Some("") => true,
        Some(id) => place.contained(id).is_some(),
    }
}

fn is_negative(value: &Primitive<Decimal>) -> bool {
    value.value().and_then(Decimal::sign) == Some(Ordering::Less)
}

/// Whether the boundaries of a range are in order. Those without a value are not compared.
fn are_in_order(range: &Range) -> bool {
    static IN_ORDER: LazyLock<Option<fhirpath::Expression>> =
        LazyLock::new(|| fhirpath::Expression::compile("low <= high").ok());
    let has_value = |bound: &Option<Box<Quantity>>| {
        let bound = bound.as_ref();
        bound.is_some_and(|bound| bound.value.value().is_some())
    };
    if !has_value(&range.low) || !has_value(&range.high) {
        return true;
    }
    let environment = fhirpath::Environment::new(range);
    let expression = IN_ORDER.as_ref();
    let answer = expression.map(|expression| expression.evaluate_boolean(&environment));
    matches!(answer, Some(Ok(Some(true))))
}
