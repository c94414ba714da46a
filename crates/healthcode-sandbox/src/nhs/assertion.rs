//! JWTs in forms: the checks that client assertions and id tokens share, in one order, whose messages
//! differ only by the field's name.

use super::oauth_error::{OauthError, invalid_request};
use crate::auth::jwt::{Algorithm, Jwt};
use crate::http::form::Form;
use serde_json::Value;

/// How far the clock of another system may be ahead, in seconds.
const SKEW: i64 = 10;

/// A field of a form that holds a JWT, and its errors.
pub(crate) struct JwtField {
    name: &'static str,
    algorithm: Algorithm,
    missing: OauthError,
    malformed: OauthError,
    alg_missing: OauthError,
    alg: OauthError,
    expired: OauthError,
    kid_missing: OauthError,
    typ: OauthError,
    exp_missing: OauthError,
    exp_type: OauthError,
    crit: OauthError,
    nbf_type: OauthError,
    nbf: OauthError,
    /// For callers, which know the keys.
    pub(crate) kid: OauthError,
}

macro_rules! jwt_field {
    ($name:literal, $algorithm:ident, $alg:literal) => {
        jwt_field!(@ $name, $algorithm,
            missing: 400, "Missing ", "";
            malformed: 400, "Malformed JWT in ", "";
            alg_missing: 400, "Missing 'alg' header in ", " JWT";
            alg: 400, "Invalid 'alg' header in ",
                concat!(" JWT - unsupported JWT algorithm - must be '", $alg, "'");
            expired: 400, "Invalid 'exp' claim in ", " JWT - JWT has expired";
            kid_missing: 400, "Missing 'kid' header in ", " JWT";
            typ: 400, "Invalid 'typ' header in ", " JWT - must be 'JWT'";
            exp_missing: 400, "Missing 'exp' claim in ", " JWT";
            exp_type: 400, "Invalid 'exp' claim in ", " JWT - must be an integer";
            crit: 400, "Invalid 'crit' header in ", " JWT - no extension is supported";
            nbf_type: 400, "Invalid 'nbf' claim in ", " JWT - must be an integer";
            nbf: 400, "Invalid 'nbf' claim in ", " JWT - JWT is not valid yet";
            kid: 401, "Invalid 'kid' header in ", " JWT - no matching public key";
        )
    };
    (@ $name:literal, $algorithm:ident,
        $($error:ident: $status:literal, $before:literal, $after:expr;)*) => {
        JwtField {
            name: $name,
            algorithm: Algorithm::$algorithm,
            $($error: invalid_request($status, concat!($before, $name, $after)),)*
        }
    };
}

pub(crate) const CLIENT_ASSERTION: JwtField = jwt_field!("client_assertion", Rs512, "RS512");
pub(crate) const SUBJECT_TOKEN: JwtField = jwt_field!("subject_token", Rs256, "RS256");

/// A JWT that names its algorithm and key and has not expired. Neither its signature nor its other claims
/// have been checked.
pub(crate) struct UnverifiedJwt<'f> {
    pub(crate) token: Jwt<'f>,
    pub(crate) kid: String,
    /// When it expires, in seconds since 1970.
    pub(crate) expiry: i64,
}

impl JwtField {
    /// The JWT of a form.
    ///
    /// # Errors
    /// The first error in it, in the documented order.
    pub(crate) fn read<'f>(
        &self,
        form: &'f Form,
        now: i64,
    ) -> Result<UnverifiedJwt<'f>, OauthError> {
        let text = form.get(self.name).filter(|text| !text.is_empty());
        let token = Jwt::read(text.ok_or(self.missing)?).ok_or(self.malformed)?;
        let header = |name: &str| token.header.get(name).and_then(Value::as_str);
        token.header.get("alg").ok_or(self.alg_missing)?;
        if header("alg") != Some(self.algorithm.as_str()) {
            return Err(self.alg);
        }
        let expiry = token.claim("exp").and_then(Value::as_i64);
        if expiry.is_some_and(|expiry| expiry <= now) {
            return Err(self.expired);
        }
        let kid = header("kid").filter(|kid| !kid.is_empty());
        let kid = kid.ok_or(self.kid_missing)?.to_owned();
        if !header("typ").is_some_and(|typ| typ.eq_ignore_ascii_case("JWT")) {
            return Err(self.typ);
        }
        token.claim("exp").ok_or(self.exp_missing)?;
        let expiry = expiry.ok_or(self.exp_type)?;
        // Extensions that are not supported must be refused (RFC 7515, 4.1.11), and none is.
        if token.header.contains_key("crit") {
            return Err(self.crit);
        }
        if let Some(not_before) = token.claim("nbf") {
            let not_before = not_before.as_i64().ok_or(self.nbf_type)?;
            if not_before > now.saturating_add(SKEW) {
                return Err(self.nbf);
            }
        }
        Ok(UnverifiedJwt { token, kid, expiry })
    }
}
