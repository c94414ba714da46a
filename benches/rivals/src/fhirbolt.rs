//! fhirbolt, in its default mode.

healthcode_bench_harness::rival!(
    "fhirbolt 0.4.0",
    fhirbolt::model::r4::Resource,
    |document| fhirbolt::json::from_str(document, None).ok()
);
