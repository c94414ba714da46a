//! The Spine's proxy, and the one provider behind it: GP Connect, and a record that a pointer leads to.
//!
//! TLS has verified a client certificate before. Which status goes with which error is documented for the
//! codes of 403; the others are the sandbox's choice: 400 for headers, nesting and tokens, 404 for an
//! address that is not in the directory.

use super::directory::{ASID, has_party_key, offers, party_key};
use super::responses::{SpineError, spine_error};
use super::spine_claims::{ClaimSet, Expected, check};
use crate::clock;
use crate::http::form::Form;
use crate::http::format::Syntax;
use crate::http::headers::{bearer_token, media_type, text as header};
use crate::http::response::{Response, no_store, response};
use crate::json::{NHS_NUMBER, has_identifier, insert, is_restricted, items, text};
use crate::random::{is_uuid, uuid};
use crate::state::SandboxState;
use crate::store::stu3;
use axum::extract::{Extension, State};
use bytes::Bytes;
use healthcode_search::service::{
    Header, NRL_INTERACTIONS, SSP_FROM, SSP_INTERACTION_ID, SSP_TO, SSP_TRACE_ID,
};
use healthcode_uk::NhsNumber;
use http::request::Parts;
use http::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use std::sync::Arc;

const STU3: &str = "application/fhir+json;charset=utf-8";
/// The largest body of a request.
pub(crate) const MAX_BODY: usize = 1 << 20;

/// An extension of requests whose token counts as expired.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenExpired;

const fn bad_request(text: &'static str) -> SpineError {
    (400, "BAD_REQUEST", text)
}

pub(crate) async fn forward(
    State(state): State<Arc<SandboxState>>,
    expired: Option<Extension<TokenExpired>>,
    head: Parts,
    body: Bytes,
) -> Response {
    let queue = state.clone();
    let respond = move || {
        let (claims, request) = check_request(&state, &head, expired.is_some())?;
        let (path, query) = request.split_once('?').unwrap_or((&request, ""));
        match claims {
            ClaimSet::GpConnect => gp_connect(&state, &head, path, query, &body),
            ClaimSet::Spine => record(&head.method, path),
        }
    };
    let failed = Err((500, "INTERNAL_SERVER_ERROR", "the request failed"));
    no_store(match queue.work.run(respond).await.unwrap_or(failed) {
        Ok(value) => response(StatusCode::OK, STU3, value.to_string()),
        Err((status, code, text)) => spine_error(status, None, code, text),
    })
}

/// The checks of the proxy. Returns the claims of the token, and the request to the provider.
fn check_request(
    state: &SandboxState,
    head: &Parts,
    is_expired: bool,
) -> Result<(ClaimSet, String), SpineError> {
    let value = |name: Header| header(&head.headers, name.lower).filter(|text| !text.is_empty());
    let trace = value(SSP_TRACE_ID).ok_or(bad_request("missing Ssp-TraceID"))?;
    if !is_uuid(trace) {
        return Err(bad_request("invalid Ssp-TraceID: expected a UUID"));
    }
    let from = value(SSP_FROM).ok_or(bad_request("missing Ssp-From"))?;
    let to = value(SSP_TO).ok_or(bad_request("missing Ssp-To"))?;
    let interaction = value(SSP_INTERACTION_ID).ok_or(bad_request("missing Ssp-InteractionID"))?;
    let asid_error = |text| (403, "ASID_CHECK_FAILED", text);
    if from != state.credentials.spine.asid {
        return Err(asid_error(
            "invalid Ssp-From: expected the ASID of a consumer",
        ));
    }
    let mut devices = state.records.devices.iter();
    let device = devices.find(|device| has_identifier(device, ASID, to));
    let device = device.ok_or(asid_error(
        "invalid Ssp-To: expected the ASID of a provider",
    ))?;
    if !offers(device, interaction) {
        return Err(asid_error("the provider does not offer the interaction"));
    }
    let claims = if interaction.starts_with(NRL_INTERACTIONS) {
        ClaimSet::Spine
    } else {
        ClaimSet::GpConnect
    };
    let target = head
        .uri
        .path_and_query()
        .map_or("", |target| target.as_str());
    let nested = nested_url(target, claims).ok_or(bad_request(
        "invalid path: expected the provider's address, nested as the interaction has it",
    ))?;
    let party_key = party_key(device).unwrap_or_default();
    let endpoints = state.records.endpoints.iter();
    let mut roots = endpoints
        .filter(|endpoint| offers(endpoint, interaction) && has_party_key(endpoint, party_key))
        .filter_map(|endpoint| text(endpoint, "/address"));
    // Addresses are compared as text, without normalization.
    let below = |root| Some((root, nested.strip_prefix(root)?.strip_prefix('/')?));
    let (root, request) = roots.find_map(below).ok_or((
        404,
        "NO_RECORD_FOUND",
        "unknown address: expected one of the directory",
    ))?;
    let token = bearer_token(&head.headers).ok_or(bad_request("missing bearer token"))?;
    let expected = Expected {
        root,
        from,
        scope: if head.method == Method::GET || request.contains('$') {
            "patient/*.read"
        } else {
            "patient/*.write"
        },
    };
    let now = if is_expired { i64::MAX } else { clock::now() };
    check(token, claims, &expected, now).map_err(bad_request)?;
    if is_of_interaction(interaction, &head.method, request) {
        Ok((claims, request.to_owned()))
    } else {
        Err(bad_request(
            "invalid Ssp-InteractionID: expected that of the request",
        ))
    }
}

/// Whether a request is one of an interaction.
fn is_of_interaction(interaction: &str, method: &Method, request: &str) -> bool {
    let is_id = |text: &str| !text.is_empty() && !text.contains(['/', '?', '$']);
    let is_get = method == Method::GET;
    if interaction.ends_with(":rest:read:patient-1") {
        is_get && request.strip_prefix("Patient/").is_some_and(is_id)
    } else if interaction.ends_with(":rest:search:patient-1") {
        is_get && request.starts_with("Patient?")
    } else if interaction.ends_with(":operation:gpc.getstructuredrecord-1") {
        method == Method::POST && request == "Patient/$gpc.getstructuredrecord"
    } else {
        is_get
    }
}

/// The provider's address in a target: plain for GP Connect, percent-encoded for the locator.
fn nested_url(target: &str, claims: ClaimSet) -> Option<String> {
    let target = target.strip_prefix('/')?;
    match claims {
        ClaimSet::GpConnect => target.starts_with("https://").then(|| target.to_owned()),
        ClaimSet::Spine => {
            let is_encoded = !target.contains(['/', ':', '?']);
            let decoded = percent_decode_str(target).decode_utf8().ok()?;
            is_encoded.then(|| decoded.into_owned())
        }
    }
}

/// The profile of a practice's patients.
const PATIENT_PROFILE: &str =
    "https://fhir.nhs.uk/STU3/StructureDefinition/CareConnect-GPC-Patient-1";

/// The patient of an NHS number, if their record is shared.
fn patient(state: &SandboxState, number: &str) -> Result<Value, SpineError> {
    let unknown = (404, "NO_RECORD_FOUND", "unknown patient");
    let found = state.records.patient(number).ok_or(unknown)?;
    if found.pointer("/link/0").is_some() {
        return Err(unknown);
    }
    if is_restricted(&found) {
        Err((
            403,
            "NO_PATIENT_CONSENT",
            "the patient's record is not shared",
        ))
    } else {
        Ok(stu3::patient(&found, PATIENT_PROFILE))
    }
}

fn bundle(kind: &str, resources: &[Value]) -> Value {
    let entries: Vec<_> = resources
        .iter()
        .map(|found| json!({"resource": found}))
        .collect();
    let mut out = json!({"resourceType": "Bundle", "id": uuid().to_string(), "type": kind});
    if kind == "searchset" {
        insert(&mut out, "total", json!(entries.len()));
    }
    if !entries.is_empty() {
        insert(&mut out, "entry", json!(entries));
    }
    out
}

/// The practice.
fn gp_connect(
    state: &SandboxState,
    head: &Parts,
    path: &str,
    query: &str,
    body: &[u8],
) -> Result<Value, SpineError> {
    let patient = |number: Option<&str>| {
        let number = number.filter(|number| NhsNumber::parse(number).is_ok());
        let invalid = (400, "INVALID_VALUE", "missing or invalid NHS number");
        patient(state, number.ok_or(invalid)?)
    };
    if head.method == Method::POST {
        let syntax = Syntax::of(&media_type(&head.headers)).ok_or(bad_request(
            "invalid Content-Type: expected application/fhir+json or application/fhir+xml",
        ))?;
        let invalid = bad_request("invalid body: expected the syntax that Content-Type names");
        let body = syntax.to_json(body).ok_or(invalid)?;
        let mut parameters = items(&body, "/parameter");
        let number =
            parameters.find(|parameter| text(parameter, "/name") == Some("patientNHSNumber"));
        let number = number.and_then(|parameter| parameter.get("valueIdentifier"));
        let number = number.filter(|number| text(number, "/system") == Some(NHS_NUMBER));
        let number = number.and_then(|number| text(number, "/value"));
        return Ok(bundle("collection", &[patient(number)?]));
    }
    if let Some(id) = path.strip_prefix("Patient/") {
        return patient(Some(id));
    }
    let form = Form::parse(query).map_err(bad_request)?;
    let identifier = form.get("identifier").and_then(|text| text.split_once('|'));
    let number = identifier.filter(|(system, _)| *system == NHS_NUMBER);
    match patient(number.map(|(_, number)| number)) {
        Ok(found) => Ok(bundle("searchset", &[found])),
        Err((404, ..)) => Ok(bundle("searchset", &[])),
        Err(refused) => Err(refused),
    }
}

/// The record that a pointer leads to: all have the same content.
fn record(method: &Method, path: &str) -> Result<Value, SpineError> {
    if method == Method::GET && !path.is_empty() {
        Ok(json!({
            "resourceType": "Binary",
            "meta": {"lastUpdated": clock::instant(0)},
            "contentType": "text/plain",
            "content": "VGhlcmUgaXMgbm90aGluZyBpbiB0aGlzIHJlY29yZC4=",
        }))
    } else {
        Err((404, "NO_RECORD_FOUND", "unknown record"))
    }
}
