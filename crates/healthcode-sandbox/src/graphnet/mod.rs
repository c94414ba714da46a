//! Graphnet's services.

pub(crate) mod fhir;
pub(crate) mod find_patient;
