//! Graphnet: tokens whose life is in the token alone, and a gateway in front of FHIR of STU3.

use crate::auth::tokens::{Issuer, Standing};
use crate::config::secret;
use crate::http::answer::{Answer, json, plain, unstored};
use crate::http::form::{Form, bearer, text as header};
use crate::nhs::pds::matches;
use crate::nhs::responses::{fhir, seconds, uuid};
use crate::server::sandbox::Shared;
use crate::store::records::text;
use axum::extract::{Path, RawQuery, State};
use bytes::Bytes;
use healthcode_search::{Captured, Endpoint, Scope};
use http::{HeaderMap, HeaderName, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::sync::Arc;

const SUBSCRIPTION: HeaderName = HeaderName::from_static("ocp-apim-subscription-key");

pub(crate) async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let refuse = |status, error| unstored(json(status, &json!({"error": error})));
    let Ok(form) = Form::read(&headers, &body) else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_request");
    };
    if form.get("grant_type") != Some("client_credentials") {
        return refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    let own = &shared.credentials.graphnet;
    let known = form.get("client_id") == Some(&own.client_id)
        && form.get("client_secret") == Some(own.client_secret.expose_secret());
    if !known {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let now = seconds();
    let life = i64::try_from(shared.token_life.as_secs()).unwrap_or(i64::MAX);
    let claims = json!({
        "iss": format!("{}/graphnet", shared.urls.base),
        "client_id": own.client_id,
        "iat": now,
        "exp": now.saturating_add(life),
        "jti": secret().unwrap_or_default(),
    });
    let head = json!({"alg": "RS256", "typ": "JWT", "kid": "sandbox"});
    let Some(token) = shared.key.as_ref().and_then(|it| it.sign(&head, &claims)) else {
        return refuse(StatusCode::INTERNAL_SERVER_ERROR, "server_error");
    };
    shared
        .tokens
        .keep(Issuer::Graphnet, token.clone(), shared.token_life);
    let body = json!({"token_type": "Bearer", "access_token": token, "refresh_token": null});
    unstored(json(StatusCode::OK, &body))
}

/// The gateway's checks of a call of FHIR.
fn gateway(shared: &Shared, headers: &HeaderMap) -> Result<(), Box<Answer>> {
    let own = &shared.credentials.graphnet.subscription_key;
    subscribed(shared, headers, own)
}

/// The gateway's checks, with the key of a product; its errors are no FHIR.
pub(crate) fn subscribed(
    shared: &Shared,
    headers: &HeaderMap,
    own: &SecretString,
) -> Result<(), Box<Answer>> {
    let refuse = |text| {
        let body = json!({"statusCode": 401, "message": text});
        Err(Box::new(json(StatusCode::UNAUTHORIZED, &body)))
    };
    let own = own.expose_secret();
    match header(headers, &SUBSCRIPTION) {
        None => return refuse("Access denied due to missing subscription key."),
        Some(key) if key != own => return refuse("Access denied due to invalid subscription key."),
        Some(_) => {}
    }
    match bearer(headers).map(|it| shared.tokens.standing(Issuer::Graphnet, it)) {
        Some(Standing::Valid) => Ok(()),
        _ => refuse("Unauthorized. Access token is missing or invalid."),
    }
}

pub(crate) async fn read(
    State(shared): State<Arc<Shared>>,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    if let Err(refused) = gateway(&shared, &headers) {
        return *refused;
    }
    match shared.records.patient(&id).filter(|_| kind == "Patient") {
        Some(patient) => fhir(&patient),
        None => plain(
            StatusCode::NOT_FOUND,
            "not-found",
            "there is no such resource",
        ),
    }
}

pub(crate) async fn search(
    State(shared): State<Arc<Shared>>,
    Path(kind): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    if let Err(refused) = gateway(&shared, &headers) {
        return *refused;
    }
    let invalid = |text: &str| plain(StatusCode::BAD_REQUEST, "invalid", text);
    if kind != "Patient" {
        return plain(
            StatusCode::NOT_FOUND,
            "not-found",
            "the sandbox has Patients alone",
        );
    }
    let query = query.unwrap_or_default();
    let Some(endpoint) = Endpoint::named("graphnet-patient") else {
        return invalid("there is no search");
    };
    let captured = Captured::parse(&format!("?{query}"), Some(Scope::Endpoint(endpoint)));
    let issue = match captured {
        Ok(captured) => captured
            .issues
            .into_iter()
            .find(|it| it.is_error())
            .map(|it| it.to_string()),
        Err(error) => Some(error.to_string()),
    };
    if let Some(issue) = issue {
        return invalid(&issue);
    }
    let form = match Form::parse(&query) {
        Ok(form) => form,
        Err(text) => return invalid(text),
    };
    const SERVED: &[&str] = &[
        "_id",
        "identifier",
        "family",
        "given",
        "gender",
        "birthdate",
    ];
    const SHAPE: &[&str] = &["_summary", "_format"];
    let wrong = form
        .pairs()
        .any(|it| !SERVED.contains(&it.0) && !SHAPE.contains(&it.0));
    if wrong {
        return plain(
            StatusCode::BAD_REQUEST,
            "not-supported",
            "the sandbox has no such search",
        );
    }
    let wanted: Vec<_> = form.pairs().filter(|it| SERVED.contains(&it.0)).collect();
    let patients = shared.records.patients();
    let found = patients.iter().filter(|patient| {
        let mut wanted = wanted.iter();
        wanted.all(|(name, value)| matches(patient, name, value, true))
    });
    let base = format!("{}/Patient", shared.urls.graphnet);
    let entries: Vec<_> = found
        .map(|it| {
            let url = format!("{base}/{}", text(it, "/id").unwrap_or_default());
            json!({"fullUrl": url, "resource": &**it, "search": {"mode": "match"}})
        })
        .collect();
    let mut bundle = json!({
        "resourceType": "Bundle",
        "id": uuid().to_lowercase(),
        "type": "searchset",
        "total": entries.len(),
    });
    let count_only = form.get("_summary") == Some("count");
    if let (false, Some(members)) = (count_only || entries.is_empty(), bundle.as_object_mut()) {
        members.insert("entry".to_owned(), json!(entries));
    }
    fhir(&bundle)
}
