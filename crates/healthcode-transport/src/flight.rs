//! [`Flight`]: a value that is fetched once for all who wait for it, without any runtime.

use crate::error::Error;
use crate::time::{BoxFuture, Timer};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

/// How long nothing is fetched ahead after that failed.
const QUIET: Duration = Duration::from_secs(5);

/// How long others wait for the one who fetches: a future that is kept but no longer polled, as that of
/// a stream of pages may be, must not keep them for ever.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a value is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is used.
    Fresh,
    /// It is used, and it is time to fetch the next one.
    Ahead,
    /// It is not used.
    Stale,
}

/// A value, and whoever fetches it. If the one who fetches gives up, one who waits goes on.
pub(crate) struct Flight<T>(Mutex<State<T>>);

struct State<T> {
    value: Option<T>,
    /// How many flights began; the last one is under way if `busy`.
    begun: u64,
    busy: bool,
    /// The last flight that ended well, and the last that did not.
    landed: u64,
    failed: Option<(u64, Error)>,
    quiet_until: Option<SystemTime>,
    wakers: Vec<Waker>,
}

impl<T> Default for Flight<T> {
    fn default() -> Self {
        Flight(Mutex::new(State {
            value: None,
            begun: 0,
            busy: false,
            landed: 0,
            failed: None,
            quiet_until: None,
            wakers: Vec::new(),
        }))
    }
}

enum Role<T> {
    Take(T),
    Fetch {
        number: u64,
        old: Option<T>,
        usable: bool,
    },
    Wait(u64),
}

impl<T: Clone> Flight<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value, if it is worth anything; else what `fetch` gives, from the value there was.
    pub(crate) async fn get<F: Future<Output = Result<T, Error>>>(
        &self,
        timer: &dyn Timer,
        judge: impl Fn(&T, SystemTime) -> Verdict,
        fetch: impl FnOnce(Option<T>) -> F,
    ) -> Result<T, Error> {
        loop {
            let (number, old, usable) = match self.role(timer.now(), &judge) {
                Role::Take(value) => return Ok(value),
                Role::Fetch {
                    number,
                    old,
                    usable,
                } => (number, old, usable),
                Role::Wait(number) => {
                    let landing = Landing {
                        flight: self,
                        number,
                        patience: timer.sleep(PATIENCE),
                    };
                    if !landing.await {
                        self.end(number);
                    }
                    if let Some(result) = self.result_of(number) {
                        return result;
                    }
                    continue;
                }
            };
            let lead = Lead {
                flight: self,
                number,
            };
            let result = fetch(old.clone()).await;
            lead.land(&result, timer.now());
            return match (result, old) {
                (Err(_), Some(old)) if usable => Ok(old),
                (result, _) => result,
            };
        }
    }

    fn role(&self, now: SystemTime, judge: &impl Fn(&T, SystemTime) -> Verdict) -> Role<T> {
        let mut state = self.lock();
        let verdict = state.value.as_ref().map(|value| judge(value, now));
        let quiet = state.busy || state.quiet_until.is_some_and(|until| now < until);
        match (state.value.clone(), verdict) {
            (Some(value), Some(Verdict::Fresh)) => return Role::Take(value),
            (Some(value), Some(Verdict::Ahead)) if quiet => return Role::Take(value),
            _ if state.busy => return Role::Wait(state.begun),
            _ => {}
        }
        state.busy = true;
        state.begun += 1;
        Role::Fetch {
            number: state.begun,
            old: state.value.clone(),
            usable: verdict == Some(Verdict::Ahead),
        }
    }

    /// How a flight ended; `None` if nobody saw it through.
    fn result_of(&self, flight: u64) -> Option<Result<T, Error>> {
        let state = self.lock();
        match &state.failed {
            Some((number, error)) if *number == flight => return Some(Err(error.clone())),
            _ => {}
        }
        let landed = state.landed >= flight;
        landed.then(|| state.value.clone().map(Ok)).flatten()
    }
}

impl<T> Flight<T> {
    /// Ends a flight, if it is under way; who waited for it goes on.
    fn end(&self, number: u64) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.begun != number {
            return;
        }
        state.busy = false;
        let wakers = std::mem::take(&mut state.wakers);
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }
}

/// Whoever fetches; if it is dropped, another one may.
struct Lead<'a, T> {
    flight: &'a Flight<T>,
    number: u64,
}

impl<T: Clone> Lead<'_, T> {
    fn land(self, result: &Result<T, Error>, now: SystemTime) {
        let mut state = self.flight.lock();
        match result {
            Ok(value) if self.number > state.landed => {
                state.value = Some(value.clone());
                state.landed = self.number;
                state.failed = None;
                state.quiet_until = None;
            }
            Err(error) if self.number == state.begun => {
                state.failed = Some((self.number, error.clone()));
                state.quiet_until = now.checked_add(QUIET);
            }
            // Others could not wait, and a later flight has landed or is under way.
            _ => {}
        }
        drop(state);
        // Dropping it wakes those who wait.
    }
}

impl<T> Drop for Lead<'_, T> {
    fn drop(&mut self) {
        self.flight.end(self.number);
    }
}

/// Ends when the flight does, or with `false` when patience does.
struct Landing<'a, T> {
    flight: &'a Flight<T>,
    number: u64,
    patience: BoxFuture<'a, ()>,
}

impl<T: Clone> Future for Landing<'_, T> {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<bool> {
        let mut state = self.flight.lock();
        if !state.busy || state.begun != self.number {
            return Poll::Ready(true);
        }
        if !state.wakers.iter().any(|it| it.will_wake(context.waker())) {
            state.wakers.push(context.waker().clone());
        }
        drop(state);
        self.patience.as_mut().poll(context).map(|()| false)
    }
}
