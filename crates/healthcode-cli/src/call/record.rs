//! [`Recorder`]: a transport that keeps the last answer, and exchanges in a HAR file if one is wanted.
//! [`DryTransport`]: a transport that sends nothing.

use super::har::Har;
use bytes::Bytes;
use healthcode_transport::{BoxFuture, Purpose, Transport, TransportError};
use http::{Request, Response, StatusCode};
use parking_lot::Mutex;
use std::io;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

/// The last answer, and the file of exchanges. Clones share both.
#[derive(Clone, Default)]
pub(super) struct Recording {
    last: Arc<Mutex<Option<Bytes>>>,
    har: Arc<Mutex<Option<Har>>>,
}

impl Recording {
    /// Keeps exchanges in a file from now on.
    pub(super) fn keep(&self, har: Har) {
        *self.har.lock() = Some(har);
    }

    /// Takes the body of the last answer to a call: neither of one to a request for a token, nor a
    /// document that says where things are.
    pub(super) fn take(&self) -> Option<Bytes> {
        self.last.lock().take()
    }

    /// Ends the file of exchanges; returns how many it has.
    ///
    /// # Errors
    /// If they could not be written.
    pub(super) fn finish(&self) -> io::Result<usize> {
        match self.har.lock().take() {
            Some(mut har) => har.finish(),
            None => Ok(0),
        }
    }
}

/// Whether a request is for addresses of services, so that its answer is not that to a call.
fn is_document(request: &Request<Bytes>) -> bool {
    matches!(
        request.extensions().get(),
        Some(Purpose::Call("discovery" | "sign-on"))
    )
}

/// A transport whose exchanges are kept.
pub(super) struct Recorder<T> {
    pub(super) inner: T,
    pub(super) seen: Recording,
}

impl<T: Transport> Transport for Recorder<T> {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        // A request without this purpose may be for a token.
        if !matches!(request.extensions().get(), Some(Purpose::Call(_))) {
            return self.inner.send(request);
        }
        Box::pin(async move {
            let keeps = self.seen.har.lock().is_some();
            let kept = keeps.then(|| request.clone());
            let (began, clock) = (SystemTime::now(), Instant::now());
            let document = is_document(&request);
            if !document {
                *self.seen.last.lock() = None;
            }
            let answer = self.inner.send(request).await;
            if let (Some(request), Some(har)) = (&kept, &mut *self.seen.har.lock()) {
                har.add(request, answer.as_ref().ok(), began, clock.elapsed());
            }
            // A document is an answer only if it was refused.
            if let Ok(response) = &answer
                && !(document && response.status().is_success())
            {
                *self.seen.last.lock() = Some(response.body().clone());
            }
            answer
        })
    }
}

/// A transport that answers with these documents of discovery and sign-on, and keeps the first other
/// request unsent.
#[derive(Clone)]
pub(super) struct DryTransport {
    discovery: Bytes,
    request: Arc<Mutex<Option<Request<Bytes>>>>,
}

impl DryTransport {
    pub(super) fn new(discovery: Bytes) -> Self {
        DryTransport {
            discovery,
            request: Arc::default(),
        }
    }

    /// What would have been sent.
    pub(super) fn request(&self) -> Option<Request<Bytes>> {
        self.request.lock().take()
    }
}

impl Transport for DryTransport {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let document = is_document(&request);
        let mut answer = Response::new(self.discovery.clone());
        if !document {
            // A status that is not retried.
            *answer.status_mut() = StatusCode::BAD_REQUEST;
            self.request.lock().get_or_insert(request);
        }
        Box::pin(std::future::ready(Ok(answer)))
    }
}
