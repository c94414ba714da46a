//! fhirbolt, in its default mode, of JSON and of XML.

healthcode_bench_harness::rival!(
    "fhirbolt 0.4.0",
    fhirbolt::model::r4::Resource,
    |document| {
        if document.starts_with('<') {
            fhirbolt::xml::from_str(document, None).ok()
        } else {
            fhirbolt::json::from_str(document, None).ok()
        }
    }
);
