//! What ties the crate to others: each module is behind a feature of its name.

#[cfg(feature = "reqwest")]
pub(crate) mod reqwest;
#[cfg(feature = "ring")]
pub(crate) mod ring;
#[cfg(feature = "tower")]
pub(crate) mod tower;
