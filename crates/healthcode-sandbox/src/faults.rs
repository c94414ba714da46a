//! [`Faults`]: what a sandbox does wrong on purpose.

use crate::http::answer::{Answer, json, plain};
use crate::nhs::responses::{error, with};
use crate::nhs::token;
use http::StatusCode;
use http::header::RETRY_AFTER;
use serde_json::json;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The answer comes later by this much.
    Latency(Duration),
    /// 429, with `Retry-After` in whole seconds if that is given.
    Throttled(Option<Duration>),
    /// 503, with `Retry-After` in whole seconds if that is given.
    Unavailable(Option<Duration>),
    /// The connection is closed without an answer.
    Dropped,
    /// The token of the request has ended.
    ExpiredToken,
    /// The application's keys cannot be fetched: of the NHS's token endpoint alone.
    KeysUnreachable,
    /// The answer is cut off in the middle, though HTTP says that it is whole.
    MalformedBody,
}

/// One of the servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Service {
    /// Healthcode's sign-on server.
    SignOn,
    /// Healthcode: its discovery document, and all that this names.
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

impl Service {
    pub(crate) fn of(path: &str) -> Option<Self> {
        let table = [
            ("/sso/", Service::SignOn),
            ("/healthcode/", Service::Healthcode),
            ("/oauth2/", Service::NhsToken),
            ("/spine-directory/", Service::Sds),
            ("/personal-demographics/", Service::Pds),
            ("/graphnet/oauth/", Service::GraphnetToken),
            ("/graphnet/", Service::Graphnet),
        ];
        let found = table.iter().find(|it| path.starts_with(it.0));
        found.map(|it| it.1)
    }

    /// An error as the service words it.
    fn refuse(self, status: u16, code: &str, text: &str) -> Answer {
        let http = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        let coding = |system: &str| json!({"system": system, "code": code});
        match self {
            Service::Sds | Service::Ssp => {
                let system = "https://fhir.nhs.uk/STU3/ValueSet/Spine-ErrorOrWarningCode-1";
                error(status, None, &coding(system), text)
            }
            Service::Pds => {
                let system = "https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode";
                error(status, None, &coding(system), text)
            }
            Service::Healthcode => plain(http, "transient", text),
            Service::Graphnet => json(http, &json!({"statusCode": status, "message": text})),
            Service::SignOn | Service::NhsToken | Service::GraphnetToken => json(
                http,
                &json!({"error": "temporarily_unavailable", "error_description": text}),
            ),
        }
    }
}

#[derive(Clone, Copy)]
struct Rule {
    service: Service,
    fault: Fault,
    left: u32,
}

/// What goes wrong, and how often. Clones share it, and it may be changed at any time.
///
/// ```
/// use healthcode_sandbox::{Config, Fault, Sandbox, Service};
/// let sandbox = Sandbox::start(Config::default())?;
/// // The next two calls of patients.
/// sandbox.faults().add(Service::Pds, Fault::Dropped, 2);
/// assert_eq!(sandbox.faults().left(), 2);
/// # Ok::<(), healthcode_sandbox::StartError>(())
/// ```
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Vec<Rule>>>);

impl Faults {
    /// Nothing goes wrong.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets something go wrong at the next requests of a service, as often as given. A request meets
    /// the first fault that waits for it, and every latency.
    pub fn add(&self, service: Service, fault: Fault, times: u32) {
        self.lock().push(Rule {
            service,
            fault,
            left: times,
        });
    }

    /// Lets nothing more go wrong.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// How many faults have not been met yet.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.lock()
            .iter()
            .map(|it| it.left)
            .fold(0, u32::saturating_add)
    }

    /// What a request meets: how long it waits, and what else.
    pub(crate) fn meet(&self, service: Service) -> (Duration, Option<Fault>) {
        let (mut wait, mut met) = (Duration::ZERO, None);
        let mut rules = self.lock();
        for rule in rules
            .iter_mut()
            .filter(|it| it.service == service && it.left > 0)
        {
            match rule.fault {
                Fault::Latency(more) => wait = wait.saturating_add(more),
                _ if met.is_some() => continue,
                fault => met = Some(fault),
            }
            rule.left -= 1;
        }
        rules.retain(|it| it.left > 0);
        (wait, met)
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = self.lock();
        let shown = rules.iter().map(|it| (it.service, it.fault, it.left));
        f.debug_list().entries(shown).finish()
    }
}

/// The answer in place of the real one, if the fault is one.
pub(crate) fn answer(service: Service, fault: Fault) -> Option<Answer> {
    let (after, refused) = match fault {
        Fault::Throttled(after) => {
            let text = "there are too many requests";
            (after, service.refuse(429, "TOO_MANY_REQUESTS", text))
        }
        Fault::Unavailable(after) => {
            let text = "the service is not available; try again later";
            (after, service.refuse(503, "SERVICE_UNAVAILABLE", text))
        }
        Fault::KeysUnreachable if service == Service::NhsToken => {
            (None, token::refused(token::KEYS))
        }
        _ => return None,
    };
    Some(match after {
        Some(after) => with(refused, RETRY_AFTER, &after.as_secs().to_string()),
        None => refused,
    })
}
