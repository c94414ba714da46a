//! The NHS's token endpoint: client credentials by a signed assertion, with its documented checks; and
//! token exchange, for a user.
//!
//! Checks whose order was observed keep it: algorithm, expiry, key id, type, `exp` missing or of the wrong
//! type, issuer and subject, `jti`, expiry too far. The client, its key, the signature and the audience
//! are checked after them.

use super::assertion::{CLIENT_ASSERTION, UnverifiedJwt};
use super::oauth_error::{OauthError, SIGNATURE, invalid_request, response};
use super::token_exchange;
use crate::auth::jwt::Algorithm;
use crate::auth::tokens::Issuer;
use crate::auth::used_jtis::JtiError;
use crate::clock;
use crate::error::StartError;
use crate::http::form::Form;
use crate::http::response::{Response, json, no_store};
use crate::json::insert;
use crate::state::SandboxState;
use axum::extract::State;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
/// How many seconds ahead an assertion may expire: five minutes, and what the server tolerates.
const MAX_ASSERTION_LIFE: i64 = 310;
/// The longest life of a token.
const MAX_TOKEN_LIFE: Duration = Duration::from_secs(599);

fn check_assertion(state: &SandboxState, form: &Form, now: i64) -> Result<(), OauthError> {
    let error = |description: &'static str| invalid_request(400, description);
    if form.get("client_assertion_type") != Some(ASSERTION_TYPE) {
        let text = "Missing or invalid client_assertion_type - must be";
        return Err(invalid_request(400, format!("{text} '{ASSERTION_TYPE}'")));
    }
    let UnverifiedJwt { token, kid, expiry } = CLIENT_ASSERTION.read(form, now)?;
    let claim = |name: &str| token.claim(name);
    let issuer = claim("iss").and_then(Value::as_str);
    let issuer = issuer.filter(|issuer| claim("sub").and_then(Value::as_str) == Some(issuer));
    let unmatched = "Missing or non-matching 'iss'/'sub' claims in client_assertion JWT";
    let issuer = issuer.ok_or_else(|| error(unmatched))?;
    let missing = "Missing 'jti' claim in client_assertion JWT";
    let jti = claim("jti").ok_or_else(|| error(missing))?;
    let not_unique = "Invalid 'jti' claim in client_assertion JWT - must be a unique string value such as a GUID";
    let jti = jti.as_str().filter(|jti| !jti.is_empty());
    let jti = jti.ok_or_else(|| error(not_unique))?;
    let used = "Non-unique 'jti' claim in client_assertion JWT";
    if state.used_jtis.contains(jti) {
        return Err(error(used));
    }
    if expiry > now + MAX_ASSERTION_LIFE {
        let text = "Invalid 'exp' claim in client_assertion JWT - more than 5 minutes in future";
        return Err(error(text));
    }
    let app = &state.credentials.nhs;
    if issuer != app.api_key.expose_secret() {
        let text = "Invalid 'iss'/'sub' claims in client_assertion JWT";
        return Err(invalid_request(401, text));
    }
    if app.public_keys.is_empty() {
        let text = "You need to register a public key to use this authentication method - please contact support to configure";
        return Err((403, "public_key error", text.into()));
    }
    let key = app.public_keys.iter().find(|key| key.id == kid);
    let key = key.ok_or_else(|| CLIENT_ASSERTION.unknown_key())?;
    if !token.verifies(key, Algorithm::Rs512) {
        return Err(SIGNATURE);
    }
    if claim("aud").and_then(Value::as_str) != Some(&*state.urls.nhs_token) {
        let text = "Missing or invalid 'aud' claim in client_assertion JWT";
        return Err(invalid_request(401, text));
    }
    // Another request may have used it meanwhile.
    let added = state.used_jtis.add(jti, expiry, now);
    added.map_err(|refused| match refused {
        JtiError::Used => error(used),
        JtiError::Full => (503, "temporarily_unavailable", "too many assertions".into()),
    })
}

/// The body of a response with a token.
fn issue(state: &SandboxState, headers: &HeaderMap, body: &[u8]) -> Result<Value, OauthError> {
    let now = clock::now();
    let form = Form::read(headers, body).map_err(|text| invalid_request(400, text))?;
    let issuer = match form.get("grant_type") {
        Some("client_credentials") => Issuer::Nhs,
        Some(TOKEN_EXCHANGE) => Issuer::NhsUser,
        _ => {
            let text = "grant_type is invalid";
            return Err((400, "unsupported_grant_type", text.into()));
        }
    };
    if issuer == Issuer::NhsUser {
        token_exchange::check_subject(state, &form, now)?;
    }
    check_assertion(state, &form, now)?;
    let shorter = form
        .get("_access_token_expiry_ms")
        .and_then(|millis| millis.parse().ok());
    let life = shorter.map_or(MAX_TOKEN_LIFE, Duration::from_millis);
    let life = life.min(MAX_TOKEN_LIFE).min(state.token_life);
    let failed = |error: StartError| (500, "server_error", error.to_string().into());
    let token = state.tokens.issue(issuer, life).map_err(failed)?;
    // Numbers are text, as in the responses of the NHS's server.
    let mut body = json!({
        "access_token": token,
        "expires_in": life.as_secs().to_string(),
        "token_type": "Bearer",
        "issued_at": (now * 1000).to_string(),
    });
    if issuer == Issuer::NhsUser {
        insert(&mut body, "issued_token_type", json!(ACCESS_TOKEN));
    }
    Ok(body)
}

pub(crate) async fn token(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match issue(&state, &headers, &body) {
        Ok(body) => no_store(json(StatusCode::OK, &body)),
        Err(error) => response(error),
    }
}
