//! Grants: requests for tokens.

use crate::call::{FORM, Idempotency, JSON};
use crate::client::HttpStack;
use crate::error::{Error, ErrorKind};
use crate::origin::uri;
use crate::retry::Retry;
use crate::time::{BoxFuture, Random};
use crate::token::{Token, TokenAnswer, TokenSource, basic, form};
use crate::transport::Purpose;
use crate::trust::Trust;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request};
use secrecy::{ExposeSecret, SecretString};
use std::time::{Duration, SystemTime};

/// The request for a token, without I/O.
pub trait Grant: Send + Sync {
    /// A fresh request. It is made anew for each attempt: an assertion in it is used once.
    ///
    /// # Errors
    /// If the parts make no request, or an assertion cannot be signed.
    fn request(&self, now: SystemTime, random: &dyn Random) -> Result<Request<Bytes>, Error>;

    /// The life of a token that does not say how long it lives.
    fn life(&self) -> Duration {
        DEFAULT_LIFE
    }
}

impl<T: Grant + ?Sized> Grant for std::sync::Arc<T> {
    fn request(&self, now: SystemTime, random: &dyn Random) -> Result<Request<Bytes>, Error> {
        (**self).request(now, random)
    }

    fn life(&self) -> Duration {
        (**self).life()
    }
}

/// The life of a token where neither the answer nor the token says it.
pub const DEFAULT_LIFE: Duration = Duration::from_mins(5);

/// The POST of a form to a token endpoint.
pub(crate) fn token_request(
    endpoint: &str,
    fields: &[(&str, &str)],
) -> Result<Request<Bytes>, Error> {
    let mut request = Request::new(Bytes::from(form(fields)));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri(endpoint)?;
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(FORM));
    headers.insert(ACCEPT, HeaderValue::from_static(JSON));
    Ok(request)
}

/// Where a client puts its id and secret (RFC 6749, 2.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuth {
    /// In the header `Authorization`, as `Basic`.
    #[default]
    Basic,
    /// In the form, as `client_id` and `client_secret`.
    Body,
}

/// Client credentials: a client that acts for itself, with an id and a secret. Healthcode calls them
/// API key id and API key.
///
/// ```
/// use healthcode_transport::{ClientAuth, ClientCredentials, Grant, show_http};
/// let grant = ClientCredentials::new("https://auth.example.org/token", "id", "s3cret")
///     .auth(ClientAuth::Body);
/// let request = grant.request(std::time::SystemTime::now(), &|_: &mut [u8]| {})?;
/// assert!(show_http(&request).ends_with(
///     "\n\ngrant_type=client_credentials&client_id=id&client_secret=[redacted]"
/// ));
/// # Ok::<(), healthcode_transport::Error>(())
/// ```
#[derive(Clone)]
pub struct ClientCredentials {
    endpoint: String,
    id: String,
    secret: SecretString,
    auth: ClientAuth,
    scope: Option<String>,
    life: Duration,
}
healthcode_core::debug_only!(ClientCredentials { auth, scope });

impl ClientCredentials {
    /// With the server's address, and the client's id and secret; they go into the header.
    #[must_use]
    pub fn new(
        endpoint: impl Into<String>,
        id: impl Into<String>,
        secret: impl Into<SecretString>,
    ) -> Self {
        ClientCredentials {
            endpoint: endpoint.into(),
            id: id.into(),
            secret: secret.into(),
            auth: ClientAuth::Basic,
            scope: None,
            life: DEFAULT_LIFE,
        }
    }

    /// Where id and secret go.
    #[must_use]
    pub fn auth(mut self, auth: ClientAuth) -> Self {
        self.auth = auth;
        self
    }

    /// What the token is for; several parts are separated by spaces.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// The life of a token that does not say how long it lives.
    #[must_use]
    pub fn life(mut self, life: Duration) -> Self {
        self.life = life;
        self
    }
}

impl Grant for ClientCredentials {
    fn request(&self, _: SystemTime, _: &dyn Random) -> Result<Request<Bytes>, Error> {
        let mut fields = vec![("grant_type", "client_credentials")];
        if self.auth == ClientAuth::Body {
            fields.push(("client_id", &self.id));
            fields.push(("client_secret", self.secret.expose_secret()));
        }
        if let Some(scope) = &self.scope {
            fields.push(("scope", scope));
        }
        let mut request = token_request(&self.endpoint, &fields)?;
        if self.auth == ClientAuth::Basic {
            let value = basic(&self.id, &self.secret)?;
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        Ok(request)
    }

    fn life(&self) -> Duration {
        self.life
    }
}

/// Fetches a token by a grant, each time anew. Put a [`TokenCache`](crate::TokenCache) before it.
pub struct FetchToken<G> {
    grant: G,
    stack: HttpStack,
    retry: Retry,
    loopback_http: bool,
}
healthcode_core::debug_only!(FetchToken<G> {});

impl<G: Grant> FetchToken<G> {
    /// Fetches by this grant.
    #[must_use]
    pub fn new(grant: G, stack: HttpStack) -> Self {
        FetchToken {
            grant,
            stack,
            retry: Retry::default(),
            loopback_http: false,
        }
    }

    /// With another rule of when the request is repeated.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Whether http without TLS is taken where the server is this machine.
    #[must_use]
    pub fn allow_loopback_http(mut self, allow: bool) -> Self {
        self.loopback_http = allow;
        self
    }

    /// Sends the request, and returns the whole answer with the time at which the request was sent.
    ///
    /// # Errors
    /// If there is no token in it.
    pub async fn fetch(&self) -> Result<(TokenAnswer, SystemTime), Error> {
        let timer = self.stack.timer();
        let began = timer.now();
        let mut done = 0;
        loop {
            done += 1;
            let requested_at = timer.now();
            let mut request = self.grant.request(requested_at, &**self.stack.random())?;
            request.extensions_mut().insert(Purpose::Token);
            // The server's origin is the one that the caller has named; and nothing is sent elsewhere.
            let trust = Trust::of(&request.uri().to_string(), self.loopback_http)?;
            let answer = self.stack.exchange(&trust, request).await;
            let error = match answer.and_then(TokenAnswer::read) {
                Ok(answer) => return Ok((answer, requested_at)),
                Err(error) => error,
            };
            let now = timer.now();
            let spent = now.duration_since(began).unwrap_or_default();
            let random = &**self.stack.random();
            // It is made anew, so that nothing is done twice.
            let wait = self
                .retry
                .wait(&error, Idempotency::Idempotent, done, spent, now, random);
            let Some(wait) = wait else {
                return Err(error.of("token").after(done));
            };
            tracing::debug!(attempt = done, "the token request is repeated");
            timer.sleep(wait).await;
        }
    }
}

impl<G: Grant> TokenSource for FetchToken<G> {
    fn token<'a>(&'a self, _: Option<&'a Token>) -> BoxFuture<'a, Result<Token, Error>> {
        Box::pin(async move {
            let (answer, requested_at) = self.fetch().await?;
            let token = answer.into_token(requested_at, self.grant.life());
            // One that is over already would be requested again and again.
            if token.expires_at().is_some_and(|end| end <= requested_at) {
                Err(Error::new(ErrorKind::NoToken).of("token"))
            } else {
                Ok(token)
            }
        })
    }
}
