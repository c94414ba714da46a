//! [`Recorder`]: a transport that keeps the last answer, and exchanges in a HAR file if one is wanted.
//! [`Dry`]: a transport that sends nothing.

use super::har::Har;
use bytes::Bytes;
use healthcode_transport::{BoxFuture, Purpose, Transport, TransportError};
use http::{Request, Response, StatusCode};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

/// Locks, also after another thread panicked.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The last answer, and the file of exchanges. Clones share both.
#[derive(Clone, Default)]
pub(super) struct Seen {
    last: Arc<Mutex<Option<Bytes>>>,
    har: Arc<Mutex<Option<Har>>>,
}

impl Seen {
    /// Keeps exchanges in a file from now on.
    pub(super) fn keep(&self, har: Har) {
        *lock(&self.har) = Some(har);
    }

    /// Takes the body of the last answer to a call: neither of one to a request for a token, nor a
    /// document that says where things are.
    pub(super) fn take(&self) -> Option<Bytes> {
        lock(&self.last).take()
    }

    /// Ends the file of exchanges; gives how many it has.
    ///
    /// # Errors
    /// If they could not be written.
    pub(super) fn finish(&self) -> io::Result<usize> {
        match lock(&self.har).take() {
            Some(mut har) => har.finish(),
            None => Ok(0),
        }
    }
}

/// Whether a request asks where things are, so that its answer is not that to a call.
fn is_document(request: &Request<Bytes>) -> bool {
    matches!(
        request.extensions().get(),
        Some(Purpose::Call("discovery" | "sign-on"))
    )
}

/// A transport whose exchanges are kept.
pub(super) struct Recorder<T> {
    pub(super) inner: T,
    pub(super) seen: Seen,
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
            let keeps = lock(&self.seen.har).is_some();
            let kept = keeps.then(|| request.clone());
            let (began, clock) = (SystemTime::now(), Instant::now());
            let document = is_document(&request);
            if !document {
                *lock(&self.seen.last) = None;
            }
            let answer = self.inner.send(request).await;
            if let (Some(request), Some(har)) = (&kept, &mut *lock(&self.seen.har)) {
                har.add(request, answer.as_ref().ok(), began, clock.elapsed());
            }
            // A document is an answer only if it was refused.
            if let Ok(response) = &answer
                && !(document && response.status().is_success())
            {
                *lock(&self.seen.last) = Some(response.body().clone());
            }
            answer
        })
    }
}

/// A transport that answers with these documents of discovery and sign-on, and keeps the first other
/// request unsent.
#[derive(Clone)]
pub(super) struct Dry {
    discovery: Bytes,
    request: Arc<Mutex<Option<Request<Bytes>>>>,
}

impl Dry {
    pub(super) fn new(discovery: Bytes) -> Self {
        Dry {
            discovery,
            request: Arc::default(),
        }
    }

    /// What would have been sent.
    pub(super) fn request(&self) -> Option<Request<Bytes>> {
        lock(&self.request).take()
    }
}

impl Transport for Dry {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let document = is_document(&request);
        let mut answer = Response::new(self.discovery.clone());
        if !document {
            // A status that is not retried.
            *answer.status_mut() = StatusCode::BAD_REQUEST;
            lock(&self.request).get_or_insert(request);
        }
        Box::pin(std::future::ready(Ok(answer)))
    }
}
