//! The Personal Demographics Service: changing a patient, and who is related to one.
//!
//! Documented are the operations of JSON Patch in `patches`, `If-Match`, and 409 and 412. The rest is
//! the sandbox's choice: what cannot be applied is 400 `INVALID_VALUE`, as is what would change who the
//! patient is or make it no Patient. A request whose `X-Request-ID` was seen is not done again.

use crate::http::answer::{Answer, Refusal};
use crate::http::form::text as header;
use crate::nhs::pds::{
    answered, check, check_number, find, mirrored, no_patient, refuse, searchset, versioned,
};
use crate::nhs::responses::REQUEST_ID;
use crate::server::sandbox::Shared;
use crate::store::json_patch::{Patch, Unread};
use crate::store::records::{Records, Unkept, items, text};
use axum::extract::{Path, State};
use bytes::Bytes;
use healthcode_r4::Patient;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, IF_MATCH};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// How many requests are known again.
const KNOWN: usize = 1_000;
/// What a patient is known by; and what the service says itself.
const FIXED: &[&str] = &["resourceType", "id", "identifier", "meta"];

/// The requests that were done: their ids and patients.
#[derive(Default)]
pub(crate) struct Done(Mutex<VecDeque<(String, String)>>);

/// What a request asks for.
struct Update {
    number: String,
    request: String,
    version: u64,
    body: Bytes,
}

fn asked(number: &str, headers: &HeaderMap, body: Bytes) -> Result<Update, Refusal> {
    let invalid = |text| Refusal::from(refuse(400, "INVALID_VALUE", text));
    check_number(number)?;
    let media = header(headers, &CONTENT_TYPE).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("application/json-patch+json") {
        return Err(invalid("Content-Type is not application/json-patch+json"));
    }
    let tag = header(headers, &IF_MATCH);
    let tag = tag.ok_or_else(|| refuse(412, "PRECONDITION_FAILED", "If-Match is missing"))?;
    let version = tag.strip_prefix("W/\"").and_then(|it| it.strip_suffix('"'));
    let version = version.and_then(|it| it.parse().ok());
    Ok(Update {
        number: number.to_owned(),
        request: header(headers, &REQUEST_ID).unwrap_or_default().to_owned(),
        version: version.ok_or_else(|| invalid("If-Match is no W/\"version\""))?,
        body,
    })
}

/// The operations of a body.
fn operations(body: &[u8]) -> Result<Patch<'_>, Refusal> {
    Patch::read(body).map_err(|unread| {
        let (code, text) = match unread {
            Unread::NoJson => ("INVALID_VALUE", "the body is no JSON"),
            Unread::Empty => ("MISSING_VALUE", "there are no patches"),
            Unread::TooMany => (
                "TOO_MANY_VALUES_SUBMITTED",
                "there are more than 1,000 patches",
            ),
        };
        refuse(400, code, text).into()
    })
}

/// The patient as it is after an update, if it may be so.
fn changed(patient: &Value, patch: &Patch<'_>, update: &Update) -> Result<Value, Refusal> {
    let invalid = |text| Refusal::from(refuse(400, "INVALID_VALUE", text));
    let mut after = patient.clone();
    patch.apply(&mut after).map_err(invalid)?;
    if FIXED.iter().any(|it| after.get(it) != patient.get(it)) {
        return Err(invalid(
            "who the patient is, and the version, cannot be changed",
        ));
    }
    if let Some(version) = after.pointer_mut("/meta/versionId") {
        *version = json!(update.version.saturating_add(1).to_string());
    }
    let read = healthcode_json::from_slice::<Patient>(after.to_string().as_bytes());
    match read {
        Ok(read) if read.is_valid() => Ok(after),
        _ => Err(invalid("the patient would be no valid Patient")),
    }
}

fn done(records: &Records, done: &Done, update: &Update) -> Result<Arc<Value>, Refusal> {
    let patch = operations(&update.body)?;
    // Held throughout: one after the other.
    let mut known = done.0.lock().unwrap_or_else(PoisonError::into_inner);
    let patient = records.patient(&update.number).ok_or_else(no_patient)?;
    let this = (update.request.clone(), update.number.clone());
    if known.contains(&this) {
        return Ok(patient);
    }
    if items(&patient, "link").any(|it| text(it, "/type") == Some("replaced-by")) {
        let text = "the patient's record has been merged";
        return Err(refuse(404, "INVALIDATED_RESOURCE", text).into());
    }
    if text(&patient, "/meta/versionId") != Some(&update.version.to_string()) {
        let text = "the patient has another version";
        return Err(refuse(409, "RESOURCE_VERSION_MISMATCH", text).into());
    }
    let after = changed(&patient, &patch, update)?;
    let put = records.put(&update.number, after, update.version.saturating_add(1));
    let after = put.map_err(|unkept| match unkept {
        Unkept::Full => refuse(503, "SERVICE_UNAVAILABLE", "the sandbox keeps no more"),
        Unkept::Disk => refuse(503, "SERVICE_UNAVAILABLE", "it could not be kept"),
    })?;
    known.push_back(this);
    if known.len() > KNOWN {
        known.pop_front();
    }
    Ok(after)
}

pub(crate) async fn update(
    State(shared): State<Arc<Shared>>,
    Path(number): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let update = check(&shared, &headers).and_then(|_| asked(&number, &headers, body));
    let result = match update {
        Ok(update) => {
            let own = shared.clone();
            let work = move || done(&own.records, &own.done, &update);
            let failed = || refuse(503, "SERVICE_UNAVAILABLE", "it could not be done").into();
            shared.work.run(work).await.unwrap_or_else(|| Err(failed()))
        }
        Err(refused) => Err(refused),
    };
    let answer = match result {
        Ok(patient) => versioned(&patient),
        Err(refused) => *refused,
    };
    mirrored(answer, &headers)
}

pub(crate) async fn related(
    State(shared): State<Arc<Shared>>,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Answer {
    answered(&shared, &headers, |_| people(&shared, &number))
}

fn people(shared: &Shared, number: &str) -> Answer {
    if let Err(refused) = find(shared, number) {
        return *refused;
    }
    let patients = format!("{}/personal-demographics/FHIR/R4/Patient", shared.urls.base);
    let base = format!("{patients}/{number}/RelatedPerson");
    let own = |it: &&Value| {
        let patient = text(it, "/patient/reference").unwrap_or_default();
        patient.rsplit('/').next() == Some(number)
    };
    let entries = shared.records.related.iter().filter(own);
    let entries: Vec<_> = entries
        .map(|it| {
            let url = format!("{base}/{}", text(it, "/id").unwrap_or_default());
            json!({"fullUrl": url, "resource": it})
        })
        .collect();
    searchset(&entries)
}
