//! Graphnet's FHIR API, of STU3: Patients.

use super::gateway::check;
use crate::http::form::Form;
use crate::http::response::{ErrorResponse, Response, error, fhir};
use crate::random::uuid;
use crate::state::SandboxState;
use crate::store::json::{insert, text};
use crate::store::matching::matches;
use axum::extract::{Path, RawQuery, State};
use healthcode_search::{Captured, Endpoint, Scope};
use http::{HeaderMap, StatusCode};
use serde_json::json;
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

pub(crate) async fn read(
    State(state): State<Arc<SandboxState>>,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = check(
        &state,
        &headers,
        &state.credentials.graphnet.subscription_key,
    ) {
        return *refused;
    }
    match state.records.patient(&id).filter(|_| kind == "Patient") {
        Some(patient) => fhir(&patient),
        None => error(StatusCode::NOT_FOUND, "not-found", "unknown resource"),
    }
}

pub(crate) async fn search(
    State(state): State<Arc<SandboxState>>,
    Path(kind): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = check(
        &state,
        &headers,
        &state.credentials.graphnet.subscription_key,
    ) {
        return *refused;
    }
    if kind != "Patient" {
        let text = "unknown type: the sandbox has Patients only";
        return error(StatusCode::NOT_FOUND, "not-found", text);
    }
    match parse(&query.unwrap_or_default()) {
        Ok(form) => find(&state, &form),
        Err(refused) => *refused,
    }
}

/// The parameters of a query.
fn parse(query: &str) -> Result<Form, ErrorResponse> {
    let invalid = |text: &str| error(StatusCode::BAD_REQUEST, "invalid", text);
    let endpoint = Endpoint::named("graphnet-patient");
    let endpoint = endpoint.ok_or_else(|| invalid("the search failed"))?;
    let captured = Captured::parse(&format!("?{query}"), Some(Scope::Endpoint(endpoint)));
    let captured = captured.map_err(|error| invalid(&error.to_string()))?;
    if let Some(issue) = captured.issues.iter().find(|issue| issue.is_error()) {
        return Err(invalid(&issue.to_string()).into());
    }
    let form = Form::parse(query).map_err(invalid)?;
    let is_supported = |(name, _)| SEARCHED.contains(&name) || SHAPING.contains(&name);
    if !form.fields().all(is_supported) {
        let text = "the sandbox does not support this search";
        return Err(error(StatusCode::BAD_REQUEST, "not-supported", text).into());
    }
    Ok(form)
}

fn find(state: &SandboxState, form: &Form) -> Response {
    let parameters: Vec<_> = form
        .fields()
        .filter(|(name, _)| SEARCHED.contains(name))
        .collect();
    let patients = state.records.patients();
    let found = patients.iter().filter(|patient| {
        let mut parameters = parameters.iter();
        parameters.all(|(name, value)| matches(patient, name, value, true))
    });
    let entries: Vec<_> = found
        .map(|patient| {
            let id = text(patient, "/id").unwrap_or_default();
            let url = format!("{}/Patient/{id}", state.urls.graphnet);
            json!({"fullUrl": url, "resource": &**patient, "search": {"mode": "match"}})
        })
        .collect();
    let mut bundle = json!({
        "resourceType": "Bundle",
        "id": uuid().to_string(),
        "type": "searchset",
        "total": entries.len(),
    });
    if form.get("_summary") != Some("count") && !entries.is_empty() {
        insert(&mut bundle, "entry", json!(entries));
    }
    fhir(&bundle)
}
