//! [`Stu3Resource`]: a resource of STU3, which Graphnet and GP Connect answer.

use healthcode_core::{Untyped, UntypedResource};
use healthcode_releases::Stu3;

/// A resource of FHIR STU3 (CareConnect), read by the definitions of STU3, whose elements are found by name.
///
/// It is read, written, validated and queried as any resource, and comes back as it was.
///
/// ```
/// use healthcode_transport::Stu3Resource;
/// let json = br#"{"resourceType": "Bundle", "total": 1, "entry": [
///     {"resource": {"resourceType": "Patient", "id": "p1", "identifier": [
///         {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9000000009"}]}}]}"#;
/// let bundle = healthcode_json::from_slice::<Stu3Resource>(json)?.value.into_untyped();
/// assert_eq!(bundle.integer("total"), Some(1));
/// let patient = bundle.list("entry")[0].get("resource").unwrap();
/// assert_eq!(patient.text("id"), Some("p1"));
/// let mut identifiers = patient.list("identifier").iter();
/// let nhs = identifiers.find(|one| one.text("system") == Some("https://fhir.nhs.uk/Id/nhs-number"));
/// assert_eq!(nhs.and_then(|one| one.text("value")), Some("9000000009"));
/// # Ok::<(), healthcode_json::Error>(())
/// ```
pub type Stu3Resource = UntypedResource<Stu3>;

/// Where the next page of a Bundle of STU3 is.
#[must_use]
pub fn next_link(bundle: &Stu3Resource) -> Option<&str> {
    let is_next = |link: &&Untyped| link.text("relation") == Some("next");
    bundle
        .as_untyped()
        .list("link")
        .iter()
        .find(is_next)?
        .text("url")
}
