//! [`Checker`]: compares exchanges with the table of documented calls.

mod answer;
mod request;
mod satisfies;

use crate::{Capture, Exchange};
use healthcode_core::{Detail, Issue, Rule};
use healthcode_search::{ENDPOINTS, Endpoint, Scope};
use healthcode_validate::{Policy, Validator};
use std::collections::BTreeMap;

/// Compares exchanges with what is documented.
#[derive(Clone, Debug)]
pub struct Checker {
    validator: Validator,
}

/// By Healthcode's policy, since captures are of what the services really send.
impl Default for Checker {
    fn default() -> Self {
        Checker::new(Validator::new(Policy::Healthcode))
    }
}

/// The part of an exchange that a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The request: its method, address and headers.
    Request,
    /// The request's parameters, in its URL or body.
    Query,
    /// The resource that the request's body is.
    RequestBody,
    /// The answer: its status and headers.
    Response,
    /// The resource that the answer's body is.
    ResponseBody,
}

impl Part {
    /// Its name in paths: `response.body`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Part::Request => "request",
            Part::Query => "request.query",
            Part::RequestBody => "request.body",
            Part::Response => "response",
            Part::ResponseBody => "response.body",
        }
    }
}

/// Something that is wrong with an exchange, or worth knowing.
///
/// Issues of bodies have paths, pointers and positions inside the body; others are at the name of a
/// header or parameter, if one is meant. None shows a value.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// Which exchange, from 0.
    pub exchange: usize,
    /// Which part of it.
    pub part: Part,
    /// What was found.
    pub issue: Issue,
}

impl Finding {
    /// The issue as one of the capture: its path begins with the exchange and the part, its pointer is
    /// that of the exchange, and its position is in the capture, if what it is about stands there as
    /// it is.
    /// A capture that has no such exchange gives neither.
    #[must_use]
    pub fn in_capture(&self, capture: &Capture) -> Issue {
        let mut issue = self.issue.clone();
        let exchange = capture.exchanges.get(self.exchange);
        issue.path = format!("exchange[{}].{}", self.exchange, self.part.as_str());
        if !self.issue.path.is_empty() {
            issue.path.push_str(": ");
            issue.path.push_str(&self.issue.path);
        }
        issue.pointer = exchange.map_or_else(String::new, |it| self.pointer(it));
        let response = exchange.and_then(|it| it.response.as_ref());
        let start = match self.part {
            Part::ResponseBody => response.and_then(|it| it.body.as_ref()?.start),
            _ => None,
        };
        issue.position = issue.position.zip(start).map(|(mut inside, start)| {
            if inside.line == 1 {
                inside.column += start.column - 1;
            }
            inside.offset += start.offset;
            inside.line += start.line - 1;
            inside
        });
        // The text around a body's issue is the capture's where the body stands there as it is.
        issue.excerpt = issue.excerpt.filter(|_| start.is_some());
        issue.at_name = false;
        issue.occurrence = 0;
        issue
    }

    /// Where the part is in a HAR file.
    fn pointer(&self, exchange: &Exchange) -> String {
        let at = &exchange.pointer;
        match self.part {
            _ if at.is_empty() => String::new(),
            Part::Request | Part::Query => format!("{at}/request"),
            Part::RequestBody => format!("{at}/request/postData"),
            Part::Response if exchange.response.is_none() => at.clone(),
            Part::Response => format!("{at}/response"),
            Part::ResponseBody => format!("{at}/response/content/text"),
        }
    }
}

/// What the findings of one exchange are gathered in.
struct Findings<'a> {
    exchange: usize,
    list: &'a mut Vec<Finding>,
}

impl Findings<'_> {
    fn push(&mut self, part: Part, issue: Issue) {
        self.list.push(Finding {
            exchange: self.exchange,
            part,
            issue,
        });
    }

    /// A finding at a name of a header or the like; an empty one stands for the whole part.
    fn at(&mut self, part: Part, rule: &'static Rule, name: &str, detail: Detail) {
        self.push(
            part,
            Issue::at(rule, name.to_owned(), String::new(), detail),
        );
    }
}

/// An address of the discovery document, by its key.
type Addresses = BTreeMap<String, &'static Endpoint>;

impl Checker {
    /// A checker whose bodies are judged by `validator`.
    #[must_use]
    pub fn new(validator: Validator) -> Self {
        Checker { validator }
    }

    /// Everything that is found in a capture, by the order of its exchanges.
    ///
    /// An answer that is Healthcode's discovery document tells the addresses of all exchanges.
    #[must_use]
    pub fn check(&self, capture: &Capture) -> Vec<Finding> {
        let addresses = discovered(capture);
        let mut list = Vec::new();
        for (exchange, it) in capture.exchanges.iter().enumerate() {
            let findings = &mut Findings {
                exchange,
                list: &mut list,
            };
            let scope = scope(it, &addresses);
            let call = Call {
                exchange: it,
                scope,
            };
            request::check(&call, &self.validator, findings);
            answer::check(&call, &self.validator, findings);
        }
        list
    }
}

/// An exchange, and the documented call that it is.
struct Call<'a> {
    exchange: &'a Exchange,
    scope: Option<Scope>,
}

impl Call<'_> {
    fn endpoint(&self) -> Option<&'static Endpoint> {
        match self.scope {
            Some(Scope::Endpoint(endpoint)) => Some(endpoint),
            _ => None,
        }
    }

    /// Whether it fetches a token or a discovery document: no FHIR, and no call of the table.
    fn is_of_sign_on(&self) -> bool {
        let address = address(&self.exchange.request.url);
        address.contains("/.well-known/")
            || address.ends_with("/token")
            || address.ends_with("/authorize")
    }
}

/// A URL without its query and fragment.
fn address(url: &str) -> &str {
    url.split(['?', '#'])
        .next()
        .unwrap_or(url)
        .trim()
        .trim_end_matches('/')
}

/// The addresses in the answers that are discovery documents: objects with keys of the table.
fn discovered(capture: &Capture) -> Addresses {
    let mut addresses = Addresses::new();
    let responses = capture
        .exchanges
        .iter()
        .filter_map(|it| it.response.as_ref());
    for body in responses.filter_map(|it| it.body.as_ref()) {
        let Ok(document) =
            serde_json::from_slice::<BTreeMap<String, serde_json::Value>>(&body.bytes)
        else {
            continue;
        };
        for endpoint in ENDPOINTS {
            let value = endpoint.discovery_key.and_then(|key| document.get(key));
            if let Some(url) = value.and_then(serde_json::Value::as_str) {
                addresses.entry(address(url).to_owned()).or_insert(endpoint);
            }
        }
    }
    addresses
}

/// The documented call that an exchange is.
fn scope(exchange: &Exchange, addresses: &Addresses) -> Option<Scope> {
    let address = address(&exchange.request.url);
    let same_method = |endpoint: &Endpoint| endpoint.method.as_str() == exchange.request.method;
    if let Some(endpoint) = addresses.get(address) {
        return Some(Scope::Endpoint(endpoint));
    }
    // An address that ends in an id: a read, by what is documented as such.
    let (parent, _) = address.rsplit_once('/')?;
    if let Some(endpoint) = addresses.get(parent) {
        let reads = endpoint.carriage == healthcode_search::Carriage::None;
        return (reads && same_method(endpoint)).then_some(Scope::Endpoint(endpoint));
    }
    Scope::of_address(address).or_else(|| {
        let reads = |it: &Scope| {
            matches!(it, Scope::Endpoint(endpoint)
            if endpoint.carriage == healthcode_search::Carriage::None)
        };
        Scope::of_address(parent).filter(reads)
    })
}

/// The type that a JSON body says it is of.
fn resource_type(bytes: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Named {
        resource_type: Option<String>,
    }
    let named: Named = serde_json::from_slice(bytes).ok()?;
    named.resource_type
}

/// The issues of a body, by the validator.
fn validate(bytes: &[u8], part: Part, validator: &Validator, findings: &mut Findings<'_>) {
    match validator.read::<healthcode_r4::Resource>(bytes) {
        Ok((_, report)) => {
            for issue in report.issues {
                findings.push(part, issue);
            }
        }
        Err(error) => findings.push(part, error.into_issue()),
    }
}

/// Whether a body of this media type is FHIR JSON, or may be.
fn is_json(media_type: Option<&str>) -> bool {
    media_type.is_none_or(|it| it.ends_with("json") || it == "text/plain")
}
