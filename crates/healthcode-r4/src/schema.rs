//! What R4's definitions say, as static tables.

use crate::Resource;
use crate::generated::schema::METADATA;
pub use crate::generated::schema::{ALL, PROFILES};
use healthcode_core::{Release, Released, Schema};
use std::sync::LazyLock;

/// The version of FHIR that is described.
pub const VERSION: &str = "4.0.1";

/// The schema of the resource, data type or profile of this name: `Patient`, `Age`.
///
/// ```
/// let schema = healthcode_r4::schema::find("Patient").unwrap();
/// assert!(schema.field("birthDate").is_some());
/// ```
#[must_use]
pub fn find(name: &str) -> Option<&'static Schema> {
    [ALL, PROFILES].into_iter().find_map(|schemas| {
        let index = schemas.binary_search_by(|schema| schema.name.cmp(name));
        index.ok().map(|index| schemas[index])
    })
}

/// R4 as a release, for elements without structs.
#[derive(Clone, Copy, Debug)]
pub struct R4;

impl Released for R4 {
    fn release() -> &'static Release {
        static RELEASE: LazyLock<Release> = LazyLock::new(|| {
            let mut release = Release::new("R4", VERSION);
            let quantity = find("Quantity").into_iter();
            let narrowed = quantity.flat_map(|wide| PROFILES.iter().map(move |one| (*one, wide)));
            release.types = ALL;
            release.narrowed = Vec::leak(narrowed.collect());
            release.metadata = Some(&METADATA);
            release.resources = Resource::TYPE_NAMES;
            release
        });
        &RELEASE
    }
}
