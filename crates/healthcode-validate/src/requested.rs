//! Rules that are checked only if enabled.

use crate::place::Place;
use crate::registry::requested as rule;
use healthcode_core::{Detail, Field, Issue, Issues, Path, PrimitiveKind, Step, ValueRef};
use healthcode_json::defects::step;
use healthcode_r4::Identifier;
use healthcode_uk::{IdentifierSystem, NhsNumber};

/// Reports what enabled rules find in an element.
#[cold]
#[inline(never)]
pub(crate) fn check(place: &Place<'_, '_>, issues: &mut Issues) {
    if place.rules.reports(&rule::R4_PADDED_STRING) {
        padded(place, issues);
    }
    if let Some(identifier) = place.view::<Identifier>() {
        check_identifier(&identifier, place, issues);
    }
}

fn check_identifier(identifier: &Identifier, place: &Place<'_, '_>, issues: &mut Issues) {
    let Some(value) = identifier.value.as_str().filter(|value| !value.is_empty()) else {
        return;
    };
    match identifier.system.as_str() {
        // One that is absent for a reason has its metadata.
        None if identifier.system.is_empty()
            && place.rules.reports(&rule::HC_IDENTIFIER_SYSTEM) =>
        {
            issues.push(Issue::new(
                &rule::HC_IDENTIFIER_SYSTEM,
                place.path,
                Detail::None,
            ));
        }
        Some(system)
            if IdentifierSystem::from_uri(system) == Some(IdentifierSystem::NhsNumber)
                && place.rules.reports(&rule::HC_NHS_NUMBER)
                && NhsNumber::parse(value).is_err() =>
        {
            let detail = Detail::Expected("ten digits, the last a check digit");
            let path = place.path.child(Step::field("value"));
            issues.push(Issue::new(&rule::HC_NHS_NUMBER, &path, detail));
        }
        _ => {}
    }
}

/// Reports strings that begin or end with white space.
fn padded(place: &Place<'_, '_>, issues: &mut Issues) {
    let is_string = |field: &Field, choice: u16| {
        let one = field.types.get(usize::from(choice));
        let kind = one.and_then(|one| one.primitive);
        matches!(kind, Some(PrimitiveKind::String))
    };
    let is_padded = |value: ValueRef<'_>| match value {
        ValueRef::Text(text) => {
            let bare = text.trim();
            !bare.is_empty() && bare.len() != text.len()
        }
        _ => false,
    };
    for field in place.fields {
        let Some(definition) = place.schema.fields.get(usize::from(field.index)) else {
            continue;
        };
        if !is_string(definition, field.choice) {
            continue;
        }
        let path = place.path.child(step(definition, field.choice, false));
        let mut report = |path: &Path<'_>| {
            issues.push(Issue::new(&rule::R4_PADDED_STRING, path, Detail::None));
        };
        match field.value {
            ValueRef::Primitives(items) => {
                for index in 0..items.count() {
                    if items.value_at(index).is_some_and(is_padded) {
                        report(&path.child(Step::Index(index)));
                    }
                }
            }
            value if is_padded(value) => report(&path),
            _ => {}
        }
    }
}
