//! What a sandbox keeps: resources in memory and on disk, how they are searched and changed.

pub(crate) mod disk;
pub(crate) mod error;
pub(crate) mod json_patch;
pub(crate) mod matching;
pub(crate) mod records;
pub(crate) mod resources;
pub(crate) mod search;
pub(crate) mod stu3;
