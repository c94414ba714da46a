//! Tokens of the Spine that are not signed: [`UnsignedSpineToken`].

use crate::claims::UnverifiedClaims;
use crate::error::Error;
use crate::time::{BoxFuture, Timer, epoch_seconds};
use crate::token::{Token, TokenSource};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use healthcode_core::credentials::REDACTED;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How long such a token lives: five minutes, exactly.
pub const UNSIGNED_LIFE: Duration = Duration::from_mins(5);

/// Claims of a user's context, from which tokens are made for one request each.
pub trait JwtClaims: Send + Sync {
    /// The claims at a time, with `iat` and `exp`.
    fn claims(&self, now: SystemTime) -> Value;

    /// A token for one request.
    fn token(&self, now: SystemTime) -> UnsignedSpineToken {
        let encode = |json: &str| URL_SAFE_NO_PAD.encode(json);
        let claims = self.claims(now).to_string();
        let text = format!("{}.{}.", encode(HEADER), encode(&claims));
        UnsignedSpineToken(text.into())
    }
}

/// The header, with nothing else in it.
const HEADER: &str = r#"{"alg":"none","typ":"JWT"}"#;

/// `iat` and `exp`.
pub(super) fn times(now: SystemTime) -> (u64, u64) {
    let seconds = epoch_seconds(now);
    (seconds, seconds + UNSIGNED_LIFE.as_secs())
}

/// A JSON Web Token **without a signature**, as the Spine requires: it names the caller for the
/// audit trail and proves nothing. Mutual TLS has authenticated the caller before.
///
/// It is no [`Token`] and cannot be made one but by [`PerRequest`], which sends it. Nothing in this
/// crate takes it for verified.
///
/// ```compile_fail
/// use healthcode_transport::{Token, nhs::UnsignedSpineToken};
/// fn verified(unsigned: UnsignedSpineToken) -> Token {
///     unsigned.into()
/// }
/// ```
#[derive(Clone)]
pub struct UnsignedSpineToken(SecretString);

impl fmt::Debug for UnsignedSpineToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UnsignedSpineToken")
            .field(&REDACTED)
            .finish()
    }
}

impl UnsignedSpineToken {
    /// Its text, with the dot at its end. It identifies the user: keep it out of logs.
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.0
    }
}

/// A new unsigned token for each request, also for each attempt.
pub struct PerRequest<C> {
    claims: C,
    timer: Arc<dyn Timer>,
}
healthcode_core::debug_only!(PerRequest<C> {});

impl<C: JwtClaims> PerRequest<C> {
    /// Tokens of these claims.
    #[must_use]
    pub fn new(claims: C, timer: Arc<dyn Timer>) -> Self {
        PerRequest { claims, timer }
    }
}

impl<C: JwtClaims> TokenSource for PerRequest<C> {
    fn token<'a>(&'a self, _: Option<&'a Token>) -> BoxFuture<'a, Result<Token, Error>> {
        Box::pin(async move {
            let now = self.timer.now();
            let UnsignedSpineToken(secret) = self.claims.token(now);
            let ends = now.checked_add(UNSIGNED_LIFE);
            Ok(Token::new(secret.expose_secret(), now, ends))
        })
    }
}

/// Why an unsigned token is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RefusedToken {
    /// It is no JSON Web Token of three parts.
    #[error("invalid token: expected a JSON Web Token of three parts")]
    Malformed,
    /// Its header says more or less than that it is unsigned, or it has a signature.
    #[error("invalid header: expected that of a token without a signature")]
    Header,
    /// `iat` or `exp` is no whole number, or they are not five minutes apart.
    #[error("invalid iat or exp: expected whole numbers 300 seconds apart")]
    Times,
    /// It has expired.
    #[error("the token has expired")]
    Expired,
    /// It is not valid yet.
    #[error("the token is not valid yet")]
    Early,
}

/// What a server checks of an unsigned token: its form and times. The claims stay unverified.
///
/// # Errors
/// If the form or a time is not as documented.
pub fn check_unsigned(
    token: &SecretString,
    now: SystemTime,
) -> Result<UnverifiedClaims, RefusedToken> {
    let parts: Vec<_> = token.expose_secret().split('.').collect();
    let [header, _, signature] = parts[..] else {
        return Err(RefusedToken::Malformed);
    };
    let claims = UnverifiedClaims::read(token).ok_or(RefusedToken::Malformed)?;
    let header = URL_SAFE_NO_PAD.decode(header.trim_end_matches('='));
    let header = header
        .ok()
        .and_then(|header| serde_json::from_slice::<Value>(&header).ok());
    let header = header.ok_or(RefusedToken::Malformed)?;
    if header != json!({"alg": "none", "typ": "JWT"}) || !signature.is_empty() {
        return Err(RefusedToken::Header);
    }
    let time = |name: &str| claims.get(name).and_then(Value::as_u64);
    let (Some(from), Some(until)) = (time("iat"), time("exp")) else {
        return Err(RefusedToken::Times);
    };
    if until.checked_sub(from) != Some(UNSIGNED_LIFE.as_secs()) {
        return Err(RefusedToken::Times);
    }
    match epoch_seconds(now) {
        now if now > until => Err(RefusedToken::Expired),
        // Clocks differ a little.
        now if now.saturating_add(60) < from => Err(RefusedToken::Early),
        _ => Ok(claims),
    }
}
