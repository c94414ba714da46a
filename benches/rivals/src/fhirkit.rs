//! fhirkit, whose result is the value and what it has found wrong with it.

healthcode_bench_harness::rival!(
    "fhirkit 0.1.0",
    (fhirkit::r4::Resource, Vec<fhirkit::Issue>),
    |document| {
        let (value, issues) = fhirkit::from_json(document).ok()?;
        Some((value?, issues))
    }
);
