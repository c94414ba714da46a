//! [`LoggedRequest`]: what is logged of a request.

use http::Method;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A function that is called once a request is answered.
pub type OnRequest = Arc<dyn Fn(&LoggedRequest) + Send + Sync>;

/// A request that was answered, without anything that may identify a person.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// The method.
    pub method: Method,
    /// The pattern of the path, such as `/healthcode/practitioner/{id}`; `/{}` for a path that the
    /// sandbox does not have, and for all paths of the Spine's proxy.
    pub path: String,
    /// The status of the response; `None` if the connection was closed instead.
    pub status: Option<u16>,
    /// The time that it took.
    pub took: Duration,
}

impl fmt::Display for LoggedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.took.as_secs_f64() * 1e3;
        let LoggedRequest { method, path, .. } = self;
        match self.status {
            Some(status) => write!(f, "{status} {method} {path} {millis:.1} ms"),
            None => write!(f, "--- {method} {path} {millis:.1} ms"),
        }
    }
}
