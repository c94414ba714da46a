//! [`TowerTransport`]: any tower service as a transport.

use crate::time::BoxFuture;
use crate::transport::{MaxBody, Transport, TransportError, TransportFault};
use bytes::{Buf, Bytes};
use http::{Request, Response};
use http_body::Body;
use parking_lot::Mutex;
use std::future::poll_fn;
use std::pin::Pin;
use tower_service::Service;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A [`Transport`] of any service that takes requests with bytes, whatever the body of its answers.
///
/// The service follows no redirects and repeats nothing; the [`Client`](crate::Client) does. A
/// clone of it is used for each request.
///
/// ```
/// use bytes::Bytes;
/// use healthcode_transport::{Transport, TowerTransport};
/// use std::convert::Infallible;
/// use std::future::{Ready, ready};
/// use std::task::{Context, Poll};
///
/// #[derive(Clone)]
/// struct Echo;
/// impl tower_service::Service<http::Request<Bytes>> for Echo {
///     type Response = http::Response<String>;
///     type Error = Infallible;
///     type Future = Ready<Result<Self::Response, Infallible>>;
///     fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
///         Poll::Ready(Ok(()))
///     }
///     fn call(&mut self, request: http::Request<Bytes>) -> Self::Future {
///         ready(Ok(http::Response::new(request.uri().to_string())))
///     }
/// }
/// let _any: Box<dyn Transport> = Box::new(TowerTransport::new(Echo));
/// ```
pub struct TowerTransport<S, E = BoxError> {
    service: Mutex<S>,
    fault: fn(&E) -> TransportFault,
}
healthcode_core::debug_only! { TowerTransport<S, E> {} }

impl<S, E> TowerTransport<S, E> {
    /// Over a service, all of whose errors mean that the connection broke.
    #[must_use]
    pub fn new(service: S) -> Self {
        TowerTransport {
            service: Mutex::new(service),
            fault: |_| TransportFault::Broken,
        }
    }

    /// Declares what the service's errors mean: a call that must not be done twice is sent again only if
    /// there was no connection.
    #[must_use]
    pub fn faults(mut self, fault: fn(&E) -> TransportFault) -> Self {
        self.fault = fault;
        self
    }
}

impl<S, B> Transport for TowerTransport<S, S::Error>
where
    S: Service<Request<Bytes>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError> + Send + 'static,
    S::Future: Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let service = self.service.lock();
        let mut service = service.clone();
        let fault = self.fault;
        let failed = move |error: S::Error| TransportError::new(fault(&error)).because(error);
        Box::pin(async move {
            let MaxBody(limit) = MaxBody::of(&request);
            poll_fn(|context| service.poll_ready(context))
                .await
                .map_err(failed)?;
            let response = service.call(request).await.map_err(failed)?;
            let (parts, body) = response.into_parts();
            let mut body = Box::pin(body);
            let bytes = collect(body.as_mut(), limit).await?;
            Ok(Response::from_parts(parts, bytes))
        })
    }
}

async fn collect<B: Body>(mut body: Pin<&mut B>, limit: usize) -> Result<Bytes, TransportError>
where
    B::Error: Into<BoxError>,
{
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        let frame =
            frame.map_err(|error| TransportError::new(TransportFault::Broken).because(error))?;
        // Trailers are passed over.
        let Ok(mut data) = frame.into_data() else {
            continue;
        };
        if data.remaining() > limit.saturating_sub(bytes.len()) {
            return Err(TransportError::new(TransportFault::TooLarge(limit)));
        }
        while data.has_remaining() {
            let chunk = data.chunk();
            let length = chunk.len();
            bytes.extend_from_slice(chunk);
            data.advance(length);
        }
    }
    Ok(bytes.into())
}
