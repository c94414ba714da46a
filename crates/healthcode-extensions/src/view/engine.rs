//! Decoding and encoding a list of extensions by the table of a view.

use super::sealed::Fields;
use super::{Context, FieldDef, ViewDef};
use crate::{EXTENSION_BASE, rules};
use healthcode_core::{Detail, List, Path, Step};
use healthcode_r4::Extension;
use std::fmt;

/// The most fields that a view has.
const MAX_FIELDS: usize = 7;

/// The extensions that a view has no place for.
///
/// It also remembers in which order the view's fields were met, unless that was the documented one.
/// Two of them are equal if they keep the same extensions.
#[derive(Clone, Default)]
pub struct Unrecognised {
    /// The extensions, in their order.
    pub extensions: List<Extension>,
    /// For each extension the index of its field, or the number of fields if it has none.
    order: Option<Box<[u8]>>,
}

impl fmt::Debug for Unrecognised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.extensions.fmt(f)
    }
}

impl PartialEq for Unrecognised {
    fn eq(&self, other: &Self) -> bool {
        self.extensions == other.extensions
    }
}

impl From<List<Extension>> for Unrecognised {
    fn from(extensions: List<Extension>) -> Self {
        Unrecognised {
            extensions,
            order: None,
        }
    }
}

/// Finds the order of fields, which is written down only when it is not that of the table.
#[derive(Default)]
struct Order {
    counts: [usize; MAX_FIELDS + 1],
    last: usize,
    places: Option<Vec<u8>>,
}

impl Order {
    fn push(&mut self, place: usize) {
        if let Some(places) = &mut self.places {
            places.push(place as u8);
        } else if place >= self.last {
            self.last = place;
            self.counts[place] += 1;
        } else {
            let mut places = Vec::new();
            for (place, count) in self.counts.iter().enumerate() {
                places.extend(std::iter::repeat_n(place as u8, *count));
            }
            places.push(place as u8);
            self.places = Some(places);
        }
    }

    /// The index in the list of extensions of the field's value at `index`.
    fn find(&self, place: usize, index: usize) -> usize {
        match &self.places {
            None => self.counts[..place].iter().sum::<usize>() + index,
            Some(places) => {
                let mut of_field = (0..places.len()).filter(|at| usize::from(places[*at]) == place);
                of_field.nth(index).unwrap_or_default()
            }
        }
    }
}

/// Fills a view. `path` is the path of the element with the extensions.
pub(super) fn decode_fields(
    view: &mut dyn Fields,
    extensions: &[Extension],
    path: &Path<'_>,
    context: &mut Context<'_>,
) {
    let definition = view.definition();
    let unknown = definition.fields.len();
    let list = path.child(Step::field("extension"));
    let mut seen = [false; MAX_FIELDS];
    let mut order = Order::default();
    for (index, extension) in extensions.iter().enumerate() {
        let place = list.child(Step::Index(index));
        let taken = if let Some(at) = find(definition, extension) {
            seen[at] = true;
            let field = &definition.fields[at];
            let taken = view.field_mut(at).decode(extension, field, &place, context);
            taken.then_some(at)
        } else {
            if definition.children || is_ours(extension) {
                context.report(&rules::HC_EXTENSION_UNKNOWN, &place, Detail::None);
            }
            None
        };
        if taken.is_none() {
            view.unrecognised_mut().extensions.push(extension.clone());
        }
        order.push(taken.unwrap_or(unknown));
    }
    for (at, field) in definition.fields.iter().enumerate() {
        if field.required && !seen[at] {
            context.report(
                &rules::HC_EXTENSION_CHILD_MISSING,
                path,
                Detail::Name(field.name),
            );
        }
        for index in view.field(at).duplicates() {
            let place = list.child(Step::Index(order.find(at, index)));
            context.report(
                &rules::HC_EXTENSION_DUPLICATE,
                &place,
                Detail::Name(field.name),
            );
        }
    }
    view.unrecognised_mut().order = order.places.map(Vec::into_boxed_slice);
}

/// The field that an extension belongs to.
fn find(definition: &ViewDef, extension: &Extension) -> Option<usize> {
    let belongs = |field: &FieldDef| match (&extension.url, field.url) {
        (Some(url), Some(wanted)) => url.as_str() == wanted,
        (None, None) => extension.id.is_some() && extension.id.as_deref() == field.id,
        _ => false,
    };
    definition.fields.iter().position(belongs)
}

/// Whether an extension's url is one of Healthcode's.
fn is_ours(extension: &Extension) -> bool {
    extension
        .url
        .as_deref()
        .is_some_and(|url| url.starts_with(EXTENSION_BASE))
}

/// Fills a view from the children of an extension; returns whether the extension is nothing but its
/// children, id and url. `None` if it is no group at all.
pub(crate) fn decode_group(
    view: &mut dyn Fields,
    extension: &Extension,
    path: &Path<'_>,
    context: &mut Context<'_>,
) -> Option<bool> {
    if extension.value.is_some() {
        let detail = Detail::Expected("child extensions instead of a value");
        context.report(&rules::HC_EXTENSION_SHAPE, path, detail);
        if extension.extension.is_empty() {
            return None;
        }
    }
    decode_fields(view, &extension.extension, path, context);
    Some(extension.value.is_none())
}

/// The extensions of a view: in the order remembered, then the rest of each field, then what is
/// not recognised.
pub(crate) fn encode_fields(view: &dyn Fields) -> List<Extension> {
    let definition = view.definition();
    let unknown = definition.fields.len();
    let unrecognised = view.unrecognised_ref();
    let mut out = List::new();
    let mut next = [0usize; MAX_FIELDS + 1];
    let encode = |place: usize, index: usize| match definition.fields.get(place) {
        Some(field) => view.field(place).encode(index, field),
        None => unrecognised.extensions.get(index).cloned(),
    };
    for place in unrecognised.order.iter().flatten() {
        let place = usize::from(*place);
        out.extend(encode(place, next[place]));
        next[place] += 1;
    }
    for (place, next) in next.iter().enumerate().take(unknown + 1) {
        out.extend((*next..).map_while(|index| encode(place, index)));
    }
    out
}
