//! helios-fhir's R4 model.

healthcode_bench_harness::rival!("helios-fhir 0.2.7", helios_fhir::r4::Resource, |document| {
    serde_json::from_str(document).ok()
});
