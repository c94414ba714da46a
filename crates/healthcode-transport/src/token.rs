//! Tokens, where they come from, and how long they live.

use crate::claims::{UnverifiedClaims, seconds};
use crate::error::{Error, ErrorKind};
use crate::reply::Head;
use crate::secret::prefixed;
use crate::single_flight::{Freshness, SingleFlight};
use crate::time::{BoxFuture, Timer};
use bytes::Bytes;
use healthcode_core::credentials::REDACTED;
use http::{HeaderValue, Response, header};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// An access token. Clones are the same token; `Debug` does not show it.
#[derive(Clone)]
pub struct Token(Arc<Inner>);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("secret", &REDACTED)
            .field("expires", &self.0.expires)
            .finish()
    }
}

struct Inner {
    secret: SecretString,
    obtained: SystemTime,
    expires: Option<SystemTime>,
}

impl Token {
    /// A token that was obtained at a time, and when it ends, if that is known.
    #[must_use]
    pub fn new(
        secret: impl Into<SecretString>,
        obtained: SystemTime,
        expires: Option<SystemTime>,
    ) -> Self {
        Token(Arc::new(Inner {
            secret: secret.into(),
            obtained,
            expires,
        }))
    }

    /// The token itself.
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.0.secret
    }

    /// When it ends.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.0.expires
    }

    /// When it should be replaced while it is still good: 60 seconds before its end, or a tenth of
    /// its life where that is less.
    #[must_use]
    pub fn refresh_at(&self) -> Option<SystemTime> {
        let expires = self.0.expires?;
        let life = expires.duration_since(self.0.obtained).unwrap_or_default();
        let ahead = (life / 10).min(Duration::from_mins(1));
        expires.checked_sub(ahead)
    }

    /// Whether both are one token, not only equal ones.
    #[must_use]
    pub fn is(&self, other: &Token) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// What it says of itself, unverified, if it is a JSON Web Token.
    #[must_use]
    pub fn unverified_claims(&self) -> Option<UnverifiedClaims> {
        UnverifiedClaims::read(&self.0.secret)
    }

    /// The value of the header `Authorization`, which nothing shows.
    ///
    /// # Errors
    /// If the token has characters that no header may have.
    pub fn authorization(&self) -> Result<HeaderValue, Error> {
        prefixed("Bearer ", &self.0.secret)
    }
}

/// Where tokens come from: a grant ([`FetchToken`](crate::FetchToken)), a cache of one
/// ([`TokenCache`]), or a caller's own sign-in, as with smartcards, NHS login or SAML.
pub trait TokenSource: Send + Sync {
    /// A token for the next request. `refused` is the token that the service has just answered with
    /// 401: it is not given again.
    fn token<'a>(&'a self, refused: Option<&'a Token>) -> BoxFuture<'a, Result<Token, Error>>;
}

impl<T: TokenSource + ?Sized> TokenSource for Arc<T> {
    fn token<'a>(&'a self, refused: Option<&'a Token>) -> BoxFuture<'a, Result<Token, Error>> {
        (**self).token(refused)
    }
}

/// Always the same token, which somebody else keeps alive.
impl TokenSource for Token {
    fn token<'a>(&'a self, _: Option<&'a Token>) -> BoxFuture<'a, Result<Token, Error>> {
        Box::pin(async move { Ok(self.clone()) })
    }
}

/// Keeps a token until it ends, and fetches the next one once for all who wait.
///
/// - It is fetched on use, without any task in the background: no runtime is needed.
/// - Near its end ([`Token::refresh_at`]) one caller fetches the next one, while others get the old
///   one; if that fails, the old one is used up.
/// - A token that was refused is fetched anew, once for all who were refused.
/// - If the caller who fetches gives up, another one goes on. One who is neither polled nor dropped keeps
///   the others for 30 seconds at most: then one of them fetches.
pub struct TokenCache<S> {
    source: S,
    timer: Arc<dyn Timer>,
    fetch: SingleFlight<Token>,
}
healthcode_core::debug_only!(TokenCache<S> {});

impl<S: TokenSource> TokenCache<S> {
    /// A cache of the source's tokens.
    #[must_use]
    pub fn new(source: S, timer: Arc<dyn Timer>) -> Self {
        TokenCache {
            source,
            timer,
            fetch: SingleFlight::default(),
        }
    }
}

impl<S: TokenSource> TokenSource for TokenCache<S> {
    fn token<'a>(&'a self, refused: Option<&'a Token>) -> BoxFuture<'a, Result<Token, Error>> {
        Box::pin(async move {
            let judge = |token: &Token, now| {
                let before = |time: Option<SystemTime>| time.is_none_or(|time| now < time);
                match refused {
                    Some(refused) if refused.is(token) => Freshness::Stale,
                    _ if before(token.refresh_at()) => Freshness::Fresh,
                    _ if before(token.expires_at()) => Freshness::RefreshSoon,
                    _ => Freshness::Stale,
                }
            };
            let fetch = |_| self.source.token(refused);
            self.fetch.get(&*self.timer, judge, fetch).await
        })
    }
}

/// What a token endpoint answers (RFC 6749, 5.1), as servers really send it: numbers may be text.
///
/// `Debug` shows no token.
#[derive(Clone)]
#[non_exhaustive]
pub struct TokenAnswer {
    /// The token.
    pub access_token: SecretString,
    /// How long it lives, by `expires_in`: a number, or a text of digits.
    pub expires_in: Option<Duration>,
    /// What the next token can be requested with.
    pub refresh_token: Option<SecretString>,
    /// How long that lives, by `refresh_token_expires_in`.
    pub refresh_expires_in: Option<Duration>,
    /// How often it was used, by `refresh_count`.
    pub refresh_count: Option<u64>,
    /// What the token is for.
    pub scope: Option<String>,
    /// The type of token that an exchange gave.
    pub issued_token_type: Option<String>,
    date: Option<SystemTime>,
}
healthcode_core::debug_only!(TokenAnswer {
    expires_in,
    refresh_token: |this| this.refresh_token.is_some(),
    scope: |this| this.scope.is_some(),
});

impl TokenAnswer {
    /// Reads an answer.
    ///
    /// # Errors
    /// If the status is no success, or there is no bearer token in the body.
    pub fn read(response: Response<Bytes>) -> Result<Self, Error> {
        let (parts, body) = response.into_parts();
        let head = Head::new(parts.status, parts.headers);
        if !head.status.is_success() {
            return Err(Error::of_response(ErrorKind::Token, &head, &body));
        }
        // An answer that has a token is not kept in an error.
        let none = || Error::of_response(ErrorKind::NoToken, &head, &Bytes::new());
        let json: serde_json::Value = serde_json::from_slice(&body).map_err(|_| none())?;
        let field = |name: &str| json.get(name);
        let text = |name: &str| field(name)?.as_str().filter(|text| !text.is_empty());
        if text("token_type").is_some_and(|text| !text.eq_ignore_ascii_case("bearer")) {
            return Err(none());
        }
        let count = |value: &serde_json::Value| match value.as_str() {
            Some(text) => text.parse().ok(),
            None => value.as_u64(),
        };
        let date = head.text(&header::DATE);
        Ok(TokenAnswer {
            access_token: text("access_token").ok_or_else(none)?.into(),
            expires_in: field("expires_in").and_then(seconds),
            refresh_token: text("refresh_token").map(SecretString::from),
            refresh_expires_in: field("refresh_token_expires_in").and_then(seconds),
            refresh_count: field("refresh_count").and_then(count),
            scope: text("scope").map(str::to_owned),
            issued_token_type: text("issued_token_type").map(str::to_owned),
            date: date.and_then(|date| httpdate::parse_http_date(date).ok()),
        })
    }

    /// The token, which was requested at `requested_at`. Its life is `expires_in`, or else what its own
    /// claim `exp` leaves, by the server's clock if that is known, or else `otherwise`.
    #[must_use]
    pub fn into_token(self, requested_at: SystemTime, otherwise: Duration) -> Token {
        let by_claim = || {
            let expires = UnverifiedClaims::read(&self.access_token)?.expires_at()?;
            let now = self.date.unwrap_or(requested_at);
            Some(expires.duration_since(now).unwrap_or_default())
        };
        let life = self.expires_in.or_else(by_claim).unwrap_or(otherwise);
        let life = life.min(LONGEST);
        Token::new(
            self.access_token,
            requested_at,
            requested_at.checked_add(life),
        )
    }
}

/// No token is taken to live longer: a year.
const LONGEST: Duration = Duration::from_hours(365 * 24);

/// A form body from fields, percent-encoded.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let encode = |text| crate::url::encode_component(text);
    let fields = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    fields.collect::<Vec<_>>().join("&")
}

/// The value of `Authorization` for a client with its secret (RFC 6749, 2.3.1): both are encoded as
/// in a form first.
pub(crate) fn basic(id: &str, secret: &SecretString) -> Result<HeaderValue, Error> {
    use base64::Engine;
    let id = crate::url::encode_component(id);
    let secret = crate::url::encode_component(secret.expose_secret());
    let both = base64::engine::general_purpose::STANDARD.encode(format!("{id}:{secret}"));
    prefixed("Basic ", &both.into())
}
