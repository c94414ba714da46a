//! FHIR packages, read offline.
//!
//! [`Packages::load`] takes archives (`.tgz`), unpacked packages, folders of resources, and names of packages
//! in the user's [`Cache`]; it adds what they depend on, and indexes their definitions by canonical URL. Only
//! definitions that are requested are parsed. Nothing is ever fetched from a network.
//!
//! Which of several definitions of one URL is used: the one of the version that is requested; without a
//! version the most complete, then that of the package that owns the URL, then the highest version, then that
//! of a package that was named rather than depended on. R4's own definitions are never replaced by those of
//! another release.
//!
//! Archives are unpacked in memory alone. Links, devices, paths that lead outside, and archives of more than
//! [`MAX_ENTRIES`] entries or [`MAX_UNPACKED`] bytes are refused.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod archive;
mod cache;
mod header;
mod loader;
mod manifest;
mod package;
mod pin;
mod set;
mod version;
mod visible;

pub use archive::{MAX_ENTRIES, MAX_UNPACKED};
pub use cache::Cache;
pub use loader::MAX_PACKAGES;
pub use manifest::{Dependency, Manifest, read_lock};
pub use package::{MAX_FILE, Origin, Package};
pub use set::{Candidate, Packages};
pub use version::{compare_versions, is_release, select_version};
