//! The contexts of extensions: whether an element or primitive is one that a definition allows.

use super::Definition;
use crate::field::FieldFacts;
use crate::place::Place;
use crate::profile::{Context, InRelease, LoadedExtension, Profiles};
use healthcode_core::{Element, Field, SchemaKind, Step, Untyped};
use healthcode_fhirpath::Expression;
use healthcode_r4::Extension;

/// The owner of an extension: an element or a primitive.
#[derive(Clone, Copy)]
pub(crate) struct ExtensionContext<'p, 'v> {
    place: &'p Place<'p, 'v>,
    /// The field and the type of the primitive, if it is one.
    primitive: Option<(&'static FieldFacts, u16)>,
    /// The source of definitions that are not the standard's.
    profiles: Profiles<'p>,
}

impl<'p, 'v> ExtensionContext<'p, 'v> {
    pub(crate) fn new(
        place: &'p Place<'p, 'v>,
        primitive: Option<(&'static FieldFacts, u16)>,
        profiles: Profiles<'p>,
    ) -> Self {
        ExtensionContext {
            place,
            primitive,
            profiles,
        }
    }

    pub(super) fn place(&self) -> &'p Place<'p, 'v> {
        self.place
    }

    /// Whether it is itself an extension, which may have parts.
    pub(super) fn is_extension(&self) -> bool {
        self.place.schema.name == "Extension"
    }

    /// Whether it is itself an extension of which no definition is known.
    pub(super) fn is_unknown_extension(&self) -> bool {
        if let Some(release) = self.place.release {
            let own = self.place.element.downcast_ref::<Untyped>();
            let own = own.filter(|_| self.is_extension());
            return own.is_some_and(|own| {
                own.text("url")
                    .and_then(|url| Definition::of_release(release, url))
                    .is_none()
            });
        }
        let url = self
            .place
            .get::<Extension>()
            .map(|extension| extension.url.as_deref());
        url.is_some_and(|url| {
            url.is_none_or(|url| Definition::of(url).is_none() && self.loaded(url).is_none())
        })
    }

    /// The definition of an extension that was loaded with profiles.
    pub(super) fn loaded(&self, url: &str) -> Option<&'p LoadedExtension> {
        self.profiles.extension(url)
    }

    /// What is known of an element of another release.
    pub(super) fn in_release(&self, release: &str, id: &str) -> InRelease<'p> {
        self.profiles.in_release(release, id)
    }

    /// Whether a definition that was loaded is for this place.
    pub(super) fn is_for(&self, definition: &LoadedExtension) -> bool {
        let mut contexts = definition.contexts.iter();
        definition.contexts.is_empty()
            || contexts.any(|context| match context {
                Context::Element(path) => self.is(path) || self.has_path(path),
                Context::Extension(url) => self.is_within(url),
                Context::FhirPath(expression) => expression
                    .as_ref()
                    .is_none_or(|expression| self.is_selected_by(expression)),
                Context::Unknown => true,
            })
    }

    /// Whether an expression selects this place in the resource; true if it cannot be evaluated.
    #[cold]
    #[inline(never)]
    fn is_selected_by(&self, expression: &Expression) -> bool {
        let budget = self.place.budget;
        let mut environment = budget.environment(self.place.resource);
        environment.set_root_resource(self.place.root);
        let Ok(found) = budget.evaluate(expression, &environment) else {
            return true;
        };
        let own = self.place.element;
        let is_own = |element: &dyn Element| {
            std::ptr::addr_eq(element, own) && std::ptr::eq(element.schema(), own.schema())
        };
        found.as_slice().iter().any(|item| {
            item.as_node().is_some_and(|node| {
                node.as_element().is_some_and(is_own) || node.metadata().is_some_and(is_own)
            })
        })
    }

    /// Whether it is at this path of its resource, also inside data types: `Patient.name.given`.
    fn has_path(&self, path: &str) -> bool {
        let mut names = path.split('.');
        let of_type = names.next().unwrap_or_default();
        let own = self.place.resource.schema().name;
        if of_type != own && !matches!(of_type, "Resource" | "DomainResource") {
            return false;
        }
        let mut at = Some(self.place.path);
        // The name of the next element outwards, and what it ends in.
        let mut outer = || {
            while let Some(path) = at {
                at = path.parent();
                if let Step::Field { name, suffix, .. } = path.step() {
                    return Some((name, suffix));
                }
            }
            None
        };
        let fits = names.rev().all(|wanted| {
            outer().is_some_and(|(name, suffix)| {
                let rest = wanted.strip_prefix(name);
                rest.is_some_and(|rest| rest.is_empty() || rest == "[x]" || rest == suffix)
            })
        });
        fits && matches!(
            outer(),
            None | Some(("resource" | "contained" | "outcome", _))
        )
    }

    /// Whether one of these contexts, joined by commas, is its own.
    pub(super) fn is_one_of(&self, contexts: &str) -> bool {
        let mut all = contexts.split(',');
        all.clone().any(|context| self.is(context)) || all.any(|context| self.has_path(context))
    }

    fn is(&self, context: &str) -> bool {
        if context == "Element" {
            return true;
        }
        if let Some(url) = context.strip_prefix("extension:") {
            return self.is_within(url);
        }
        match self.primitive {
            Some((field, choice)) => {
                let types = field.definition.types.get(usize::from(choice));
                let code = types.map_or("", |one| one.code);
                is_kind(code, context) || is_path(field.owner.name, field.definition, code, context)
            }
            // A primitive of unknown type is taken to be allowed.
            None if self.place.schema.kind == SchemaKind::Metadata => true,
            None => self.is_element(context),
        }
    }

    /// Whether it is the extension of this URL.
    fn is_within(&self, url: &str) -> bool {
        if self.place.release.is_some() {
            let own = self.place.element.downcast_ref::<Untyped>();
            return own.is_some_and(|own| self.is_extension() && own.text("url") == Some(url));
        }
        let extension = self.place.get::<Extension>();
        extension.is_some_and(|extension| extension.url.as_deref() == Some(url))
    }

    fn is_element(&self, context: &str) -> bool {
        let schema = self.place.schema;
        let holder = self.place.holder;
        let of_kind = match schema.kind {
            SchemaKind::Resource => matches!(context, "Resource" | "DomainResource"),
            SchemaKind::Backbone => context == "BackboneElement",
            _ => false,
        };
        of_kind
            || schema.name == context
            || holder.is_some_and(|holder| {
                let types = holder.definition.types.iter();
                // The types that are profiles on Quantity share its schema's name or have their own.
                let named = types.clone().any(|one| one.code == context);
                let quantity = types
                    .clone()
                    .any(|one| context == "Quantity" && is_quantity(one.code));
                let own = types
                    .clone()
                    .any(|one| one.schema().is_some_and(|own| std::ptr::eq(own, schema)));
                (own && named && types.len() == 1)
                    || (quantity && is_quantity(schema.name))
                    || is_path(holder.owner.name, holder.definition, schema.name, context)
            })
    }
}

fn is_quantity(name: &str) -> bool {
    matches!(
        name,
        "Quantity" | "Age" | "Count" | "Distance" | "Duration" | "MoneyQuantity" | "SimpleQuantity"
    )
}

/// Whether a primitive type is another, or one that is derived from it.
fn is_kind(code: &str, context: &str) -> bool {
    code == context
        || match context {
            "string" => matches!(code, "code" | "id" | "markdown"),
            "uri" => matches!(code, "url" | "canonical" | "oid" | "uuid"),
            "integer" => matches!(code, "positiveInt" | "unsignedInt"),
            _ => false,
        }
}

/// Whether a context is the path of this element, whose value is of a type: `Patient.contact.name`,
/// `Observation.value[x]`, or as STU3 writes it, `Observation.valueQuantity`.
fn is_path(owner: &str, field: &Field, code: &str, context: &str) -> bool {
    let name = context
        .strip_prefix(owner)
        .and_then(|rest| rest.strip_prefix('.'));
    let ends = |rest: &str| match rest {
        "" | "[x]" => true,
        _ => field.choice && rest.eq_ignore_ascii_case(code),
    };
    name.is_some_and(|name| name.strip_prefix(field.name()).is_some_and(ends))
}
