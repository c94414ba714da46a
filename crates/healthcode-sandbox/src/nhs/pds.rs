//! The Personal Demographics Service: reading a patient, tracing one, and related persons.

use super::pds_access::{check, find, public_view, searchset, versioned};
use super::responses::pds_error;
use crate::http::form::Form;
use crate::http::path::PathText;
use crate::http::query::{self, rule_and_text};
use crate::http::response::{ErrorResponse, HandlerResult, entry};
use crate::json::{replaced_by, text};
use crate::state::SandboxState;
use crate::store::matching::matches;
use axum::extract::{RawQuery, State};
use http::HeaderMap;
use serde_json::{Value, json};
use std::sync::Arc;

/// The most matches that a user gets. An application without a user gets one.
const MAX_MATCHES: usize = 50;
/// Parameters whose values may have a `*`, after two characters.
const WITH_WILDCARD: [&str; 4] = ["family", "given", "address-postalcode", "address-postcode"];
const MAX_FAMILY: usize = 35;

pub(crate) async fn read(
    State(state): State<Arc<SandboxState>>,
    PathText(number): PathText<String>,
    headers: HeaderMap,
) -> HandlerResult {
    check(&state, &headers)?;
    let found = find(&state, &number)?;
    // A superseded number leads to the patient of the new one.
    let other = replaced_by(&found).and_then(|link| text(link, "/other/reference"));
    let other = other.and_then(|reference| reference.strip_prefix("Patient/"));
    let other = other.and_then(|number| state.records.patient(number));
    Ok(versioned(&other.unwrap_or(found)))
}

pub(crate) async fn related_persons(
    State(state): State<Arc<SandboxState>>,
    PathText(number): PathText<String>,
    headers: HeaderMap,
) -> HandlerResult {
    check(&state, &headers)?;
    find(&state, &number)?;
    let base = format!("{}/{number}/RelatedPerson", state.urls.pds_patients());
    let is_related = |person: &&Value| {
        let patient = text(person, "/patient/reference").unwrap_or_default();
        patient.rsplit('/').next() == Some(&number)
    };
    let related = state.records.related.iter().filter(is_related);
    let entries: Vec<_> = related.map(|person| entry(&base, person, None)).collect();
    Ok(searchset(&entries))
}

pub(crate) async fn search(
    State(state): State<Arc<SandboxState>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> HandlerResult {
    let is_user = check(&state, &headers)?;
    let form = parse(&query.unwrap_or_default())?;
    let allowed = if is_user { MAX_MATCHES } else { 1 };
    let limit = form
        .get("_max-results")
        .and_then(|number| number.parse().ok());
    let limit = limit.unwrap_or(allowed);
    if !is_user && limit > allowed {
        return Err(invalid("invalid _max-results: expected 1 without a user"));
    }
    let history = form.get("_history") == Some("true");
    let is_match = |patient: &&Arc<Value>| {
        let mut parameters = form.fields();
        patient.pointer("/link/0").is_none()
            && parameters.all(|(name, value)| matches(patient, name, value, history))
    };
    let (base, patients) = (state.urls.pds_patients(), state.records.patients());
    let entries = patients
        .iter()
        .filter(is_match)
        .map(|patient| entry(&base, &public_view(patient), Some(json!({"score": 1}))));
    let entries: Vec<_> = entries.collect();
    if entries.len() > limit {
        // A success, as the service has it.
        let text = "there are more matches than allowed";
        return Err(pds_error(200, "TOO_MANY_MATCHES", text).into());
    }
    Ok(searchset(&entries))
}

fn invalid(text: &str) -> ErrorResponse {
    pds_error(400, "INVALID_SEARCH_DATA", text).into()
}

/// The parameters of a search.
fn parse(query: &str) -> HandlerResult<Form> {
    query::parse("pds-patient", query).map_err(|error| match rule_and_text(&error) {
        ("QUERY-NAME", text) => pds_error(400, "ADDITIONAL_PROPERTIES", &text).into(),
        (_, text) => invalid(&text),
    })?;
    let form = Form::parse(query).map_err(invalid)?;
    let has = |name: &str| form.get(name).is_some();
    if has("address-postalcode") && has("address-postcode") {
        let text = "address-postcode is not allowed here: address-postalcode is there, too";
        return Err(invalid(text));
    }
    if form.fields().all(|(name, _)| name.starts_with('_')) {
        return Err(invalid("missing parameters to search by"));
    }
    if form.fields().any(|field| field == ("_fuzzy-match", "true")) {
        let text = "the sandbox has no fuzzy matches";
        return Err(pds_error(400, "UNSUPPORTED_SERVICE", text).into());
    }
    for (name, value) in form.fields() {
        if value
            .find('*')
            .is_some_and(|at| at < 2 || !WITH_WILDCARD.contains(&name))
        {
            return Err(invalid(
                "* is not allowed here: expected after two characters of a name or postcode",
            ));
        }
        if name == "family" && value.chars().count() > MAX_FAMILY {
            return Err(invalid("invalid family: expected at most 35 characters"));
        }
    }
    Ok(form)
}
