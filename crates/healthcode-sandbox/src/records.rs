//! [`Records`]: the NHS's resources of the data, as JSON, and how they are compared.

use crate::data::Data;
use serde_json::Value;

/// The system of NHS numbers.
pub(crate) const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";

/// Patients, Devices and Endpoints.
#[derive(Default)]
pub(crate) struct Records {
    pub(crate) patients: Vec<Value>,
    pub(crate) devices: Vec<Value>,
    pub(crate) endpoints: Vec<Value>,
}

impl Records {
    pub(crate) fn of(data: &Data) -> Self {
        let mut records = Records::default();
        for resource in data.resources() {
            let list = match resource.resource_type() {
                Some("Patient") => &mut records.patients,
                Some("Device") => &mut records.devices,
                Some("Endpoint") => &mut records.endpoints,
                _ => continue,
            };
            let json = healthcode_json::to_vec(resource);
            list.extend(serde_json::from_slice::<Value>(&json).ok());
        }
        records
    }

    /// The patient of an id.
    pub(crate) fn patient(&self, id: &str) -> Option<&Value> {
        let mut patients = self.patients.iter();
        patients.find(|it| text(it, "/id") == Some(id))
    }
}

/// The text at a JSON pointer.
pub(crate) fn text<'a>(json: &'a Value, pointer: &str) -> Option<&'a str> {
    json.pointer(pointer)?.as_str()
}

/// The items of an array member.
pub(crate) fn items<'a>(json: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    let list = json.get(name).and_then(Value::as_array);
    list.into_iter().flatten()
}

/// Whether a resource has an identifier.
pub(crate) fn identified(json: &Value, system: &str, value: &str) -> bool {
    let same =
        |it: &Value| text(it, "/system") == Some(system) && text(it, "/value") == Some(value);
    items(json, "identifier").any(same)
}

/// Whether a text is another, without case; a `*` in the pattern stands for anything.
pub(crate) fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for piece in pieces {
        last = Some(piece);
        let Some(at) = rest.find(piece) else {
            return false;
        };
        rest = rest.get(at + piece.len()..).unwrap_or_default();
    }
    match last {
        // All of the text has to be used, or the last piece to be its end.
        None => rest.is_empty(),
        Some(piece) => rest.is_empty() || text.ends_with(piece),
    }
}

/// Whether a day, or less of one, is as `eq`, `ge` and `le` want it.
pub(crate) fn day(wanted: &str, found: &str) -> bool {
    let is_word = wanted.starts_with(|it: char| it.is_ascii_alphabetic());
    let (prefix, wanted) = if is_word {
        wanted.split_at_checked(2)
    } else {
        Some(("eq", wanted))
    }
    .unwrap_or_default();
    let length = wanted.len().min(found.len());
    let found = found.get(..length).unwrap_or_default();
    let wanted = wanted.get(..length).unwrap_or_default();
    match prefix {
        "ge" => found >= wanted,
        "gt" => found > wanted,
        "le" => found <= wanted,
        "lt" => found < wanted,
        "ne" => found != wanted,
        _ => found == wanted,
    }
}

/// Whether it is written as a UUID.
pub(crate) fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    let hexadecimal = |it: u8| it == b'-' || it.is_ascii_hexdigit();
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(hexadecimal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons() {
        for (pattern, text, expect) in [
            ("smith", "Smith", true),
            ("smi", "Smith", false),
            ("sm*h", "Smith", true),
            ("smi*", "Smith", true),
            ("sm*t", "Smith", false),
            ("sm*i*h", "Smith", true),
            ("sm*h*", "Smith", true),
            ("smithy*", "Smith", false),
            ("", "Smith", false),
        ] {
            assert_eq!(like(pattern, text), expect, "{pattern}");
        }
        for (wanted, found, expect) in [
            ("eq2010-10-22", "2010-10-22", true),
            ("2010-10-22", "2010-10-23", false),
            ("ge2010-10-22", "2010-10-22", true),
            ("le2010-10-21", "2010-10-22", false),
            ("ge2010-01-01", "2010", true),
            ("é", "2010", false),
        ] {
            assert_eq!(day(wanted, found), expect, "{wanted}");
        }
        assert!(is_uuid("60E0B220-8136-4CA5-AE46-1D97EF59D068"));
        assert!(!is_uuid("60E0B220-8136-4CA5-AE46") && !is_uuid("-----"));
    }
}
