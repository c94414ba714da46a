//! The rules that are invariants of the definitions, under their own keys.
//!
//! One key that R4 gives to several invariants (`inv-1`) is one rule, whose words cover them all.
//! Of `ele-1`, that no element is empty, the reader's rules (`FHIR-EMPTY-OBJECT` and its like) tell
//! what they can, for they say more of what is wrong.

use healthcode_core::Rule;

pub mod administrative;
pub mod clinical;
pub mod datatypes;
pub mod definitions;
pub mod foundation;
pub mod names;
pub mod structures;
pub mod terminology;

/// All of them: those of what all resources share first.
pub(crate) fn all() -> impl Iterator<Item = &'static &'static Rule> + Clone {
    let files = [
        foundation::ALL,
        datatypes::ALL,
        administrative::ALL,
        clinical::ALL,
        definitions::ALL,
        structures::ALL,
        terminology::ALL,
        names::ALL,
    ];
    files.into_iter().flatten()
}
