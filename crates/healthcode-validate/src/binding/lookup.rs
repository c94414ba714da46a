//! What corrections look up in the shipped tables.

use super::bound::shipped_system_has;
use super::table::ValueSet;

/// The code systems of which R4's value set of this URL has a code; empty if there is no such system, or not all
/// codes of the value set are known.
///
/// ```
/// let url = "http://hl7.org/fhir/ValueSet/marital-status";
/// let systems = healthcode_validate::systems_with_code(url, "M");
/// assert_eq!(systems, ["http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"]);
/// assert!(healthcode_validate::systems_with_code(url, "x").is_empty());
/// ```
#[must_use]
pub fn systems_with_code(value_set: &str, code: &str) -> Vec<&'static str> {
    let url = value_set.split('|').next().unwrap_or_default();
    ValueSet::of(url).map_or_else(Vec::new, |set| set.systems_with(code))
}

/// Whether one of R4's code systems has a code; `None` if not all of its codes are known.
///
/// ```
/// let system = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus";
/// assert_eq!(healthcode_validate::code_system_has(system, "M"), Some(true));
/// assert_eq!(healthcode_validate::code_system_has(system, "m"), Some(false));
/// assert_eq!(healthcode_validate::code_system_has("http://example.org", "m"), None);
/// ```
#[must_use]
pub fn code_system_has(system: &str, code: &str) -> Option<bool> {
    shipped_system_has(system, code)
}
