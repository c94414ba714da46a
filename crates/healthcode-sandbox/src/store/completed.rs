//! [`CompletedRequests`]: so that a request which is sent again is not carried out again.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most requests that are remembered.
const MAX_REQUESTS: usize = 1_000;

/// The requests that were carried out: their ids and patients.
#[derive(Default)]
pub(crate) struct CompletedRequests(Mutex<VecDeque<(String, String)>>);

impl CompletedRequests {
    /// Access for one request; the others wait until it is dropped.
    pub(crate) fn lock(&self) -> Completing<'_> {
        Completing(self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Access to the requests that were carried out.
pub(crate) struct Completing<'a>(MutexGuard<'a, VecDeque<(String, String)>>);

impl Completing<'_> {
    pub(crate) fn contains(&self, request: &(String, String)) -> bool {
        self.0.contains(request)
    }

    pub(crate) fn add(mut self, request: (String, String)) {
        self.0.push_back(request);
        if self.0.len() > MAX_REQUESTS {
            self.0.pop_front();
        }
    }
}
