//! fhir-sdk with its R4B model: it has none of R4.

healthcode_bench_harness::rival!(
    "fhir-sdk 0.16.0 (R4B)",
    fhir_sdk::r4b::resources::Resource,
    |document| serde_json::from_str(document).ok()
);
