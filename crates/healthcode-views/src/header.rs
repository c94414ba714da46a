//! What a text says about itself: whether it is a view, and for which versions of FHIR.

use crate::compile::value_of;
use crate::json::Json;

/// Whether a `resourceType` is that of views: `ViewDefinition`, or its URL, which SQL on FHIR 2.0 writes.
///
/// ```
/// use healthcode_views::is_view_type;
/// assert!(is_view_type("ViewDefinition"));
/// assert!(is_view_type("https://sql-on-fhir.org/ig/StructureDefinition/ViewDefinition"));
/// assert!(!is_view_type("Patient"));
/// ```
#[must_use]
pub fn is_view_type(name: &str) -> bool {
    name == "ViewDefinition"
        || name.contains("://") && name.ends_with("/StructureDefinition/ViewDefinition")
}

/// The versions of FHIR that a view states to be for; none if it is not JSON.
#[must_use]
pub fn versions(text: &str) -> Vec<String> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let members = Json::parse(body).ok().and_then(Json::members);
    let stated = value_of(&members.unwrap_or_default(), "fhirVersion").and_then(Json::items);
    let stated = stated.unwrap_or_default().into_iter();
    stated
        .filter_map(|version| Some(version.string()?.into_owned()))
        .collect()
}
