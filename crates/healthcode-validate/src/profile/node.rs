//! [`Node`]: an element of a profile with what lies below it, and the trees of R4's own types.

use healthcode_core::{Binding, Field, Schema, SchemaKind, Type, UNBOUNDED};
use healthcode_r4::{
    ElementDefinition, ElementDefinitionBinding, ElementDefinitionConstraint,
    ElementDefinitionSlicing, ElementDefinitionSlicingDiscriminator, ElementDefinitionType, codes,
    schema,
};

/// The base of the canonical URLs of R4's own definitions.
pub(super) const BASE: &str = "http://hl7.org/fhir/StructureDefinition/";

/// How deep slices are sliced again; deeper ones count as slices of the last.
const SLICES_OF_SLICES: usize = 8;

/// An element of a profile.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// The name as in paths: `value[x]` for a choice.
    pub(super) name: Box<str>,
    /// What is stated of it; `id` and `path` are only made for a list of elements.
    pub(super) definition: ElementDefinition,
    /// The schema of its values, where they are of a complex type that is defined in place.
    pub(super) schema: Option<&'static Schema>,
    /// What lies below it; `None` where that is as its type has it.
    pub(super) children: Option<Vec<Node>>,
    pub(super) slices: Vec<Node>,
    /// The types it had before a shortcut such as `valueQuantity` left only one.
    pub(super) choices: Vec<ElementDefinitionType>,
}

impl Node {
    /// The tree of a type of R4: its root, and its elements.
    pub(super) fn of_schema(of: &'static Schema) -> Node {
        Node {
            name: of.name.into(),
            definition: ElementDefinition {
                min: 0.into(),
                max: "*".into(),
                constraint: of.invariants.iter().map(|one| constraint(one)).collect(),
                ..ElementDefinition::default()
            },
            schema: Some(of),
            children: Some(Node::fields_of(of)),
            slices: Vec::new(),
            choices: Vec::new(),
        }
    }

    /// The tree of `Resource`, or of another type that stands for others; `None` for one that does not.
    pub(super) fn of_abstract(name: &str) -> Option<Node> {
        let (like, count) = common(name)?;
        let fields = schema::find(like).map(Node::fields_of).unwrap_or_default();
        Some(Node {
            name: name.into(),
            definition: ElementDefinition {
                min: 0.into(),
                max: "*".into(),
                ..ElementDefinition::default()
            },
            children: Some(fields.into_iter().take(count).collect()),
            ..Node::default()
        })
    }

    /// The elements of a type of R4.
    pub(super) fn fields_of(of: &'static Schema) -> Vec<Node> {
        of.fields
            .iter()
            .map(|field| Node::of_field(field, of))
            .collect()
    }

    fn of_field(field: &'static Field, holder: &'static Schema) -> Node {
        let name = field.name();
        let mut definition = ElementDefinition {
            min: i32::from(field.min).into(),
            max: match field.max {
                UNBOUNDED => "*".into(),
                max => max.to_string().into(),
            },
            constraint: field.invariants.iter().map(|one| constraint(one)).collect(),
            binding: field.binding.map(|one| Box::new(binding(one))),
            ..ElementDefinition::default()
        };
        if field.modifier {
            definition.is_modifier = true.into();
        }
        let holder_type = holder.name.split('.').next().and_then(schema::find);
        let of_data_type = holder_type.is_some_and(|schema| schema.kind == SchemaKind::DataType);
        if name == "extension" && of_data_type {
            definition.slicing = Some(Box::new(slicing("value", "url", "open")));
        }
        let mut in_place = None;
        for one in field.types {
            match one.schema() {
                Some(backbone) if backbone.kind == SchemaKind::Backbone => {
                    in_place = Some(backbone);
                    let own = backbone.name.strip_prefix(holder.name);
                    if own.and_then(|rest| rest.strip_prefix('.')) == Some(name) {
                        definition.type_.push(type_of(match holder.kind {
                            SchemaKind::DataType => "Element",
                            _ => "BackboneElement",
                        }));
                    } else {
                        let path = format!("#{}", backbone.name);
                        definition.content_reference = path.into();
                    }
                }
                _ => definition.type_.push(of_type(one)),
            }
        }
        Node {
            name: if field.choice {
                format!("{name}[x]").into()
            } else {
                name.into()
            },
            definition,
            schema: in_place,
            children: None,
            slices: Vec::new(),
            choices: Vec::new(),
        }
    }

    /// The name of the slice that this is.
    pub(super) fn slice(&self) -> Option<&str> {
        self.definition.slice_name.as_str()
    }

    /// The child of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Node> {
        self.children
            .as_ref()?
            .iter()
            .find(|child| &*child.name == name)
    }

    /// The node that holds the slice of this name: the slice `a` for `a/b` if there is one, else
    /// the node itself.
    pub(super) fn holder_of_slice(&mut self, name: &str) -> &mut Node {
        let outer = |slice: &Node| {
            let rest = slice.slice().and_then(|outer| name.strip_prefix(outer));
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        let mut node = self;
        for _ in 0..SLICES_OF_SLICES {
            let Some(at) = node.slices.iter().position(outer) else {
                break;
            };
            node = &mut node.slices[at];
        }
        node
    }

    /// The least number of values.
    pub(super) fn min(&self) -> u32 {
        let min = self.definition.min.get();
        min.and_then(|min| u32::try_from(min).ok()).unwrap_or(0)
    }

    /// The greatest number of values; `None` for `*` and for what is no number.
    pub(super) fn max(&self) -> Option<u32> {
        self.definition.max.as_str()?.parse().ok()
    }

    /// How many nodes there are in the tree; `None` if they are more than `room`, or one is deeper
    /// than `depth`.
    pub(super) fn count(&self, room: usize, depth: usize) -> Option<usize> {
        let mut count = 0;
        let mut open = vec![(self, 0)];
        while let Some((node, at)) = open.pop() {
            count += 1;
            if count > room || at > depth {
                return None;
            }
            let below = node.children.iter().flatten().chain(&node.slices);
            open.extend(below.map(|node| (node, at + 1)));
        }
        Some(count)
    }

    /// The elements of the tree as a list, with their ids and paths.
    pub(super) fn list(&self) -> Vec<ElementDefinition> {
        let mut out = Vec::new();
        self.list_into("", "", &mut out);
        out
    }

    fn list_into(&self, id: &str, path: &str, out: &mut Vec<ElementDefinition>) {
        let dot = if id.is_empty() { "" } else { "." };
        let path = format!("{path}{dot}{}", self.name);
        let id = match self.slice() {
            Some(slice) => format!("{id}{dot}{}:{slice}", self.name),
            None => format!("{id}{dot}{}", self.name),
        };
        out.push(ElementDefinition {
            id: Some(id.as_str().into()),
            path: path.as_str().into(),
            ..self.definition.clone()
        });
        let in_place;
        let children = match (&self.children, self.schema) {
            (Some(children), _) => children.as_slice(),
            // What is defined in place is always listed.
            (None, Some(schema)) if self.definition.content_reference.is_empty() => {
                in_place = Node::fields_of(schema);
                in_place.as_slice()
            }
            _ => &[],
        };
        for child in children {
            child.list_into(&id, &path, out);
        }
        let holder_id = id.rsplit_once('.').map_or("", |(holder, _)| holder);
        let holder_path = path.rsplit_once('.').map_or("", |(holder, _)| holder);
        for slice in &self.slices {
            slice.list_into(holder_id, holder_path, out);
        }
    }
}

fn constraint(of: &healthcode_core::Invariant) -> ElementDefinitionConstraint {
    ElementDefinitionConstraint {
        key: of.key.into(),
        severity: if of.error {
            codes::ConstraintSeverity::Error.into()
        } else {
            codes::ConstraintSeverity::Warning.into()
        },
        expression: of.expression.into(),
        ..ElementDefinitionConstraint::default()
    }
}

fn binding(of: &Binding) -> ElementDefinitionBinding {
    use healthcode_core::BindingStrength as S;
    let strength = match of.strength {
        S::Required => codes::BindingStrength::Required,
        S::Extensible => codes::BindingStrength::Extensible,
        S::Preferred => codes::BindingStrength::Preferred,
        _ => codes::BindingStrength::Example,
    };
    let mut binding = ElementDefinitionBinding {
        strength: strength.into(),
        ..ElementDefinitionBinding::default()
    };
    if !of.value_set.is_empty() {
        binding.value_set = of.value_set.into();
    }
    binding
}

fn of_type(of: &Type) -> ElementDefinitionType {
    let mut out = match of.code {
        "SimpleQuantity" | "MoneyQuantity" => ElementDefinitionType {
            profile: [canonical(of.code).into()].into(),
            ..type_of("Quantity")
        },
        code => type_of(code),
    };
    out.target_profile = of
        .targets
        .iter()
        .map(|name| canonical(name).into())
        .collect();
    out
}

/// A type by its code.
pub(super) fn type_of(code: &str) -> ElementDefinitionType {
    ElementDefinitionType {
        code: code.into(),
        ..ElementDefinitionType::default()
    }
}

/// A slicing by one discriminator.
pub(super) fn slicing(kind: &str, path: &str, rules: &str) -> ElementDefinitionSlicing {
    use healthcode_r4::CodeEnum;
    ElementDefinitionSlicing {
        discriminator: [ElementDefinitionSlicingDiscriminator {
            type_: codes::DiscriminatorType::from_code(kind).into(),
            path: path.into(),
            ..ElementDefinitionSlicingDiscriminator::default()
        }]
        .into(),
        rules: codes::SlicingRules::from_code(rules).into(),
        ..ElementDefinitionSlicing::default()
    }
}

/// The canonical URL of a type of R4; URLs stay.
pub(super) fn canonical(name: &str) -> String {
    if name.contains(':') {
        name.to_owned()
    } else {
        format!("{BASE}{name}")
    }
}

/// The name of the type of R4 that a canonical URL, with or without a version, stands for.
pub(super) fn type_name(canonical: &str) -> Option<&str> {
    let url = canonical.split('|').next().unwrap_or(canonical);
    let name = url.strip_prefix(BASE)?;
    (schema::find(name).is_some() || is_abstract(name)).then_some(name)
}

/// What all types have that an abstract one stands for: so many of the first elements of a type.
pub(super) fn common(name: &str) -> Option<(&'static str, usize)> {
    Some(match name {
        "Resource" => ("Basic", 4),
        "DomainResource" => ("Basic", 8),
        "Element" => ("Period", 2),
        "BackboneElement" => ("Timing", 3),
        _ => return None,
    })
}

/// Whether a type stands for others and has no values of its own.
pub(super) fn is_abstract(name: &str) -> bool {
    common(name).is_some()
}

/// Whether values of the type `code` are also of the type `name`.
pub(super) fn is_kind_of(code: &str, name: &str) -> bool {
    use SchemaKind::{Backbone, DataType, Resource};
    let kind = || schema::find(code).map(|schema| schema.kind);
    match name {
        "Resource" => kind() == Some(Resource),
        "DomainResource" => {
            let plain = matches!(code, "Bundle" | "Binary" | "Parameters");
            kind() == Some(Resource) && !plain
        }
        "Element" => matches!(kind(), None | Some(DataType | Backbone)),
        // These are profiles of Quantity in R4.
        "Quantity" => matches!(code, "Quantity" | "Age" | "Count" | "Distance" | "Duration"),
        _ => code == name,
    }
}

/// The schema of the type of this code, as a profile writes it.
pub(super) fn schema_of(code: &str) -> Option<&'static Schema> {
    schema::find(code.strip_prefix(BASE).unwrap_or(code))
}

/// A type's code in R4, without what FHIRPath's system types have before it.
pub(super) fn code_of(of: &ElementDefinitionType) -> &str {
    let code = of.code.as_str().unwrap_or_default();
    match code.strip_prefix("http://hl7.org/fhirpath/System.") {
        Some(_) => "string",
        None => code.strip_prefix(BASE).unwrap_or(code),
    }
}
