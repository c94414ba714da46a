//! The rules of an element beyond the forms of its primitives: of its type, of the field that holds it, and of its
//! extensions.

use super::{ParentField, Walk};
use crate::field::FieldFacts;
use crate::place::{MAY_BE_ID_ALONE, Place};
use crate::plan::{Plan, TypeRules};
use crate::registry as rule;
use crate::{binding, extension, ids, invariant, narrative, reference, requested, value};
use healthcode_core::{Detail, Element, FieldRef, Issue, Path, PrimitiveKind, SchemaKind, Step};
use healthcode_r4::Coding;

impl<'v> Walk<'_, 'v> {
    /// The issues of an element by the rules beyond the forms of its primitives. `present` is as in [`Place`].
    #[inline(never)]
    pub(super) fn rules(
        &mut self,
        (element, fields, present): (&'v dyn Element, &[FieldRef<'v>], u64),
        plan: Option<&'static Plan>,
        holder: Option<ParentField>,
        primitive: Option<(&'static FieldFacts, u16)>,
        path: &Path<'_>,
    ) {
        let schema = element.schema();
        let mut facts = holder.map(|(holder, _)| &holder.facts);
        match plan.map_or(TypeRules::None, |plan| plan.rules) {
            TypeRules::CodeableReference => {
                self.reference_in = facts.and_then(|facts| facts.reference.as_deref());
            }
            TypeRules::Reference => {
                let inner = self.reference_in.filter(|inner| {
                    facts.is_some_and(|facts| std::ptr::eq(facts.definition, inner.definition))
                });
                facts = inner.or(facts);
            }
            _ => {}
        }
        let place = Place {
            rules: self.settings.rules,
            element,
            schema,
            fields,
            present,
            path,
            holder: facts,
            resource: self.resource,
            root: self.root,
            contained: &self.contained,
            budget: &self.memory.budget,
            release: self.release,
        };
        if let Some(plan) = plan {
            let invariants = plan.invariants(self.settings.rules);
            invariant::check(invariants, &place, &mut self.issues);
            match plan.rules {
                TypeRules::None => {}
                TypeRules::Attachment => value::check_attachment(&place, &mut self.issues),
                TypeRules::Narrative => narrative::check_element(&place, &mut self.issues),
                TypeRules::Reference => {
                    let checker = self.checker.as_deref_mut();
                    reference::check::check_references(&place, checker, &mut self.issues);
                }
                TypeRules::CodeableReference | TypeRules::Bundle | TypeRules::BundleEntry => {}
            }
            if self.settings.rules.has_enabled() {
                requested::check(&place, &mut self.issues);
            }
            if present & plan.canonicals != 0 {
                reference::check::check_canonicals(&place, plan.canonicals, &mut self.issues);
            }
        }
        if let Some((holder, choice)) = holder {
            invariant::check(&holder.invariants, &place, &mut self.issues);
            if let Some(profile) = holder.profiles.get(choice as usize) {
                invariant::check(profile, &place, &mut self.issues);
            }
            if let Some(bound) = &holder.facts.bound {
                binding::check(bound, &place, &mut self.issues);
            }
        }
        if plan.is_some_and(|plan| plan.is_coding)
            && let Some(release) = self.release
        {
            if let Some(coding) = place.view::<Coding>() {
                binding::check_coding_of(release, &coding, path, &mut self.issues);
            }
        } else if plan.is_some_and(|plan| plan.is_coding)
            && let Some(coding) = place.get::<Coding>()
        {
            let loaded = self.settings.profiles.loaded;
            binding::check_coding(coding, self.resource, loaded, path, &mut self.issues);
        }
        let extensions = match plan {
            Some(plan) => plan.extensions,
            None if schema.kind == SchemaKind::Metadata => !(ids::FIELD | MAY_BE_ID_ALONE),
            None => 0,
        };
        if present & extensions != 0 && is_xhtml(primitive) {
            let path = path.child(Step::field("extension"));
            let issue = Issue::new(&rule::R4_MAXIMUM, &path, Detail::None);
            self.issues.push(issue);
        } else if present & extensions != 0 {
            let holder =
                extension::ExtensionContext::new(&place, primitive, self.settings.profiles);
            extension::check(holder, &mut self.issues);
            self.note_limit(path);
        }
    }
}

/// Whether a primitive is XHTML, which has no extensions (FHIR R4 narrative.html#xhtml).
fn is_xhtml(primitive: Option<(&'static FieldFacts, u16)>) -> bool {
    primitive.is_some_and(|(field, choice)| {
        let one = field.definition.types.get(usize::from(choice));
        one.and_then(|one| one.primitive) == Some(PrimitiveKind::Xhtml)
    })
}
