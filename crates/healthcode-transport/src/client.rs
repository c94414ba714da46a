//! [`Client`]: sends calls, with all that is around them.

use crate::call::{Call, FHIR_JSON, FHIR_XML};
use crate::error::{Error, ErrorKind};
use crate::origin::Origin;
use crate::reply::{Head, Reply, X_CORRELATION_ID, X_REQUEST_ID};
use crate::retry::{Budget, RateLimit, Retry, redirected};
use crate::secret::secret_header;
use crate::time::{Random, Timer, Within, uuid};
use crate::token::{Token, TokenSource};
use crate::transport::{MaxBody, Purpose, Transport, TransportFault};
use crate::trust::Trust;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use parking_lot::RwLock;
use secrecy::SecretString;
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument;

/// What a client sends with: a [`Transport`], a clock and a source of randomness, and the limits of one
/// exchange. Clones share all of it.
#[derive(Clone)]
pub struct HttpStack {
    transport: Arc<dyn Transport>,
    timer: Arc<dyn Timer>,
    random: Arc<dyn Random>,
    timeout: Option<Duration>,
    max_body: usize,
}
healthcode_core::debug_only!(HttpStack { timeout, max_body });

impl HttpStack {
    /// With a limit of 30 seconds and 32 MiB for each exchange.
    #[must_use]
    pub fn new(
        transport: impl Transport + 'static,
        timer: impl Timer + 'static,
        random: impl Random + 'static,
    ) -> Self {
        HttpStack {
            transport: Arc::new(transport),
            timer: Arc::new(timer),
            random: Arc::new(random),
            timeout: Some(Duration::from_secs(30)),
            max_body: 32 * 1024 * 1024,
        }
    }

    /// How long an answer may take.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many bytes an answer may have.
    #[must_use]
    pub fn with_max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// The clock.
    #[must_use]
    pub fn timer(&self) -> &Arc<dyn Timer> {
        &self.timer
    }

    /// The randomness.
    #[must_use]
    pub fn random(&self) -> &Arc<dyn Random> {
        &self.random
    }

    /// Sends one request, and returns its answer if that is in time and not too large. It goes to
    /// trusted origins alone, and no redirect is followed.
    ///
    /// # Errors
    /// If the origin is not trusted, or no such answer came.
    pub async fn exchange(
        &self,
        trust: &Trust,
        mut request: Request<Bytes>,
    ) -> Result<Response<Bytes>, Error> {
        trust.check(request.uri())?;
        request.extensions_mut().insert(MaxBody(self.max_body));
        let within = Within {
            task: self.transport.send(request),
            limit: self.timeout.map(|time| self.timer.sleep(time)),
        };
        let Some(answer) = within.await else {
            return Err(Error::new(ErrorKind::Transport(TransportFault::Timeout)));
        };
        let response = answer?;
        if response.body().len() > self.max_body {
            Err(Error::new(ErrorKind::TooLarge(self.max_body)))
        } else {
            Ok(response)
        }
    }
}

/// Sends calls to one service.
///
/// From the outside in: a tracing span, ids of request and workflow, the rate limit, retries, the
/// token, fixed headers, and what sends. A retry keeps the request's id, takes a token that is
/// still good, and its turn in the rate limit.
///
/// Clones are cheap and share the trust, the retry budget, the rate limit and the tokens. Spans and
/// events have the call's name, the origin, ids, status and times; no path, query, header or body.
#[derive(Clone)]
pub struct Client {
    stack: HttpStack,
    trust: Arc<RwLock<Trust>>,
    retry: Arc<Retry>,
    budget: Arc<Budget>,
    limit: Option<Arc<RateLimit>>,
    tokens: Option<Arc<dyn TokenSource>>,
    headers: HeaderMap,
    correlation: Option<String>,
    include_claims_in_errors: bool,
    /// Whether FHIR is requested in XML.
    xml: bool,
}
healthcode_core::debug_only!(Client {
    trust: |this| this.trust(),
    retry,
    tokens: |this| this.tokens.is_some()
});

impl Client {
    /// A client that may call what is trusted, without credentials.
    #[must_use]
    pub fn new(stack: HttpStack, trust: Trust) -> Self {
        Client {
            stack,
            trust: Arc::new(RwLock::new(trust)),
            retry: Arc::default(),
            budget: Arc::default(),
            limit: None,
            tokens: None,
            headers: HeaderMap::new(),
            correlation: None,
            include_claims_in_errors: false,
            xml: false,
        }
    }

    /// With tokens, which go into `Authorization` as `Bearer`.
    #[must_use]
    pub fn with_tokens(mut self, tokens: impl TokenSource + 'static) -> Self {
        self.tokens = Some(Arc::new(tokens));
        self
    }

    /// Without tokens, as discovery documents and sandboxes are called.
    #[must_use]
    pub fn without_tokens(mut self) -> Self {
        self.tokens = None;
        self
    }

    /// With another rule of when a call is sent again.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = Arc::new(retry);
        self
    }

    /// With a limit of how often calls are sent.
    #[must_use]
    pub fn with_rate_limit(mut self, limit: RateLimit) -> Self {
        self.limit = Some(Arc::new(limit));
        self
    }

    /// With a header on every call that does not set its own.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Requests FHIR in XML: a call that accepts FHIR's JSON accepts its XML instead. Answers are read in
    /// either syntax, whatever was requested.
    #[must_use]
    pub fn with_xml(mut self) -> Self {
        self.xml = true;
        self
    }

    /// With a secret header on every call, such as an API key.
    ///
    /// # Errors
    /// If the secret has characters that no header may have.
    pub fn with_secret_header(
        self,
        name: HeaderName,
        secret: &SecretString,
    ) -> Result<Self, Error> {
        Ok(self.with_header(name, secret_header(secret)?))
    }

    /// With the id of a workflow, `X-Correlation-ID`, on every call. The NHS requires a UUID.
    #[must_use]
    pub fn with_correlation_id(mut self, id: impl Into<String>) -> Self {
        self.correlation = Some(id.into());
        self
    }

    /// A client for one workflow, with a random id of its own.
    #[must_use]
    pub fn workflow(&self) -> Self {
        let id = uuid(&*self.stack.random);
        self.clone().with_correlation_id(id)
    }

    /// The id of the workflow, if it has one.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        self.correlation.as_deref()
    }

    /// Whether errors with status 401 and 403 say what the token's claims authorise, unverified.
    #[must_use]
    pub fn include_claims_in_errors(mut self, include: bool) -> Self {
        self.include_claims_in_errors = include;
        self
    }

    /// Trusts more origins, on all clones.
    pub fn allow(&self, trust: &Trust) {
        let mut own = self.trust.write();
        own.allow_all(trust);
    }

    /// What is trusted.
    #[must_use]
    pub fn trust(&self) -> Trust {
        let trust = self.trust.read();
        trust.clone()
    }

    /// What it sends with.
    #[must_use]
    pub fn stack(&self) -> &HttpStack {
        &self.stack
    }

    /// Sends a call and reads its answer.
    ///
    /// # Errors
    /// If no good answer came, after all attempts that are safe and worth it.
    pub async fn send<T>(&self, call: &Call<T>) -> Result<Reply<T>, Error> {
        self.send_trusting(call, &Trust::new()).await
    }

    /// Sends a call that may go also to what is trusted beside the client's own, this once.
    pub(crate) async fn send_trusting<T>(
        &self,
        call: &Call<T>,
        more: &Trust,
    ) -> Result<Reply<T>, Error> {
        let answer = self.answer(call, more, |response| call.parse(response));
        let answer = answer.await;
        let (mut reply, id) = answer.map_err(|error| error.of(call.name()))?;
        reply.head.sent(&id, self.correlation.as_deref());
        Ok(reply)
    }

    /// Sends a call and returns its answer unread, if its status is a success or 304.
    pub(crate) async fn send_raw<T>(&self, call: &Call<T>) -> Result<Response<Bytes>, Error> {
        let good = |response: Response<Bytes>| {
            let status = response.status();
            if status.is_success() || status == StatusCode::NOT_MODIFIED {
                return Ok(response);
            }
            let (parts, body) = response.into_parts();
            let head = Head::new(parts.status, parts.headers);
            Err(Error::of_response(ErrorKind::Status, &head, &body))
        };
        let answer = self.answer(call, &Trust::new(), good).await;
        let answer = answer.map(|(response, _)| response);
        answer.map_err(|error| error.of(call.name()))
    }

    /// Span and ids; returns the request's id, too.
    async fn answer<T, R>(
        &self,
        call: &Call<T>,
        more: &Trust,
        read: impl Fn(Response<Bytes>) -> Result<R, Error>,
    ) -> Result<(R, String), Error> {
        let mut trust = self.trust();
        trust.allow_all(more);
        let origin = trust.check(call.uri())?;
        let mut request = call.request();
        request.extensions_mut().insert(Purpose::Call(call.name()));
        for (name, value) in &self.headers {
            let headers = request.headers_mut();
            headers.entry(name).or_insert_with(|| value.clone());
        }
        if self.xml
            && let Some(accept) = request.headers_mut().get_mut(header::ACCEPT)
            && *accept == FHIR_JSON
        {
            *accept = HeaderValue::from_static(FHIR_XML);
        }
        let id = self.request_id(&mut request)?;
        let span = tracing::info_span!(
            "call",
            name = call.name(),
            method = %request.method(),
            %origin,
            request_id = %id,
            correlation_id = self.correlation.as_deref(),
            status = tracing::field::Empty,
            attempts = tracing::field::Empty,
        );
        let run = self.attempts(call, &trust, request, read);
        match run.instrument(span).await {
            Ok(value) => Ok((value, id)),
            Err(error) => Err(error.with_ids(&id, self.correlation.as_deref())),
        }
    }

    /// The id of the request, and that of the workflow, into the headers. A call's own are kept.
    fn request_id(&self, request: &mut Request<Bytes>) -> Result<String, Error> {
        let unfit = || {
            Error::new(ErrorKind::Request(
                "invalid id: expected characters that a header may have",
            ))
        };
        let value = |id: &str| HeaderValue::from_str(id).map_err(|_| unfit());
        let headers = request.headers_mut();
        let own = headers
            .get(X_REQUEST_ID)
            .and_then(|value| value.to_str().ok());
        let id = own.map_or_else(|| uuid(&*self.stack.random), str::to_owned);
        headers.insert(X_REQUEST_ID, value(&id)?);
        if let Some(correlation) = &self.correlation {
            headers.insert(X_CORRELATION_ID, value(correlation)?);
        }
        Ok(id)
    }

    /// Rate limit, retries and tokens.
    async fn attempts<T, R>(
        &self,
        call: &Call<T>,
        trust: &Trust,
        request: Request<Bytes>,
        read: impl Fn(Response<Bytes>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let timer = &*self.stack.timer;
        let began = timer.now();
        let mut renewed = false;
        let mut next: Option<Token> = None;
        let mut done = 0;
        loop {
            if let Some(limit) = &self.limit {
                limit.wait(timer).await;
            }
            let mut request = request.clone();
            let token = match (&self.tokens, next.take()) {
                (None, _) => None,
                (Some(_), Some(token)) => Some(token),
                (Some(tokens), None) => Some(tokens.token(None).await?),
            };
            if let Some(token) = &token {
                let headers = request.headers_mut();
                headers.insert(header::AUTHORIZATION, token.authorization()?);
            }
            done += 1;
            let answer = self.follow(trust, request).await;
            let span = tracing::Span::current();
            span.record("attempts", done);
            if let Ok(response) = &answer {
                span.record("status", response.status().as_u16());
            }
            if !renewed && let Some(fresh) = self.renew(&answer, token.as_ref()).await? {
                tracing::debug!("the token was refused; again with another one");
                renewed = true;
                next = Some(fresh);
                continue;
            }
            let error = match answer.and_then(&read) {
                Ok(value) => {
                    self.budget.succeeded();
                    return Ok(value);
                }
                Err(error) => error,
            };
            let now = timer.now();
            let spent = now.duration_since(began).unwrap_or_default();
            let random = &*self.stack.random;
            let wait = self
                .retry
                .wait(&error, call.idempotency(), done, spent, now, random);
            let wait = wait.filter(|_| self.budget.take());
            let Some(wait) = wait else {
                let claims = token.filter(|_| self.tells_claims(&error));
                let claims = claims.and_then(|token| token.unverified_claims());
                return Err(error.with_claims(claims).after(done));
            };
            tracing::debug!(attempt = done, wait_ms = wait.as_millis() as u64, "again");
            timer.sleep(wait).await;
        }
    }

    fn tells_claims(&self, error: &Error) -> bool {
        let status = error.status().map(|status| status.as_u16());
        self.include_claims_in_errors && matches!(status, Some(401 | 403))
    }

    /// Another token, if this one was refused: such a request was not carried out, whatever it is.
    async fn renew(
        &self,
        answer: &Result<Response<Bytes>, Error>,
        token: Option<&Token>,
    ) -> Result<Option<Token>, Error> {
        let status = answer.as_ref().ok().map(Response::status);
        let (Some(StatusCode::UNAUTHORIZED), Some(token), Some(tokens)) =
            (status, token, &self.tokens)
        else {
            return Ok(None);
        };
        let fresh = tokens.token(Some(token)).await?;
        Ok((!fresh.is(token)).then_some(fresh))
    }

    /// Sends, and follows redirects.
    async fn follow(
        &self,
        trust: &Trust,
        mut request: Request<Bytes>,
    ) -> Result<Response<Bytes>, Error> {
        let mut been = Vec::new();
        loop {
            been.push(request.uri().clone());
            let response = self.stack.exchange(trust, request.clone()).await?;
            match redirected(&request, &response, trust, &been)? {
                Some(next) => {
                    let to = Origin::of(next.uri())?;
                    tracing::debug!(%to, "redirected");
                    request = next;
                }
                None => return Ok(response),
            }
        }
    }
}
