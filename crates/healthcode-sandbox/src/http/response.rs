//! Responses: JSON, FHIR, and OperationOutcomes.

use crate::json::{insert, text};
use axum::body::Body;
use axum::response::IntoResponse;
use healthcode_core::{Root, UntypedResource};
use healthcode_releases::Stu3;
pub(crate) use healthcode_search::service::FHIR_JSON as FHIR;
use healthcode_search::service::JSON;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

pub(crate) use axum::response::Response;

/// The response of a check that failed, as an error.
#[derive(Debug)]
pub(crate) struct ErrorResponse(Box<Response>);

impl From<Response> for ErrorResponse {
    fn from(response: Response) -> Self {
        ErrorResponse(Box::new(response))
    }
}

impl IntoResponse for ErrorResponse {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// What handlers and their checks return.
pub(crate) type HandlerResult<T = Response> = Result<T, ErrorResponse>;

pub(crate) fn response(
    status: StatusCode,
    media_type: &'static str,
    body: impl Into<Body>,
) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let media_type = HeaderValue::from_static(media_type);
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

/// A response with a header.
pub(crate) fn with_header(mut response: Response, name: HeaderName, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// Plain JSON.
pub(crate) fn json(status: StatusCode, body: &Value) -> Response {
    response(status, JSON, body.to_string())
}

/// A response with tokens or about them, which must not be stored (RFC 6749, 5.1).
pub(crate) fn no_store(response: Response) -> Response {
    with_header(response, CACHE_CONTROL, "no-store")
}

/// FHIR in JSON, with success.
pub(crate) fn fhir(body: &Value) -> Response {
    response(StatusCode::OK, FHIR, body.to_string())
}

/// A resource of STU3, with success: its members in the order of the definitions.
pub(crate) fn stu3(body: &Value) -> Response {
    let text = body.to_string();
    match healthcode_json::from_slice::<UntypedResource<Stu3>>(text.as_bytes()) {
        Ok(read) => resource(&read.value),
        Err(_) => response(StatusCode::OK, FHIR, text),
    }
}

/// A resource, with success.
pub(crate) fn resource<T: Root>(value: &T) -> Response {
    response(StatusCode::OK, FHIR, healthcode_json::to_vec(value))
}

/// An OperationOutcome with one issue.
pub(crate) fn issue(status: StatusCode, issue: &Value) -> Response {
    let body = json!({"resourceType": "OperationOutcome", "issue": [issue]});
    response(status, FHIR, body.to_string())
}

/// An OperationOutcome with an error that has no code of its service.
pub(crate) fn error(status: StatusCode, code: &str, diagnostics: &str) -> Response {
    let error = json!({"severity": "error", "code": code, "diagnostics": diagnostics});
    issue(status, &error)
}

/// An entry of a searchset, with the URL of its resource below a base.
pub(crate) fn entry(base: &str, resource: &Value, search: Option<Value>) -> Value {
    let id = text(resource, "/id").unwrap_or_default();
    let mut entry = json!({"fullUrl": format!("{base}/{id}"), "resource": resource});
    if let Some(search) = search {
        insert(&mut entry, "search", search);
    }
    entry
}
