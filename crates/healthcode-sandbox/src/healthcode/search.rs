//! Healthcode: its discovery document, searches of practitioners and roles, and photos.

use crate::auth::tokens::{Issuer, Standing};
use crate::healthcode::sign_on::fresh;
use crate::http::answer::{Answer, Refusal, challenge, json, message, plain, resource};
use crate::http::form::{bearer, text};
use crate::server::sandbox::Shared;
use crate::store::resources::KINDS;
use axum::extract::{Path, RawQuery, State};
use healthcode_extensions::{ErrorCode, Photo};
use healthcode_r4::Bundle;
use healthcode_search::{Captured, Endpoint, Issue, Scope};
use http::{HeaderMap, HeaderName, StatusCode};
use serde_json::json;
use std::sync::Arc;

const SITE: HeaderName = HeaderName::from_static("su-siteid");
const VERSION: HeaderName = HeaderName::from_static("hc-api-version");

pub(crate) async fn discovery(State(shared): State<Arc<Shared>>) -> Answer {
    let base = format!("{}/healthcode", shared.urls.base);
    let body = json!({
        "search_practitioner_endpoint": format!("{base}/practitioner"),
        "search_practitionerrole_endpoint": format!("{base}/practitionerrole"),
        "get_practitionerphoto_endpoint": format!("{base}/practitionerphoto"),
        "create_schedule_endpoint": format!("{base}/schedule"),
        "create_patient_endpoint": format!("{base}/patient"),
    });
    fresh(json(StatusCode::OK, &body))
}

/// What every call has to have: a token, the site, and a version that there is.
pub(crate) fn check(shared: &Shared, headers: &HeaderMap) -> Result<(), Refusal> {
    let unauthorised = |code, text| {
        let refused = plain(StatusCode::UNAUTHORIZED, code, text);
        Err(challenge(refused, "Bearer").into())
    };
    let Some(token) = bearer(headers) else {
        return unauthorised("login", "the call has no bearer token");
    };
    match shared.tokens.standing(Issuer::Healthcode, token) {
        Standing::Valid => {}
        Standing::Expired => return unauthorised("expired", "the token has ended"),
        Standing::Unknown => return unauthorised("login", "the token is not known"),
    }
    match headers.get(&SITE).map(http::HeaderValue::as_bytes) {
        None => {
            let code = ErrorCode::MissingMandatoryParam;
            return Err(message(&code, "the header SU-SiteId is missing").into());
        }
        Some(b"") => {
            let code = ErrorCode::ParamEmpty;
            return Err(message(&code, "the header SU-SiteId is empty").into());
        }
        Some(site) if site != shared.credentials.healthcode.site.as_bytes() => {
            let text = "the site is not one of the account's";
            return Err(plain(StatusCode::FORBIDDEN, "forbidden", text).into());
        }
        Some(_) => {}
    }
    match (headers.contains_key(&VERSION), text(headers, &VERSION)) {
        (false, _) | (true, Some("1")) => Ok(()),
        (true, _) => {
            let code = ErrorCode::InvalidFormat;
            Err(message(&code, "there is no such HC-API-Version").into())
        }
    }
}

pub(crate) async fn practitioners(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    let found = search(&shared, &headers, query, "practitioner").await;
    match found {
        Ok(mut bundle) => {
            // The documented answer has entries of nothing but the resource.
            bundle.entry.iter_mut().for_each(|it| it.search = None);
            resource(&bundle)
        }
        Err(refused) => *refused,
    }
}

pub(crate) async fn roles(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    match search(&shared, &headers, query, "practitioner-role").await {
        Ok(bundle) => resource(&bundle),
        Err(refused) => *refused,
    }
}

async fn search(
    shared: &Shared,
    headers: &HeaderMap,
    query: Option<String>,
    endpoint: &str,
) -> Result<Bundle, Refusal> {
    check(shared, headers)?;
    let gone = || plain(StatusCode::INTERNAL_SERVER_ERROR, "exception", "no search");
    let endpoint = Endpoint::named(endpoint).ok_or_else(gone)?;
    let text = query.map_or_else(String::new, |it| format!("?{it}"));
    let captured = Captured::parse(&text, Some(Scope::Endpoint(endpoint)));
    let captured = captured.map_err(|error| refuse(error.issues()))?;
    if captured.has_errors() {
        return Err(refuse(&captured.issues).into());
    }
    let found = shared.engine.search(captured.query).await;
    let found = found.ok_or_else(gone)?;
    found.map_err(|error| refuse(error.issues()).into())
}

/// The first error of a query. Issues never show values.
fn refuse(issues: &[Issue]) -> Answer {
    let Some(issue) = issues.iter().find(|it| it.is_error()) else {
        return message(&ErrorCode::InvalidFormat, "the query is not valid");
    };
    let date = issue.expected.is_some_and(|it| it.contains("date"));
    let code = match issue.rule.id {
        "QUERY-REQUIRED" => ErrorCode::MissingMandatoryParam,
        "QUERY-EMPTY" => ErrorCode::ParamEmpty,
        "QUERY-VALUE" if date => ErrorCode::DateFormat,
        "QUERY-SORT-POINT" | "QUERY-NEAR-POINT" | "QUERY-CONTRADICTION" | "QUERY-UNSUPPORTED" => {
            ErrorCode::ParamInvalid
        }
        _ => ErrorCode::InvalidFormat,
    };
    message(&code, &issue.to_string())
}

pub(crate) async fn photo(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Answer {
    if let Err(refused) = check(&shared, &headers) {
        return *refused;
    }
    let [practitioners, ..] = &KINDS;
    if shared.register.find(practitioners, &id).is_none() {
        let code = ErrorCode::ReferenceIdNotFound;
        return message(&code, "there is no practitioner of this id");
    }
    resource(&Photo::new(pixel(&id), &format!("{id}.gif")).encode())
}

/// A GIF of one pixel, whose colour is the practitioner's.
fn pixel(id: &str) -> Vec<u8> {
    let mix = |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619);
    let [red, green, blue, _] = id.bytes().fold(2_166_136_261, mix).to_be_bytes();
    let mut image = b"GIF89a\x01\0\x01\0\x80\0\0".to_vec();
    image.extend([red, green, blue, 0, 0, 0]);
    image.extend(b",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;");
    image
}
