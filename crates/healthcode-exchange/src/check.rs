//! [`Checker`]: compares exchanges with the table of documented calls.

mod answer;
mod recognise;
mod request;
mod satisfies;

use crate::{Body, Capture, Exchange, Headers, Part};
use healthcode_core::{Detail, Issue, Rule};
use healthcode_search::service::{self, FHIR_JSON, JSON, Service};
use healthcode_search::{Dialect, Endpoint, ParameterLocation, Scope};
use healthcode_validate::{Policy, Validator};
use recognise::{Known, Step};
use std::borrow::Cow;
use std::collections::HashSet;

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
    /// that of the exchange, and its position is in the capture, if what it is about is there
    /// unchanged. Neither is known of a capture that has no such exchange.
    #[must_use]
    pub fn in_capture(&self, capture: &Capture) -> Issue {
        let mut issue = self.issue.clone();
        let exchange = capture.exchanges.get(self.exchange);
        issue.path = format!("exchange[{}].{}", self.exchange, self.part.as_str());
        if !self.issue.path.is_empty() {
            issue.path.push_str(": ");
            // A body's path may hold values where names should be; other parts have this crate's names.
            issue.path.push_str(&match self.part {
                Part::RequestBody | Part::ResponseBody => self.issue.shown_path(),
                _ => self.issue.path.as_str().into(),
            });
        }
        issue.pointer = exchange.map_or_else(String::new, |exchange| self.pointer(exchange));
        let body = match self.part {
            Part::ResponseBody => {
                exchange.and_then(|exchange| exchange.response.as_ref()?.body.as_ref())
            }
            _ => None,
        };
        issue.position = match self.part {
            Part::Capture => issue.position,
            _ => issue
                .position
                .zip(body)
                .and_then(|(inside, body)| body.position(inside)),
        };
        // The text around a body's issue is the capture's where the body is there as it is.
        issue.excerpt = issue.excerpt.filter(|_| body.is_some_and(Body::is_placed));
        issue.at_name = false;
        issue.occurrence = 0;
        issue
    }

    /// Where the part is in a HAR file.
    fn pointer(&self, exchange: &Exchange) -> String {
        let at = &exchange.pointer;
        match self.part {
            _ if at.is_empty() => String::new(),
            Part::Capture if !self.issue.pointer.is_empty() => self.issue.pointer.clone(),
            Part::Capture => at.clone(),
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

impl Checker {
    /// A checker whose bodies are judged by `validator`.
    #[must_use]
    pub fn new(validator: Validator) -> Self {
        Checker { validator }
    }

    /// Everything that is found in a capture, by the order of its exchanges.
    ///
    /// An answer that is Healthcode's discovery document has the addresses of all exchanges. A request
    /// with the header of Graphnet's gateway shows its base, which is not documented.
    #[must_use]
    pub fn check(&self, capture: &Capture) -> Vec<Finding> {
        let known = Known::of(capture);
        let mut list = Vec::new();
        let mut moved = None;
        let mut links = HashSet::new();
        let mut faults: Vec<_> = capture.faults.iter().collect();
        faults.sort_by_key(|fault| fault.exchange);
        let mut faults = faults.into_iter().peekable();
        for (exchange, recorded) in capture.exchanges.iter().enumerate() {
            let findings = &mut Findings {
                exchange,
                list: &mut list,
            };
            while let Some(fault) = faults.next_if(|fault| fault.exchange <= exchange) {
                findings.push(fault.part, fault.issue());
            }
            if !recorded.readable {
                continue;
            }
            let (mut scope, mut step) = known.call(recorded);
            // Where a documented call redirects to, it is the same call.
            if scope.is_none()
                && let Some((_, before)) = moved.take_if(|(url, _)| *url == recorded.request.url)
            {
                (scope, step) = before;
            }
            if let Some(url) = recorded.redirect() {
                moved = Some((url, (scope, step)));
            }
            let call = Call {
                exchange: recorded,
                scope,
                step,
                is_linked: links.contains(&recorded.request.url),
            };
            request::check(&call, &self.validator, findings);
            answer::check(&call, &self.validator, findings);
            if call.service() == Some(&service::GRAPHNET) {
                links.extend(recorded.links());
            }
        }
        for fault in faults {
            let list = &mut list;
            let exchange = fault.exchange;
            Findings { exchange, list }.push(fault.part, fault.issue());
        }
        list
    }
}

/// An exchange, and the documented call that it is.
struct Call<'a> {
    exchange: &'a Exchange,
    scope: Option<Scope>,
    step: Step,
    /// Whether an earlier answer has its address as a link to another page: the server wrote the query.
    is_linked: bool,
}

impl Call<'_> {
    /// Whether anything is documented of it.
    fn is_known(&self) -> bool {
        self.scope.is_some() || self.service().is_some()
    }

    /// The service that is called, if it is a documented one.
    fn service(&self) -> Option<&'static Service> {
        match self.step {
            Step::Api => Some(&service::GRAPHNET),
            Step::Spine => Some(&service::SPINE_PROXY),
            _ => self.endpoint()?.service,
        }
    }

    fn dialect(&self) -> Option<Dialect> {
        let endpoint = self.endpoint().map(|endpoint| endpoint.dialect);
        endpoint.or_else(|| Some(self.service()?.dialect))
    }

    /// Whether its bodies are not of R4: those of Graphnet and of providers behind the Spine's proxy
    /// are of STU3, or no FHIR.
    fn is_other_fhir(&self) -> bool {
        self.dialect() == Some(Dialect::Stu3)
    }

    /// The version of FHIR that a body is of, if its media type or the call says it.
    fn version<'h>(&self, headers: &'h Headers) -> Option<&'h str> {
        let stated = headers.fhir_version();
        stated.or_else(|| self.is_other_fhir().then_some("3.0"))
    }

    /// The type of resource of a good answer, if it is documented.
    fn expected(&self) -> Option<&'static str> {
        let endpoint = self.endpoint()?;
        match self.step {
            Step::Itself => endpoint.response,
            // A photo is below the id of its practitioner; of others the resource itself.
            Step::One if endpoint.parameter_location == ParameterLocation::None => {
                endpoint.response.or(endpoint.resource)
            }
            Step::One => endpoint.resource,
            Step::New => endpoint.resource,
            Step::Related | Step::Coverage => Some("Bundle"),
            Step::Api | Step::Spine => None,
        }
    }

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

/// The media type of FHIR's XML.
const FHIR_XML: &str = "application/fhir+xml";

/// The media type of FHIR that a body is written in.
fn fhir_type(bytes: &[u8]) -> &'static str {
    if healthcode_xml::is_xml(bytes) {
        FHIR_XML
    } else {
        FHIR_JSON
    }
}

/// A body as JSON: of FHIR in XML, what JSON has a form for.
fn as_json(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !healthcode_xml::is_xml(bytes) {
        return Cow::Borrowed(bytes);
    }
    match healthcode_xml::from_slice::<healthcode_r4::Resource>(bytes) {
        Ok(read) => Cow::Owned(healthcode_json::to_vec(&read.value)),
        Err(_) => Cow::Borrowed(bytes),
    }
}

/// Whether a body is FHIR by its own account, or by that of its media type or address, so that it is
/// reported if it cannot be read.
fn claims_fhir(bytes: &[u8], headers: &Headers, url: &str) -> bool {
    let media_type = headers.media_type();
    let media_type = media_type.as_deref();
    if healthcode_xml::is_xml(bytes) {
        let stated =
            media_type.is_some_and(|media_type| [FHIR_JSON, FHIR_XML].contains(&media_type));
        return stated || may_be_fhir(media_type) && healthcode_xml::is_fhir(bytes);
    }
    let json = [FHIR_JSON, JSON, "text/json", "text/plain"];
    if media_type.is_some_and(|media_type| !json.contains(&media_type))
        || bytes.trim_ascii().is_empty()
    {
        return false;
    }
    match named(bytes) {
        Ok(Some(_)) => true,
        // JSON that has no type of resource may be anything.
        Ok(None) => media_type == Some(FHIR_JSON),
        Err(_) => {
            const NAME: &[u8] = b"\"resourceType\"";
            let start = bytes.get(..65_536).unwrap_or(bytes);
            let mentions = || start.windows(NAME.len()).any(|window| window == NAME);
            let begins = bytes.trim_ascii_start().starts_with(b"{")
                || bytes.trim_ascii_start().starts_with(b"[");
            media_type == Some(FHIR_JSON) || begins && (mentions() || is_fhir_address(url))
        }
    }
}

/// Whether an address ends as those of FHIR do: `/Type`, `/Type/id`, or `/Type/id/_history/version`.
fn is_fhir_address(url: &str) -> bool {
    let mut segments = address(url).rsplit('/').take(4);
    segments.any(healthcode_search::is_resource)
}

/// A URL without its query and fragment.
fn address(url: &str) -> &str {
    url.split(['?', '#'])
        .next()
        .unwrap_or(url)
        .trim()
        .trim_end_matches('/')
}

/// The type that a JSON body says it is of.
fn resource_type(bytes: &[u8]) -> Option<String> {
    named(bytes).ok().flatten()
}

/// The same; an error if it is no JSON object, or its type of resource no string.
fn named(bytes: &[u8]) -> serde_json::Result<Option<String>> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Named {
        resource_type: Option<String>,
    }
    serde_json::from_slice(bytes).map(|named: Named| named.resource_type)
}

/// The issues of a body of the given version, by the validator. One of a version that the validator does not
/// support is passed over.
fn validate(
    bytes: &[u8],
    version: Option<&str>,
    part: Part,
    validator: &Validator,
    findings: &mut Findings<'_>,
) {
    if !version.is_none_or(|version| validator.supports(version)) {
        return;
    }
    match validator.check(bytes, version) {
        Ok(issues) => {
            for issue in issues {
                findings.push(part, issue);
            }
        }
        Err(error) => findings.push(part, error.into_issue()),
    }
}

/// Whether a body of this media type is FHIR, or may be.
fn may_be_fhir(media_type: Option<&str>) -> bool {
    media_type.is_none_or(|media_type| {
        media_type.ends_with("json") || media_type.ends_with("xml") || media_type == "text/plain"
    })
}
