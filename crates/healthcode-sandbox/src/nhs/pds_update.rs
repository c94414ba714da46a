//! The Personal Demographics Service: changing a patient.
//!
//! The operations of JSON Patch in `patches`, `If-Match`, and 409 and 412 are documented. The rest is the
//! sandbox's choice: 400 `INVALID_VALUE` for what cannot be applied, and for what would change the
//! patient's identity or NHS number, or bring an error into the resource. A request is not carried out again if its
//! `X-Request-ID` was sent before.

use super::pds_access::{check, check_number, unknown_patient, versioned};
use super::responses::{REQUEST_ID, pds_error};
use crate::http::headers::{media_type, text as header, version_of_tag};
use crate::http::path::PathText;
use crate::http::response::{ErrorResponse, HandlerResult};
use crate::json::{replaced_by, text};
use crate::state::SandboxState;
use crate::store::json_patch::{BodyError, Patch};
use axum::extract::State;
use bytes::Bytes;
use healthcode_r4::Patient;
use healthcode_search::service::JSON_PATCH;
use healthcode_validate::{Policy, Validator};
use http::HeaderMap;
use http::header::IF_MATCH;
use serde_json::{Value, json};
use std::sync::Arc;

/// The patient's identity, and what the service sets itself.
const FIXED: &[&str] = &["resourceType", "id", "identifier", "meta"];

/// The most requests that are remembered.
const MAX_COMPLETED: usize = 1_000;

struct Update {
    number: String,
    request_id: String,
    version: u64,
    body: Bytes,
}

fn invalid(text: &str) -> ErrorResponse {
    pds_error(400, "INVALID_VALUE", text).into()
}

fn parse(number: &str, headers: &HeaderMap, body: Bytes) -> HandlerResult<Update> {
    check_number(number)?;
    if media_type(headers) != JSON_PATCH {
        return Err(invalid(
            "invalid Content-Type: expected application/json-patch+json",
        ));
    }
    let tag = header(headers, &IF_MATCH);
    let tag = tag.ok_or_else(|| pds_error(412, "PRECONDITION_FAILED", "missing If-Match"))?;
    let version = tag.strip_prefix("W/").and_then(version_of_tag);
    Ok(Update {
        number: number.to_owned(),
        request_id: header(headers, &REQUEST_ID).unwrap_or_default().to_owned(),
        version: version.ok_or_else(|| invalid("invalid If-Match: expected W/\"version\""))?,
        body,
    })
}

fn read_patch(body: &[u8]) -> HandlerResult<Patch<'_>> {
    Patch::read(body).map_err(|error| {
        let (code, text) = match error {
            BodyError::NotJson => ("INVALID_VALUE", "invalid body: expected a JSON object"),
            BodyError::Empty => ("MISSING_VALUE", "missing patches"),
            BodyError::TooMany => (
                "TOO_MANY_VALUES_SUBMITTED",
                "too many patches: expected 1,000 at most",
            ),
        };
        pds_error(400, code, text).into()
    })
}

/// The patched patient, if it is valid.
fn patched(patient: &Value, patch: &Patch<'_>, version: u64) -> HandlerResult<Value> {
    let mut patched = patient.clone();
    patch.apply(&mut patched).map_err(invalid)?;
    if FIXED
        .iter()
        .any(|name| patched.get(name) != patient.get(name))
    {
        let text = "the patch is not allowed here: it changes the patient's identity or version";
        return Err(invalid(text));
    }
    if let Some(current) = patched.pointer_mut("/meta/versionId") {
        *current = json!(version.to_string());
    }
    if replaced_by(&patched).is_some() {
        return Err(invalid(
            "the patch is not allowed here: it gives the patient another NHS number",
        ));
    }
    let found = errors(&patched);
    let before = if found.is_empty() {
        Vec::new()
    } else {
        errors(patient)
    };
    match found.iter().find(|error| !before.contains(error)) {
        None => Ok(patched),
        Some((rule, path)) => Err(invalid(&format!("invalid patch: {rule} at {path}"))),
    }
}

/// The errors of a patient, by rule and place.
fn errors(patient: &Value) -> Vec<(&'static str, String)> {
    let read = Validator::new(Policy::R4).read::<Patient>(patient.to_string().as_bytes());
    let issues = match read {
        Ok(read) => read.issues,
        Err(error) => vec![error.into_issue()],
    };
    let errors = issues.iter().filter(|issue| issue.severity.is_error());
    errors
        .map(|issue| (issue.rule.id, issue.shown_path().to_string()))
        .collect()
}

fn apply(state: &SandboxState, update: &Update) -> HandlerResult<Arc<Value>> {
    let patch = read_patch(&update.body)?;
    // Held throughout, so that updates are carried out one by one.
    let mut completed = state.completed.lock();
    let patient = state
        .records
        .patient(&update.number)
        .ok_or_else(unknown_patient)?;
    let request = (update.request_id.clone(), update.number.clone());
    if completed.contains(&request) {
        return Ok(patient);
    }
    if replaced_by(&patient).is_some() {
        let text = "the patient's record has been merged";
        return Err(pds_error(404, "INVALIDATED_RESOURCE", text).into());
    }
    if text(&patient, "/meta/versionId") != Some(&update.version.to_string()) {
        let text = "the patient has another version";
        return Err(pds_error(409, "RESOURCE_VERSION_MISMATCH", text).into());
    }
    let version = update.version.saturating_add(1);
    let patched = patched(&patient, &patch, version)?;
    let replaced = state.records.replace(&update.number, patched, version);
    let replaced = replaced.map_err(|_| unavailable("the sandbox is full, or its disk is"))?;
    completed.push_back(request);
    if completed.len() > MAX_COMPLETED {
        completed.pop_front();
    }
    Ok(replaced)
}

fn unavailable(text: &str) -> ErrorResponse {
    pds_error(503, "SERVICE_UNAVAILABLE", text).into()
}

pub(crate) async fn update(
    State(state): State<Arc<SandboxState>>,
    PathText(number): PathText<String>,
    headers: HeaderMap,
    body: Bytes,
) -> HandlerResult {
    check(&state, &headers)?;
    let update = parse(&number, &headers, body)?;
    let queue = state.clone();
    let applied = queue.work.run(move || apply(&state, &update)).await;
    let patient = applied.unwrap_or_else(|| Err(unavailable("the update failed")))?;
    Ok(versioned(&patient))
}
