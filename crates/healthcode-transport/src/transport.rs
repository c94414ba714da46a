//! [`Transport`]: sends one request and returns its answer.

use crate::time::BoxFuture;
use bytes::Bytes;
use http::{Request, Response};
use std::fmt;

/// Sends requests: one method, over whatever HTTP stack there is.
///
/// It follows no redirects and repeats no requests, which the client does, and keeps no cookies. It rejects
/// an answer that is larger than the request's [`MaxBody`]. With feature `reqwest` there is
/// `ReqwestTransport`; with feature `tower`, `TowerTransport` makes one of any tower service.
///
/// ```
/// use bytes::Bytes;
/// use healthcode_transport::{BoxFuture, Transport, TransportError};
/// struct Echo;
/// impl Transport for Echo {
///     fn send(
///         &self,
///         request: http::Request<Bytes>,
///     ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
///         Box::pin(async move { Ok(http::Response::new(request.into_body())) })
///     }
/// }
/// let _any: Box<dyn Transport> = Box::new(Echo);
/// ```
pub trait Transport: Send + Sync {
    /// Sends the request and returns the whole answer, whatever its status.
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>>;
}

impl<T: Transport + ?Sized> Transport for std::sync::Arc<T> {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        (**self).send(request)
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        (**self).send(request)
    }
}

/// How many bytes the answer's body may have: an extension of requests that a [`Client`](crate::Client)
/// sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxBody(pub usize);

impl MaxBody {
    /// The limit of a request; a request without this extension has none.
    #[must_use]
    pub fn of(request: &Request<Bytes>) -> Self {
        let set = request.extensions().get().copied();
        set.unwrap_or(MaxBody(usize::MAX))
    }
}

/// What a request is for: an extension of requests that clients send, so that a transport that
/// records them can leave out those that request tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// A call, by its name.
    Call(&'static str),
    /// A token: request and answer hold secrets.
    Token,
}

/// The kind of a fault of the transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportFault {
    /// There was no connection, so that nothing was sent.
    Connect,
    /// No answer came in time.
    Timeout,
    /// The answer is larger than this.
    TooLarge(usize),
    /// The connection broke, or HTTP was violated.
    Broken,
}

impl fmt::Display for TransportFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect => f.write_str("no connection"),
            Self::Timeout => f.write_str("no answer in time"),
            Self::TooLarge(limit) => write!(f, "the answer is larger than {limit} bytes"),
            Self::Broken => f.write_str("the connection broke"),
        }
    }
}

/// Why a request could not be sent, or its answer did not come.
///
/// `Debug` and `Display` say what kind of fault it is; the HTTP stack's own words, which may hold a
/// URL, are the [source](std::error::Error::source).
#[derive(thiserror::Error)]
#[error("{fault}")]
pub struct TransportError {
    fault: TransportFault,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TransportError").field(&self.fault).finish()
    }
}

impl TransportError {
    /// A fault.
    #[must_use]
    pub fn new(fault: TransportFault) -> Self {
        TransportError {
            fault,
            source: None,
        }
    }

    /// Adds the error that caused it.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The kind of the fault.
    #[must_use]
    pub fn fault(&self) -> TransportFault {
        self.fault
    }
}
