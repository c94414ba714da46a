//! Find Patient of Graphnet's Demographics bundle: JSON by POST, which is no FHIR.
//!
//! Documented are the fields of the request, their case, and the form of the answer. The method, the
//! path and what stands in an item are not: they are the sandbox's choice, as are 400 and its texts.

use crate::graphnet::fhir::subscribed;
use crate::http::answer::{Answer, json};
use crate::nhs::pds::matches;
use crate::server::sandbox::Shared;
use crate::store::records::{NHS_NUMBER, items, text};
use axum::extract::State;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json as value};
use std::sync::Arc;

/// Fields that are searched by, and what of a patient they are.
const SEARCHED: &[(&str, &str)] = &[
    ("DateOfBirth", "birthdate"),
    ("Forename", "given"),
    ("Gender", "gender"),
    ("NhsNumber", "identifier"),
    ("PostCode", "address-postalcode"),
    ("Surname", "family"),
];
/// Fields that are documented, and of which the sandbox knows nothing.
const OTHER: &[&str] = &[
    "AllDemographics",
    "AllTenancies",
    "GPCode",
    "GPPracticeCode",
    "PatientListId",
    "PatientNumber",
    "PatientTenancyId",
    "RetrieveMinorNumbers",
];
/// How many items a page has, and may have.
const PAGE: u64 = 10;
const LARGEST: u64 = 100;

type Refused = &'static str;

pub(crate) async fn find(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let own = &shared.credentials.graphnet.demographics_key;
    if let Err(refused) = subscribed(&shared, &headers, own) {
        return *refused;
    }
    let own = shared.clone();
    let done = shared.work.run(move || found(&own, &body)).await;
    match done.unwrap_or(Err("It could not be done.")) {
        Ok(page) => json(StatusCode::OK, &page),
        Err(text) => {
            let body = value!({"statusCode": 400, "message": text});
            json(StatusCode::BAD_REQUEST, &body)
        }
    }
}

fn found(shared: &Shared, body: &[u8]) -> Result<Value, Refused> {
    let asked: Map<String, Value> =
        serde_json::from_slice(body).map_err(|_| "The body is no JSON object.")?;
    let mut wanted = Vec::new();
    let (mut number, mut size) = (1, PAGE);
    for (name, value) in &asked {
        let searched = SEARCHED.iter().find(|it| it.0 == name);
        match (name.as_str(), searched) {
            (_, Some((field, parameter))) => {
                let text = value
                    .as_str()
                    .ok_or("A field that is searched by is no text.")?;
                wanted.push(match *field {
                    "NhsNumber" => (*parameter, format!("{NHS_NUMBER}|{text}")),
                    "Gender" => (*parameter, text.to_ascii_lowercase()),
                    _ => (*parameter, text.to_owned()),
                });
            }
            ("PageNumber", _) => number = positive(value)?,
            ("PageSize", _) => size = positive(value)?.min(LARGEST),
            (other, _) if OTHER.contains(&other) => {}
            _ => return Err("There is no such field; their names have capitals."),
        }
    }
    if wanted.is_empty() {
        return Err("There is nothing to search by.");
    }
    let all = shared.records.patients();
    let fitting = all.iter().filter(|patient| {
        let mut wanted = wanted.iter();
        wanted.all(|(name, value)| matches(patient, name, value, false))
    });
    let items: Vec<Value> = fitting.map(|it| item(it)).collect();
    let total = items.len();
    let before = usize::try_from((number - 1).saturating_mul(size)).unwrap_or(usize::MAX);
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let page: Vec<Value> = items.into_iter().skip(before).take(size).collect();
    Ok(value!({"PatientCollection": page, "TotalItemCount": total}))
}

fn positive(value: &Value) -> Result<u64, Refused> {
    let number = value.as_u64().filter(|it| *it > 0);
    number.ok_or("PageNumber and PageSize are whole numbers from 1.")
}

fn item(patient: &Value) -> Value {
    let name = items(patient, "name").next();
    let part = |pointer: &str| name.and_then(|it| text(it, pointer));
    let address = items(patient, "address").next();
    value!({
        "PatientDetailId": text(patient, "/id"),
        "NhsNumber": text(patient, "/id"),
        "Surname": part("/family"),
        "Forename": part("/given/0"),
        "DateOfBirth": text(patient, "/birthDate"),
        "Gender": text(patient, "/gender"),
        "PostCode": address.and_then(|it| text(it, "/postalCode")),
    })
}
