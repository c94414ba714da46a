//! Graphnet's FHIR API, of STU3: Patients.

use super::gateway::check;
use crate::http::form::Form;
use crate::http::query::{self, rule_and_text};
use crate::http::response::{HandlerResult, entry, error, fhir};
use crate::json::insert;
use crate::random::uuid;
use crate::state::SandboxState;
use crate::store::matching::matches;
use axum::extract::{Path, RawQuery, State};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;

/// The parameters that patients are searched by.
const SEARCHED: &[&str] = &[
    "_id",
    "identifier",
    "family",
    "given",
    "gender",
    "birthdate",
];
/// The parameters that shape the response.
const SHAPING: &[&str] = &["_summary", "_format"];

fn check_headers(state: &SandboxState, headers: &HeaderMap) -> HandlerResult<()> {
    check(state, headers, &state.credentials.graphnet.subscription_key)
}

pub(crate) async fn read(
    State(state): State<Arc<SandboxState>>,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> HandlerResult {
    check_headers(&state, &headers)?;
    let patient = state.records.patient(&id).filter(|_| kind == "Patient");
    let unknown = || error(StatusCode::NOT_FOUND, "not-found", "unknown resource");
    let patient = patient.ok_or_else(unknown)?;
    Ok(fhir(&patient))
}

pub(crate) async fn search(
    State(state): State<Arc<SandboxState>>,
    Path(kind): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> HandlerResult {
    check_headers(&state, &headers)?;
    if kind != "Patient" {
        let text = "unknown type: the sandbox has Patients only";
        return Err(error(StatusCode::NOT_FOUND, "not-found", text).into());
    }
    let form = parse(&query.unwrap_or_default())?;
    let parameters = form.fields().filter(|(name, _)| SEARCHED.contains(name));
    let parameters: Vec<_> = parameters.collect();
    let is_match = |patient: &&Arc<Value>| {
        let mut parameters = parameters.iter();
        parameters.all(|(name, value)| matches(patient, name, value, true))
    };
    let patients = state.records.patients();
    let base = format!("{}/Patient", state.urls.graphnet);
    let entries = patients
        .iter()
        .filter(is_match)
        .map(|patient| entry(&base, patient, Some(json!({"mode": "match"}))));
    let entries: Vec<_> = entries.collect();
    let mut bundle = json!({
        "resourceType": "Bundle",
        "id": uuid().to_string(),
        "type": "searchset",
        "total": entries.len(),
    });
    if form.get("_summary") != Some("count") && !entries.is_empty() {
        insert(&mut bundle, "entry", json!(entries));
    }
    Ok(fhir(&bundle))
}

/// The parameters of a query.
fn parse(query: &str) -> HandlerResult<Form> {
    let invalid = |text: &str| error(StatusCode::BAD_REQUEST, "invalid", text);
    let parsed = query::parse("graphnet-patient", query);
    parsed.map_err(|error| invalid(&rule_and_text(&error).1))?;
    let form = Form::parse(query).map_err(invalid)?;
    let is_supported = |(name, _)| SEARCHED.contains(&name) || SHAPING.contains(&name);
    if !form.fields().all(is_supported) {
        let text = "the sandbox does not support this search";
        return Err(error(StatusCode::BAD_REQUEST, "not-supported", text).into());
    }
    Ok(form)
}
