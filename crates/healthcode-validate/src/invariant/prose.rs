//! What the standard requires of elements in prose or by extensions rather than by an invariant of their
//! type, and `ele-1`, which is an invariant of all types. These checks report what they find themselves.

use super::Check::{self, Report};
use super::bit;
use super::foundation::ELE_1;
use crate::binding;
use crate::element::id_of;
use crate::place::{MAY_BE_ID_ALONE, Place};
use crate::registry;
use crate::registry::terminology::{
    R4_CODING_SYSTEM_RELATIVE, R4_EXTENSION_CONTEXT_INVARIANT, R4_IDENTIFIER_SYSTEM_RELATIVE,
    R4_IDENTIFIER_URI, R4_UCUM,
};
use crate::uri;
use healthcode_core::{
    Detail, Element, Fields, Issue, Issues, Path, PrimitiveItems, Rule, Schema, SchemaKind, Step,
    ValueRef,
};
use healthcode_json::defects::step;
use healthcode_r4::{Identifier, OpenType, Quantity, Questionnaire, QuestionnaireItem};
use std::collections::HashSet;

/// What is required of all elements of a type, each with the bits of [`Place::present`] without which it is kept.
pub(super) fn of(schema: &Schema) -> Vec<(&'static Rule, Check, u64)> {
    let mut checks: Vec<(&'static Rule, Check, u64)> =
        vec![(&ELE_1, Report(ele_1), MAY_BE_ID_ALONE)];
    let with = |name| bit(schema, name);
    let contains = schema.kind == SchemaKind::Resource && schema.field("contained").is_some();
    if contains {
        let rule = &registry::R4_CONTAINED_ID;
        checks.push((rule, Report(contained_ids), with("contained")));
    }
    match schema.name {
        "Quantity" => {
            let rule = &R4_CODING_SYSTEM_RELATIVE;
            checks.push((rule, Report(quantity_system), with("system")));
            checks.push((&R4_UCUM, Report(ucum), with("code")));
        }
        "Identifier" => {
            let rule = &R4_IDENTIFIER_SYSTEM_RELATIVE;
            checks.push((rule, Report(identifier_system), with("system")));
            checks.push((&R4_IDENTIFIER_URI, Report(identifier_uri), with("value")));
        }
        "ValueSet.compose.include" | "ValueSet.expansion.contains" => {
            let rule = &R4_CODING_SYSTEM_RELATIVE;
            checks.push((rule, Report(systems), with("system")));
        }
        "Questionnaire" => {
            let rule = &registry::R4_ENABLE_WHEN_QUESTION;
            checks.push((rule, Report(questions), with("item")));
        }
        "Questionnaire.item" => {
            let rule = &R4_EXTENSION_CONTEXT_INVARIANT;
            checks.push((rule, Report(occurrences), with("extension")));
        }
        _ => {}
    }
    checks
}

/// Elements and primitives that have an id and nothing else.
fn ele_1(rule: &'static Rule, place: &Place<'_, '_>, issues: &mut Issues) {
    // Of further members, and of lists that are not paired, something else is reported.
    if !place.element.extras().is_empty() {
        return;
    }
    let definition = |index: u16| place.schema.fields.get(usize::from(index)).copied();
    if let [only] = place.fields
        && !place.schema.is_resource()
        && definition(only.index).is_some_and(|field| field.name() == "id")
    {
        issues.push(Issue::new(rule, place.path, Detail::None));
    }
    let mut before = None;
    for field in place.fields {
        let has_value = before.replace(field.index) == Some(field.index);
        match field.value {
            ValueRef::Metadata(metadata) if !has_value && is_id_alone(metadata) => {
                if let Some(definition) = definition(field.index) {
                    let path = place.path.child(step(definition, field.choice, true));
                    issues.push(Issue::new(rule, &path, Detail::None));
                }
            }
            ValueRef::Primitives(items) => {
                for index in (0..items.count()).filter(|index| is_id_alone_at(items, *index)) {
                    if let Some(definition) = definition(field.index) {
                        let path = place.path.child(step(definition, 0, true));
                        let path = path.child(Step::Index(index));
                        issues.push(Issue::new(rule, &path, Detail::None));
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_id_alone_at(items: &dyn PrimitiveItems, index: usize) -> bool {
    items.value_at(index).is_none() && items.metadata_at(index).is_some_and(is_id_alone)
}

#[cold]
fn is_id_alone(metadata: &dyn Element) -> bool {
    let mut fields = Fields::new();
    metadata.fields(&mut fields);
    let name = |index: u16| metadata.schema().fields.get(usize::from(index));
    match fields.since(0) {
        [only] => {
            metadata.extras().is_empty()
                && name(only.index).is_some_and(|field| field.name() == "id")
        }
        _ => false,
    }
}

/// Whether a reference to a contained resource names one.
pub(super) fn refers_to_contained(place: &Place<'_, '_>) -> bool {
    let mut fields = place.fields.iter();
    let reference = fields.find_map(|field| match field.value {
        ValueRef::Text(text) => {
            let definition = place.schema.fields.get(usize::from(field.index))?;
            (definition.name() == "reference").then_some(text)
        }
        _ => None,
    });
    let id = reference.and_then(|text| text.strip_prefix('#'));
    id.is_none_or(|id| id.is_empty() || place.contained(id).is_some())
}

/// Contained resources that nothing can refer to: without id, or with that of one before them.
fn contained_ids(rule: &'static Rule, place: &Place<'_, '_>, issues: &mut Issues) {
    let Some(items) = super::contained::contained(place) else {
        return;
    };
    let path = place.path.child(Step::field("contained"));
    let mut seen = HashSet::new();
    let mut fields = Fields::new();
    for index in 0..items.count() {
        let item = items.element_at(index);
        let id = id_of(item, &mut fields);
        // What is not known, or has other defects, may have an id that was not read.
        let is_read = item.extras().is_empty();
        if id.map_or(is_read, |id| !seen.insert(id)) {
            let path = path.child(Step::Index(index));
            let detail = match id {
                Some(_) => Detail::Expected("an id that no other contained resource has"),
                None => Detail::Expected("an id"),
            };
            issues.push(Issue::new(rule, &path, detail));
        }
    }
}

/// The system of a quantity and its code, as for a coding.
fn quantity_system(_: &'static Rule, place: &Place<'_, '_>, issues: &mut Issues) {
    if let Some(quantity) = place.get::<Quantity>() {
        binding::check_quantity(quantity, place.path, issues);
    } else if let Some(release) = place.release
        && let Some(quantity) = place.view::<Quantity>()
    {
        binding::check_quantity_of(release, &quantity, place.path, issues);
    }
}

/// The system of an identifier, which is absolute.
fn identifier_system(rule: &'static Rule, place: &Place<'_, '_>, issues: &mut Issues) {
    let identifier = place.view::<Identifier>();
    let system = identifier.as_ref();
    let system = system.and_then(|identifier| identifier.system.as_str());
    absolute(rule, system, place, issues);
}

/// The system that value sets take codes of.
fn systems(rule: &'static Rule, place: &Place<'_, '_>, issues: &mut Issues) {
    for field in place.fields {
        let definition = place.schema.fields.get(usize::from(field.index));
        if let ValueRef::Text(system) = field.value
            && definition.is_some_and(|definition| definition.name() == "system")
        {
            absolute(rule, Some(system), place, issues);
        }
    }
}

/// Reports a system that is not absolute. One that begins with a number sign is in the resource.
fn absolute(rule: &'static Rule, system: Option<&str>, place: &Place<'_, '_>, issues: &mut Issues) {
    let is_relative =
        |system: &str| !uri::is_absolute(system) && !system.is_empty() && !system.starts_with('#');
    if system.is_some_and(is_relative) {
        let path = place.path.child(Step::field("system"));
        issues.push(Issue::new(rule, &path, Detail::None));
    }
}

/// An identifier that is no URI though its system is that of URIs.
fn identifier_uri(rule: &'static Rule, place: &Place<'_, '_>, issues: &mut Issues) {
    let Some(identifier) = place.view::<Identifier>() else {
        return;
    };
    if identifier.system.as_str() == Some(binding::URI_SYSTEM)
        && let Some(value) = identifier.value.as_str()
        && !value.is_empty()
        && !uri::is_uri(value)
    {
        let path = place.path.child(Step::field("value"));
        issues.push(Issue::new(rule, &path, Detail::None));
    }
}

/// Malformed codes of UCUM, unless a binding of the field reports them.
fn ucum(rule: &'static Rule, place: &Place<'_, '_>, issues: &mut Issues) {
    if place.holder.is_none_or(|holder| holder.bound.is_none())
        && let Some(quantity) = place.view::<Quantity>()
        && let (Some(system), Some(code)) = (quantity.system.as_str(), quantity.code.as_str())
        && binding::is_malformed_unit(system, code)
    {
        let path = place.path.child(Step::field("code"));
        issues.push(Issue::new(rule, &path, Detail::None));
    }
}

/// Conditions on questions that the questionnaire does not have.
fn questions(rule: &'static Rule, place: &Place<'_, '_>, issues: &mut Issues) {
    let Some(questionnaire) = place.get::<Questionnaire>() else {
        return;
    };
    let mut known = HashSet::new();
    if has_conditions(&questionnaire.item) && link_ids(&questionnaire.item, &mut known) {
        conditions(&questionnaire.item, &known, rule, place.path, issues);
    }
}

fn has_conditions(items: &[QuestionnaireItem]) -> bool {
    let mut items = items.iter();
    items.any(|item| !item.enable_when.is_empty() || has_conditions(&item.item))
}

/// Collects the linkIds of all items; false if there may be others: items without one, or items that
/// stand for a questionnaire of their own.
fn link_ids<'v>(items: &'v [QuestionnaireItem], known: &mut HashSet<&'v str>) -> bool {
    items.iter().all(|item| {
        let mut urls = item.extension.iter().filter_map(|one| one.url.as_deref());
        let link_id = item.link_id.as_str();
        known.extend(link_id);
        link_id.is_some()
            && !urls.any(|url| url.ends_with("/sdc-questionnaire-subQuestionnaire"))
            && link_ids(&item.item, known)
    })
}

fn conditions(
    items: &[QuestionnaireItem],
    known: &HashSet<&str>,
    rule: &'static Rule,
    path: &Path<'_>,
    issues: &mut Issues,
) {
    let path = path.child(Step::field("item"));
    for (index, item) in items.iter().enumerate() {
        let path = path.child(Step::Index(index));
        for (index, condition) in item.enable_when.iter().enumerate() {
            let question = condition.question.as_str();
            if question.is_some_and(|question| !known.contains(question)) {
                let path = path.child(Step::field("enableWhen"));
                let path = path.child(Step::Index(index));
                let path = path.child(Step::field("question"));
                issues.push(Issue::new(rule, &path, Detail::None));
            }
        }
        conditions(&item.item, known, rule, &path, issues);
    }
}

/// Reports items whose extensions `minOccurs` and `maxOccurs` contradict `required` and `repeats`.
///
/// The definitions of both extensions state this as an invariant of their context, which names the
/// value as JSON does, so that its expression finds none.
fn occurrences(rule: &'static Rule, place: &Place<'_, '_>, issues: &mut Issues) {
    let Some(item) = place.get::<QuestionnaireItem>() else {
        return;
    };
    // Both extensions' own invariants exclude display items.
    if item.extension.is_empty() || item.type_ == "display" {
        return;
    }
    let number = |url: &str| {
        let all = item.extension.iter().enumerate();
        let mut found = all.filter(|(_, extension)| extension.url.as_deref() == Some(url));
        found.find_map(|(index, extension)| match &extension.value {
            Some(OpenType::Integer(number)) => Some((index, *number.value()?)),
            _ => None,
        })
    };
    let min = number("http://hl7.org/fhir/StructureDefinition/questionnaire-minOccurs");
    let max = number("http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs");
    let mut report = |index, expected| {
        let path = place.path.child(Step::field("extension"));
        let path = path.child(Step::Index(index));
        let path = path.child(Step::field("url"));
        issues.push(Issue::new(rule, &path, Detail::Expected(expected)));
    };
    if let Some((index, min)) = min
        && min != 0
        && item.required != true
    {
        report(index, "an item with required as true");
    }
    if let Some((index, max)) = max {
        if max != 1 && item.repeats != true {
            report(index, "an item with repeats as true");
        } else if min.is_some_and(|(_, min)| min > max) {
            report(index, "a number that is not below minOccurs");
        }
    }
}
