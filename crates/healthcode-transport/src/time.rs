//! Time and randomness, as they come from outside.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

/// A future that may be sent to another thread.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The clock and the sleep of whatever runs futures. With feature `reqwest` there is `TokioTimer`.
pub trait Timer: Send + Sync {
    /// The time by the system's clock.
    fn now(&self) -> SystemTime;

    /// Ends after this time.
    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()>;
}

impl<T: Timer + ?Sized> Timer for std::sync::Arc<T> {
    fn now(&self) -> SystemTime {
        (**self).now()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        (**self).sleep(time)
    }
}

/// A source of random bytes that nobody can foretell: ids of requests and of assertions come from
/// it. With feature `reqwest` there is `SystemRandom`.
pub trait Random: Send + Sync {
    /// Fills all of it with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

impl<F: Fn(&mut [u8]) + Send + Sync> Random for F {
    fn fill(&self, bytes: &mut [u8]) {
        self(bytes);
    }
}

/// A random UUID (version 4), in lower case.
///
/// ```
/// let zeros = |bytes: &mut [u8]| bytes.fill(0);
/// let id = healthcode_transport::uuid(&zeros);
/// assert_eq!(id, "00000000-0000-4000-8000-000000000000");
/// ```
#[must_use]
pub fn uuid(random: &dyn Random) -> String {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    let bits = u128::from_be_bytes(bytes);
    // RFC 9562: four bits of version, two of variant.
    let bits = bits & !(0xf << 76) | 4 << 76;
    let bits = bits & !(0b11 << 62) | 0b10 << 62;
    let hex = format!("{bits:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32];
    let parts = parts.map(|range| hex.get(range).unwrap_or_default());
    parts.join("-")
}

/// A time between none and this one, all alike likely.
pub(crate) fn jitter(random: &dyn Random, most: Duration) -> Duration {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    let share = u64::from_be_bytes(bytes) as f64 / u64::MAX as f64;
    Duration::try_from_secs_f64(most.as_secs_f64() * share)
        .map_or(most, |duration| duration.min(most))
}

/// Seconds since 1970.
pub(crate) fn epoch_seconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |elapsed| elapsed.as_secs())
}

/// When a server says that a call may be repeated: the header `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryAfter {
    /// After this time.
    Delay(Duration),
    /// At this time.
    At(SystemTime),
}

impl RetryAfter {
    /// Reads a header's text: seconds, or a date of HTTP.
    ///
    /// ```
    /// use healthcode_transport::RetryAfter;
    /// use std::time::Duration;
    /// assert_eq!(RetryAfter::read("5"), Some(RetryAfter::Delay(Duration::from_secs(5))));
    /// assert!(matches!(RetryAfter::read("Fri, 20 Nov 2026 08:49:37 GMT"), Some(RetryAfter::At(_))));
    /// assert_eq!(RetryAfter::read("soon"), None);
    /// ```
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            let seconds = text.parse().unwrap_or(u64::from(u32::MAX));
            return Some(RetryAfter::Delay(Duration::from_secs(seconds)));
        }
        httpdate::parse_http_date(text).ok().map(RetryAfter::At)
    }

    /// How long that is from now.
    #[must_use]
    pub fn delay(self, now: SystemTime) -> Duration {
        match self {
            RetryAfter::Delay(delay) => delay,
            RetryAfter::At(time) => time.duration_since(now).unwrap_or_default(),
        }
    }
}

/// A future that ends with `None` when another one ends first.
pub(crate) struct Within<'a, T> {
    pub(crate) task: BoxFuture<'a, T>,
    pub(crate) limit: Option<BoxFuture<'a, ()>>,
}

impl<T> Future for Within<'_, T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        if let Poll::Ready(done) = self.task.as_mut().poll(context) {
            return Poll::Ready(Some(done));
        }
        match self
            .limit
            .as_mut()
            .map(|limit| limit.as_mut().poll(context))
        {
            Some(Poll::Ready(())) => Poll::Ready(None),
            _ => Poll::Pending,
        }
    }
}
