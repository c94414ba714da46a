//! helios-fhir's R4 model, read from JSON, or from XML by helios-serde.

healthcode_bench_harness::rival!("helios-fhir 0.2.7", helios_fhir::r4::Resource, |document| {
    if document.starts_with('<') {
        helios_serde::xml::from_xml_str(document).ok()
    } else {
        serde_json::from_str(document).ok()
    }
});
