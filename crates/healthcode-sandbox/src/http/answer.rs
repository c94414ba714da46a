//! Answers: JSON, FHIR, and what is wrong as each service says it.

use axum::body::Body;
use healthcode_core::Root;
use healthcode_extensions::ErrorCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

pub(crate) type Answer = Response<Body>;

/// An answer that a check gives instead of going on.
pub(crate) type Refusal = Box<Answer>;

/// The media type of Healthcode's answers.
pub(crate) const FHIR: &str = "application/fhir+json";

pub(crate) fn answer(status: StatusCode, media: &'static str, body: impl Into<Body>) -> Answer {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let media = HeaderValue::from_static(media);
    response.headers_mut().insert(CONTENT_TYPE, media);
    response
}

/// Plain JSON.
pub(crate) fn json(status: StatusCode, body: &Value) -> Answer {
    answer(status, "application/json", body.to_string())
}

/// An answer with tokens or about them: not to be stored (RFC 6749, 5.1).
pub(crate) fn unstored(mut answer: Answer) -> Answer {
    let value = HeaderValue::from_static("no-store");
    answer.headers_mut().insert(CACHE_CONTROL, value);
    answer
}

/// A resource.
pub(crate) fn resource<T: Root>(value: &T) -> Answer {
    answer(StatusCode::OK, FHIR, healthcode_json::to_vec(value))
}

/// That a request is not authorised, by which scheme it should be.
pub(crate) fn challenge(mut answer: Answer, scheme: &'static str) -> Answer {
    let value = HeaderValue::from_static(scheme);
    answer.headers_mut().insert(WWW_AUTHENTICATE, value);
    answer
}

/// An error with one of Healthcode's machine codes, with the status that it is documented with.
pub(crate) fn message(code: &ErrorCode, diagnostics: &str) -> Answer {
    let status = code
        .http_status()
        .and_then(|it| StatusCode::from_u16(it).ok());
    let issue = json!({
        "severity": "error",
        "code": "value",
        "details": {"coding": [{"system": "URL", "code": code.as_str()}]},
        "diagnostics": diagnostics,
    });
    outcome(status.unwrap_or(StatusCode::BAD_REQUEST), &issue)
}

/// An error for which no machine code is documented.
pub(crate) fn plain(status: StatusCode, code: &str, diagnostics: &str) -> Answer {
    let issue = json!({"severity": "error", "code": code, "diagnostics": diagnostics});
    outcome(status, &issue)
}

/// Success, without a resource.
pub(crate) fn information(text: &str) -> Answer {
    let issue = json!({"severity": "information", "code": "informational", "diagnostics": text});
    outcome(StatusCode::OK, &issue)
}

fn outcome(status: StatusCode, issue: &Value) -> Answer {
    let body = json!({"resourceType": "OperationOutcome", "issue": [issue]});
    answer(status, FHIR, body.to_string())
}
