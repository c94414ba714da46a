//! Extensions of releases other than R4, by the definitions of their release.

use super::Definition;
use super::check::{List, check_binding, check_parts, step, type_of};
use crate::binding::Bound;
use crate::place::copied;
use crate::registry::terminology as rule;
use healthcode_core::{Detail, Element, Fields, Issue, Issues, Path, Step, Untyped};
use healthcode_r4::Extension;

/// What the URLs of HL7's own extensions begin with.
const HL7: &str = "http://hl7.org/fhir/StructureDefinition/";

impl List<'_, '_> {
    /// Checks an extension that is not one of R4's structs.
    #[cold]
    #[inline(never)]
    pub(super) fn untyped(&self, index: usize, path: &Path<'_>, issues: &mut Issues) {
        let extension = |index| self.items.element_at(index).downcast_ref::<Untyped>();
        let release = self.context.place().release;
        let (Some(own), Some(release)) = (extension(index), release) else {
            return;
        };
        let Some(url) = own.text("url").filter(|url| !url.is_empty()) else {
            return;
        };
        let Some(definition) = Definition::of_release(release, url) else {
            // R5's extensions are not part of R5 itself.
            let elsewhere = release.extensions.is_empty() && url.starts_with(HL7);
            if !elsewhere {
                self.unknown(None, url, path, issues);
            }
            return;
        };
        let place = path.child(Step::field("url"));
        self.place(definition.modifier, &place, issues);
        if !self.context.is_one_of(definition.contexts) {
            let detail = Detail::Expected(definition.contexts);
            issues.push(Issue::new(&rule::R4_EXTENSION_CONTEXT, &place, detail));
        }
        if definition.max != 0 {
            let earlier = (0..index).rev().filter_map(extension);
            let same = earlier.filter(|other| other.text("url") == Some(url));
            if same.take(definition.max as usize).count() == definition.max as usize {
                issues.push(Issue::new(
                    &rule::R4_EXTENSION_REPEATED,
                    &place,
                    Detail::None,
                ));
            }
        }
        value(own, definition.types, path, issues);
        // R4 has the types of values that these releases' definitions name.
        let Some(extension) = copied::<Extension>(own) else {
            return;
        };
        if let Some((value_set, required)) = definition.value_set {
            let bound = Bound::to(value_set, required, Some(release));
            check_binding(&bound, &extension, self.context.place(), path, issues);
        }
        check_parts(&extension, definition, "", path, issues);
    }
}

/// Reports a value of a wrong type, and a value where nested extensions are expected.
fn value(extension: &Untyped, types: &'static str, path: &Path<'_>, issues: &mut Issues) {
    let mut fields = Fields::new();
    extension.fields(&mut fields);
    let schema = extension.schema();
    let name = |index: u16| {
        let field = schema.fields.get(usize::from(index));
        field.map(|field| field.name())
    };
    let mut values = fields.since(0).iter();
    let Some(field) = values.find(|field| name(field.index) == Some("value")) else {
        return;
    };
    let code = type_of(schema, field);
    if !types.split(';').any(|one| one == code || one == "*") {
        let detail = match types {
            "" => Detail::Expected("extensions"),
            types => Detail::Expected(types),
        };
        let place = path.child(step(schema, field));
        issues.push(Issue::new(&rule::R4_EXTENSION_VALUE, &place, detail));
    }
}
