//! Find Patient of Graphnet's Demographics bundle: JSON by POST, which is not FHIR.
//!
//! The fields of the request, their case, and the form of the response are documented. The method, the
//! path and the members of an item are not: they are the sandbox's choice, as are 400 and its messages.

use super::gateway::{check, error};
use crate::http::response::{HandlerResult, json};
use crate::json::{NHS_NUMBER, text};
use crate::state::SandboxState;
use crate::store::matching::matches;
use axum::extract::State;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The fields that patients are searched by, and their search parameters.
const SEARCHED: &[(&str, &str)] = &[
    ("DateOfBirth", "birthdate"),
    ("Forename", "given"),
    ("Gender", "gender"),
    ("NhsNumber", "identifier"),
    ("PostCode", "address-postalcode"),
    ("Surname", "family"),
];
/// Documented fields that the sandbox ignores.
const IGNORED: &[&str] = &[
    "AllDemographics",
    "AllTenancies",
    "GPCode",
    "GPPracticeCode",
    "PatientListId",
    "PatientNumber",
    "PatientTenancyId",
    "RetrieveMinorNumbers",
];
const DEFAULT_PAGE_SIZE: usize = 10;
const MAX_PAGE_SIZE: usize = 100;

type SearchError = &'static str;

pub(crate) async fn find(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> HandlerResult {
    check(
        &state,
        &headers,
        &state.credentials.graphnet.demographics_key,
    )?;
    let queue = state.clone();
    let found = queue.work.run(move || search(&state, &body)).await;
    let page = found.unwrap_or(Err("The search failed."));
    let page = page.map_err(|text| error(StatusCode::BAD_REQUEST, text))?;
    Ok(json(StatusCode::OK, &page))
}

fn search(state: &SandboxState, body: &[u8]) -> Result<Value, SearchError> {
    let fields: Map<String, Value> =
        serde_json::from_slice(body).map_err(|_| "Invalid body: expected a JSON object.")?;
    let mut parameters = Vec::new();
    let (mut page, mut size) = (1, DEFAULT_PAGE_SIZE);
    for (name, value) in &fields {
        let searched = SEARCHED.iter().find(|(field, _)| field == name);
        match (name.as_str(), searched) {
            (field, Some((_, parameter))) => {
                let text = value.as_str().ok_or("Invalid field: expected a text.")?;
                let value = match field {
                    "NhsNumber" => format!("{NHS_NUMBER}|{text}"),
                    "Gender" => text.to_ascii_lowercase(),
                    _ => text.to_owned(),
                };
                parameters.push((*parameter, value));
            }
            ("PageNumber", _) => page = positive(value)?,
            ("PageSize", _) => size = positive(value)?.min(MAX_PAGE_SIZE),
            (other, _) if IGNORED.contains(&other) => {}
            _ => return Err("Unknown field: names begin with a capital."),
        }
    }
    if parameters.is_empty() {
        return Err("Missing fields to search by.");
    }
    let patients = state.records.patients();
    let matching = patients.iter().filter(|patient| {
        let mut parameters = parameters.iter();
        parameters.all(|(name, value)| matches(patient, name, value, false))
    });
    let items: Vec<Value> = matching.map(|patient| item(patient)).collect();
    let before = (page - 1).saturating_mul(size);
    let page: Vec<_> = items.iter().skip(before).take(size).collect();
    Ok(json!({"PatientCollection": page, "TotalItemCount": items.len()}))
}

fn positive(value: &Value) -> Result<usize, SearchError> {
    let number = value.as_u64().filter(|number| *number > 0);
    let number = number.map(|number| usize::try_from(number).unwrap_or(usize::MAX));
    number.ok_or("Invalid PageNumber or PageSize: expected a whole number from 1.")
}

fn item(patient: &Value) -> Value {
    json!({
        "PatientDetailId": text(patient, "/id"),
        "NhsNumber": text(patient, "/id"),
        "Surname": text(patient, "/name/0/family"),
        "Forename": text(patient, "/name/0/given/0"),
        "DateOfBirth": text(patient, "/birthDate"),
        "Gender": text(patient, "/gender"),
        "PostCode": text(patient, "/address/0/postalCode"),
    })
}
