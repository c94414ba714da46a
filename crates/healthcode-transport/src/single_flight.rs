//! [`SingleFlight`]: a value that is fetched once for all who wait for it, without any runtime.

use crate::error::Error;
use crate::time::{BoxFuture, Timer};
use parking_lot::Mutex;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

/// How long no early refresh is tried after one failed.
const BACKOFF: Duration = Duration::from_secs(5);

/// How long waiters wait for the leader: a future that is kept but no longer polled, as that of a stream
/// of pages may be, must not block them for ever.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether a value may still be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// It is used.
    Fresh,
    /// It is used, and it is time to fetch the next one.
    RefreshSoon,
    /// It is not used.
    Stale,
}

/// A value that one caller, the leader, fetches while others wait. If the leader is dropped, a waiter
/// takes over.
pub(crate) struct SingleFlight<T>(Mutex<State<T>>);

struct State<T> {
    value: Option<T>,
    /// How many fetches have started; the last one is running if `busy`.
    started: u64,
    busy: bool,
    /// The last fetch that succeeded, and the last that failed.
    completed: u64,
    failed: Option<(u64, Error)>,
    backoff_until: Option<SystemTime>,
    wakers: Vec<Waker>,
}

impl<T> Default for SingleFlight<T> {
    fn default() -> Self {
        SingleFlight(Mutex::new(State {
            value: None,
            started: 0,
            busy: false,
            completed: 0,
            failed: None,
            backoff_until: None,
            wakers: Vec::new(),
        }))
    }
}

enum Role<T> {
    Use(T),
    Fetch {
        number: u64,
        old: Option<T>,
        usable: bool,
    },
    Wait(u64),
}

impl<T: Clone> SingleFlight<T> {
    /// The value, if it may be used; else what `fetch` returns, given the old value.
    pub(crate) async fn get<F: Future<Output = Result<T, Error>>>(
        &self,
        timer: &dyn Timer,
        freshness: impl Fn(&T, SystemTime) -> Freshness,
        fetch: impl FnOnce(Option<T>) -> F,
    ) -> Result<T, Error> {
        loop {
            let (number, old, usable) = match self.role(timer.now(), &freshness) {
                Role::Use(value) => return Ok(value),
                Role::Fetch {
                    number,
                    old,
                    usable,
                } => (number, old, usable),
                Role::Wait(number) => {
                    let waiter = Waiter {
                        fetch: self,
                        number,
                        patience: timer.sleep(PATIENCE),
                    };
                    if !waiter.await {
                        self.end(number);
                    }
                    if let Some(result) = self.result_of(number) {
                        return result;
                    }
                    continue;
                }
            };
            let leader = Leader {
                fetch: self,
                number,
            };
            let result = fetch(old.clone()).await;
            leader.finish(&result, timer.now());
            return match (result, old) {
                (Err(_), Some(old)) if usable => Ok(old),
                (result, _) => result,
            };
        }
    }

    fn role(&self, now: SystemTime, freshness: &impl Fn(&T, SystemTime) -> Freshness) -> Role<T> {
        let mut state = self.0.lock();
        let found = state.value.as_ref().map(|value| freshness(value, now));
        let no_refresh = state.busy || state.backoff_until.is_some_and(|until| now < until);
        match (state.value.clone(), found) {
            (Some(value), Some(Freshness::Fresh)) => return Role::Use(value),
            (Some(value), Some(Freshness::RefreshSoon)) if no_refresh => return Role::Use(value),
            _ if state.busy => return Role::Wait(state.started),
            _ => {}
        }
        state.busy = true;
        state.started += 1;
        Role::Fetch {
            number: state.started,
            old: state.value.clone(),
            usable: found == Some(Freshness::RefreshSoon),
        }
    }

    /// How a fetch ended; `None` if its leader was dropped.
    fn result_of(&self, number: u64) -> Option<Result<T, Error>> {
        let state = self.0.lock();
        match &state.failed {
            Some((failed, error)) if *failed == number => return Some(Err(error.clone())),
            _ => {}
        }
        let completed = state.completed >= number;
        completed.then(|| state.value.clone().map(Ok)).flatten()
    }
}

impl<T> SingleFlight<T> {
    /// Ends a fetch, if it is running, and wakes its waiters.
    fn end(&self, number: u64) {
        let mut state = self.0.lock();
        if state.started != number {
            return;
        }
        state.busy = false;
        let wakers = std::mem::take(&mut state.wakers);
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }
}

/// The caller that fetches; once it is dropped, another one may.
struct Leader<'a, T> {
    fetch: &'a SingleFlight<T>,
    number: u64,
}

impl<T: Clone> Leader<'_, T> {
    fn finish(self, result: &Result<T, Error>, now: SystemTime) {
        let mut state = self.fetch.0.lock();
        match result {
            Ok(value) if self.number > state.completed => {
                state.value = Some(value.clone());
                state.completed = self.number;
                state.failed = None;
                state.backoff_until = None;
            }
            Err(error) if self.number == state.started => {
                state.failed = Some((self.number, error.clone()));
                state.backoff_until = now.checked_add(BACKOFF);
            }
            // Waiters gave up on it, and a later fetch has completed or is running.
            _ => {}
        }
        drop(state);
        // Dropping `self` wakes the waiters.
    }
}

impl<T> Drop for Leader<'_, T> {
    fn drop(&mut self) {
        self.fetch.end(self.number);
    }
}

/// Resolves when the fetch ends, or to `false` when patience runs out.
struct Waiter<'a, T> {
    fetch: &'a SingleFlight<T>,
    number: u64,
    patience: BoxFuture<'a, ()>,
}

impl<T: Clone> Future for Waiter<'_, T> {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<bool> {
        let mut state = self.fetch.0.lock();
        if !state.busy || state.started != self.number {
            return Poll::Ready(true);
        }
        if !state
            .wakers
            .iter()
            .any(|waker| waker.will_wake(context.waker()))
        {
            state.wakers.push(context.waker().clone());
        }
        drop(state);
        self.patience.as_mut().poll(context).map(|()| false)
    }
}
