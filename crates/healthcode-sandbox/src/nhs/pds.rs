//! The Personal Demographics Service: reading a patient, and tracing one.

use crate::auth::tokens::{Issuer, Standing};
use crate::http::answer::{Answer, Refusal};
use crate::http::form::{bearer, text as header};
use crate::nhs::responses::{
    CORRELATION_ID, REQUEST_ID, error, fhir, instant, mirror, seconds, uuid_header, with,
};
use crate::server::sandbox::Shared;
use crate::store::records::{day, items, like, text};
use axum::extract::{Path, RawQuery, State};
use healthcode_search::{Captured, Endpoint, Scope};
use healthcode_uk::NhsNumber;
use http::header::ETAG;
use http::{HeaderMap, HeaderName};
use serde_json::{Value, json};
use std::sync::Arc;

const URID: HeaderName = HeaderName::from_static("nhsd-session-urid");
const CODES: &str = "https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode";

pub(crate) fn refuse(status: u16, code: &str, diagnostics: &str) -> Answer {
    let coding = json!({"system": CODES, "version": "1", "code": code});
    error(status, None, &coding, diagnostics)
}

/// What every call has to have: a token and an id.
///
/// Says whether the token is a user's.
pub(crate) fn check(shared: &Shared, headers: &HeaderMap) -> Result<bool, Refusal> {
    let has = |issuer| {
        let standing = bearer(headers).map(|it| shared.tokens.standing(issuer, it));
        standing == Some(Standing::Valid)
    };
    let user = has(Issuer::NhsUser);
    if !user && !has(Issuer::Nhs) {
        let text = "the call has no token, or it is not valid";
        return Err(refuse(401, "ACCESS_DENIED", text).into());
    }
    let role = header(headers, &URID).is_none_or(|it| it.bytes().all(|it| it.is_ascii_digit()));
    if !role {
        return Err(refuse(400, "INVALID_VALUE", "NHSD-Session-URID is no number").into());
    }
    match uuid_header(headers, &REQUEST_ID) {
        Some(true) => Ok(user),
        Some(false) => Err(refuse(400, "INVALID_VALUE", "X-Request-ID is no UUID").into()),
        None => Err(refuse(400, "MISSING_VALUE", "X-Request-ID is missing").into()),
    }
}

/// The answer to a call that has what every call has to have; `work` is told whether it is a user's.
pub(crate) fn answered(
    shared: &Shared,
    headers: &HeaderMap,
    work: impl FnOnce(bool) -> Answer,
) -> Answer {
    let answer = match check(shared, headers) {
        Ok(user) => work(user),
        Err(refused) => *refused,
    };
    mirrored(answer, headers)
}

/// Refuses what is no NHS number.
pub(crate) fn check_number(number: &str) -> Result<(), Refusal> {
    match NhsNumber::parse(number) {
        Ok(_) => Ok(()),
        Err(_) => Err(refuse(400, "INVALID_RESOURCE_ID", "this is no NHS number").into()),
    }
}

/// Refuses the number of a patient who is not there.
pub(crate) fn no_patient() -> Refusal {
    refuse(404, "RESOURCE_NOT_FOUND", "there is no such patient").into()
}

/// The patient of an NHS number.
pub(crate) fn find(shared: &Shared, number: &str) -> Result<Arc<Value>, Refusal> {
    check_number(number)?;
    shared.records.patient(number).ok_or_else(no_patient)
}

pub(crate) fn mirrored(answer: Answer, headers: &HeaderMap) -> Answer {
    mirror(answer, headers, &[REQUEST_ID, CORRELATION_ID])
}

/// A patient as it is given out: of one whose data is restricted, without where they can be found.
fn given_out(patient: &Value) -> Value {
    let mut patient = patient.clone();
    let security = patient
        .pointer("/meta/security")
        .and_then(Value::as_array)
        .into_iter();
    let restricted = security
        .flat_map(|it| it.iter())
        .any(|it| text(it, "/code") == Some("R"));
    if let (true, Some(members)) = (restricted, patient.as_object_mut()) {
        for name in ["address", "telecom", "contact", "generalPractitioner"] {
            members.remove(name);
        }
    }
    patient
}

pub(crate) async fn read(
    State(shared): State<Arc<Shared>>,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Answer {
    answered(&shared, &headers, |_| patient(&shared, &number))
}

fn patient(shared: &Shared, number: &str) -> Answer {
    let found = match find(shared, number) {
        Ok(found) => found,
        Err(refused) => return *refused,
    };
    let other = items(&found, "link").find(|it| text(it, "/type") == Some("replaced-by"));
    let other = other.and_then(|it| text(it, "/other/reference"));
    let other = other.and_then(|it| shared.records.patient(it.strip_prefix("Patient/")?));
    // A number that was superseded gives the patient of the new one.
    versioned(&other.unwrap_or(found))
}

/// A patient as it is given out, with its version.
pub(crate) fn versioned(found: &Value) -> Answer {
    let answer = fhir(&given_out(found));
    match text(found, "/meta/versionId") {
        Some(version) => with(answer, ETAG, &format!("W/\"{version}\"")),
        None => answer,
    }
}

pub(crate) async fn search(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    answered(&shared, &headers, |user| {
        trace(&shared, &query.unwrap_or_default(), user)
    })
}

/// What is asked for, as pairs; or a refusal.
fn asked(query: &str) -> Result<Vec<(String, String)>, Refusal> {
    let invalid = |text: &str| Box::new(refuse(400, "INVALID_SEARCH_DATA", text));
    let Some(endpoint) = Endpoint::named("pds-patient") else {
        return Err(invalid("there is no search"));
    };
    let captured = Captured::parse(&format!("?{query}"), Some(Scope::Endpoint(endpoint)));
    let captured = captured.map_err(|error| invalid(&error.to_string()))?;
    if let Some(issue) = captured.issues.iter().find(|it| it.is_error()) {
        let unknown = issue.rule.id == "QUERY-NAME";
        let code = if unknown {
            "ADDITIONAL_PROPERTIES"
        } else {
            "INVALID_SEARCH_DATA"
        };
        return Err(refuse(400, code, &issue.to_string()).into());
    }
    let form = crate::http::form::Form::parse(query).map_err(invalid)?;
    let pairs: Vec<_> = form
        .pairs()
        .map(|it| (it.0.to_owned(), it.1.to_owned()))
        .collect();
    let has = |name: &str| pairs.iter().any(|it| it.0 == name);
    if has("address-postalcode") && has("address-postcode") {
        return Err(invalid(
            "address-postalcode and address-postcode are both there",
        ));
    }
    if !pairs.iter().any(|it| !it.0.starts_with('_')) {
        return Err(invalid("there is nothing to search by"));
    }
    let fuzzy = pairs
        .iter()
        .any(|it| it.0 == "_fuzzy-match" && it.1 == "true");
    if fuzzy {
        return Err(refuse(
            400,
            "UNSUPPORTED_SERVICE",
            "the sandbox has no fuzzy matches",
        )
        .into());
    }
    for (name, value) in &pairs {
        if let Some(at) = value.find('*') {
            let named = matches!(
                &**name,
                "family" | "given" | "address-postalcode" | "address-postcode"
            );
            if at < 2 || !named {
                return Err(invalid("a * stands where it must not"));
            }
        }
        if name == "family" && value.chars().count() > 35 {
            return Err(invalid("family is longer than 35 characters"));
        }
    }
    Ok(pairs)
}

fn trace(shared: &Shared, query: &str, user: bool) -> Answer {
    let pairs = match asked(query) {
        Ok(pairs) => pairs,
        Err(refused) => return *refused,
    };
    let value = |name: &str| pairs.iter().find(|it| it.0 == name).map(|it| it.1.as_str());
    // An application's own token gives one; users may have up to 50.
    let most = value("_max-results").and_then(|it| it.parse().ok());
    if !user && most.is_some_and(|it: usize| it > 1) {
        let text = "_max-results is 1 at most without a user";
        return refuse(400, "INVALID_SEARCH_DATA", text);
    }
    let most = most.unwrap_or(if user { 50 } else { 1 });
    let history = value("_history") == Some("true");
    let patients = shared.records.patients();
    let current = patients
        .iter()
        .filter(|it| items(it, "link").next().is_none());
    let found: Vec<_> = current
        .filter(|patient| {
            pairs
                .iter()
                .all(|(name, value)| matches(patient, name, value, history))
        })
        .collect();
    if found.len() > most {
        // With success, as the service has it.
        return refuse(
            200,
            "TOO_MANY_MATCHES",
            "there are more matches than may be given",
        );
    }
    let base = format!("{}/personal-demographics/FHIR/R4/Patient", shared.urls.base);
    let entries: Vec<_> = found
        .iter()
        .map(|it| {
            let url = format!("{base}/{}", text(it, "/id").unwrap_or_default());
            json!({"fullUrl": url, "search": {"score": 1}, "resource": given_out(it)})
        })
        .collect();
    searchset(&entries)
}

/// A Bundle of what was found.
pub(crate) fn searchset(entries: &[Value]) -> Answer {
    let mut bundle = json!({
        "resourceType": "Bundle",
        "type": "searchset",
        "timestamp": instant(seconds()),
        "total": entries.len(),
    });
    if let (false, Some(members)) = (entries.is_empty(), bundle.as_object_mut()) {
        members.insert("entry".to_owned(), json!(entries));
    }
    fhir(&bundle)
}

/// Whether a patient is as a parameter wants it.
pub(crate) fn matches(patient: &Value, name: &str, value: &str, history: bool) -> bool {
    let current = |it: &&Value| history || it.pointer("/period/end").is_none();
    let mut names = items(patient, "name").filter(current);
    let unspaced = |it: &str| it.replace(' ', "");
    let telecom = |system: &str| {
        let mut all = items(patient, "telecom");
        all.any(|it| text(it, "/system") == Some(system) && text(it, "/value") == Some(value))
    };
    match name {
        "family" => names.any(|it| text(it, "/family").is_some_and(|it| like(value, it))),
        "given" => names.any(|it| {
            let mut given = items(it, "given").filter_map(Value::as_str);
            given.any(|it| like(value, it))
        }),
        "gender" => text(patient, "/gender") == Some(value),
        "birthdate" => text(patient, "/birthDate").is_some_and(|it| day(value, it)),
        "death-date" => text(patient, "/deceasedDateTime").is_some_and(|it| day(value, it)),
        "address-postalcode" | "address-postcode" => items(patient, "address")
            .filter(current)
            .filter_map(|it| text(it, "/postalCode"))
            .any(|it| like(&unspaced(value), &unspaced(it))),
        "general-practitioner" => items(patient, "generalPractitioner")
            .any(|it| text(it, "/identifier/value") == Some(value)),
        "email" | "phone" => telecom(name),
        "identifier" => value
            .split_once('|')
            .is_some_and(|(system, it)| crate::store::records::identified(patient, system, it)),
        "_id" => text(patient, "/id") == Some(value),
        "_max-results" | "_exact-match" | "_fuzzy-match" | "_history" => true,
        _ => false,
    }
}
