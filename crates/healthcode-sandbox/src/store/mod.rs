//! What the services serve and keep.

pub(crate) mod disk;
pub(crate) mod json_patch;
pub(crate) mod records;
pub(crate) mod resources;
pub(crate) mod search;
