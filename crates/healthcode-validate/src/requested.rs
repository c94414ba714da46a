//! Rules that are checked only where they are asked for.

use crate::place::Place;
use crate::registry::requested as rule;
use healthcode_core::{Detail, Field, Issue, Issues, Path, PrimitiveKind, Rule, Step, ValueRef};
use healthcode_json::defects::step;
use healthcode_r4::Identifier;
use healthcode_uk::{IdentifierSystem, NhsNumber};

/// Which of them are asked for.
#[derive(Clone, Copy, Default)]
pub(crate) struct Requested {
    pub(crate) padded_string: bool,
    pub(crate) identifier_system: bool,
    pub(crate) nhs_number: bool,
}

impl Requested {
    /// Whether any is.
    #[inline]
    pub(crate) fn any(self) -> bool {
        self.padded_string || self.identifier_system || self.nhs_number
    }

    /// Reports what they say of an element.
    #[cold]
    #[inline(never)]
    pub(crate) fn judge(self, place: &Place<'_, '_>, issues: &mut Issues) {
        if self.padded_string {
            padded(place, issues);
        }
        if let Some(identifier) = place.get::<Identifier>() {
            self.identifier(identifier, place.path, issues);
        }
    }

    fn identifier(self, identifier: &Identifier, path: &Path<'_>, issues: &mut Issues) {
        let Some(value) = identifier.value.as_str().filter(|value| !value.is_empty()) else {
            return;
        };
        let mut report = |rule: &'static Rule, path: &Path<'_>, detail| {
            issues.push(Issue::new(rule, path, detail));
        };
        match identifier.system.as_str() {
            // One that is absent for a reason has its metadata.
            None if self.identifier_system && identifier.system.is_empty() => {
                report(&rule::HC_IDENTIFIER_SYSTEM, path, Detail::None);
            }
            Some(system) if self.nhs_number => {
                let is_nhs =
                    IdentifierSystem::from_uri(system) == Some(IdentifierSystem::NhsNumber);
                if is_nhs && NhsNumber::parse(value).is_err() {
                    let detail = Detail::Expected("ten digits, the last a check digit");
                    let path = path.then(Step::field("value"));
                    report(&rule::HC_NHS_NUMBER, &path, detail);
                }
            }
            _ => {}
        }
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
        let path = place.path.then(step(definition, field.choice, false));
        let mut report = |path: &Path<'_>| {
            issues.push(Issue::new(&rule::R4_PADDED_STRING, path, Detail::None));
        };
        match field.value {
            ValueRef::Primitives(items) => {
                for index in 0..items.count() {
                    if items.value_at(index).is_some_and(is_padded) {
                        report(&path.then(Step::Index(index)));
                    }
                }
            }
            value if is_padded(value) => report(&path),
            _ => {}
        }
    }
}
