//! The token endpoint of Healthcode's sign-on server: client credentials.

use super::outcome::internal_error;
use crate::auth::tokens::Issuer;
use crate::http::form::{Form, decode};
use crate::http::headers::credentials;
use crate::http::response::{Response, json, no_store, with_header};
use crate::state::SandboxState;
use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};
use secrecy::ExposeSecret;
use serde_json::json;
use std::sync::Arc;

/// An error of OAuth (RFC 6749, 5.2).
fn refuse(status: StatusCode, error: &str, description: &str) -> Response {
    let body = json!({"error": error, "error_description": description});
    no_store(json(status, &body))
}

/// The client id and secret of `Authorization: Basic`, which are form-encoded there (RFC 6749, 2.3.1).
fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let decoded = STANDARD.decode(credentials(headers, "Basic")?).ok()?;
    let (id, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((decode(id)?, decode(secret)?))
}

pub(crate) async fn token(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
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
    let client = if in_header {
        basic_credentials(&headers)
    } else {
        in_body.map(|(id, secret)| (id.to_owned(), secret.to_owned()))
    };
    let known = &state.credentials.healthcode;
    let is_known = |(id, key): (String, String)| id == known.id && key == known.key.expose_secret();
    if !client.is_some_and(is_known) {
        let text = "unknown client, or a wrong key";
        let refused = refuse(StatusCode::UNAUTHORIZED, "invalid_client", text);
        return with_header(refused, WWW_AUTHENTICATE, "Basic");
    }
    match form.get("grant_type") {
        Some("client_credentials") => {}
        Some(_) => {
            let text = "invalid grant_type: expected client_credentials";
            return refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type", text);
        }
        None => return invalid("missing grant_type"),
    }
    match state.tokens.issue(Issuer::Healthcode, state.token_life) {
        Ok(token) => no_store(json(
            StatusCode::OK,
            &json!({
                "access_token": token,
                "token_type": "Bearer",
                "expires_in": state.token_life.as_secs(),
            }),
        )),
        Err(_) => internal_error("the system has no randomness"),
    }
}
