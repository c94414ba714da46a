//! Responses of the NHS's services: ids of requests, and errors.

use crate::http::headers::text;
use crate::http::response::{FHIR, Response, response};
use crate::json::insert;
use crate::random::is_uuid;
use healthcode_search::service;
use http::{HeaderMap, HeaderName, StatusCode};
use serde_json::{Value, json};

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static(service::REQUEST_ID.lower);
pub(crate) const CORRELATION_ID: HeaderName =
    HeaderName::from_static(service::CORRELATION_ID.lower);

/// The code system of PDS's errors.
const PDS_CODES: &str = "https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode";
/// The code system of the errors of SDS and the Spine's proxy.
const SPINE_CODES: &str = "https://fhir.nhs.uk/STU3/ValueSet/Spine-ErrorOrWarningCode-1";

/// Status, code and diagnostics of an error of SDS or the Spine's proxy.
pub(crate) type SpineError = (u16, &'static str, &'static str);

/// Whether a header is a UUID; `None` if it is missing.
pub(crate) fn uuid_header(headers: &HeaderMap, name: &HeaderName) -> Option<bool> {
    let present = headers.contains_key(name);
    present.then(|| text(headers, name).is_some_and(is_uuid))
}

/// Copies headers of the request to its response.
pub(crate) fn copy_headers(
    mut response: Response,
    headers: &HeaderMap,
    names: &[HeaderName],
) -> Response {
    for name in names {
        if let Some(value) = headers.get(name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

/// An error of PDS.
pub(crate) fn pds_error(status: u16, code: &str, diagnostics: &str) -> Response {
    let coding = json!({"system": PDS_CODES, "version": "1", "code": code});
    error(status, None, &coding, diagnostics)
}

/// An error of SDS, which has the id of the request, or of the Spine's proxy.
pub(crate) fn spine_error(
    status: u16,
    id: Option<&str>,
    code: &str,
    diagnostics: &str,
) -> Response {
    let coding = json!({"system": SPINE_CODES, "code": code});
    error(status, id, &coding, diagnostics)
}

fn error(status: u16, id: Option<&str>, coding: &Value, diagnostics: &str) -> Response {
    let mut body = json!({
        "resourceType": "OperationOutcome",
        "issue": [{
            "severity": "error",
            "code": issue_type(status),
            "details": {"coding": [coding]},
            "diagnostics": diagnostics,
        }],
    });
    if let Some(id) = id {
        insert(&mut body, "id", json!(id));
    }
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    response(status, FHIR, body.to_string())
}

/// The type of issue for a status.
fn issue_type(status: u16) -> &'static str {
    match status {
        200 => "multiple-matches",
        401 | 403 => "forbidden",
        404 => "not-found",
        405 | 406 => "not-supported",
        409 | 412 => "conflict",
        _ => "invalid",
    }
}
