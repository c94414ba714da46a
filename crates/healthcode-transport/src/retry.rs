//! When a call is sent again, how often calls may be sent, and what redirects lead to.

use crate::call::Idempotency;
use crate::error::{Error, ErrorKind};
use crate::origin::{Origin, resolve};
use crate::time::{Random, Timer, jitter};
use crate::trust::Trust;
use bytes::Bytes;
use http::{Request, Response, Uri, header};
use parking_lot::Mutex;
use std::time::{Duration, SystemTime};

/// When a call is sent again.
///
/// Only what is safe: a call that changes nothing, or the same twice over, or that the service recognises
/// again by its id ([`Idempotency`]). Any call is sent again if nothing was sent. Waits double, with
/// full jitter; `Retry-After` is honoured.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// How often a call is sent at most.
    pub attempts: u32,
    /// The longest wait before the second attempt; it doubles with each one.
    pub base: Duration,
    /// The longest wait that the service does not request.
    pub cap: Duration,
    /// How long a call may take, with all attempts and waits; none begins that would go beyond.
    pub total: Duration,
    /// Whether status 500 is worth another attempt, as 408, 429, 502, 503 and 504 are. Healthcode
    /// says that calls may be repeated after any 5xx.
    pub internal_errors: bool,
}

impl Default for Retry {
    fn default() -> Self {
        Retry {
            attempts: 3,
            base: Duration::from_millis(250),
            cap: Duration::from_secs(8),
            total: Duration::from_mins(1),
            internal_errors: false,
        }
    }
}

impl Retry {
    /// Nothing is sent again.
    #[must_use]
    pub fn never() -> Self {
        Retry {
            attempts: 1,
            ..Self::default()
        }
    }

    /// How long to wait before the next attempt, after `done` attempts in a time of `spent`;
    /// `None` if no attempt follows.
    #[must_use]
    pub fn wait(
        &self,
        error: &Error,
        idempotency: Idempotency,
        done: u32,
        spent: Duration,
        now: SystemTime,
        random: &dyn Random,
    ) -> Option<Duration> {
        let status = error.status().map(|status| status.as_u16());
        let worth = error.is_retryable() && (self.internal_errors || status != Some(500));
        let safe = idempotency != Idempotency::NotIdempotent || error.was_not_sent();
        if done >= self.attempts || !worth || !safe {
            return None;
        }
        let growth = 1_u32 << (done.max(1) - 1).min(16);
        let most = self.base.saturating_mul(growth).min(self.cap);
        let wait = match error.head().and_then(|head| head.retry_delay(now)) {
            // Clients that were given the same time do not all come back at once.
            Some(after) => after.saturating_add(jitter(random, self.base)),
            None => jitter(random, most),
        };
        (spent.saturating_add(wait) < self.total).then_some(wait)
    }
}

/// How many attempts a client may add to its calls: ten at once, and one for every ten that
/// succeed, so that a service that is down is not burdened more.
#[derive(Debug)]
pub(crate) struct Budget(Mutex<u32>);

const TENTHS: u32 = 100;

impl Default for Budget {
    fn default() -> Self {
        Budget(Mutex::new(TENTHS))
    }
}

impl Budget {
    pub(crate) fn succeeded(&self) {
        let mut tenths = self.0.lock();
        *tenths = (*tenths + 1).min(TENTHS);
    }

    pub(crate) fn take(&self) -> bool {
        let mut tenths = self.0.lock();
        match tenths.checked_sub(10) {
            Some(left) => {
                *tenths = left;
                true
            }
            None => false,
        }
    }
}

/// How often calls may be sent: so many at once, and so many a second.
#[derive(Debug)]
pub struct RateLimit {
    each: Duration,
    burst: u32,
    /// When all that was sent has had its time, and when this was stored.
    paid: Mutex<Option<(SystemTime, SystemTime)>>,
}

impl RateLimit {
    /// So many a second, of which `burst` may go at once. Attempts count, too. A number that is not
    /// positive is no limit.
    #[must_use]
    pub fn per_second(calls: f64, burst: u32) -> Self {
        let each = Duration::try_from_secs_f64(1.0 / calls);
        RateLimit {
            each: each.unwrap_or(Duration::ZERO),
            burst: burst.max(1),
            paid: Mutex::new(None),
        }
    }

    /// Takes the next slot, and returns how long to wait for it.
    #[must_use]
    pub fn take(&self, now: SystemTime) -> Duration {
        let mut paid = self.paid.lock();
        // If the clock was set back, as much is owed as when it was stored.
        let owed = paid.map_or(Duration::ZERO, |(until, stored)| {
            until.duration_since(stored.max(now)).unwrap_or_default()
        });
        let until = now
            .checked_add(owed)
            .and_then(|slot| slot.checked_add(self.each));
        let until = until.unwrap_or(now);
        *paid = Some((until, now));
        let owed = until.duration_since(now).unwrap_or_default();
        owed.saturating_sub(self.each.saturating_mul(self.burst))
    }

    pub(crate) async fn wait(&self, timer: &dyn Timer) {
        let wait = self.take(timer.now());
        if !wait.is_zero() {
            timer.sleep(wait).await;
        }
    }
}

/// How many redirects are followed.
const REDIRECTS: usize = 5;

/// The request that follows a redirect: the same method, body and headers at another address, if
/// that is trusted. `None` if the answer is no redirect.
///
/// `visited` are the addresses so far, with that of the request.
///
/// # Errors
/// If it leads to an origin that is not trusted, which the error names; in a circle; or nowhere.
pub fn redirected(
    request: &Request<Bytes>,
    response: &Response<Bytes>,
    trust: &Trust,
    visited: &[Uri],
) -> Result<Option<Request<Bytes>>, Error> {
    match response.status().as_u16() {
        301 | 302 | 307 | 308 => {}
        // A redirect to something else: the method would have to change.
        303 => return Err(Error::new(ErrorKind::Redirect(None))),
        _ => return Ok(None),
    }
    let location = response.headers().get(header::LOCATION);
    let location = location.and_then(|location| location.to_str().ok());
    let target = location.and_then(|location| resolve(request.uri(), location));
    let Some(target) = target else {
        return Err(Error::new(ErrorKind::Redirect(None)));
    };
    let origin = Origin::of(&target).map_err(|_| Error::new(ErrorKind::Redirect(None)))?;
    let same = Origin::of(request.uri()).is_ok_and(|target| target == origin);
    if !same && let Err(error) = trust.check(&target) {
        return Err(match error.kind() {
            ErrorKind::Origin(_) => Error::new(ErrorKind::Redirect(Some(origin))),
            _ => error,
        });
    }
    if visited.len() > REDIRECTS || visited.contains(&target) {
        return Err(Error::new(ErrorKind::RedirectLoop));
    }
    let mut next = request.clone();
    *next.uri_mut() = target;
    Ok(Some(next))
}
