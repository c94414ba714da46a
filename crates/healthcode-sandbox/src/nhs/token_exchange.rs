//! Token exchange: the id token of a user who has signed in elsewhere. Its checks are those of
//! assertions, in the same order, and so are the texts but for the name, of which "Malformed JWT in
//! subject_token" is documented.

use crate::auth::jwt::{Algorithm, PrivateKey};
use crate::config::StartError;
use crate::http::form::Form;
use crate::nhs::assertion::{Presented, SUBJECT_TOKEN};
use crate::nhs::responses::seconds;
use crate::nhs::token::{Fault, SIGNATURE, request};
use crate::server::sandbox::Shared;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::time::Duration;

const SUBJECT_TYPE: &str = "urn:ietf:params:oauth:token-type:id_token";
/// The id of the key that id tokens are signed with.
const KEY: &str = "identity-1";

const TYPE: Fault = request(
    400,
    "Missing or invalid subject_token_type - must be 'urn:ietf:params:oauth:token-type:id_token'",
);
const ISS: Fault = request(400, "Missing or invalid 'iss' claim in subject_token JWT");
const SUB: Fault = request(400, "Missing 'sub' claim in subject_token JWT");
const AUD: Fault = request(400, "Missing 'aud' claim in subject_token JWT");

fn issuer(base: &str) -> String {
    format!("{base}/identity")
}

pub(crate) fn check(shared: &Shared, form: &Form, now: i64) -> Result<(), Fault> {
    if form.get("subject_token_type") != Some(SUBJECT_TYPE) {
        return Err(TYPE);
    }
    let Presented { token, kid, .. } = SUBJECT_TOKEN.read(form, now)?;
    let filled = |name: &str| {
        token
            .claim(name)
            .and_then(Value::as_str)
            .filter(|it| !it.is_empty())
    };

    if filled("iss") != Some(&issuer(&shared.urls.base)) {
        return Err(ISS);
    }
    filled("sub").ok_or(SUB)?;
    filled("aud").ok_or(AUD)?;
    if kid != KEY {
        return Err(SUBJECT_TOKEN.kid);
    }
    let key = shared.key.as_ref().map(|it| it.public(KEY));
    let key = key.ok_or(SUBJECT_TOKEN.kid)?;
    match token.verifies(&key, Algorithm::Rs256) {
        true => Ok(()),
        false => Err(SIGNATURE),
    }
}

/// An id token as the sign-in server of CIS2 has them, for a user who does not exist.
pub(crate) fn id_token(base: &str, life: Duration) -> Result<SecretString, StartError> {
    let now = seconds();
    let life = i64::try_from(life.as_secs()).unwrap_or(i64::MAX);
    let audience = "sandbox.apps.national";
    let claims = json!({
        "iss": issuer(base),
        "sub": "555021935107",
        "aud": audience,
        "azp": audience,
        "acr": "AAL3_ANY",
        "amr": ["N3_SMARTCARD"],
        "id_assurance_level": "3",
        "authentication_assurance_level": "3",
        "auth_time": now,
        "iat": now,
        "exp": now.saturating_add(life),
        "realm": "/NHSIdentity/Healthcare",
        "tokenName": "id_token",
        "tokenType": "JWTToken",
    });
    let header = json!({"alg": Algorithm::Rs256.as_str(), "typ": "JWT", "kid": KEY});
    let signed = PrivateKey::own().and_then(|it| it.sign(&header, &claims));
    signed.map(Into::into).ok_or(StartError::Random)
}
