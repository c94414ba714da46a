//! Token exchange: the id token of a user who has signed in elsewhere.
//!
//! Its checks are those of assertions, in the same order, and so are the messages but for the field's
//! name; "Malformed JWT in `subject_token`" is documented.

use super::assertion::{SUBJECT_TOKEN, UnverifiedJwt};
use super::oauth_error::{OauthError, SIGNATURE, invalid_request};
use crate::auth::jwt::{Algorithm, PrivateKey};
use crate::clock;
use crate::error::StartError;
use crate::http::form::Form;
use crate::state::SandboxState;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::time::Duration;

const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
/// The id of the key that id tokens are signed with.
const KEY: &str = "identity-1";

fn issuer(base: &str) -> String {
    format!("{base}/identity")
}

/// Checks the id token of a form.
pub(crate) fn check_subject(state: &SandboxState, form: &Form, now: i64) -> Result<(), OauthError> {
    let error = |description: &'static str| invalid_request(400, description);
    if form.get("subject_token_type") != Some(ID_TOKEN) {
        let text = "Missing or invalid subject_token_type - must be";
        return Err(invalid_request(400, format!("{text} '{ID_TOKEN}'")));
    }
    let UnverifiedJwt { token, kid, .. } = SUBJECT_TOKEN.read(form, now)?;
    let claim = |name: &str| {
        let text = token.claim(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
    };
    if claim("iss") != Some(&issuer(&state.urls.base)) {
        return Err(error("Missing or invalid 'iss' claim in subject_token JWT"));
    }
    claim("sub").ok_or_else(|| error("Missing 'sub' claim in subject_token JWT"))?;
    claim("aud").ok_or_else(|| error("Missing 'aud' claim in subject_token JWT"))?;
    let key = state.key.as_ref().filter(|_| kid == KEY);
    let key = key.ok_or_else(|| SUBJECT_TOKEN.unknown_key())?;
    if token.verifies(&key.public(KEY), Algorithm::Rs256) {
        Ok(())
    } else {
        Err(SIGNATURE)
    }
}

/// An id token like those of CIS2's sign-in server, for a user who does not exist.
pub(crate) fn id_token(base: &str, life: Duration) -> Result<SecretString, StartError> {
    let now = clock::now();
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
        "exp": clock::after(now, life),
        "realm": "/NHSIdentity/Healthcare",
        "tokenName": "id_token",
        "tokenType": "JWTToken",
    });
    let header = json!({"alg": Algorithm::Rs256.as_str(), "typ": "JWT", "kid": KEY});
    let signed = PrivateKey::of_sandbox().and_then(|key| key.sign(&header, &claims));
    signed.map(Into::into).ok_or(StartError::Random)
}
