//! What is wrong with the references and canonicals of an element.

use super::{Form, expected, fits, type_name};
use crate::bundle::BundleChecker;
use crate::place::Place;
use crate::policy::Subject;
use crate::registry as rule;
use healthcode_core::{Detail, FieldRef, Issue, Issues, PrimitiveKind, Step, ValueRef};
use healthcode_json::defects::step;
use healthcode_r4::Reference;

/// Reports what is wrong with a reference, and passes it to the Bundle around it.
pub(crate) fn check_references(
    place: &Place<'_, '_>,
    bundle: Option<&mut BundleChecker>,
    issues: &mut Issues,
) {
    let Some(reference) = place.view::<Reference>() else {
        return;
    };
    let names = place.names();
    let targets = place.holder.map_or(&[][..], |holder| holder.targets);
    let stated = reference.type_.as_str().and_then(|name| {
        let name = name.strip_prefix("http://hl7.org/fhir/StructureDefinition/");
        type_name(name.or(reference.type_.as_str())?, names)
    });
    let unfit = |name: Option<&str>| name.is_some_and(|name| !fits(targets, name));
    let mut report = |rule, field, detail| {
        let path = place.path.child(Step::field(field));
        issues.push(Issue::new(rule, &path, detail));
    };
    if unfit(stated) {
        report(&rule::R4_REFERENCE_TARGET, "type", expected(targets));
    }
    let text = reference.reference.as_str().unwrap_or_default();
    if text.is_empty() {
        return;
    }
    let form = Form::of(text, names);
    let mut shown = form.shown();
    match form {
        Form::Malformed => {
            let detail = Detail::Expected("Type/id, an absolute URL or URN, or #id");
            return report(&rule::R4_REFERENCE, "reference", detail);
        }
        Form::UnknownType(name) => {
            let nearest = healthcode_core::nearest(name, names.iter().copied());
            let detail = nearest.map_or(Detail::None, Detail::Nearest);
            let path = place.path.child(Step::field("reference"));
            let (rule, subject) = (&rule::R4_REFERENCE_RESOURCE, Subject::Text(name, &path));
            let policy = place.rules.policy;
            return policy.report(rule, &path, detail, subject, issues);
        }
        Form::Contained("") if place.root.schema().is_resource() => {
            shown = type_name(place.root.schema().name, names);
        }
        // One that is not contained is reported by the invariant ref-1.
        Form::Contained(id) => shown = place.contained(id).map(|resource| resource.schema().name),
        _ => {}
    }
    if unfit(shown) {
        report(&rule::R4_REFERENCE_TARGET, "reference", expected(targets));
    }
    if let (Some(stated), Some(shown)) = (stated, shown)
        && stated != shown
    {
        report(&rule::R4_REFERENCE_TYPE, "type", Detail::Expected(shown));
    }
    match bundle {
        Some(bundle) => bundle.reference((text, form), place.holder, place.path),
        None if matches!(form, Form::Conditional(_)) => {
            let detail = Detail::Expected("Type/id, an absolute URL or URN, or #id");
            report(&rule::R4_REFERENCE, "reference", detail);
        }
        None => {}
    }
}

/// Reports canonicals that point at a contained resource which is not there, or of another type. They are in
/// the fields that `among` has a bit for.
pub(crate) fn check_canonicals<'v>(place: &Place<'_, 'v>, among: u64, issues: &mut Issues) {
    if !place.root.schema().is_resource() {
        return;
    }
    let mut check = |field: &FieldRef<'v>, value, index: Option<usize>| {
        let ValueRef::Text(text) = value else {
            return;
        };
        let Some(id) = text.strip_prefix('#') else {
            return;
        };
        let definition = &place.schema.fields[field.index as usize];
        if let Some(one) = definition.types.get(field.choice as usize)
            && one.primitive == Some(PrimitiveKind::Canonical)
        {
            let path = place.path.child(step(definition, field.choice, false));
            let path = match index {
                Some(index) => &path.child(Step::Index(index)),
                None => &path,
            };
            match place.contained(id).map(|resource| resource.schema().name) {
                None => {
                    let rule = &rule::R4_CONTAINED_UNKNOWN;
                    issues.push(Issue::new(rule, path, Detail::None));
                }
                Some(name) if !fits(one.targets, name) => {
                    let detail = expected(one.targets);
                    issues.push(Issue::new(&rule::R4_REFERENCE_TARGET, path, detail));
                }
                Some(_) => {}
            }
        }
    };
    let fields = place.fields.iter();
    for field in fields.filter(|field| among & (1 << field.index) != 0) {
        match field.value {
            ValueRef::Primitives(items) => {
                for index in 0..items.count() {
                    if let Some(value) = items.value_at(index) {
                        check(field, value, Some(index));
                    }
                }
            }
            value => check(field, value, None),
        }
    }
}
