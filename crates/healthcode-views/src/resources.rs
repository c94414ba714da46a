//! The resources of a Bundle, and of the Bundles in it.

use healthcode_core::{Element, Fields, ValueRef};

/// Bundles inside each other whose entries are resources of the outer one.
const MAX_BUNDLES: usize = 8;

/// Calls `visit` with a resource and, if that is a Bundle, with the resources of its entries, also of Bundles inside
/// it; and with the JSON pointer of each, of which `pointer` is the resource's.
pub fn for_each_resource<'a>(
    resource: &'a dyn Element,
    pointer: &str,
    visit: &mut dyn FnMut(&'a dyn Element, &str),
) {
    inner(resource, pointer, 0, visit);
}

fn inner<'a>(
    resource: &'a dyn Element,
    pointer: &str,
    depth: usize,
    visit: &mut dyn FnMut(&'a dyn Element, &str),
) {
    visit(resource, pointer);
    if resource.schema().name != "Bundle" || depth >= MAX_BUNDLES {
        return;
    }
    let Some(ValueRef::Elements(entries)) = field(resource, "entry") else {
        return;
    };
    for index in 0..entries.count() {
        if let Some(resource) = entry_resource(entries.element_at(index)) {
            let pointer = format!("{pointer}/entry/{index}/resource");
            inner(resource, &pointer, depth + 1, visit);
        }
    }
}

/// The resource of an entry of a Bundle.
#[must_use]
pub fn entry_resource(entry: &dyn Element) -> Option<&dyn Element> {
    match field(entry, "resource")? {
        ValueRef::Element(resource) => Some(resource),
        _ => None,
    }
}

/// What an element's field of this name holds.
fn field<'a>(element: &'a dyn Element, name: &str) -> Option<ValueRef<'a>> {
    let (index, _) = element.schema().field(name)?;
    let mut fields = Fields::new();
    element.fields(&mut fields);
    let mut fields = fields.since(0).iter();
    let found = fields.find(|field| usize::from(field.index) == index)?;
    Some(found.value)
}
