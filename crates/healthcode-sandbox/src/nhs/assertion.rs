//! JWTs that a form presents: what is asked of client assertions and of id tokens alike, in one order,
//! and refused in the same words but for the member's name.

use crate::auth::jwt::{Algorithm, Jwt};
use crate::http::form::Form;
use crate::nhs::token::{Fault, request};
use serde_json::Value;

/// How far another clock may be ahead, in seconds.
const SKEW: i64 = 10;

/// The member of a form that holds a JWT, and how it is refused.
pub(crate) struct Member {
    name: &'static str,
    algorithm: Algorithm,
    absent: Fault,
    malformed: Fault,
    alg_missing: Fault,
    alg: Fault,
    expired: Fault,
    kid_missing: Fault,
    typ: Fault,
    exp_missing: Fault,
    exp_type: Fault,
    crit: Fault,
    nbf_type: Fault,
    nbf: Fault,
    /// Said by whoever knows the keys.
    pub(crate) kid: Fault,
}

macro_rules! member {
    ($name:literal, $algorithm:ident, $alg:literal) => {
        Member {
            name: $name,
            algorithm: Algorithm::$algorithm,
            absent: request(400, concat!("Missing ", $name)),
            malformed: request(400, concat!("Malformed JWT in ", $name)),
            alg_missing: request(400, concat!("Missing 'alg' header in ", $name, " JWT")),
            alg: request(
                400,
                concat!(
                    "Invalid 'alg' header in ",
                    $name,
                    " JWT - unsupported JWT algorithm - must be '",
                    $alg,
                    "'"
                ),
            ),
            expired: request(
                400,
                concat!("Invalid 'exp' claim in ", $name, " JWT - JWT has expired"),
            ),
            kid_missing: request(400, concat!("Missing 'kid' header in ", $name, " JWT")),
            typ: request(
                400,
                concat!("Invalid 'typ' header in ", $name, " JWT - must be 'JWT'"),
            ),
            exp_missing: request(400, concat!("Missing 'exp' claim in ", $name, " JWT")),
            exp_type: request(
                400,
                concat!(
                    "Invalid 'exp' claim in ",
                    $name,
                    " JWT - must be an integer"
                ),
            ),
            crit: request(
                400,
                concat!(
                    "Invalid 'crit' header in ",
                    $name,
                    " JWT - no extension is supported"
                ),
            ),
            nbf_type: request(
                400,
                concat!(
                    "Invalid 'nbf' claim in ",
                    $name,
                    " JWT - must be an integer"
                ),
            ),
            nbf: request(
                400,
                concat!(
                    "Invalid 'nbf' claim in ",
                    $name,
                    " JWT - JWT is not valid yet"
                ),
            ),
            kid: request(
                401,
                concat!(
                    "Invalid 'kid' header in ",
                    $name,
                    " JWT - no matching public key"
                ),
            ),
        }
    };
}

pub(crate) const CLIENT_ASSERTION: Member = member!("client_assertion", Rs512, "RS512");
pub(crate) const SUBJECT_TOKEN: Member = member!("subject_token", Rs256, "RS256");

/// A JWT that says how and by which key it is signed, and has not ended. Neither is the signature
/// verified yet nor are its other claims looked at.
pub(crate) struct Presented<'f> {
    pub(crate) token: Jwt<'f>,
    pub(crate) kid: String,
    /// When it ends, in seconds since 1970.
    pub(crate) end: i64,
}

impl Member {
    /// The JWT of a form.
    ///
    /// # Errors
    /// The first of what is wrong with it, in the documented order.
    pub(crate) fn read<'f>(&self, form: &'f Form, now: i64) -> Result<Presented<'f>, Fault> {
        let text = form.get(self.name).filter(|it| !it.is_empty());
        let token = Jwt::read(text.ok_or(self.absent)?).ok_or(self.malformed)?;
        let word = |name: &str| token.header.get(name).and_then(Value::as_str);
        token.header.get("alg").ok_or(self.alg_missing)?;
        if word("alg") != Some(self.algorithm.as_str()) {
            return Err(self.alg);
        }
        let end = token.claim("exp").and_then(Value::as_i64);
        if end.is_some_and(|it| it <= now) {
            return Err(self.expired);
        }
        let kid = word("kid").filter(|it| !it.is_empty());
        let kid = kid.ok_or(self.kid_missing)?.to_owned();
        if !word("typ").is_some_and(|it| it.eq_ignore_ascii_case("JWT")) {
            return Err(self.typ);
        }
        token.claim("exp").ok_or(self.exp_missing)?;
        let end = end.ok_or(self.exp_type)?;
        // What must be understood or refused (RFC 7515, 4.1.11): there is no such extension here.
        if token.header.contains_key("crit") {
            return Err(self.crit);
        }
        if let Some(begin) = token.claim("nbf") {
            let begin = begin.as_i64().ok_or(self.nbf_type)?;
            if begin > now.saturating_add(SKEW) {
                return Err(self.nbf);
            }
        }
        Ok(Presented { token, kid, end })
    }
}
