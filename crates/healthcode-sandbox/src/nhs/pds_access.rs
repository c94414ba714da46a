//! What all calls to the Personal Demographics Service share: headers, NHS numbers, and how patients are
//! shown.

use super::responses::{CORRELATION_ID, REQUEST_ID, copy_headers, pds_error, uuid_header};
use crate::auth::tokens::{Issuer, TokenStatus};
use crate::clock;
use crate::http::headers::{bearer_token, text as header};
use crate::http::response::{ErrorResponse, HandlerResult, Response, fhir, with_header};
use crate::json::{insert, is_restricted, text};
use crate::state::SandboxState;
use axum::extract::Request;
use axum::middleware::Next;
use healthcode_search::service::SESSION_URID;
use healthcode_uk::NhsNumber;
use http::HeaderMap;
use http::header::ETAG;
use serde_json::{Value, json};
use std::sync::Arc;

/// Checks the headers that every call needs: a token, and the request's id. Returns whether the token is a
/// user's.
pub(crate) fn check(state: &SandboxState, headers: &HeaderMap) -> HandlerResult<bool> {
    let is_valid = |issuer| {
        let token = bearer_token(headers);
        token.is_some_and(|token| state.tokens.status(issuer, token) == TokenStatus::Valid)
    };
    let is_user = is_valid(Issuer::NhsUser);
    if !is_user && !is_valid(Issuer::Nhs) {
        let text = "missing or invalid token";
        return Err(pds_error(401, "ACCESS_DENIED", text).into());
    }
    let invalid = |text| Err(pds_error(400, "INVALID_VALUE", text).into());
    let role = header(headers, SESSION_URID.lower).unwrap_or_default();
    if !role.bytes().all(|byte| byte.is_ascii_digit()) {
        return invalid("invalid NHSD-Session-URID: expected a number");
    }
    match uuid_header(headers, &REQUEST_ID) {
        Some(true) => Ok(is_user),
        Some(false) => invalid("invalid X-Request-ID: expected a UUID"),
        None => Err(pds_error(400, "MISSING_VALUE", "missing X-Request-ID").into()),
    }
}

/// The middleware that copies the ids of requests to responses.
pub(crate) async fn copy_ids(request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let response = next.run(request).await;
    copy_headers(response, &headers, &[REQUEST_ID, CORRELATION_ID])
}

/// Checks an NHS number.
pub(crate) fn check_number(number: &str) -> HandlerResult<()> {
    match NhsNumber::parse(number) {
        Ok(_) => Ok(()),
        Err(_) => Err(pds_error(400, "INVALID_RESOURCE_ID", "invalid NHS number").into()),
    }
}

/// The error for the number of an unknown patient.
pub(crate) fn unknown_patient() -> ErrorResponse {
    pds_error(404, "RESOURCE_NOT_FOUND", "unknown patient").into()
}

/// The patient of an NHS number.
pub(crate) fn find(state: &SandboxState, number: &str) -> HandlerResult<Arc<Value>> {
    check_number(number)?;
    state.records.patient(number).ok_or_else(unknown_patient)
}

/// A patient without what a restricted one must not reveal: where they can be found.
pub(crate) fn public_view(patient: &Value) -> Value {
    let mut patient = patient.clone();
    if let (true, Some(members)) = (is_restricted(&patient), patient.as_object_mut()) {
        for name in ["address", "telecom", "contact", "generalPractitioner"] {
            members.remove(name);
        }
    }
    patient
}

/// A patient, with the version.
pub(crate) fn versioned(patient: &Value) -> Response {
    let response = fhir(&public_view(patient));
    match text(patient, "/meta/versionId") {
        Some(version) => with_header(response, ETAG, &format!("W/\"{version}\"")),
        None => response,
    }
}

/// A Bundle of search results.
pub(crate) fn searchset(entries: &[Value]) -> Response {
    let mut bundle = json!({
        "resourceType": "Bundle",
        "type": "searchset",
        "timestamp": clock::instant(clock::now()),
        "total": entries.len(),
    });
    if !entries.is_empty() {
        insert(&mut bundle, "entry", json!(entries));
    }
    fhir(&bundle)
}
