//! [`Faults`]: what a sandbox does wrong on purpose.

use parking_lot::Mutex;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The response is delayed by this much.
    Latency(Duration),
    /// 429, with `Retry-After` in whole seconds if that is given.
    Throttled(Option<Duration>),
    /// 503, with `Retry-After` in whole seconds if that is given.
    Unavailable(Option<Duration>),
    /// The connection is closed without a response.
    Dropped,
    /// The token of the request has expired.
    ExpiredToken,
    /// The application's keys cannot be fetched. Only the NHS's token endpoint has this fault.
    KeysUnreachable,
    /// The body is cut in half, while its headers are those of a complete response.
    MalformedBody,
}

/// One of the services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Service {
    /// Healthcode's sign-on server.
    SignOn,
    /// Healthcode: its discovery document, and all endpoints that it names.
    Healthcode,
    /// The NHS's token endpoint.
    NhsToken,
    /// The Spine Directory Service.
    Sds,
    /// The Personal Demographics Service.
    Pds,
    /// The Spine's proxy.
    Ssp,
    /// Graphnet's token endpoint.
    GraphnetToken,
    /// Graphnet's gateway.
    Graphnet,
}

#[derive(Clone, Copy)]
struct Rule {
    service: Service,
    fault: Fault,
    left: u32,
}

/// The faults of coming requests. Clones share them, and they can be changed at any time.
///
/// ```
/// use healthcode_sandbox::{Config, Fault, Sandbox, Service};
/// let sandbox = Sandbox::start(Config::default())?;
/// // The next two calls to PDS.
/// sandbox.faults().add(Service::Pds, Fault::Dropped, 2);
/// assert_eq!(sandbox.faults().left(), 2);
/// # Ok::<(), healthcode_sandbox::StartError>(())
/// ```
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Vec<Rule>>>);

impl Faults {
    /// No faults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a fault for the next requests to a service, for as many as given. A request gets every
    /// latency that is left, and the first of all other faults.
    pub fn add(&self, service: Service, fault: Fault, times: u32) {
        self.0.lock().push(Rule {
            service,
            fault,
            left: times,
        });
    }

    /// Removes all faults.
    pub fn clear(&self) {
        self.0.lock().clear();
    }

    /// How many faults are left.
    #[must_use]
    pub fn left(&self) -> u32 {
        let rules = self.0.lock();
        rules
            .iter()
            .fold(0, |sum, rule| sum.saturating_add(rule.left))
    }

    /// The faults of a request: its latency, and another one.
    pub(crate) fn take(&self, service: Service) -> (Duration, Option<Fault>) {
        let (mut latency, mut taken) = (Duration::ZERO, None);
        let mut rules = self.0.lock();
        let is_due = |rule: &&mut Rule| rule.service == service && rule.left > 0;
        for rule in rules.iter_mut().filter(is_due) {
            match rule.fault {
                Fault::Latency(more) => latency = latency.saturating_add(more),
                _ if taken.is_some() => continue,
                fault => taken = Some(fault),
            }
            rule.left -= 1;
        }
        rules.retain(|rule| rule.left > 0);
        (latency, taken)
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = self.0.lock();
        let shown = rules
            .iter()
            .map(|rule| (rule.service, rule.fault, rule.left));
        f.debug_list().entries(shown).finish()
    }
}
