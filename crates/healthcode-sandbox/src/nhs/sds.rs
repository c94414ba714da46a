//! The Spine Directory Service over FHIR: Devices and Endpoints.

use super::directory::{PARTY_KEY, has_extension, has_party_key, offers};
use super::responses::{CORRELATION_ID, REQUEST_ID, copy_headers, spine_error, uuid_header};
use crate::http::form::{Form, decode};
use crate::http::headers::text as header;
use crate::http::response::{ErrorResponse, Response, fhir, with_header};
use crate::random::uuid;
use crate::state::SandboxState;
use crate::store::json::text;
use axum::extract::{Path, RawQuery, State};
use http::header::{ACCEPT, ALLOW};
use http::{HeaderMap, HeaderName, Method};
use serde_json::{Value, json};
use std::sync::Arc;

const API_KEY: HeaderName = HeaderName::from_static("apikey");
const ORGANIZATION: &str = "https://fhir.nhs.uk/Id/ods-organization-code";
const INTERACTION: &str = "https://fhir.nhs.uk/Id/nhsServiceInteractionId";

/// The parameters of a search. The last one counts if one is repeated.
#[derive(Default)]
struct DirectoryQuery {
    organization: Option<String>,
    interaction: Option<String>,
    party_key: Option<String>,
    manufacturer: Option<String>,
}

impl DirectoryQuery {
    /// Parses a query of Devices or of Endpoints.
    fn parse(query: &str, of_devices: bool) -> Result<Self, &'static str> {
        let form = Form::parse(query)?;
        let mut parsed = DirectoryQuery::default();
        for (name, value) in form.fields() {
            let (system, value) = value.split_once('|').unwrap_or(("", value));
            let parameter = match (name, system) {
                ("organization", ORGANIZATION) => &mut parsed.organization,
                ("identifier", INTERACTION) => &mut parsed.interaction,
                ("identifier", PARTY_KEY) => &mut parsed.party_key,
                ("manufacturing-organization", ORGANIZATION) if of_devices => {
                    &mut parsed.manufacturer
                }
                ("organization" | "identifier", _) => return Err("unknown system"),
                ("manufacturing-organization", _) if of_devices => return Err("unknown system"),
                _ => return Err("unknown parameter"),
            };
            if value.is_empty() {
                return Err("missing value");
            }
            *parameter = Some(value.to_owned());
        }
        let parameters = [&parsed.organization, &parsed.interaction, &parsed.party_key];
        match (of_devices, parameters.map(Option::is_some)) {
            (true, [true, true, _]) => Ok(parsed),
            (true, _) => Err("missing organization, or identifier of an interaction"),
            (false, [true, true, _] | [true, false, true] | [false, true, true]) => Ok(parsed),
            (false, _) => Err("invalid combination of parameters"),
        }
    }

    fn matches(&self, resource: &Value) -> bool {
        let is = |wanted: &Option<String>, test: &dyn Fn(&str) -> bool| {
            wanted.as_deref().is_none_or(test)
        };
        let is_owner = |code: &str| {
            let owners = ["/owner", "/managingOrganization"];
            let mut owners = owners
                .map(|owner| format!("{owner}/identifier/value"))
                .into_iter();
            owners.any(|pointer| text(resource, &pointer) == Some(code))
        };
        let is_manufacturer =
            |code: &str| has_extension(resource, "ManufacturingOrganisation", code);
        is(&self.organization, &is_owner)
            && is(&self.interaction, &|interaction| {
                offers(resource, interaction)
            })
            && is(&self.party_key, &|key| has_party_key(resource, key))
            && is(&self.manufacturer, &is_manufacturer)
    }
}

pub(crate) async fn search(
    State(state): State<Arc<SandboxState>>,
    Path(path): Path<String>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let sent = header(&headers, &CORRELATION_ID).map(str::to_owned);
    let id = sent.unwrap_or_else(|| format!("{:X}", uuid()));
    let found = find(
        &state,
        &path,
        &method,
        &query.unwrap_or_default(),
        &headers,
        &id,
    );
    let response = found.unwrap_or_else(|refused| *refused);
    let response = copy_headers(response, &headers, &[REQUEST_ID]);
    with_header(response, CORRELATION_ID, &id)
}

fn find(
    state: &SandboxState,
    path: &str,
    method: &Method,
    query: &str,
    headers: &HeaderMap,
    id: &str,
) -> Result<Response, ErrorResponse> {
    let refuse = |status, code: &str, text| spine_error(status, Some(id), code, text);
    let (resources, of_devices) = match path {
        "Device" => (&state.records.devices, true),
        "Endpoint" => (&state.records.endpoints, false),
        _ => return Err(refuse(404, "NO_RECORD_FOUND", "unknown path").into()),
    };
    if method != Method::GET {
        let refused = refuse(405, "METHOD_NOT_ALLOWED", "invalid method: expected GET");
        return Err(with_header(refused, ALLOW, "GET").into());
    }
    if header(headers, &API_KEY).is_none_or(str::is_empty) {
        return Err(refuse(401, "ACCESS_DENIED", "missing header apikey").into());
    }
    if uuid_header(headers, &CORRELATION_ID) == Some(false) {
        let text = "invalid X-Correlation-Id: expected a UUID";
        return Err(refuse(400, "BAD_REQUEST", text).into());
    }
    if !header(headers, &ACCEPT).is_none_or(accepts_fhir) {
        let text = "invalid Accept: expected application/fhir+json";
        return Err(refuse(406, "NOT_ACCEPTABLE", text).into());
    }
    let parsed = DirectoryQuery::parse(query, of_devices);
    let parsed = parsed.map_err(|text| refuse(400, "BAD_REQUEST", text))?;
    let base = format!("{}/spine-directory/FHIR/R4/{path}", state.urls.base);
    let found = resources.iter().filter(|resource| parsed.matches(resource));
    let entries: Vec<_> = found
        .map(|resource| {
            let url = format!("{base}/{}", text(resource, "/id").unwrap_or_default());
            json!({"fullUrl": url, "resource": resource, "search": {"mode": "match"}})
        })
        .collect();
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
    let accepted = ["application/fhir+json", "application/json", "*/*"];
    ranges.map(str::trim).any(|range| accepted.contains(&range))
}
