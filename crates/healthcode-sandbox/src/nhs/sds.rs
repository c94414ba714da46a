//! The Spine Directory Service over FHIR: Devices and Endpoints.

use super::directory::{PARTY_KEY, has_extension, has_party_key, offers};
use super::responses::{
    CORRELATION_ID, REQUEST_ID, SpineError, copy_headers, spine_error, uuid_header,
};
use crate::http::form::{Form, decode};
use crate::http::headers::text as header;
use crate::http::path::PathText;
use crate::http::response::{Response, entry, fhir, with_header};
use crate::json::text;
use crate::random::uuid;
use crate::state::SandboxState;
use axum::extract::{RawQuery, State};
use healthcode_search::service::{self, FHIR_JSON, JSON};
use http::header::{ACCEPT, ALLOW};
use http::{HeaderMap, Method};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const ORGANIZATION: &str = "https://fhir.nhs.uk/Id/ods-organization-code";
const INTERACTION: &str = "https://fhir.nhs.uk/Id/nhsServiceInteractionId";

/// A search parameter, with the system of its values.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Parameter {
    Organization,
    Interaction,
    PartyKey,
    Manufacturer,
}

impl Parameter {
    fn parse(name: &str, system: &str, of_devices: bool) -> Result<Self, &'static str> {
        match (name, system) {
            ("organization", ORGANIZATION) => Ok(Parameter::Organization),
            ("identifier", INTERACTION) => Ok(Parameter::Interaction),
            ("identifier", PARTY_KEY) => Ok(Parameter::PartyKey),
            ("manufacturing-organization", ORGANIZATION) if of_devices => {
                Ok(Parameter::Manufacturer)
            }
            ("organization" | "identifier", _) => Err("unknown system"),
            ("manufacturing-organization", _) if of_devices => Err("unknown system"),
            _ => Err("unknown parameter"),
        }
    }

    fn matches(self, resource: &Value, value: &str) -> bool {
        match self {
            Parameter::Organization => {
                text(resource, "/owner/identifier/value") == Some(value)
                    || text(resource, "/managingOrganization/identifier/value") == Some(value)
            }
            Parameter::Interaction => offers(resource, value),
            Parameter::PartyKey => has_party_key(resource, value),
            Parameter::Manufacturer => has_extension(resource, "ManufacturingOrganisation", value),
        }
    }
}

/// Parses a query of Devices or of Endpoints. The last value counts if a parameter is repeated.
fn parse(query: &str, of_devices: bool) -> Result<BTreeMap<Parameter, String>, &'static str> {
    let mut parameters = BTreeMap::new();
    for (name, value) in Form::parse(query)?.fields() {
        let (system, value) = value.split_once('|').unwrap_or(("", value));
        let parameter = Parameter::parse(name, system, of_devices)?;
        if value.is_empty() {
            return Err("missing value");
        }
        parameters.insert(parameter, value.to_owned());
    }
    let has = |parameter: &Parameter| parameters.contains_key(parameter);
    let (organization, interaction) = (Parameter::Organization, Parameter::Interaction);
    let required = [organization, interaction, Parameter::PartyKey];
    if of_devices && !(has(&organization) && has(&interaction)) {
        return Err("missing organization, or identifier of an interaction");
    }
    if required.iter().filter(|parameter| has(parameter)).count() < 2 {
        return Err("missing parameter: expected organization, or another identifier");
    }
    Ok(parameters)
}

pub(crate) async fn search(
    State(state): State<Arc<SandboxState>>,
    PathText(path): PathText<String>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let sent = header(&headers, &CORRELATION_ID).map(str::to_owned);
    let id = sent.unwrap_or_else(|| format!("{:X}", uuid()));
    let found = find(&state, &path, &method, &query.unwrap_or_default(), &headers);
    let response = found.unwrap_or_else(|(status, code, text)| {
        let refused = spine_error(status, Some(&id), code, text);
        match status {
            405 => with_header(refused, ALLOW, "GET"),
            _ => refused,
        }
    });
    let response = copy_headers(response, &headers, &[REQUEST_ID]);
    with_header(response, CORRELATION_ID, &id)
}

fn find(
    state: &SandboxState,
    path: &str,
    method: &Method,
    query: &str,
    headers: &HeaderMap,
) -> Result<Response, SpineError> {
    let (resources, of_devices) = match path {
        "Device" => (&state.records.devices, true),
        "Endpoint" => (&state.records.endpoints, false),
        _ => return Err((404, "NO_RECORD_FOUND", "unknown path")),
    };
    if method != Method::GET {
        return Err((405, "METHOD_NOT_ALLOWED", "invalid method: expected GET"));
    }
    if header(headers, service::APIKEY.lower).is_none_or(str::is_empty) {
        return Err((401, "ACCESS_DENIED", "missing header apikey"));
    }
    let bad_request = |text| (400, "BAD_REQUEST", text);
    if uuid_header(headers, &CORRELATION_ID) == Some(false) {
        return Err(bad_request("invalid X-Correlation-Id: expected a UUID"));
    }
    if !header(headers, &ACCEPT).is_none_or(accepts_fhir) {
        let text = "invalid Accept: expected application/fhir+json";
        return Err((406, "NOT_ACCEPTABLE", text));
    }
    let parameters = parse(query, of_devices).map_err(bad_request)?;
    let base = format!("{}{}/{path}", state.urls.base, service::SDS.base);
    let is_match = |resource: &&Value| {
        let mut parameters = parameters.iter();
        parameters.all(|(parameter, value)| parameter.matches(resource, value))
    };
    let entries = resources
        .iter()
        .filter(is_match)
        .map(|resource| entry(&base, resource, Some(json!({"mode": "match"}))));
    let entries: Vec<_> = entries.collect();
    // The service decodes the link, too.
    let decoded = decode(query).unwrap_or_default();
    Ok(fhir(&json!({
        "resourceType": "Bundle",
        "id": format!("{:X}", uuid()),
        "type": "searchset",
        "total": entries.len(),
        "link": [{"relation": "self", "url": format!("{base}?{decoded}")}],
        "entry": entries,
    })))
}

fn accepts_fhir(accept: &str) -> bool {
    let ranges = accept
        .split(',')
        .filter_map(|range| range.split(';').next());
    let accepted = [FHIR_JSON, JSON, "*/*"];
    ranges.map(str::trim).any(|range| accepted.contains(&range))
}
