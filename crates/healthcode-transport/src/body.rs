//! Bodies of FHIR in JSON or in XML: services may answer in either, whatever was asked for.

use bytes::Bytes;
use healthcode_core::Checked;
use healthcode_r4::Resource;

/// A body as JSON, with issues of what is wrong with its XML and of what JSON has no form for. What is not XML
/// is given as it is; `None` of XML that is not FHIR.
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
