//! Devices and Endpoints of the Spine's directory.

use crate::json::{has_identifier, items, text};
use serde_json::Value;

pub(crate) const ASID: &str = "https://fhir.nhs.uk/Id/nhsSpineASID";
pub(crate) const PARTY_KEY: &str = "https://fhir.nhs.uk/Id/nhsMhsPartyKey";
const EXTENSION: &str = "https://fhir.nhs.uk/StructureDefinition/Extension-SDS-";

/// Whether an extension of a Device or Endpoint refers to an identifier.
pub(crate) fn has_extension(resource: &Value, name: &str, value: &str) -> bool {
    let url = format!("{EXTENSION}{name}");
    items(resource, "/extension").any(|extension| {
        let found = text(extension, "/valueReference/identifier/value");
        text(extension, "/url") == Some(&url) && found == Some(value)
    })
}

/// Whether a Device or Endpoint offers an interaction.
pub(crate) fn offers(resource: &Value, interaction: &str) -> bool {
    has_extension(resource, "NhsServiceInteractionId", interaction)
}

/// The party key of a Device.
pub(crate) fn party_key(device: &Value) -> Option<&str> {
    let mut identifiers = items(device, "/identifier");
    let key = identifiers.find(|identifier| text(identifier, "/system") == Some(PARTY_KEY));
    text(key?, "/value")
}

/// Whether a Device or Endpoint has a party key.
pub(crate) fn has_party_key(resource: &Value, key: &str) -> bool {
    has_identifier(resource, PARTY_KEY, key)
}
