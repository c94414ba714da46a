//! [`Item`]: one value of an element, as it is checked against profiles.

use healthcode_core::{Element, Field, FieldRef, Fields, Path, Step, ValueRef};
use healthcode_fhirpath::Node;
use healthcode_json::defects::step;
use healthcode_r4::schema;
use smallvec::SmallVec;
use std::cmp::Ordering;

/// One value of an element.
#[derive(Clone, Copy)]
pub(super) struct Item<'v> {
    /// Absent for a primitive without a value, or with a malformed one.
    pub(super) value: Option<ValueRef<'v>>,
    pub(super) metadata: Option<&'v dyn Element>,
    /// The element that holds it, if known, and the index of the field there.
    pub(super) parent: Option<&'v dyn Element>,
    pub(super) field: u16,
    pub(super) definition: &'static Field,
    pub(super) choice: u16,
    /// Its index, where the element repeats.
    pub(super) index: Option<usize>,
}

impl<'v> Item<'v> {
    /// The value, if it is complex.
    pub(super) fn element(&self) -> Option<&'v dyn Element> {
        match self.value {
            Some(ValueRef::Element(element)) => Some(element),
            _ => None,
        }
    }

    /// The element that holds its child elements: the value itself, or a primitive's metadata.
    pub(super) fn holder(&self) -> Option<&'v dyn Element> {
        self.element().or(self.metadata)
    }

    /// An element without the element that holds it.
    pub(super) fn alone(element: &'v dyn Element) -> Option<Item<'v>> {
        // A value in a field of resources has the code of its own type.
        let (_, definition) = schema::find("Basic")?.field("contained")?;
        Some(Item {
            value: Some(ValueRef::Element(element)),
            metadata: None,
            parent: None,
            field: 0,
            definition,
            choice: 0,
            index: None,
        })
    }

    /// The same for FHIRPath.
    pub(super) fn node(&self) -> Option<Node<'v>> {
        let place = (self.field, self.choice);
        let index = self.index.unwrap_or(0);
        match (self.parent, self.element()) {
            (Some(parent), Some(element)) => Some(Node::element(parent, place, index, element)),
            (None, Some(element)) => Some(Node::root(element)),
            (Some(parent), None) => Some(Node::primitive(
                parent,
                place,
                index,
                self.value,
                self.metadata,
            )),
            (None, None) => None,
        }
    }

    /// Whether it is a primitive.
    pub(super) fn is_primitive(&self) -> bool {
        self.element().is_none()
    }

    /// The code of its type, as profiles have it: a resource's name, `Quantity`, `dateTime`.
    #[inline]
    pub(super) fn type_code(&self) -> &'static str {
        let of_type = self.definition.types.get(usize::from(self.choice));
        match of_type.map_or("", |of_type| of_type.code) {
            "Resource" => self
                .element()
                .map_or("Resource", |element| element.schema().name),
            "SimpleQuantity" | "MoneyQuantity" => "Quantity",
            code => code,
        }
    }

    /// Calls `then` with its place, given that of the element that holds it.
    #[inline]
    pub(super) fn at<R>(
        &self,
        holder: &Path<'_>,
        metadata: bool,
        then: impl FnOnce(&Path<'_>) -> R,
    ) -> R {
        let named = holder.child(step(self.definition, self.choice, metadata));
        match self.index {
            Some(index) => then(&named.child(Step::Index(index))),
            None => then(&named),
        }
    }
}

/// The fields that are present.
pub(super) fn fields_of(element: Option<&dyn Element>) -> Fields<'_> {
    let mut fields = Fields::new();
    if let Some(element) = element {
        element.fields(&mut fields);
    }
    fields
}

/// Values, of which there is mostly one.
pub(super) type Items<'v> = SmallVec<[Item<'v>; 1]>;

/// The values of one field; `fields` are in the order of the schema.
pub(super) fn items<'v>(
    parent: Option<&'v dyn Element>,
    fields: &[FieldRef<'v>],
    index: usize,
    definition: &'static Field,
) -> Items<'v> {
    let mut out = Items::new();
    for field in fields {
        match usize::from(field.index).cmp(&index) {
            Ordering::Less => continue,
            Ordering::Equal => {}
            Ordering::Greater => break,
        }
        let item = |value, metadata, index| Item {
            value,
            metadata,
            parent,
            field: field.index,
            definition,
            choice: field.choice,
            index,
        };
        match field.value {
            ValueRef::Primitives(all) => {
                out.reserve(all.count());
                for at in 0..all.count() {
                    out.push(item(all.value_at(at), all.metadata_at(at), Some(at)));
                }
            }
            ValueRef::Elements(all) => {
                out.reserve(all.count());
                for at in 0..all.count() {
                    let value = ValueRef::Element(all.element_at(at));
                    out.push(item(Some(value), None, Some(at)));
                }
            }
            // The metadata of a primitive follows its value.
            ValueRef::Metadata(metadata) => match out.last_mut() {
                Some(last) => last.metadata = Some(metadata),
                None => out.push(item(None, Some(metadata), None)),
            },
            value => out.push(item(Some(value), None, None)),
        }
    }
    out
}

/// The value of a field that does not repeat and whose value is no primitive with metadata.
#[inline]
pub(super) fn single<'v>(
    parent: Option<&'v dyn Element>,
    fields: &[FieldRef<'v>],
    index: usize,
    definition: &'static Field,
) -> Option<Item<'v>> {
    let at = fields
        .iter()
        .position(|field| usize::from(field.index) == index)?;
    let field = fields[at];
    let is_alone = fields
        .get(at + 1)
        .is_none_or(|next| next.index != field.index);
    match field.value {
        ValueRef::Primitives(_) | ValueRef::Elements(_) | ValueRef::Metadata(_) => None,
        value => is_alone.then_some(Item {
            value: Some(value),
            metadata: None,
            parent,
            field: field.index,
            definition,
            choice: field.choice,
            index: None,
        }),
    }
}

/// The values of the element of this name.
pub(super) fn named<'v>(element: &'v dyn Element, name: &str) -> Items<'v> {
    match element.schema().field(name) {
        Some((index, definition)) => {
            let fields = fields_of(Some(element));
            items(Some(element), fields.since(0), index, definition)
        }
        None => Items::new(),
    }
}

/// The text of the element of this name.
pub(super) fn text<'v>(element: &'v dyn Element, name: &str) -> Option<&'v str> {
    let (index, _) = element.schema().field(name)?;
    let fields = fields_of(Some(element));
    let mut fields = fields.since(0).iter();
    let first = fields.find(|field| usize::from(field.index) == index)?;
    let value = match first.value {
        ValueRef::Primitives(all) if all.count() > 0 => all.value_at(0),
        value => Some(value),
    };
    match value {
        Some(ValueRef::Text(text)) => Some(text),
        _ => None,
    }
}

/// A code, with what is known of its system.
#[derive(Clone, Copy)]
pub(super) enum Code<'v> {
    /// The code of an element that implies the system.
    Alone(&'v str),
    /// The code of a coding or quantity, which is in no value set if it has no system.
    Of(Option<&'v str>, &'v str),
}

impl<'v> Code<'v> {
    /// The code of a coding or quantity.
    pub(super) fn of(coding: &'v dyn Element) -> Option<Code<'v>> {
        Some(Code::Of(text(coding, "system"), text(coding, "code")?))
    }
}
