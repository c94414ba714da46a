//! What can be found of any element.

use healthcode_core::{Element, ExtraKind, Field, Fields, ValueRef, XmlExtra};

/// The id of a resource.
pub(crate) fn id_of<'v>(resource: &'v dyn Element, fields: &mut Fields<'v>) -> Option<&'v str> {
    fields.truncate(0);
    resource.fields(fields);
    let schema = resource.schema();
    fields.since(0).iter().find_map(|field| match field.value {
        ValueRef::Text(id) if schema.fields[field.index as usize].name() == "id" => Some(id),
        _ => None,
    })
}

/// Whether all that the schema defines was read into the element's fields.
pub(crate) fn is_whole(element: &dyn Element) -> bool {
    let misread = |kind| {
        matches!(
            kind,
            ExtraKind::WrongShape
                | ExtraKind::Repeated
                | ExtraKind::SecondChoice
                | ExtraKind::Xml(
                    XmlExtra::Repeated
                        | XmlExtra::SecondChoice
                        | XmlExtra::NotOneResource
                        | XmlExtra::TooDeep
                )
        ) || ExtraKind::is_whole(kind)
    };
    let extras = element.extras();
    extras.is_empty() || !extras.iter().any(|extra| misread(extra.kind()))
}

/// Whether an element that no field holds is kept in extras: a value of a wrong shape, or an empty array. It has
/// an issue of its own.
pub(crate) fn is_kept(element: &dyn Element, definition: &Field) -> bool {
    element.extras().iter().any(|extra| {
        let shape = matches!(
            extra.kind(),
            ExtraKind::WrongShape | ExtraKind::Length(_) | ExtraKind::Xml(XmlExtra::NotOneResource)
        );
        let name = extra.key().strip_prefix('_').unwrap_or(extra.key());
        let member = || element.schema().member(name);
        shape && member().is_some_and(|(other, _)| other.name() == definition.name())
    })
}
