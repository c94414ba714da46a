//! Bindings: which value set the codes of a field come from, and whether they do.

pub(crate) mod bound;
mod coding;
mod grammar;
mod table;

pub(crate) use bound::{Bound, shipped_set_has, shipped_system_has};
use bound::{Codes, Verdict, rules};
pub(crate) use coding::{
    URI_SYSTEM, assigned, check_coding, check_coding_of, check_quantity, check_quantity_of,
    is_malformed_unit,
};
pub(crate) use table::{Systems, ValueSet, by_length, letters};

use crate::element::is_whole;
use crate::field::FieldFacts;
use crate::place::Place;
use crate::policy::Subject;
use crate::registry::terminology as rule;
use crate::rule_set::RuleSet;
use healthcode_core::{Detail, Element, Field, Issue, Issues, Path, Rule, Severity, Step};
use healthcode_r4::codes::StructureDefinitionKind;
use healthcode_r4::{CodeableConcept, Coding, Quantity, StructureDefinition};

/// Whether a field names the type that its element defines itself, as logical models do
/// (FHIR R4 structuredefinition.html#type): no value set has it.
#[cold]
#[inline(never)]
pub(crate) fn names_itself(element: &dyn Element, field: &Field) -> bool {
    let definition = element.downcast_ref::<StructureDefinition>();
    let kind = definition.and_then(|definition| definition.kind.value());
    kind == Some(&StructureDefinitionKind::Logical) && field.name() == "type"
}

/// Reports a code that its field's binding does not accept.
#[cold]
#[inline(never)]
pub(crate) fn report_code(
    bound: &Bound,
    set: &RuleSet,
    code: &str,
    path: &Path<'_>,
    issues: &mut Issues,
) {
    for (codes, rule) in rules(bound) {
        let verdict = codes.verdict_of_code(code);
        if verdict.is_silent(set) {
            continue;
        }
        let (rule, detail) = match verdict {
            Verdict::Out => codes.broken(rule, None, code),
            Verdict::Unknown => (&rule::R4_BINDING_UNKNOWN, Detail::None),
            Verdict::In | Verdict::WithoutSystem => continue,
        };
        let subject = Subject::Text(code, path);
        set.policy.report(rule, path, detail, subject, issues);
        return;
    }
}

/// Reports an element that is not coded as the field that holds it is bound.
pub(crate) fn check(bound: &Bound, place: &Place<'_, '_>, issues: &mut Issues) {
    if let Some(concept) = place.view::<CodeableConcept>() {
        let verdict_in = |codes: Codes| {
            let codings = concept.coding.iter();
            let mut best = Verdict::Out;
            for coding in codings {
                match verdict_of_coding(codes, coding) {
                    Verdict::In => return Verdict::In,
                    Verdict::Out => {}
                    verdict => best = verdict,
                }
            }
            best
        };
        check_with(bound, place, issues, verdict_in, Coded::Concept(&concept));
    } else if let Some(coding) = place.view::<Coding>() {
        let verdict_in = |codes| verdict_of_coding(codes, &coding);
        check_with(bound, place, issues, verdict_in, Coded::Coding(&coding));
    } else if let Some(quantity) = place.view::<Quantity>() {
        let only = |holder: &FieldFacts| holder.definition.types.len() == 1;
        // Of a choice, the binding is of the concepts.
        if quantity.code.as_str().is_some() && place.holder.is_none_or(only) {
            let verdict_in =
                |codes: Codes| codes.verdict(quantity.system.as_str(), quantity.code.as_str());
            check_with(bound, place, issues, verdict_in, Coded::Quantity(&quantity));
        }
    }
}

fn verdict_of_coding(codes: Codes, coding: &Coding) -> Verdict {
    codes.verdict(coding.system.as_str(), coding.code.as_str())
}

/// A coded element.
enum Coded<'v> {
    Concept(&'v CodeableConcept),
    Coding(&'v Coding),
    Quantity(&'v Quantity),
}

impl Coded<'_> {
    /// Whether one of its codes is probably a mistake.
    fn is_slip(&self, codes: Codes) -> bool {
        let slips = |coding: &Coding| {
            let code = coding.code.as_str();
            code.is_some_and(|code| is_slip(codes, coding.system.as_str(), code))
        };
        match self {
            Coded::Concept(concept) => concept.coding.iter().any(slips),
            Coded::Coding(coding) => slips(coding),
            Coded::Quantity(quantity) => {
                let code = quantity.code.as_str();
                code.is_some_and(|code| is_slip(codes, quantity.system.as_str(), code))
            }
        }
    }
}

fn check_with(
    bound: &Bound,
    place: &Place<'_, '_>,
    issues: &mut Issues,
    verdict_in: impl Fn(Codes) -> Verdict,
    coded: Coded<'_>,
) {
    for (codes, rule) in rules(bound) {
        let verdict = verdict_in(codes);
        if !verdict.is_silent(place.rules) && is_whole(place.element) {
            let found = report(codes, rule, verdict, &coded, place.path);
            if let Some(issue) = found {
                issues.push(issue);
                return;
            }
        }
    }
}

/// The issue of an element that is not coded as required, if it is one.
#[cold]
#[inline(never)]
fn report(
    codes: Codes,
    rule: &'static Rule,
    verdict: Verdict,
    coded: &Coded<'_>,
    path: &Path<'_>,
) -> Option<Issue> {
    let required = rule == &rule::R4_BINDING_REQUIRED;
    let mut nearest = None;
    match coded {
        Coded::Concept(concept) => {
            let codings = concept.coding.iter();
            let has_code = codings
                .clone()
                .any(|coding| coding.code.as_str().is_some() || coding.system.as_str().is_some());
            // The code is unknown where an extension states the reason for its absence.
            let has_text = required && concept.text.as_str().is_some();
            if !has_code && !has_text {
                return None;
            }
            let mut codings = codings.enumerate();
            nearest = codings.find(|(_, coding)| is_near(codes, verdict, coding));
        }
        Coded::Coding(coding) => {
            if coding.code.as_str().is_none() && coding.system.as_str().is_none() {
                return None;
            }
            nearest =
                Some((usize::MAX, *coding)).filter(|(_, coding)| is_near(codes, verdict, coding));
        }
        Coded::Quantity(_) => {}
    }
    let list = path.child(Step::field("coding"));
    let item = match nearest {
        Some((index, _)) if index != usize::MAX => list.child(Step::Index(index)),
        _ => *path,
    };
    let code_step = item.child(Step::field("code"));
    let place = match nearest {
        Some(_) if verdict != Verdict::Unknown => &code_step,
        _ => path,
    };
    let mut issue = match verdict {
        Verdict::Unknown => Issue::new(&rule::R4_BINDING_UNKNOWN, path, Detail::None),
        Verdict::WithoutSystem => Issue::new(&rule::R4_CODING_WITHOUT_SYSTEM, place, Detail::None),
        _ => {
            let (rule, detail) = match (nearest, codes) {
                (Some((_, coding)), _) => {
                    let code = coding.code.as_str().unwrap_or_default();
                    codes.broken(rule, coding.system.as_str(), code)
                }
                (None, Codes::Listed(set)) => (rule, Detail::Expected(set.url)),
                (None, _) => (rule, Detail::None),
            };
            Issue::new(rule, place, detail)
        }
    };
    if verdict == Verdict::WithoutSystem && !required {
        issue.severity = Severity::Warning;
    }
    if issue.rule == &rule::R4_BINDING_EXTENSIBLE && !coded.is_slip(codes) {
        // Only people can decide whether a code of the value set would fit.
        issue.severity = Severity::Information;
    }
    Some(issue)
}

/// Whether a code outside an extensible value set was probably meant to be one of it: a system of the
/// set has no such code, or another system of HL7's has one that is called the same.
fn is_slip(codes: Codes, system: Option<&str>, code: &str) -> bool {
    let (Some(system), Codes::Listed(set)) = (system, codes) else {
        return true;
    };
    if set.draws_from(system) {
        set.system_has(system, code) != Some(true)
    } else {
        coding::is_hl7(system) && set.has_code(code)
    }
}

/// Whether an issue points at this coding.
fn is_near(codes: Codes, verdict: Verdict, coding: &Coding) -> bool {
    match (verdict, coding.system.as_str(), coding.code.as_str()) {
        (_, _, None) => false,
        (Verdict::WithoutSystem, system, _) => system.is_none(),
        (_, Some(system), _) => codes.draws_from(system),
        (_, None, Some(code)) => codes.verdict_of_code(code) == Verdict::In,
    }
}
