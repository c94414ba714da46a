//! What a token says of itself, read without verification.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use healthcode_core::printable;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use std::fmt;
use std::time::{Duration, SystemTime};

/// The claims of a JSON Web Token, **unverified**: the maker of the token could write anything.
/// They say when a token ends, and help to see why it was refused; they prove nothing.
///
/// `Display` shows the claims that say what a token is for (`aud`, `scope` and the like), and
/// `Debug` the names of all: others may identify a person.
///
/// ```
/// use healthcode_transport::{SecretString, UnverifiedClaims};
/// // {"alg":"none"} . {"aud":"fhir","exp":1700000000,"scope":["Patient.read"],"sub":"x"}
/// let token = SecretString::from("eyJhbGciOiJub25lIn0.eyJhdWQiOiJmaGlyIiwiZXhwIjoxNzAwMDAwMDAwLCJz\
///     Y29wZSI6WyJQYXRpZW50LnJlYWQiXSwic3ViIjoieCJ9.");
/// let claims = UnverifiedClaims::read(&token).unwrap();
/// assert_eq!(
///     claims.to_string(),
///     r#"the token says, unverified: aud = fhir, scope = ["Patient.read"]"#
/// );
/// ```
#[derive(Clone, PartialEq)]
pub struct UnverifiedClaims(Map<String, Value>);

/// Claims that say what a token is for.
const PURPOSE: &[&str] = &[
    "aud",
    "scope",
    "scp",
    "role",
    "roles",
    "permissions",
    "api",
    "apis",
    "product",
    "products",
];

impl UnverifiedClaims {
    /// The claims of a token; `None` if it is no JSON Web Token.
    #[must_use]
    pub fn read(token: &SecretString) -> Option<Self> {
        let mut parts = token.expose_secret().split('.');
        let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
        let payload = payload.trim_end_matches('=');
        let json = URL_SAFE_NO_PAD.decode(payload).ok()?;
        serde_json::from_slice(&json).ok().map(UnverifiedClaims)
    }

    /// A claim.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// All claims.
    #[must_use]
    pub fn as_json(&self) -> &Map<String, Value> {
        &self.0
    }

    /// When the token ends, by its claim `exp`: seconds, in a few tokens as text or with a fraction.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        let seconds = seconds(self.0.get("exp")?)?;
        SystemTime::UNIX_EPOCH.checked_add(seconds)
    }
}

/// A number of seconds, also from text.
pub(crate) fn seconds(value: &Value) -> Option<Duration> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    Duration::try_from_secs_f64(number).ok()
}

/// How many characters of a claim are shown.
const SHOWN: usize = 300;

/// The beginning of a claim, as it can be shown.
fn line(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => printable(&text[..cut]) + "…",
        None => printable(text),
    }
}

impl fmt::Debug for UnverifiedClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl fmt::Display for UnverifiedClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the token says, unverified:")?;
        let mut gap = " ";
        for name in PURPOSE {
            match self.0.get(*name) {
                Some(Value::String(text)) => write!(f, "{gap}{name} = {}", line(text))?,
                Some(other) => write!(f, "{gap}{name} = {}", line(&other.to_string()))?,
                None => continue,
            }
            gap = ", ";
        }
        match gap {
            " " => f.write_str(" nothing of what it is for"),
            _ => Ok(()),
        }
    }
}
