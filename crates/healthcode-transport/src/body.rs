//! Bodies of FHIR in JSON or in XML: services may answer in either, whatever was requested.

use bytes::Bytes;
use healthcode_core::Checked;
use healthcode_r4::Resource;

/// A body as JSON, with the issues of its XML and of what JSON has no form for. A body that is not XML is
/// returned unchanged; `None` if it is XML but not FHIR.
pub(crate) fn json(body: &Bytes) -> Option<Checked<Bytes>> {
    if !healthcode_xml::is_xml(body) {
        return Some(Checked::new(body.clone(), Vec::new()));
    }
    let read = healthcode_xml::from_slice::<Resource>(body).ok()?;
    let mut issues = read.issues;
    issues.extend(healthcode_xml::left_out_of_json(&read.value));
    let json = healthcode_json::to_vec(&read.value);
    Some(Checked::new(json.into(), issues))
}
