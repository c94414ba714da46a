//! Hand-written twins of invariants' expressions.

use super::Twin;
use crate::place::Place;
use healthcode_r4::{Attachment, Extension, PatientContact};

/// The twin of the invariant with this key.
pub(crate) fn of(key: &str) -> Option<Twin> {
    Some(match key {
        "att-1" => att_1,
        "ext-1" => ext_1,
        "pat-1" => pat_1,
        _ => return None,
    })
}

fn att_1(place: &Place<'_, '_>) -> bool {
    place
        .get::<Attachment>()
        .is_none_or(|it| it.data.is_empty() || !it.content_type.is_empty())
}

fn ext_1(place: &Place<'_, '_>) -> bool {
    place
        .get::<Extension>()
        .is_none_or(|it| it.extension.is_empty() == it.value.is_some())
}

fn pat_1(place: &Place<'_, '_>) -> bool {
    place.get::<PatientContact>().is_none_or(|it| {
        it.name.is_some()
            || !it.telecom.is_empty()
            || it.address.is_some()
            || it.organization.is_some()
    })
}
