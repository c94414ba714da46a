//! [`Records`]: the NHS's resources, as JSON.

use super::disk::{Disk, Row};
use super::error::WriteError;
use super::resources::MAX_BYTES;
use crate::clock;
use crate::data::Data;
use crate::json::text;
use parking_lot::{Mutex, RwLock};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// The collection of patients that were changed.
const CHANGED: &str = "nhs/Patient";

/// Patients and related persons, Devices and Endpoints.
pub(crate) struct Records {
    patients: RwLock<Vec<Arc<Value>>>,
    /// The bytes of JSON of each patient that was changed.
    changed: Mutex<HashMap<String, usize>>,
    /// The index of the patient of an id.
    indices: HashMap<String, usize>,
    disk: Arc<Disk>,
    pub(crate) related: Vec<Value>,
    pub(crate) devices: Vec<Value>,
    pub(crate) endpoints: Vec<Value>,
}

impl Records {
    /// The records of the data, as changed by what is on disk.
    pub(crate) fn open(data: &Data, disk: Arc<Disk>) -> Result<Self, redb::Error> {
        let of_type = |name: &'static str| {
            let resources = data.resources();
            let resources =
                resources.filter(move |resource| resource.resource_type() == Some(name));
            resources.filter_map(|resource| {
                serde_json::from_slice::<Value>(&healthcode_json::to_vec(resource)).ok()
            })
        };
        let mut patients: Vec<_> = of_type("Patient").map(Arc::new).collect();
        let mut indices = HashMap::new();
        for (index, patient) in patients.iter().enumerate() {
            if let Some(id) = text(patient, "/id") {
                indices.entry(id.to_owned()).or_insert(index);
            }
        }
        let mut changed = HashMap::new();
        disk.for_each(CHANGED, |id, row| {
            changed.insert(id.to_owned(), row.json.map_or(0, <[u8]>::len));
            let json = row.json.and_then(|json| serde_json::from_slice(json).ok());
            let current = indices.get(id).and_then(|index| patients.get_mut(*index));
            if let (Some(json), Some(current)) = (json, current) {
                *current = Arc::new(json);
            }
        })?;
        Ok(Records {
            patients: RwLock::new(patients),
            changed: Mutex::new(changed),
            indices,
            disk,
            related: of_type("RelatedPerson").collect(),
            devices: of_type("Device").collect(),
            endpoints: of_type("Endpoint").collect(),
        })
    }

    /// All patients.
    pub(crate) fn patients(&self) -> Vec<Arc<Value>> {
        let patients = self.patients.read();
        patients.clone()
    }

    /// The patient of an id.
    pub(crate) fn patient(&self, id: &str) -> Option<Arc<Value>> {
        let patients = self.patients.read();
        patients.get(*self.indices.get(id)?).cloned()
    }

    /// Replaces a patient: on disk, then in memory.
    pub(crate) fn replace(
        &self,
        id: &str,
        patient: Value,
        version: u64,
    ) -> Result<Arc<Value>, WriteError> {
        let json = patient.to_string();
        let mut changed = self.changed.lock();
        let others = changed.iter().filter(|(other, _)| *other != id);
        if others.map(|(_, size)| size).sum::<usize>() + json.len() > MAX_BYTES {
            return Err(WriteError::Full);
        }
        let row = Row {
            version,
            modified: clock::now(),
            json: Some(json.as_bytes()),
        };
        let written = self.disk.put(CHANGED, id, row);
        written.map_err(|_| WriteError::Disk)?;
        changed.insert(id.to_owned(), json.len());
        let patient = Arc::new(patient);
        let mut patients = self.patients.write();
        let current = self
            .indices
            .get(id)
            .and_then(|index| patients.get_mut(*index));
        if let Some(current) = current {
            *current = patient.clone();
        }
        Ok(patient)
    }
}
