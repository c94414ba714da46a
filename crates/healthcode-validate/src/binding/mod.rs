//! Bindings: which value set the codes of a field come from, and whether they do.

mod coding;
mod grammar;
mod table;

pub(crate) use coding::{
    URI_SYSTEM, check_coding, check_quantity, is_absolute, is_malformed_unit, is_uri,
};
pub(crate) use table::{Systems, ValueSet, by_length, letters};

use crate::invariant::is_whole;
use crate::place::Place;
use crate::policy::Subject;
use crate::registry::terminology as rule;
use crate::rule_set::RuleSet;
use healthcode_core::{
    Binding, BindingStrength, Detail, Element, Field, Issue, Issues, Path, Rule, Schema, Severity,
    Step,
};
use healthcode_r4::codes::StructureDefinitionKind;
use healthcode_r4::{CodeableConcept, Coding, Quantity, StructureDefinition};

/// What a field's codes are bound to, where that can be broken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bound {
    /// The value set of the binding itself, and whether it is required rather than extensible.
    set: Option<(Codes, bool)>,
    /// The value set that limits the choice of codes.
    limit: Option<Codes>,
}

/// Codes that a value set has.
#[derive(Clone, Copy, Debug)]
enum Codes {
    /// All are known.
    Listed(ValueSet),
    /// MIME types.
    Mime,
    /// MIME types, and the short names of FHIR's own.
    Format,
    /// Language tags.
    Language,
    /// UCUM units: their form is known.
    Unit,
    /// They are not shipped.
    Unknown,
}

/// Whether a code is in a value set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    In,
    Out,
    /// It may be: it names no system.
    WithoutSystem,
    Unknown,
}

impl Verdict {
    fn is_silent(self, set: &RuleSet) -> bool {
        self == Verdict::In || (self == Verdict::Unknown && !set.reports(&rule::R4_BINDING_UNKNOWN))
    }
}

impl Bound {
    /// What a field of this type is bound to.
    pub(crate) fn of(schema: &Schema, field: &Field) -> Option<Bound> {
        let binding = field.binding?;
        // Systems take `xml` and `json` for what they are asked for in `_format`.
        let is_format = schema.name == "CapabilityStatement" && field.name() == "format";
        let mut bound = Bound::new(binding)?;
        if let (Some((codes, _)), true) = (&mut bound.set, is_format) {
            *codes = Codes::Format;
        }
        Some(bound)
    }

    fn new(binding: &Binding) -> Option<Bound> {
        let set = match binding.strength {
            _ if binding.value_set.is_empty() => None,
            BindingStrength::Required => Some((Codes::of(binding.value_set), true)),
            BindingStrength::Extensible => Some((Codes::of(binding.value_set), false)),
            _ => None,
        };
        let limit = Some(binding.max_value_set)
            .filter(|url| !url.is_empty())
            .map(Codes::of);
        (set.is_some() || limit.is_some()).then_some(Bound { set, limit })
    }

    /// A binding to this value set.
    pub(crate) fn to(value_set: &str, required: bool) -> Bound {
        Bound {
            set: Some((Codes::of(value_set), required)),
            limit: None,
        }
    }

    /// Whether there is nothing to be said of a code whose system the element implies.
    ///
    /// With `unknown`, something is to be said where it is not known whether a code is one.
    #[inline]
    pub(crate) fn accepts(&self, code: &str, set: &RuleSet) -> bool {
        let accepts = |codes: Codes| codes.judge_code(code).is_silent(set);
        self.set.is_none_or(|(codes, _)| accepts(codes)) && self.limit.is_none_or(accepts)
    }
}

/// Whether a value set that is shipped, or whose codes have a known form, has a code; `None` where that is not
/// known. Without a system, any system's code will do.
pub(crate) fn shipped_set_has(url: &str, system: Option<&str>, code: &str) -> Option<bool> {
    let codes = Codes::of(url);
    let verdict = match system {
        Some(system) => codes.judge(Some(system), Some(code)),
        None => codes.judge_code(code),
    };
    match verdict {
        Verdict::In => Some(true),
        Verdict::Out => Some(false),
        Verdict::WithoutSystem | Verdict::Unknown => None,
    }
}

/// Whether a code system that is shipped, or whose codes have a known form, has a code; `None` where that is
/// not known.
pub(crate) fn shipped_system_has(system: &str, code: &str) -> Option<bool> {
    match system {
        "urn:ietf:bcp:13" => Some(grammar::is_mime_type(code)),
        "urn:ietf:bcp:47" => Some(grammar::is_language(code)),
        // The form of a unit does not show that it is one.
        "http://unitsofmeasure.org" => (!grammar::is_unit(code)).then_some(false),
        _ => table::system_has(system, code),
    }
}

impl Codes {
    fn of(url: &str) -> Codes {
        match url {
            "http://hl7.org/fhir/ValueSet/mimetypes"
            | "http://www.rfc-editor.org/bcp/bcp13.txt" => Codes::Mime,
            "http://hl7.org/fhir/ValueSet/all-languages" => Codes::Language,
            "http://hl7.org/fhir/ValueSet/ucum-units"
            | "http://hl7.org/fhir/ValueSet/all-time-units"
            | "http://hl7.org/fhir/ValueSet/all-distance-units" => Codes::Unit,
            _ => ValueSet::of(url).map_or(Codes::Unknown, Codes::Listed),
        }
    }

    /// Judges a code whose system the element implies.
    #[inline]
    fn judge_code(self, code: &str) -> Verdict {
        let is_in = match self {
            Codes::Listed(set) => set.has_code(code) || is_system_type(set, code),
            Codes::Mime => grammar::is_mime_type(code),
            Codes::Format => matches!(code, "xml" | "json" | "ttl") || grammar::is_mime_type(code),
            Codes::Language => grammar::is_language(code),
            Codes::Unit if grammar::is_unit(code) => return Verdict::Unknown,
            Codes::Unit => false,
            Codes::Unknown => return Verdict::Unknown,
        };
        if is_in { Verdict::In } else { Verdict::Out }
    }

    /// Judges a code with its system.
    fn judge(self, system: Option<&str>, code: Option<&str>) -> Verdict {
        let Some(code) = code else {
            return Verdict::Out;
        };
        let Some(system) = system else {
            return match self.judge_code(code) {
                Verdict::In => Verdict::WithoutSystem,
                other => other,
            };
        };
        match self {
            Codes::Listed(set) if set.has(system, code) => Verdict::In,
            Codes::Unknown => Verdict::Unknown,
            Codes::Listed(_) => Verdict::Out,
            open if open.draws_from(system) => open.judge_code(code),
            _ => Verdict::Out,
        }
    }

    /// Whether it has codes of this system.
    fn draws_from(self, system: &str) -> bool {
        match self {
            Codes::Listed(set) => set.draws_from(system),
            Codes::Mime | Codes::Format => system == "urn:ietf:bcp:13",
            Codes::Language => system == "urn:ietf:bcp:47",
            Codes::Unit => system == "http://unitsofmeasure.org",
            Codes::Unknown => false,
        }
    }

    /// The rule that a code of its systems breaks, and what is to be said of it.
    fn said(
        self,
        rule: &'static Rule,
        system: Option<&str>,
        code: &str,
    ) -> (&'static Rule, Detail) {
        match self {
            Codes::Mime | Codes::Format => (&rule::R4_MIME_TYPE, Detail::None),
            Codes::Language => (&rule::R4_LANGUAGE, Detail::None),
            Codes::Unit => (&rule::R4_UCUM, Detail::None),
            Codes::Unknown => (rule, Detail::None),
            Codes::Listed(set) => {
                // A code that its system has may well be meant where the value set is not all.
                let meant = rule == &rule::R4_BINDING_EXTENSIBLE
                    && system.is_some_and(|it| table::system_has(it, code) == Some(true));
                let nearest = if meant {
                    None
                } else {
                    suggest(code, set.codes(system))
                };
                let detail = nearest.map_or(Detail::Expected(set.url), Detail::Nearest);
                (rule, detail)
            }
        }
    }
}

/// Whether a code is a type of FHIRPath's, which the standard's definitions have beside their own types
/// (FHIR R4 elementdefinition.html#primitives).
fn is_system_type(set: ValueSet, code: &str) -> bool {
    code.starts_with("http://hl7.org/fhirpath/System.")
        && set.url == "http://hl7.org/fhir/ValueSet/defined-types"
}

/// Whether a field names the type that its element defines itself, as logical models do
/// (FHIR R4 structuredefinition.html#type): no value set has it.
#[cold]
#[inline(never)]
pub(crate) fn names_itself(element: &dyn Element, field: &Field) -> bool {
    let definition = element.downcast_ref::<StructureDefinition>();
    let kind = definition.and_then(|it| it.kind.value());
    kind == Some(&StructureDefinitionKind::Logical) && field.name() == "type"
}

/// The code that was probably meant: one that differs in case, is spelt much the same, or is the only
/// one to begin so.
fn suggest(code: &str, codes: impl Iterator<Item = &'static str> + Clone) -> Option<&'static str> {
    let same = |known: &&str| known.eq_ignore_ascii_case(code);
    let begins = |known: &&str| {
        let start = known.get(..code.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(code))
    };
    let only = || {
        let mut found = codes.clone().filter(begins).take(2);
        let first = found.next().filter(|_| !code.is_empty());
        first.filter(|_| found.next().is_none())
    };
    codes
        .clone()
        .find(same)
        .or_else(|| healthcode_core::nearest(code, codes.clone()))
        .or_else(only)
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
        let verdict = codes.judge_code(code);
        if verdict.is_silent(set) {
            continue;
        }
        let (rule, detail) = match verdict {
            Verdict::Out => codes.said(rule, None, code),
            Verdict::Unknown => (&rule::R4_BINDING_UNKNOWN, Detail::None),
            Verdict::In | Verdict::WithoutSystem => continue,
        };
        let subject = Subject::Text(code, path);
        set.policy.report(rule, path, detail, subject, issues);
        return;
    }
}

/// The value sets of a binding, each with the rule for it.
fn rules(bound: &Bound) -> impl Iterator<Item = (Codes, &'static Rule)> {
    let set = bound.set.map(|(codes, required)| {
        let rule: &'static Rule = if required {
            &rule::R4_BINDING_REQUIRED
        } else {
            &rule::R4_BINDING_EXTENSIBLE
        };
        (codes, rule)
    });
    let limit = bound.limit.map(|codes| {
        let rule: &'static Rule = &rule::R4_BINDING_MAXIMUM;
        (codes, rule)
    });
    set.into_iter().chain(limit)
}

/// Reports an element that is not coded as the field that holds it is bound.
pub(crate) fn check(bound: &Bound, place: &Place<'_, '_>, issues: &mut Issues) {
    if let Some(concept) = place.get::<CodeableConcept>() {
        let judge = |codes: Codes| {
            let codings = concept.coding.iter();
            let mut best = Verdict::Out;
            for coding in codings {
                match judge_coding(codes, coding) {
                    Verdict::In => return Verdict::In,
                    Verdict::Out => {}
                    verdict => best = verdict,
                }
            }
            best
        };
        check_with(bound, place, issues, judge, Coded::Concept(concept));
    } else if let Some(coding) = place.get::<Coding>() {
        let judge = |codes| judge_coding(codes, coding);
        check_with(bound, place, issues, judge, Coded::Coding(coding));
    } else if let Some(quantity) = place.get::<Quantity>() {
        let only = |holder: &crate::plan::FieldPlan| holder.definition.types.len() == 1;
        // Of a choice, the binding is of the concepts.
        if quantity.code.as_str().is_some() && place.holder.is_none_or(only) {
            let judge =
                |codes: Codes| codes.judge(quantity.system.as_str(), quantity.code.as_str());
            check_with(bound, place, issues, judge, Coded::Quantity(quantity));
        }
    }
}

fn judge_coding(codes: Codes, coding: &Coding) -> Verdict {
    codes.judge(coding.system.as_str(), coding.code.as_str())
}

/// A coded element.
enum Coded<'v> {
    Concept(&'v CodeableConcept),
    Coding(&'v Coding),
    Quantity(&'v Quantity),
}

impl Coded<'_> {
    /// Whether one of its codes is a slip.
    fn is_slip(&self, codes: Codes) -> bool {
        let slips = |it: &Coding| {
            let code = it.code.as_str();
            code.is_some_and(|code| is_slip(codes, it.system.as_str(), code))
        };
        match self {
            Coded::Concept(concept) => concept.coding.iter().any(slips),
            Coded::Coding(coding) => slips(coding),
            Coded::Quantity(it) => {
                let code = it.code.as_str();
                code.is_some_and(|code| is_slip(codes, it.system.as_str(), code))
            }
        }
    }
}

fn check_with(
    bound: &Bound,
    place: &Place<'_, '_>,
    issues: &mut Issues,
    judge: impl Fn(Codes) -> Verdict,
    coded: Coded<'_>,
) {
    for (codes, rule) in rules(bound) {
        let verdict = judge(codes);
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
                .any(|it| it.code.as_str().is_some() || it.system.as_str().is_some());
            // Nothing is known of what is absent for a reason that an extension gives.
            let has_text = required && concept.text.as_str().is_some();
            if !has_code && !has_text {
                return None;
            }
            let mut codings = codings.enumerate();
            nearest = codings.find(|(_, it)| is_near(codes, verdict, it));
        }
        Coded::Coding(coding) => {
            if coding.code.as_str().is_none() && coding.system.as_str().is_none() {
                return None;
            }
            nearest = Some((usize::MAX, *coding)).filter(|(_, it)| is_near(codes, verdict, it));
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
                    codes.said(rule, coding.system.as_str(), code)
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
        // Whether one of its codes fits is for people to decide.
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
        table::system_has(system, code) != Some(true)
    } else {
        coding::is_hl7(system) && set.has_code(code)
    }
}

/// Whether a coding is the one to point at.
fn is_near(codes: Codes, verdict: Verdict, coding: &Coding) -> bool {
    match (verdict, coding.system.as_str(), coding.code.as_str()) {
        (_, _, None) => false,
        (Verdict::WithoutSystem, system, _) => system.is_none(),
        (_, Some(system), _) => codes.draws_from(system),
        (_, None, Some(code)) => codes.judge_code(code) == Verdict::In,
    }
}
