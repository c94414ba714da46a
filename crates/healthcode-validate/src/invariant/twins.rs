//! Hand-written twins of invariants' expressions.

use super::Twin;
use crate::place::Place;
use healthcode_core::ValueRef;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A table of twins: key, type, and whether an element of that type keeps it. Elements of other types
/// keep it.
macro_rules! twins {
    ($($key:literal: $type:ty, |$it:ident $(, $place:ident)?| $keeps:expr;)+) => {
        pub(super) static TWINS: &[(&str, $crate::invariant::Twin)] = &[$((
            $key,
            |place: &$crate::place::Place<'_, '_>| {
                $(let $place = place;)?
                place.get::<$type>().is_none_or(|$it| $keeps)
            },
        ),)+];
    };
}

mod bundle;
mod clinical;
mod contained;
mod datatypes;
mod definitions;
mod questionnaire;
mod resources;
mod structures;
mod terminology;

pub(super) use contained::contained;
pub(crate) use contained::id_of;

/// The twin of the invariant with this key.
pub(crate) fn of(key: &str) -> Option<Twin> {
    match key {
        "inv-1" => Some(resources::inv_1),
        key if key.ends_with("-0") => Some(name),
        key => BY_KEY.get(key).copied(),
    }
}

static BY_KEY: LazyLock<HashMap<&str, Twin>> = LazyLock::new(|| {
    let tables = [
        bundle::TWINS,
        clinical::TWINS,
        contained::TWINS,
        datatypes::TWINS,
        definitions::TWINS,
        questionnaire::TWINS,
        resources::TWINS,
        structures::TWINS,
        terminology::TWINS,
    ];
    tables.into_iter().flatten().copied().collect()
});

/// That a definition's name has the letter with which an identifier begins. The expression does not
/// anchor its pattern, so that no more than this is asked.
fn name(place: &Place<'_, '_>) -> bool {
    let is_name = |index: u16| place.schema.fields[index as usize].name() == "name";
    place.fields.iter().all(|field| match field.value {
        ValueRef::Text(name) if is_name(field.index) => {
            name.bytes().any(|byte| byte.is_ascii_uppercase())
        }
        _ => true,
    })
}
