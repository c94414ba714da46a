//! [`OauthError`]: errors of the NHS's token endpoint.

use crate::http::response::{Response, json, no_store};
use crate::random::secret;
use http::StatusCode;
use serde_json::json;
use std::borrow::Cow;

/// Status, `error` and `error_description`.
pub(crate) type OauthError = (u16, &'static str, Cow<'static, str>);

pub(crate) fn invalid_request(
    status: u16,
    description: impl Into<Cow<'static, str>>,
) -> OauthError {
    (status, "invalid_request", description.into())
}

pub(crate) const KEYS_UNREACHABLE: OauthError = (
    403,
    "public_key error",
    Cow::Borrowed("The JWKS endpoint, for your client_assertion can't be reached"),
);
pub(crate) const SIGNATURE: OauthError = (
    401,
    "public_key error",
    Cow::Borrowed("JWT signature verification failed"),
);

pub(crate) fn response((status, error, description): OauthError) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let id = secret().unwrap_or_default();
    let body = json!({"error": error, "error_description": description, "message_id": id});
    no_store(json(status, &body))
}
