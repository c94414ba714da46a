//! JWTs in forms: the checks that client assertions and id tokens share, in one order, whose messages
//! differ only by the field's name.

use super::oauth_error::{OauthError, invalid_request};
use crate::auth::jwt::{Algorithm, Jwt};
use crate::http::form::Form;
use serde_json::Value;

/// How far the clock of another system may be ahead, in seconds.
const SKEW: i64 = 10;

/// A field of a form that holds a JWT.
pub(crate) struct JwtField {
    name: &'static str,
    algorithm: Algorithm,
}

pub(crate) const CLIENT_ASSERTION: JwtField = JwtField {
    name: "client_assertion",
    algorithm: Algorithm::Rs512,
};
pub(crate) const SUBJECT_TOKEN: JwtField = JwtField {
    name: "subject_token",
    algorithm: Algorithm::Rs256,
};

/// A JWT that names its algorithm and key and has not expired. Neither its signature nor its other claims
/// have been checked.
pub(crate) struct UnverifiedJwt<'f> {
    pub(crate) token: Jwt<'f>,
    pub(crate) kid: String,
    /// When it expires, in seconds since 1970.
    pub(crate) expiry: i64,
}

impl JwtField {
    /// An error with the field's name in place of `{}`.
    fn error(&self, status: u16, description: &str) -> OauthError {
        invalid_request(status, description.replace("{}", self.name))
    }

    /// The error for an unknown key.
    pub(crate) fn unknown_key(&self) -> OauthError {
        self.error(
            401,
            "Invalid 'kid' header in {} JWT - no matching public key",
        )
    }

    /// The JWT of a form.
    ///
    /// # Errors
    /// The first error in it, in the documented order.
    pub(crate) fn read<'f>(
        &self,
        form: &'f Form,
        now: i64,
    ) -> Result<UnverifiedJwt<'f>, OauthError> {
        let error = |description| self.error(400, description);
        let text = form.get(self.name).filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| error("Missing {}"))?;
        let token = Jwt::read(text).ok_or_else(|| error("Malformed JWT in {}"))?;
        let header = |name: &str| token.header.get(name).and_then(Value::as_str);
        if !token.header.contains_key("alg") {
            return Err(error("Missing 'alg' header in {} JWT"));
        }
        let algorithm = self.algorithm.as_str();
        if header("alg") != Some(algorithm) {
            let start = "Invalid 'alg' header in {} JWT - unsupported JWT algorithm";
            return Err(error(&format!("{start} - must be '{algorithm}'")));
        }
        let expiry = token.claim("exp").and_then(Value::as_i64);
        if expiry.is_some_and(|expiry| expiry <= now) {
            return Err(error("Invalid 'exp' claim in {} JWT - JWT has expired"));
        }
        let kid = header("kid").filter(|kid| !kid.is_empty());
        let kid = kid.ok_or_else(|| error("Missing 'kid' header in {} JWT"))?;
        if !header("typ").is_some_and(|typ| typ.eq_ignore_ascii_case("JWT")) {
            return Err(error("Invalid 'typ' header in {} JWT - must be 'JWT'"));
        }
        let Some(expiry) = expiry else {
            return Err(error(match token.claim("exp") {
                None => "Missing 'exp' claim in {} JWT",
                Some(_) => "Invalid 'exp' claim in {} JWT - must be an integer",
            }));
        };
        // Extensions that are not supported must be refused (RFC 7515, 4.1.11), and none is.
        if token.header.contains_key("crit") {
            let text = "Invalid 'crit' header in {} JWT - no extension is supported";
            return Err(error(text));
        }
        if let Some(not_before) = token.claim("nbf") {
            let not_integer = "Invalid 'nbf' claim in {} JWT - must be an integer";
            let not_before = not_before.as_i64().ok_or_else(|| error(not_integer))?;
            if not_before > now.saturating_add(SKEW) {
                let text = "Invalid 'nbf' claim in {} JWT - JWT is not valid yet";
                return Err(error(text));
            }
        }
        let kid = kid.to_owned();
        Ok(UnverifiedJwt { token, kid, expiry })
    }
}
