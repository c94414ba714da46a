//! Values at a path below an element, whatever its type.

use super::number::Exact;
use healthcode_core::{Element, Fields, ValueRef};
use healthcode_r4::ContactPoint;

/// A value that was found.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found<'a> {
    Text(&'a str),
    Boolean(bool),
    Integer(i32),
    Decimal(&'a str),
    Element(&'a dyn Element),
    /// There is something of another JSON type than the element's.
    Malformed,
}

impl Found<'_> {
    /// The number, if it is one.
    pub(super) fn number(self) -> Option<Exact> {
        match self {
            Found::Integer(number) => Exact::parse(&number.to_string()),
            Found::Decimal(text) => Exact::parse(text),
            _ => None,
        }
    }
}

/// The text that comes first at a path, if a text does.
pub(super) fn text_at<'a>(element: &'a dyn Element, path: &str) -> Option<&'a str> {
    match values(element, path).first() {
        Some(Found::Text(text)) => Some(*text),
        _ => None,
    }
}

/// All values at a path of [`super::sources`].
pub(super) fn values<'a>(element: &'a dyn Element, path: &str) -> Vec<Found<'a>> {
    let mut out = Vec::new();
    for path in path.split('|') {
        collect(element, path, &mut out);
    }
    out
}

/// Adds the values at one path.
fn collect<'a>(element: &'a dyn Element, path: &str, out: &mut Vec<Found<'a>>) {
    let (segment, rest) = match path.split_once('.') {
        Some((segment, rest)) => (segment, Some(rest)),
        None => (path, None),
    };
    let (segment, system) = match segment.split_once('[') {
        Some((segment, system)) => (segment, Some(system.trim_end_matches(']'))),
        None => (segment, None),
    };
    let (name, of_type) = match segment.split_once(':') {
        Some((name, of_type)) => (name, Some(of_type)),
        None => (segment, None),
    };
    let schema = element.schema();
    let mut fields = Fields::new();
    element.fields(&mut fields);
    for at in 0..fields.len() {
        let found = fields.get(at);
        let Some(field) = schema.fields.get(usize::from(found.index)) else {
            continue;
        };
        let named = || field.types.get(usize::from(found.choice)).map(|ty| ty.code);
        if field.name() != name || of_type.is_some_and(|wanted| named() != Some(wanted)) {
            continue;
        }
        let fits = |found: Found<'_>| match (system, found) {
            (None, _) => true,
            (Some(system), Found::Element(element)) => element
                .downcast_ref::<ContactPoint>()
                .and_then(|contact| contact.system.value())
                .is_some_and(|own| own.as_str() == system),
            _ => false,
        };
        let mut put = |found: Found<'a>| match (rest, found) {
            _ if !fits(found) => {}
            (None, found) => out.push(found),
            (Some(rest), Found::Element(element)) => collect(element, rest, out),
            (Some(_), _) => {}
        };
        match found.value {
            ValueRef::Elements(items) => {
                let elements = (0..items.count()).map(|at| items.element_at(at));
                elements.for_each(|element| put(Found::Element(element)));
            }
            ValueRef::Primitives(items) => {
                let values = (0..items.count()).filter_map(|at| items.value_at(at));
                values.filter_map(leaf).for_each(put);
            }
            value => leaf(value).into_iter().for_each(put),
        }
    }
}

fn leaf(value: ValueRef<'_>) -> Option<Found<'_>> {
    Some(match value {
        ValueRef::Text(text) => Found::Text(text),
        ValueRef::Boolean(value) => Found::Boolean(value),
        ValueRef::Integer(number) => Found::Integer(number),
        ValueRef::Decimal(text) => Found::Decimal(text),
        ValueRef::Element(element) => Found::Element(element),
        ValueRef::Metadata(element) => {
            return (!element.extras().is_empty()).then_some(Found::Malformed);
        }
        _ => return None,
    })
}
