//! The NHS's token endpoint: client credentials by a signed assertion, with its documented checks; and
//! token exchange, for a user.
//!
//! Of the checks whose place was observed, the order is kept: algorithm, end, key id, type, end
//! missing or of the wrong type, issuer and subject, `jti`, end too far. Whether the client, its key,
//! the signature and the audience are right is looked at after them.

use crate::auth::jwt::Algorithm;
use crate::auth::tokens::Issuer;
use crate::config::secret;
use crate::http::answer::{Answer, json, unstored};
use crate::http::form::Form;
use crate::nhs::assertion::{CLIENT_ASSERTION, Presented};
use crate::nhs::responses::seconds;
use crate::nhs::token_exchange;
use crate::server::sandbox::Shared;
use axum::extract::State;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ISSUED: &str = "urn:ietf:params:oauth:token-type:access_token";
/// How far in future an assertion may end, in seconds: five minutes, and what the server tolerates.
const FAR: i64 = 310;
/// How long tokens live at most.
const LIFE: Duration = Duration::from_secs(599);

/// A refusal: status, `error`, `error_description`.
pub(crate) type Fault = (u16, &'static str, &'static str);

pub(crate) const fn request(status: u16, text: &'static str) -> Fault {
    (status, "invalid_request", text)
}

const GRANT: Fault = (400, "unsupported_grant_type", "grant_type is invalid");
const TYPE: Fault = request(
    400,
    "Missing or invalid client_assertion_type - must be 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'",
);
const EXP_FAR: Fault = request(
    400,
    "Invalid 'exp' claim in client_assertion JWT - more than 5 minutes in future",
);
const ISS: Fault = request(
    400,
    "Missing or non-matching 'iss'/'sub' claims in client_assertion JWT",
);
const ISS_UNKNOWN: Fault = request(401, "Invalid 'iss'/'sub' claims in client_assertion JWT");
const JTI_MISSING: Fault = request(400, "Missing 'jti' claim in client_assertion JWT");
const JTI_TYPE: Fault = request(
    400,
    "Invalid 'jti' claim in client_assertion JWT - must be a unique string value such as a GUID",
);
const JTI_USED: Fault = request(400, "Non-unique 'jti' claim in client_assertion JWT");
const FULL: Fault = (503, "temporarily_unavailable", "too many assertions");
const NO_KEY: Fault = (
    403,
    "public_key error",
    "You need to register a public key to use this authentication method - please contact support to configure",
);
pub(crate) const KEYS: Fault = (
    403,
    "public_key error",
    "The JWKS endpoint, for your client_assertion can't be reached",
);
pub(crate) const SIGNATURE: Fault = (401, "public_key error", "JWT signature verification failed");
const AUD: Fault = request(
    401,
    "Missing or invalid 'aud' claim in client_assertion JWT",
);

/// The `jti`s that were used, and when their assertions end, after which they cannot come again.
///
/// None is forgotten before its time: if there are too many, no more assertions are taken.
#[derive(Default)]
pub(crate) struct Used(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    ends: HashMap<String, i64>,
    /// How many there may be until those that ended are looked for.
    until: usize,
}

/// The most that are remembered.
const KEPT: usize = 200_000;

impl Used {
    fn has(&self, jti: &str) -> bool {
        let used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        used.ends.contains_key(jti)
    }

    /// Uses it, for the first time.
    fn add(&self, jti: &str, end: i64, now: i64) -> Result<(), Fault> {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Remembered { ends, until } = &mut *used;
        if ends.contains_key(jti) {
            return Err(JTI_USED);
        }
        if ends.len() >= *until || ends.len() >= KEPT {
            ends.retain(|_, end| *end > now);
            *until = (ends.len() * 2).max(1_000);
        }
        if ends.len() >= KEPT {
            return Err(FULL);
        }
        ends.insert(jti.to_owned(), end);
        Ok(())
    }
}

fn check(shared: &Shared, form: &Form, now: i64) -> Result<(), Fault> {
    if form.get("client_assertion_type") != Some(ASSERTION_TYPE) {
        return Err(TYPE);
    }
    let Presented { token, kid, end } = CLIENT_ASSERTION.read(form, now)?;
    let claim = |name: &str| token.claim(name);
    let issuer = claim("iss").and_then(Value::as_str).ok_or(ISS)?;
    if claim("sub").and_then(Value::as_str) != Some(issuer) {
        return Err(ISS);
    }
    let jti = claim("jti").ok_or(JTI_MISSING)?;
    let jti = jti.as_str().filter(|it| !it.is_empty()).ok_or(JTI_TYPE)?;
    if shared.used.has(jti) {
        return Err(JTI_USED);
    }
    if end > now + FAR {
        return Err(EXP_FAR);
    }
    let own = &shared.credentials.nhs;
    if issuer != own.api_key.expose_secret() {
        return Err(ISS_UNKNOWN);
    }
    if own.public_keys.is_empty() {
        return Err(NO_KEY);
    }
    let key = own.public_keys.iter().find(|it| it.id == kid);
    let key = key.ok_or(CLIENT_ASSERTION.kid)?;
    if !token.verifies(key, Algorithm::Rs512) {
        return Err(SIGNATURE);
    }
    if claim("aud").and_then(Value::as_str) != Some(&*shared.urls.nhs_token) {
        return Err(AUD);
    }
    // Another request may have used it since.
    shared.used.add(jti, end, now)
}

pub(crate) async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let now = seconds();
    let form = Form::read(&headers, &body).map_err(|text| request(400, text));
    let asked = form.and_then(|form| {
        let issuer = match form.get("grant_type") {
            Some("client_credentials") => Issuer::Nhs,
            Some(EXCHANGE) => Issuer::NhsUser,
            _ => return Err(GRANT),
        };
        if issuer == Issuer::NhsUser {
            token_exchange::check(&shared, &form, now)?;
        }
        check(&shared, &form, now)?;
        let shorter = form
            .get("_access_token_expiry_ms")
            .and_then(|it| it.parse().ok());
        let wanted = shorter.map_or(LIFE, Duration::from_millis);
        Ok((issuer, wanted.min(LIFE).min(shared.token_life)))
    });
    let issue = |(issuer, life)| (issuer, life, shared.tokens.issue(issuer, life));
    let issued = asked.map(issue);
    match issued {
        Ok((issuer, life, Ok(token))) => {
            // Numbers are text, as the server has them.
            let mut body = json!({
                "access_token": token,
                "expires_in": life.as_secs().to_string(),
                "token_type": "Bearer",
                "issued_at": (now * 1000).to_string(),
            });
            if let (Issuer::NhsUser, Some(members)) = (issuer, body.as_object_mut()) {
                members.insert("issued_token_type".to_owned(), json!(ISSUED));
            }
            unstored(json(StatusCode::OK, &body))
        }
        Ok((.., Err(_))) => refused((500, "server_error", "no randomness")),
        Err(fault) => refused(fault),
    }
}

pub(crate) fn refused((status, error, text): Fault) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let id = secret().unwrap_or_default();
    let body = json!({"error": error, "error_description": text, "message_id": id});
    unstored(json(status, &body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_is_remembered_until_it_ends() {
        let used = Used::default();
        for at in 0..KEPT {
            let end = if at < 10 { 100 } else { 300 };
            assert_eq!(used.add(&at.to_string(), end, 0), Ok(()));
        }
        assert_eq!(used.add("7", 300, 50), Err(JTI_USED));
        assert!(used.has("7") && used.has("99999"));
        assert_eq!(used.add("new", 300, 50), Err(FULL));
        // Those that have ended make room.
        assert_eq!(used.add("new", 300, 200), Ok(()));
        assert!(!used.has("7") && used.has("99999") && used.has("new"));
    }
}
