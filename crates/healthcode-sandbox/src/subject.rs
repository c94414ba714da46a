//! Token exchange: the id token of a user who has signed in elsewhere. Its checks are those of
//! assertions, in the same order, and so are the texts but for the name, of which "Malformed JWT in
//! subject_token" is documented.

use crate::config::StartError;
use crate::form::Form;
use crate::jwt::{Algorithm, Jwt, PrivateKey};
use crate::nhs::seconds;
use crate::nhs_token::{Fault, SIGNATURE, request};
use crate::server::Shared;
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
const NONE: Fault = request(400, "Missing subject_token");
const MALFORMED: Fault = request(400, "Malformed JWT in subject_token");
const ALG_MISSING: Fault = request(400, "Missing 'alg' header in subject_token JWT");
const ALG: Fault = request(
    400,
    "Invalid 'alg' header in subject_token JWT - unsupported JWT algorithm - must be 'RS256'",
);
const EXPIRED: Fault = request(
    400,
    "Invalid 'exp' claim in subject_token JWT - JWT has expired",
);
const KID_MISSING: Fault = request(400, "Missing 'kid' header in subject_token JWT");
const KID: Fault = request(
    401,
    "Invalid 'kid' header in subject_token JWT - no matching public key",
);
const TYP: Fault = request(
    400,
    "Invalid 'typ' header in subject_token JWT - must be 'JWT'",
);
const EXP_MISSING: Fault = request(400, "Missing 'exp' claim in subject_token JWT");
const EXP_TYPE: Fault = request(
    400,
    "Invalid 'exp' claim in subject_token JWT - must be an integer",
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
    let text = form.get("subject_token").filter(|it| !it.is_empty());
    let token = Jwt::read(text.ok_or(NONE)?).ok_or(MALFORMED)?;
    let word = |name: &str| token.header.get(name).and_then(Value::as_str);
    let claim = |name: &str| token.claims.get(name).filter(|it| !it.is_null());
    let filled = |name: &str| {
        claim(name)
            .and_then(Value::as_str)
            .filter(|it| !it.is_empty())
    };

    token.header.get("alg").ok_or(ALG_MISSING)?;
    if word("alg") != Some(Algorithm::Rs256.as_str()) {
        return Err(ALG);
    }
    let end = claim("exp").and_then(Value::as_i64);
    if end.is_some_and(|it| it <= now) {
        return Err(EXPIRED);
    }
    let kid = word("kid").filter(|it| !it.is_empty()).ok_or(KID_MISSING)?;
    if !word("typ").is_some_and(|it| it.eq_ignore_ascii_case("JWT")) {
        return Err(TYP);
    }
    claim("exp").ok_or(EXP_MISSING)?;
    end.ok_or(EXP_TYPE)?;
    if filled("iss") != Some(&issuer(&shared.urls.base)) {
        return Err(ISS);
    }
    filled("sub").ok_or(SUB)?;
    filled("aud").ok_or(AUD)?;
    if kid != KEY {
        return Err(KID);
    }
    let key = shared.key.as_ref().map(|it| it.public(KEY)).ok_or(KID)?;
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
