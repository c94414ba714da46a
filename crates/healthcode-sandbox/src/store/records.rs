//! [`Records`]: the NHS's resources of the data, as JSON, and how they are compared.

use crate::data::Data;
use crate::nhs::responses::seconds;
use crate::store::disk::{Disk, Row};
use crate::store::resources::KEPT_BYTES;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// The system of NHS numbers.
pub(crate) const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";

/// The collection of patients that were changed.
const CHANGED: &str = "nhs/Patient";

/// Why a patient was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unkept {
    /// There is no more room in memory.
    Full,
    /// The disk could not be written.
    Disk,
}

/// The sizes of things by their names, and of all of them.
#[derive(Default)]
pub(crate) struct Sizes {
    each: HashMap<String, usize>,
    all: usize,
}

impl Sizes {
    /// All, with this size of a thing in place of its own.
    pub(crate) fn with(&self, name: &str, size: usize) -> usize {
        let own = self.each.get(name).copied().unwrap_or(0);
        (self.all - own).saturating_add(size)
    }

    /// Sets the size of a thing; with none it is forgotten.
    pub(crate) fn set(&mut self, name: &str, size: usize) {
        self.all = self.with(name, size);
        match size {
            0 => self.each.remove(name),
            _ => self.each.insert(name.to_owned(), size),
        };
    }
}

/// Patients and who is related to them, Devices and Endpoints.
pub(crate) struct Records {
    patients: RwLock<Vec<Arc<Value>>>,
    /// How many bytes of JSON were written of each patient that was changed.
    changed: Mutex<Sizes>,
    /// Where the patient of an id is.
    places: HashMap<String, usize>,
    disk: Arc<Disk>,
    pub(crate) related: Vec<Value>,
    pub(crate) devices: Vec<Value>,
    pub(crate) endpoints: Vec<Value>,
}

impl Records {
    /// Those of the data, with what the disk has.
    pub(crate) fn open(data: &Data, disk: Arc<Disk>) -> Result<Self, redb::Error> {
        let (mut patients, mut places) = (Vec::new(), HashMap::new());
        let (mut related, mut devices, mut endpoints) = (Vec::new(), Vec::new(), Vec::new());
        for resource in data.resources() {
            let list = match resource.resource_type() {
                Some("Patient") => &mut patients,
                Some("RelatedPerson") => &mut related,
                Some("Device") => &mut devices,
                Some("Endpoint") => &mut endpoints,
                _ => continue,
            };
            let json = healthcode_json::to_vec(resource);
            list.extend(serde_json::from_slice::<Value>(&json).ok());
        }
        for (at, patient) in patients.iter().enumerate() {
            if let Some(id) = text(patient, "/id") {
                places.entry(id.to_owned()).or_insert(at);
            }
        }
        let mut patients: Vec<_> = patients.into_iter().map(Arc::new).collect();
        let mut changed = Sizes::default();
        disk.each(CHANGED, |id, row| {
            changed.set(id, row.json.map_or(0, <[u8]>::len));
            let json = row.json.and_then(|it| serde_json::from_slice(it).ok());
            let place = places.get(id).and_then(|at| patients.get_mut(*at));
            if let (Some(json), Some(place)) = (json, place) {
                *place = Arc::new(json);
            }
        })?;
        Ok(Records {
            patients: RwLock::new(patients),
            changed: Mutex::new(changed),
            places,
            disk,
            related,
            devices,
            endpoints,
        })
    }

    /// All patients.
    pub(crate) fn patients(&self) -> Vec<Arc<Value>> {
        let patients = self.patients.read().unwrap_or_else(PoisonError::into_inner);
        patients.clone()
    }

    /// The patient of an id.
    pub(crate) fn patient(&self, id: &str) -> Option<Arc<Value>> {
        let patients = self.patients.read().unwrap_or_else(PoisonError::into_inner);
        patients.get(*self.places.get(id)?).cloned()
    }

    /// Puts a patient in place of the one of its id: on the disk, then for all to see.
    pub(crate) fn put(&self, id: &str, patient: Value, version: u64) -> Result<Arc<Value>, Unkept> {
        let json = patient.to_string();
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        if changed.with(id, json.len()) > KEPT_BYTES {
            return Err(Unkept::Full);
        }
        let row = Row {
            version,
            modified: seconds(),
            json: Some(json.as_bytes()),
        };
        let put = self.disk.put(CHANGED, id, row);
        put.map_err(|_| Unkept::Disk)?;
        changed.set(id, json.len());
        let patient = Arc::new(patient);
        let mut patients = self
            .patients
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let place = self.places.get(id).and_then(|at| patients.get_mut(*at));
        if let Some(place) = place {
            *place = patient.clone();
        }
        Ok(patient)
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
