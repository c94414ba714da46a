//! What R5's definitions say, as static tables.

pub use crate::generated::schema::{ALL, PROFILES};
use healthcode_core::Schema;

/// The version of FHIR that is described.
pub const VERSION: &str = "5.0.0";

/// The schema of the resource, data type or profile of this name: `Patient`, `Age`.
///
/// ```
/// let schema = healthcode_r5::schema::find("Patient").unwrap();
/// assert!(schema.field("birthDate").is_some());
/// ```
#[must_use]
pub fn find(name: &str) -> Option<&'static Schema> {
    [ALL, PROFILES].into_iter().find_map(|schemas| {
        let index = schemas.binary_search_by(|schema| schema.name.cmp(name));
        schemas.get(index.ok()?).copied()
    })
}
