//! The rules that are invariants of the definitions, under their own keys.

use healthcode_core::Rule;
use healthcode_core::Severity::Error;

rules! {
    ATT_1 = "att-1", Error, "invariant",
        "an attachment has data and no content type",
        "FHIR R4 datatypes.html#Attachment: name the media type of data in contentType.";
    EXT_1 = "ext-1", Error, "invariant",
        "an extension has both a value and extensions, or neither",
        "FHIR R4 extensibility.html#Extension: give an extension either value[x] or extensions of its own.";
    PAT_1 = "pat-1", Error, "invariant",
        "a contact of a patient says neither who it is nor how to reach them",
        "FHIR R4 patient.html#Patient: give the contact a name, telecom, address or organization.";
}
