//! Answers: [`Head`] and [`Reply`].

use crate::time::RetryAfter;
use healthcode_core::Issue;
use healthcode_search::service;
use http::{HeaderMap, HeaderName, StatusCode, header};
use std::time::{Duration, SystemTime};

/// The header with the id of a request, which stays the same when it is repeated.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static(service::REQUEST_ID.lower);
/// The header with the id of a workflow.
pub const X_CORRELATION_ID: HeaderName = HeaderName::from_static(service::CORRELATION_ID.lower);

/// What an answer says beside its body.
///
/// `Debug` shows the status and the ids alone.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Head {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    request_id: Option<String>,
    correlation_id: Option<String>,
}
healthcode_core::debug_only!(Head {
    status: |this| this.status.as_u16(),
    request_id: |this| this.request_id(),
    correlation_id: |this| this.correlation_id(),
});

impl Head {
    /// The head of an answer.
    #[must_use]
    pub fn new(status: StatusCode, headers: HeaderMap) -> Self {
        Head {
            status,
            headers,
            ..Self::default()
        }
    }

    pub(crate) fn sent(&mut self, request: &str, correlation: Option<&str>) {
        self.request_id = Some(request.to_owned());
        self.correlation_id = correlation.map(str::to_owned);
    }

    /// A header's text.
    #[must_use]
    pub fn text(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The id of the request: as the client sent it, or else as it was answered.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        let sent = self.request_id.as_deref();
        sent.or_else(|| self.text(&X_REQUEST_ID).filter(|text| is_id(text)))
    }

    /// The id of the workflow: as the client sent it, or else as it was answered.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        let sent = self.correlation_id.as_deref();
        sent.or_else(|| self.text(&X_CORRELATION_ID).filter(|text| is_id(text)))
    }

    /// The version of the resource, as it goes into `If-Match`: `W/"2"`.
    #[must_use]
    pub fn etag(&self) -> Option<&str> {
        self.text(&header::ETAG)
    }

    /// When the service says that the call may be repeated.
    #[must_use]
    pub fn retry_after(&self) -> Option<RetryAfter> {
        RetryAfter::read(self.text(&header::RETRY_AFTER)?)
    }

    /// How long it is from now until then. A date is taken by the service's own clock, if the answer
    /// has its `Date`, for `now` may be wrong.
    #[must_use]
    pub fn retry_delay(&self, now: SystemTime) -> Option<Duration> {
        let date = || httpdate::parse_http_date(self.text(&header::DATE)?).ok();
        let after = self.retry_after()?;
        Some(match after {
            RetryAfter::At(_) => after.delay(date().unwrap_or(now)),
            RetryAfter::Delay(delay) => delay,
        })
    }
}

/// Whether it looks as ids do; what else a server mirrors is not shown.
fn is_id(text: &str) -> bool {
    let good = |c: u8| c.is_ascii_alphanumeric() || b"-_.".contains(&c);
    // Ten digits may be a patient's number.
    text.len() <= 64 && text.bytes().all(good) && text.contains('-')
}

/// An answer: its value, what is wrong with it, and what came beside it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reply<T> {
    /// The value that the call returns.
    pub value: T,
    /// Defects of the body's JSON or XML, as `healthcode-json` and `healthcode-xml` report them; it was read
    /// all the same.
    pub issues: Vec<Issue>,
    /// Status and headers.
    pub head: Head,
}

impl<T> Reply<T> {
    /// The same answer with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Reply<U> {
        Reply {
            value: change(self.value),
            issues: self.issues,
            head: self.head,
        }
    }
}
