//! Graphnet's services.

pub(crate) mod fhir;
pub(crate) mod find_patient;
pub(crate) mod gateway;
pub(crate) mod metadata;
pub(crate) mod token;
