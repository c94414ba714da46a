//! Healthcode's sign-on server: openid-configuration, and tokens by client credentials.

use crate::auth::tokens::Issuer;
use crate::http::answer::{Answer, challenge, json, plain, unstored};
use crate::http::form::{Form, basic};
use crate::server::sandbox::Shared;
use axum::extract::State;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CACHE_CONTROL};
use http::{HeaderMap, HeaderValue, StatusCode};
use secrecy::ExposeSecret;
use serde_json::json;
use std::sync::Arc;

pub(crate) async fn configuration(State(shared): State<Arc<Shared>>) -> Answer {
    let base = format!("{}/sso", shared.urls.base);
    let body = json!({
        "issuer": base,
        "token_endpoint": format!("{base}/token"),
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "response_types_supported": [],
    });
    fresh(json(StatusCode::OK, &body))
}

/// An answer that stays true for five minutes.
pub(crate) fn fresh(mut answer: Answer) -> Answer {
    let value = HeaderValue::from_static("max-age=300");
    answer.headers_mut().insert(CACHE_CONTROL, value);
    answer
}

/// An error of OAuth (RFC 6749, 5.2).
fn refuse(status: StatusCode, error: &str, description: &str) -> Answer {
    let body = json!({"error": error, "error_description": description});
    unstored(json(status, &body))
}

pub(crate) async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let invalid = |text| refuse(StatusCode::BAD_REQUEST, "invalid_request", text);
    let form = match Form::read(&headers, &body) {
        Ok(form) => form,
        Err(text) => return invalid(text),
    };
    let in_body = form.get("client_id").zip(form.get("client_secret"));
    let in_header = headers.contains_key(AUTHORIZATION);
    if in_header && form.get("client_secret").is_some() {
        return invalid("the client authenticates in two ways");
    }
    let client = match in_header {
        true => basic(&headers),
        false => in_body.map(|(id, secret)| (id.to_owned(), secret.to_owned())),
    };
    let own = &shared.credentials.healthcode;
    let known = |(id, key): (String, String)| id == own.id && key == own.key.expose_secret();
    if !client.is_some_and(known) {
        let text = "the client is not known, or its key is wrong";
        let refused = refuse(StatusCode::UNAUTHORIZED, "invalid_client", text);
        return challenge(refused, "Basic");
    }
    match form.get("grant_type") {
        Some("client_credentials") => {}
        Some(_) => {
            let error = "unsupported_grant_type";
            return refuse(StatusCode::BAD_REQUEST, error, "use client_credentials");
        }
        None => return invalid("grant_type is missing"),
    }
    match shared.tokens.issue(Issuer::Healthcode, shared.token_life) {
        Ok(token) => unstored(json(
            StatusCode::OK,
            &json!({
                "access_token": token,
                "token_type": "Bearer",
                "expires_in": shared.token_life.as_secs(),
            }),
        )),
        Err(_) => plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            "exception",
            "no randomness",
        ),
    }
}
