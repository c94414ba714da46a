//! Where extensions stand, in the words of their definitions.

use super::Definition;
use crate::place::Place;
use crate::plan::FieldPlan;
use crate::profile::Profiles;
use healthcode_core::{Field, SchemaKind};
use healthcode_r4::codes::ExtensionContextType;
use healthcode_r4::{Extension, StructureDefinition};

/// What has an extension: an element, or a primitive.
#[derive(Clone, Copy)]
pub(crate) struct Holder<'p, 'v> {
    place: &'p Place<'p, 'v>,
    /// The field and the type of the primitive, if it is one.
    primitive: Option<(&'static FieldPlan, u16)>,
    /// Where definitions are looked for that are not the standard's.
    profiles: Profiles<'p>,
}

impl<'p, 'v> Holder<'p, 'v> {
    pub(crate) fn new(
        place: &'p Place<'p, 'v>,
        primitive: Option<(&'static FieldPlan, u16)>,
        profiles: Profiles<'p>,
    ) -> Self {
        Holder {
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
        let url = self.place.get::<Extension>().map(|it| it.url.as_deref());
        url.is_some_and(|url| {
            url.is_none_or(|url| Definition::of(url).is_none() && self.loaded(url).is_none())
        })
    }

    /// The definition of an extension that was loaded with profiles.
    pub(super) fn loaded(&self, url: &str) -> Option<&'p StructureDefinition> {
        self.profiles.extension(url)
    }

    /// Whether a definition that was loaded is for this place. Expressions of contexts are not judged.
    pub(super) fn is_for(&self, definition: &StructureDefinition) -> bool {
        let mut contexts = definition.context.iter();
        definition.context.is_empty()
            || contexts.any(|it| match (it.type_.value(), it.expression.as_str()) {
                (Some(ExtensionContextType::Element), Some(path)) => {
                    // A path may begin with the URL of the definition of its type.
                    self.is(path.rsplit_once('#').map_or(path, |(_, path)| path))
                }
                (Some(ExtensionContextType::Extension), Some(url)) => {
                    self.is(&format!("extension:{url}"))
                }
                _ => true,
            })
    }

    /// Whether one of these contexts, joined by commas, is its own.
    pub(super) fn is_one_of(&self, contexts: &str) -> bool {
        contexts.split(',').any(|context| self.is(context))
    }

    fn is(&self, context: &str) -> bool {
        if context == "Element" {
            return true;
        }
        if let Some(url) = context.strip_prefix("extension:") {
            let extension = self.place.get::<Extension>();
            return extension.is_some_and(|it| it.url.as_deref() == Some(url));
        }
        match self.primitive {
            Some((field, choice)) => {
                let types = field.definition.types.get(usize::from(choice));
                let of_type = types.is_some_and(|one| is_kind(one.code, context));
                of_type || is_path(field.owner.name, field.definition, context)
            }
            // Of a primitive of which nothing is known, nothing can be said.
            None if self.place.schema.kind == SchemaKind::Metadata => true,
            None => self.is_element(context),
        }
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
            || holder.is_some_and(|it| {
                let types = it.definition.types.iter();
                // The types that are profiles on Quantity share its schema's name or have their own.
                let named = types.clone().any(|one| one.code == context);
                let quantity = types
                    .clone()
                    .any(|one| context == "Quantity" && is_quantity(one.code));
                let own = types
                    .clone()
                    .any(|one| one.schema.is_some_and(|own| std::ptr::eq(own, schema)));
                (own && named && types.len() == 1)
                    || (quantity && is_quantity(schema.name))
                    || is_path(it.owner.name, it.definition, context)
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

/// Whether a context is the path of this element: `Patient.contact.name`, `Observation.value[x]`.
fn is_path(owner: &str, field: &Field, context: &str) -> bool {
    let name = context
        .strip_prefix(owner)
        .and_then(|rest| rest.strip_prefix('.'));
    name.is_some_and(|name| name.strip_suffix("[x]").unwrap_or(name) == field.name())
}
