//! End-to-end and conformance tests; see the library of this package for the data they need.

mod bundles;
mod common;
mod fhirpath;
mod gp_connect;
mod invariants;
mod limits;
mod mutations;
mod official;
mod profiles;
mod properties;
mod registries;
mod releases;
mod round_trip;
mod search;
mod serde_bridge;
mod streaming;
mod synthea;
mod views;
mod xml;
