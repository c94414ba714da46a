//! Which documented call an exchange is: by the addresses of the discovery document, by documented
//! paths, and by headers that one service alone requires.

use super::address;
use crate::{Capture, Exchange, Headers};
use healthcode_search::service::{
    GRAPHNET, Header, SSP_FROM, SSP_INTERACTION_ID, SSP_TO, SSP_TRACE_ID, SUBSCRIPTION_KEY,
};
use healthcode_search::{ENDPOINTS, Endpoint, Method, ParameterLocation, Scope};
use std::collections::{BTreeMap, BTreeSet};

/// Headers that the Spine's proxy alone requires.
const SPINE: [Header; 4] = [SSP_TRACE_ID, SSP_FROM, SSP_TO, SSP_INTERACTION_ID];
/// Where Graphnet documents its services to be; the gateway of FHIR is not documented.
const HOSTS: [&str; 3] = ["graphnethealth.com", "syhapp.com", "grhapp.com"];

/// What part of a documented call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The call itself, as the table has it.
    Itself,
    /// What is below its address: one resource, read or written.
    One,
    /// Who is related to that one.
    Related,
    /// A new patient of PDS.
    New,
    /// Coverage of a patient of PDS, read or new.
    Coverage,
    /// JSON of one of Graphnet's APIs that are no FHIR.
    Api,
    /// A provider, called through the Spine's proxy.
    Spine,
}

/// The addresses by which the calls of a capture are recognised.
#[derive(Default)]
pub(super) struct Known {
    /// Addresses of the discovery document.
    addresses: BTreeMap<String, &'static Endpoint>,
    /// Bases of Graphnet's FHIR API, and the origins that they are on.
    bases: BTreeSet<String>,
    origins: BTreeSet<String>,
}

impl Known {
    /// Collects them from a whole capture.
    pub(super) fn of(capture: &Capture) -> Self {
        let mut known = Known::default();
        for exchange in &capture.exchanges {
            known.discovered(exchange);
            let request = &exchange.request;
            let (address, origin) = (address(&request.url), origin(&request.url));
            let keyed = request.headers.get(SUBSCRIPTION_KEY.name).is_some() || is_graphnet(origin);
            let other = Scope::of_address(address);
            let other = matches!(other, Some(Scope::Endpoint(_))) || is_spine(&request.headers);
            if let Some((base, _)) = graphnet(address).filter(|_| keyed && !other) {
                known.bases.insert(base.to_owned());
                known.origins.insert(origin.to_owned());
            }
        }
        known
    }

    /// The addresses of an answer that is a discovery document: an object with keys of the table.
    fn discovered(&mut self, exchange: &Exchange) {
        let body = exchange
            .response
            .as_ref()
            .and_then(|response| response.body.as_ref());
        let Some(document) = body.and_then(|body| {
            serde_json::from_slice::<BTreeMap<String, serde_json::Value>>(&body.bytes).ok()
        }) else {
            return;
        };
        for endpoint in ENDPOINTS {
            let value = endpoint.discovery_key.and_then(|key| document.get(key));
            if let Some(url) = value.and_then(serde_json::Value::as_str) {
                let address = address(url).to_owned();
                self.addresses.entry(address).or_insert(endpoint);
            }
        }
    }

    /// The documented call that an exchange is, and which part of it.
    pub(super) fn call(&self, exchange: &Exchange) -> (Option<Scope>, Step) {
        let request = &exchange.request;
        if is_spine(&request.headers) {
            return (None, Step::Spine);
        }
        let address = address(&request.url);
        if let Some(found) = self.healthcode(address, &request.method) {
            return found;
        }
        if let Some(found) = nhs(address, &request.method) {
            return found;
        }
        let whole = Scope::of_address(address);
        if let Some(Scope::Endpoint(_)) = whole {
            return (whole, Step::Itself);
        }
        let keyed = request.headers.get(SUBSCRIPTION_KEY.name).is_some();
        if let Some((base, call)) = graphnet(address)
            && (keyed || self.bases.contains(base))
        {
            return call;
        }
        let origin = origin(&request.url);
        if keyed && (is_graphnet(origin) || self.origins.contains(origin)) {
            return (None, Step::Api);
        }
        (whole, Step::Itself)
    }

    /// A call of an address of the discovery document, or of what is below it.
    fn healthcode(&self, address: &str, method: &str) -> Option<(Option<Scope>, Step)> {
        if let Some(endpoint) = self.addresses.get(address) {
            return Some((Some(Scope::Endpoint(endpoint)), Step::Itself));
        }
        let (parent, _) = address.rsplit_once('/')?;
        let found = self.addresses.get(parent).copied();
        let below = |endpoint: &&Endpoint| match method {
            "GET" => endpoint.parameter_location != ParameterLocation::Form,
            "PUT" | "DELETE" => endpoint.resource.is_some(),
            _ => false,
        };
        // Code sets have a scheme below their name.
        let deep = || {
            let (above, _) = parent.rsplit_once('/')?;
            let found = self.addresses.get(above).copied();
            found.filter(|found| {
                found.parameter_location == ParameterLocation::None && found.method == Method::Get
            })
        };
        let endpoint = found.filter(below).or_else(deep)?;
        Some((Some(Scope::Endpoint(endpoint)), Step::One))
    }
}

/// A patient of PDS, a new one, who is related to one, or coverage.
fn nhs(address: &str, method: &str) -> Option<(Option<Scope>, Step)> {
    let patients = |address: &str| {
        let scope = Scope::of_address(address);
        matches!(scope, Some(Scope::Endpoint(endpoint)) if endpoint.name == "pds-patient")
            .then_some(scope)
    };
    if let Some(scope) = patients(address).filter(|_| method == "POST") {
        return Some((scope, Step::New));
    }
    let (parent, last) = address.rsplit_once('/')?;
    if last == "Coverage"
        && let Some(scope) = patients(&format!("{parent}/Patient"))
    {
        return Some((scope, Step::Coverage));
    }
    if let Some(scope) = patients(parent) {
        let step = match last {
            "$process-birth-details" => Step::New,
            _ => Step::One,
        };
        return Some((scope, step));
    }
    let (above, _) = parent.rsplit_once('/')?;
    let scope = patients(above).filter(|_| last == "RelatedPerson")?;
    Some((scope, Step::Related))
}

/// The base and the call, if an address ends as those of Graphnet's FHIR API do.
fn graphnet(address: &str) -> Option<(&str, (Option<Scope>, Step))> {
    let of_type = |last: &str| {
        let path = |endpoint: &&Endpoint| {
            endpoint.path.and_then(|path| path.strip_prefix('/')) == Some(last)
        };
        let mut rows = ENDPOINTS
            .iter()
            .filter(|endpoint| endpoint.service == Some(&GRAPHNET));
        rows.find(path).map(Scope::Endpoint)
    };
    let (parent, last) = address.rsplit_once('/')?;
    if let Some(scope) = of_type(last) {
        return Some((parent, (Some(scope), Step::Itself)));
    }
    let (base, last) = parent.rsplit_once('/')?;
    let scope = of_type(last)?;
    Some((base, (Some(scope), Step::One)))
}

fn is_spine(headers: &Headers) -> bool {
    SPINE
        .iter()
        .any(|header| headers.get(header.name).is_some())
}

/// Scheme, host and port, as they are written.
fn origin(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let rest = url.get(start..).unwrap_or_default();
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    url.get(..start + end).unwrap_or(url)
}

/// Whether an origin is one that Graphnet documents.
fn is_graphnet(origin: &str) -> bool {
    let host = origin.split_once("://").map_or(origin, |parts| parts.1);
    let host = host.split(':').next().unwrap_or(host).to_ascii_lowercase();
    HOSTS.iter().any(|known| {
        let before = host.strip_suffix(known);
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    })
}
