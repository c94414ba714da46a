//! Members of resources that are kept as JSON.

use serde_json::Value;

/// The system of NHS numbers.
pub(crate) const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";

/// The text at a JSON pointer.
pub(crate) fn text<'a>(json: &'a Value, pointer: &str) -> Option<&'a str> {
    json.pointer(pointer)?.as_str()
}

/// The text at a JSON pointer, unless it is empty.
pub(crate) fn filled<'a>(json: &'a Value, pointer: &str) -> Option<&'a str> {
    text(json, pointer).filter(|text| !text.is_empty())
}

/// The items of an array at a JSON pointer.
pub(crate) fn items<'a>(json: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    let array = json.pointer(pointer).and_then(Value::as_array);
    array.into_iter().flatten()
}

/// Whether a resource has an identifier.
pub(crate) fn has_identifier(json: &Value, system: &str, value: &str) -> bool {
    items(json, "/identifier").any(|identifier| {
        text(identifier, "/system") == Some(system) && text(identifier, "/value") == Some(value)
    })
}

/// Whether access to a patient's record is restricted.
pub(crate) fn is_restricted(patient: &Value) -> bool {
    items(patient, "/meta/security").any(|label| text(label, "/code") == Some("R"))
}

/// The link of a patient whose NHS number was superseded.
pub(crate) fn replaced_by(patient: &Value) -> Option<&Value> {
    items(patient, "/link").find(|link| text(link, "/type") == Some("replaced-by"))
}

/// Adds a member to an object.
pub(crate) fn insert(json: &mut Value, name: &str, value: Value) {
    if let Some(members) = json.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}
