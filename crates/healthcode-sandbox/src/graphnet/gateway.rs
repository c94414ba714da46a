//! The gateway in front of Graphnet's services, whose errors are not FHIR.

use crate::auth::tokens::{Issuer, TokenStatus};
use crate::http::headers::{bearer_token, text};
use crate::http::response::{HandlerResult, Response, json};
use crate::state::SandboxState;
use healthcode_search::service::SUBSCRIPTION_KEY;
use http::{HeaderMap, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

/// An error of the gateway.
pub(crate) fn error(status: StatusCode, message: &str) -> Response {
    let body = json!({"statusCode": status.as_u16(), "message": message});
    json(status, &body)
}

/// Checks the token of a call, and the key of its subscription.
pub(crate) fn check(
    state: &SandboxState,
    headers: &HeaderMap,
    key: &SecretString,
) -> HandlerResult<()> {
    let refuse = |message| Err(error(StatusCode::UNAUTHORIZED, message).into());
    match text(headers, SUBSCRIPTION_KEY.lower) {
        None => return refuse("Access denied due to missing subscription key."),
        Some(found) if found != key.expose_secret() => {
            return refuse("Access denied due to invalid subscription key.");
        }
        Some(_) => {}
    }
    match bearer_token(headers).map(|token| state.tokens.status(Issuer::Graphnet, token)) {
        Some(TokenStatus::Valid) => Ok(()),
        _ => refuse("Unauthorized. Access token is missing or invalid."),
    }
}
