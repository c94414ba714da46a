//! [`Place`]: what the definitions say of a node of an outline.

use crate::outline::{Id, Kind, Outline};
use healthcode_core::{Binding, Field, Release, Schema, Type};

/// What is at a node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    /// The FHIRPath of the node.
    pub(crate) path: String,
    /// The type that the element is defined in.
    pub(crate) owner: Option<&'static Schema>,
    /// The element's definition; `None` for roots and unknown members.
    pub(crate) field: Option<&'static Field>,
    /// The type of its value.
    pub(crate) ty: Option<&'static Type>,
    /// The schema of its value: of a resource, data type or backbone.
    pub(crate) schema: Option<&'static Schema>,
    /// The binding of its code, also if it is that of the concept around it.
    pub(crate) binding: Option<&'static Binding>,
    /// Whether it is the name of a type of resource: `resourceType`, or the tag of a resource in XML.
    pub(crate) names_type: bool,
    /// Whether it is the metadata of a primitive in JSON: `_birthDate`.
    pub(crate) is_metadata: bool,
    /// The type of the innermost resource around it.
    pub(crate) resource: Option<&'static Schema>,
    /// The node of that resource.
    pub(crate) resource_node: Option<Id>,
}

/// Types whose codes are bound by the element that has them.
const CONCEPTS: [&str; 3] = ["CodeableConcept", "Coding", "Quantity"];

/// How deep nodes may be that have places: validation goes less deep.
const MAX_DEPTH: usize = 2048;

/// How to find places in a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places<'a> {
    pub(crate) text: &'a str,
    pub(crate) outline: &'a Outline,
    pub(crate) release: &'static Release,
}

impl Places<'_> {
    /// The place of a node.
    pub(crate) fn of(self, id: Id) -> Place {
        let mut place = Place::default();
        let chain = self.outline.chain(id);
        if chain.len() > MAX_DEPTH {
            return place;
        }
        for (depth, &id) in chain.iter().enumerate() {
            place = self.step(&place, id, depth == 0);
        }
        place
    }

    /// The name of the type that a resource states.
    pub(crate) fn type_name(&self, id: Id) -> Option<&str> {
        let node = self.outline.get(id)?;
        match node.kind {
            Kind::Object => self.outline.text_of(self.text, id, "resourceType"),
            Kind::Element => Some(self.outline.name_of(self.text, id)),
            _ => None,
        }
    }

    /// The place of a node within the last one.
    fn step(self, outer: &Place, id: Id, is_root: bool) -> Place {
        let Some(node) = self.outline.get(id) else {
            return Place::default();
        };
        let name = self.outline.name_of(self.text, id);
        let is_item = name.is_empty() && !is_root;
        let is_element = node.kind == Kind::Element;
        // In XML the resource itself is in the element.
        let is_resource = outer.ty.is_some_and(|ty| ty.code == "Resource") && !outer.names_type;
        if is_root || is_element && is_resource {
            return self.resource(outer, id);
        }
        if is_item {
            let mut place = outer.clone();
            if outer.field.is_some_and(Field::repeats) {
                place.path = format!("{}[{}]", outer.path, node.index);
            }
            if is_resource {
                return self.resource(&place, id);
            }
            return place;
        }
        if node.kind == Kind::Attribute && name == "value" {
            return Place {
                names_type: false,
                ..outer.clone()
            };
        }
        let mut place = Place {
            path: format!("{}.{name}", outer.path),
            owner: outer.schema,
            resource: outer.resource,
            resource_node: outer.resource_node,
            ..Place::default()
        };
        let Some(owner) = outer.schema else {
            return place;
        };
        if name == "resourceType" && owner.is_resource() && node.kind != Kind::Attribute {
            place.names_type = true;
            return place;
        }
        let (member, is_metadata) = match name.strip_prefix('_') {
            Some(member) if !is_element => (member, true),
            _ => (name, false),
        };
        let Some((field, ty)) = owner.member(member) else {
            return place;
        };
        place.path = format!("{}.{}", outer.path, field.name());
        if is_element && field.repeats() {
            place.path += &format!("[{}]", node.index);
        }
        place.is_metadata = is_metadata;
        place.field = Some(field);
        place.ty = Some(ty);
        let is_in_concept = CONCEPTS.contains(&owner.name);
        let inherited = outer.binding.filter(|_| is_in_concept);
        place.binding = field.binding.or(inherited);
        place.schema = match ty.primitive {
            // The id and extensions of a primitive.
            Some(_) if is_metadata || is_element => self.metadata(),
            Some(_) => None,
            None => ty
                .schema()
                .map(|schema| self.release.schema_of_values(schema)),
        };
        if ty.code == "Resource" && node.kind == Kind::Object {
            return self.resource(&place, id);
        }
        place
    }

    fn metadata(self) -> Option<&'static Schema> {
        self.release
            .metadata
            .or_else(|| self.release.find("Element"))
    }

    /// A resource, at its own node or in the element that has it.
    fn resource(self, outer: &Place, id: Id) -> Place {
        let name = self.type_name(id);
        let schema = name.and_then(|name| self.release.resource(name));
        let is_root = outer.field.is_none();
        Place {
            path: match schema {
                Some(schema) if is_root => schema.name.to_owned(),
                _ => outer.path.clone(),
            },
            owner: outer.owner,
            field: outer.field,
            ty: outer.ty,
            schema,
            resource: schema,
            resource_node: Some(id),
            names_type: self
                .outline
                .get(id)
                .is_some_and(|node| node.kind == Kind::Element),
            ..Place::default()
        }
    }
}

impl Place {
    /// The id of the element in the definition of its type: `Patient.birthDate`, `Observation.value[x]`.
    pub(crate) fn definition(&self) -> Option<String> {
        let (owner, field) = (self.owner?, self.field?);
        let suffix = if field.choice { "[x]" } else { "" };
        Some(format!("{}.{}{suffix}", owner.name, field.name()))
    }
}
