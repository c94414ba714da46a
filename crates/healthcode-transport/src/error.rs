//! [`Error`]: why a call failed, with all that the service said.

use crate::body;
use crate::claims::UnverifiedClaims;
use crate::origin::{InvalidAddress, Origin};
use crate::reply::Head;
use crate::time::RetryAfter;
use crate::transport::{TransportError, TransportFault};
use bytes::Bytes;
use healthcode_extensions::{ErrorCode, ErrorResponse};
use healthcode_r4::OperationOutcome;
use healthcode_search::QueryError;
use http::StatusCode;
use std::fmt;
use std::sync::Arc;

/// How much of an answer's body an error keeps, in bytes.
pub const KEPT_BODY: usize = 8 * 1024;

/// Why a call failed. A word wide; clones share what they hold.
///
/// `Debug` and `Display` show no body, no free text of a service, no query, no secret.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    call: Option<&'static str>,
    head: Option<Head>,
    response: Option<ErrorResponse>,
    /// The ids that were sent: of the request, and of the workflow.
    ids: Option<(String, Option<String>)>,
    oauth: Option<OAuthError>,
    claims: Option<UnverifiedClaims>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    attempts: u32,
}

/// What kind of failure it is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The service answered with a status that is no success, which the answer shows.
    Status,
    /// The service answered with success, and an OperationOutcome instead of what was requested.
    Outcome,
    /// The body is not what was requested.
    Body,
    /// The answer is another resource than this type of, or than the one of the id, that was
    /// requested.
    OtherResource(String),
    /// The answer is larger than the limit, in bytes.
    TooLarge(usize),
    /// Nothing could be sent, or no answer came.
    Transport(TransportFault),
    /// The origin is not trusted with credentials.
    Origin(Origin),
    /// A redirect leads to an origin that is not trusted, or a status of redirects that is not
    /// followed.
    Redirect(Option<Origin>),
    /// Redirects lead in a circle, or are too many.
    RedirectLoop,
    /// http without TLS.
    Insecure(Origin),
    /// The discovery document has no such key, or no address under it.
    MissingKey(&'static str),
    /// The endpoint is not documented to be found by discovery.
    NoDiscoveryKey(&'static str),
    /// The endpoint is reserved for Healthcode's own products.
    Restricted(&'static str),
    /// The query is not what the endpoint takes.
    Query(QueryError),
    /// The parts make no request; says why.
    Request(&'static str),
    /// The answer to one request does not allow the next one; says why.
    Answer(&'static str),
    /// The token endpoint refused the request.
    Token,
    /// The answer of the token endpoint has no token.
    NoToken,
    /// An assertion could not be signed.
    Signer,
    /// A page is not the one that was requested, was there already, or the pages are too many.
    Paging(&'static str),
    /// A look-up found nothing; says what.
    NotFound(&'static str),
    /// A look-up found several, or only what may be meant; says of what, and lists them.
    Candidates(&'static str, Vec<String>),
    /// The openid-configuration says that it is of another issuer than the address it came from.
    Issuer,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Status => "",
            Self::Outcome => "an OperationOutcome came instead of the answer",
            Self::Body => "the body is not what was requested",
            Self::OtherResource(resource) => {
                return write!(f, "the answer is not the {resource} that was requested");
            }
            Self::TooLarge(limit) => return write!(f, "the answer is larger than {limit} bytes"),
            Self::Transport(fault) => return fault.fmt(f),
            Self::Origin(origin) => return write!(f, "the origin {origin} is not trusted"),
            Self::Redirect(Some(origin)) => {
                return write!(f, "a redirect leads to {origin}, which is not trusted");
            }
            Self::Redirect(None) => "a redirect that is not followed",
            Self::RedirectLoop => "redirects lead in a circle, or are too many",
            Self::Insecure(origin) => {
                let allowed = "http is for this machine alone, and has to be allowed";
                return write!(f, "{origin} is not https; {allowed}");
            }
            Self::MissingKey(key) => {
                return write!(f, "the discovery document has no address under {key}");
            }
            Self::NoDiscoveryKey(endpoint) => {
                return write!(f, "no discovery key is documented for the endpoint {endpoint}");
            }
            Self::Restricted(endpoint) => {
                let allowed = "calling it has to be allowed";
                return write!(
                    f,
                    "the endpoint {endpoint} is reserved for Healthcode's own products; {allowed}"
                );
            }
            Self::Query(error) => return error.fmt(f),
            Self::Request(text)
            | Self::Answer(text)
            | Self::Paging(text)
            | Self::NotFound(text) => return text.fmt(f),
            Self::Token => "the token endpoint refused the request",
            Self::NoToken => "missing token in the answer of the token endpoint",
            Self::Signer => "the assertion could not be signed",
            Self::Candidates(what, found) => return write!(f, "{what}: {}", listed(found)),
            Self::Issuer => {
                "the openid-configuration is of another issuer than the address that it was fetched \
                 from"
            }
        })
    }
}

/// What a token endpoint says of an error (RFC 6749, 5.2; the NHS adds `message_id`).
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OAuthError {
    /// The code: `invalid_request`.
    pub error: String,
    /// Free text.
    pub description: Option<String>,
    /// The id of the message, by which its service finds it.
    pub message_id: Option<String>,
}
healthcode_core::debug_only!(OAuthError {});

/// Codes of errors that token endpoints document (RFC 6749, 8693; the last one is the NHS's).
const OAUTH_CODES: &[&str] = &[
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "invalid_target",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
    "public_key error",
];

impl OAuthError {
    fn read(body: &[u8]) -> Option<Self> {
        let json: serde_json::Value = serde_json::from_slice(body).ok()?;
        let text = |name: &str| json.get(name)?.as_str().map(str::to_owned);
        Some(OAuthError {
            error: text("error")?,
            description: text("error_description"),
            message_id: text("message_id"),
        })
    }
}

impl Error {
    /// A failure of this kind. Sources of tokens that callers supply make theirs with it.
    #[must_use]
    pub fn new(kind: ErrorKind) -> Self {
        Error(Arc::new(Inner {
            kind,
            call: None,
            head: None,
            response: None,
            ids: None,
            oauth: None,
            claims: None,
            source: None,
            attempts: 1,
        }))
    }

    /// An answer that is not what was requested.
    pub(crate) fn of_response(kind: ErrorKind, head: &Head, body: &Bytes) -> Self {
        let json = body::json(body).map_or_else(Vec::new, |json| json.value.to_vec());
        let mut response = ErrorResponse::from_body(head.status.as_u16(), json).value;
        // Kept as it came.
        response.body = body.to_vec();
        response.body.truncate(KEPT_BODY);
        response.body.shrink_to_fit();
        Error::new(kind).with(|inner| {
            inner.oauth = OAuthError::read(body);
            inner.head = Some(head.clone());
            inner.response = Some(response);
        })
    }

    fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// With the error that led to it.
    #[must_use]
    pub fn because(self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.with(|inner| inner.source = Some(Arc::new(source)))
    }

    pub(crate) fn of(self, call: &'static str) -> Self {
        self.with(|inner| {
            inner.call.get_or_insert(call);
        })
    }

    pub(crate) fn with_claims(self, claims: Option<UnverifiedClaims>) -> Self {
        self.with(|inner| inner.claims = claims)
    }

    pub(crate) fn with_ids(self, request: &str, correlation: Option<&str>) -> Self {
        self.with(|inner| {
            if let Some(head) = &mut inner.head {
                head.sent(request, correlation);
            }
            inner.ids = Some((request.to_owned(), correlation.map(str::to_owned)));
        })
    }

    pub(crate) fn after(self, attempts: u32) -> Self {
        self.with(|inner| inner.attempts = attempts)
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The call's name: that of the endpoint, or of the step.
    #[must_use]
    pub fn call(&self) -> Option<&'static str> {
        self.0.call
    }

    /// The HTTP status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.head.as_ref().map(|head| head.status)
    }

    /// What the answer said beside its body, if there was one.
    #[must_use]
    pub fn head(&self) -> Option<&Head> {
        self.0.head.as_ref()
    }

    /// The OperationOutcome, if the body is one.
    #[must_use]
    pub fn outcome(&self) -> Option<&OperationOutcome> {
        self.0.response.as_ref()?.outcome.as_ref()
    }

    /// The body, up to [`KEPT_BODY`]. It may hold anything, also patient data.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.0
            .response
            .as_ref()
            .map_or(&[], |response| &response.body)
    }

    /// The machine codes of the outcome; those of Healthcode are named, others are `Unrecognized`:
    /// [`SpineCode`](healthcode_extensions::SpineCode) has the NHS's.
    pub fn codes(&self) -> impl Iterator<Item = ErrorCode> {
        self.0.response.iter().flat_map(ErrorResponse::codes)
    }

    /// What the token endpoint said.
    #[must_use]
    pub fn oauth(&self) -> Option<&OAuthError> {
        self.0.oauth.as_ref()
    }

    /// What the refused token says of itself, **unverified**, where it could be read and the
    /// service is one whose tokens say what they are for.
    #[must_use]
    pub fn claims(&self) -> Option<&UnverifiedClaims> {
        self.0.claims.as_ref()
    }

    /// The id of the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        let head = || self.0.head.as_ref()?.request_id();
        let sent = self.0.ids.as_ref().map(|ids| &ids.0[..]);
        sent.or_else(head)
    }

    /// The id of the workflow.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        let head = || self.0.head.as_ref()?.correlation_id();
        let sent = self.0.ids.as_ref().and_then(|ids| ids.1.as_deref());
        sent.or_else(head)
    }

    /// When the service says that the call may be repeated.
    #[must_use]
    pub fn retry_after(&self) -> Option<RetryAfter> {
        self.0.head.as_ref()?.retry_after()
    }

    /// How often the call was tried.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Whether the same call may succeed later: nothing was sent, no answer came in time, or the
    /// status is 408, 429, 500, 502, 503 or 504. Whether it is *safe* to repeat it, the
    /// [call](crate::Call::idempotency) says.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match &self.0.kind {
            ErrorKind::Transport(_) => true,
            ErrorKind::Status | ErrorKind::Token => {
                let status = self.status().map(|status| status.as_u16());
                matches!(status, Some(408 | 429 | 500 | 502..=504))
            }
            _ => false,
        }
    }

    /// Whether nothing was sent, so that any call may be repeated.
    pub(crate) fn was_not_sent(&self) -> bool {
        self.0.kind == ErrorKind::Transport(TransportFault::Connect)
    }
}

impl From<QueryError> for Error {
    fn from(error: QueryError) -> Self {
        Error::new(ErrorKind::Query(error))
    }
}

impl From<InvalidAddress> for Error {
    fn from(error: InvalidAddress) -> Self {
        Error::new(ErrorKind::Request(error.0))
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        Error::new(match error.fault() {
            TransportFault::TooLarge(limit) => ErrorKind::TooLarge(limit),
            fault => ErrorKind::Transport(fault),
        })
        .because(error)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("call", &self.0.call)
            .field("head", &self.0.head)
            .field("response", &self.0.response)
            .field("claims", &self.0.claims)
            .field("attempts", &self.0.attempts)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(call) = self.0.call {
            write!(f, "{call}: ")?;
        }
        self.0.kind.fmt(f)?;
        if let Some(response) = &self.0.response {
            match &self.0.kind {
                ErrorKind::Status => write!(f, "{response}")?,
                _ => write!(f, " ({response})")?,
            }
        }
        let code = self.0.oauth.as_ref().map(|oauth| oauth.error.as_str());
        if let Some(known) = OAUTH_CODES.iter().find(|known| Some(**known) == code) {
            write!(f, ", {known}")?;
        }
        if let Some(claims) = &self.0.claims {
            write!(f, "; {claims}")?;
        }
        if let Some(id) = self.request_id() {
            write!(f, "; request {id}")?;
        }
        if self.0.attempts > 1 {
            write!(f, "; {} attempts", self.0.attempts)?;
        }
        Ok(())
    }
}

/// The most that a list of what was found shows.
const SHOWN: usize = 10;

/// A list of what was found, for messages.
fn listed(found: &[String]) -> String {
    let shown: Vec<&str> = found.iter().take(SHOWN).map(String::as_str).collect();
    match found.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{}, and {more} more", shown.join(", ")),
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source = self.0.source.as_deref()?;
        Some(source as &(dyn std::error::Error + 'static))
    }
}
