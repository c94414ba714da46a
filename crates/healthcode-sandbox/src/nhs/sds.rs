//! The Spine Directory Service over FHIR: Devices and Endpoints.

use crate::http::answer::Answer;
use crate::http::form::{Form, text as header};
use crate::nhs::responses::{
    CORRELATION_ID, REQUEST_ID, error, fhir, mirror, uuid, uuid_header, with,
};
use crate::server::sandbox::Shared;
use crate::store::records::{identified, items, text};
use axum::extract::{Path, State};
use http::header::{ACCEPT, ALLOW};
use http::{HeaderMap, HeaderName, Method, Uri};
use serde_json::{Value, json};
use std::sync::Arc;

const APIKEY: HeaderName = HeaderName::from_static("apikey");
const ORGANIZATION: &str = "https://fhir.nhs.uk/Id/ods-organization-code";
const INTERACTION: &str = "https://fhir.nhs.uk/Id/nhsServiceInteractionId";
pub(crate) const PARTY: &str = "https://fhir.nhs.uk/Id/nhsMhsPartyKey";
const EXTENSION: &str = "https://fhir.nhs.uk/StructureDefinition/Extension-SDS-";
pub(crate) const CODES: &str = "https://fhir.nhs.uk/STU3/ValueSet/Spine-ErrorOrWarningCode-1";

/// What is asked for. Of several identifiers of one system the last one counts.
#[derive(Default)]
struct Asked {
    organization: Option<String>,
    interaction: Option<String>,
    party: Option<String>,
    manufacturer: Option<String>,
}

impl Asked {
    /// A query, or what is wrong with it.
    fn read(query: &str, device: bool) -> Result<Self, &'static str> {
        let form = Form::parse(query)?;
        let mut asked = Asked::default();
        for (name, value) in form.pairs() {
            let (system, value) = value.split_once('|').unwrap_or(("", value));
            let place = match (name, system) {
                ("organization", ORGANIZATION) => &mut asked.organization,
                ("identifier", INTERACTION) => &mut asked.interaction,
                ("identifier", PARTY) => &mut asked.party,
                ("manufacturing-organization", ORGANIZATION) if device => &mut asked.manufacturer,
                ("organization" | "identifier", _) => return Err("a value has another system"),
                ("manufacturing-organization", _) if device => {
                    return Err("a value has another system");
                }
                _ => return Err("there is no such parameter"),
            };
            if value.is_empty() {
                return Err("a value is empty");
            }
            *place = Some(value.to_owned());
        }
        let has = [&asked.organization, &asked.interaction, &asked.party].map(Option::is_some);
        match (device, has) {
            (true, [true, true, _]) => Ok(asked),
            (true, _) => Err("organization and the identifier of an interaction are mandatory"),
            (false, [true, true, _] | [true, false, true] | [false, true, true]) => Ok(asked),
            (false, _) => Err("this combination of parameters is not accepted"),
        }
    }

    fn matches(&self, resource: &Value) -> bool {
        let is = |wanted: &Option<String>, test: &dyn Fn(&str) -> bool| {
            wanted.as_deref().is_none_or(test)
        };
        let owner = |code: &str| {
            let own = [
                "/owner/identifier/value",
                "/managingOrganization/identifier/value",
            ];
            own.iter().any(|it| text(resource, it) == Some(code))
        };
        is(&self.organization, &owner)
            && is(&self.interaction, &|it| interacts(resource, it))
            && is(&self.party, &|it| identified(resource, PARTY, it))
            && is(&self.manufacturer, &|it| {
                extended(resource, "ManufacturingOrganisation", it)
            })
    }
}

fn extended(resource: &Value, name: &str, value: &str) -> bool {
    let url = format!("{EXTENSION}{name}");
    items(resource, "extension").any(|it| {
        let found = text(it, "/valueReference/identifier/value");
        text(it, "/url") == Some(&url) && found == Some(value)
    })
}

/// Whether a Device or Endpoint is one of an interaction.
pub(crate) fn interacts(resource: &Value, interaction: &str) -> bool {
    extended(resource, "NhsServiceInteractionId", interaction)
}

pub(crate) async fn look_up(
    State(shared): State<Arc<Shared>>,
    Path(path): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    let given = header(&headers, &CORRELATION_ID).map(str::to_owned);
    let id = given.unwrap_or_else(uuid);
    let answer = answer(&shared, &path, &method, &uri, &headers, &id);
    with(mirror(answer, &headers, &[REQUEST_ID]), CORRELATION_ID, &id)
}

fn answer(
    shared: &Shared,
    path: &str,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    id: &str,
) -> Answer {
    let refuse = |status, code: &str, text| {
        let coding = json!({"system": CODES, "code": code});
        error(status, Some(id), &coding, text)
    };
    let (resources, device) = match path {
        "Device" => (&shared.records.devices, true),
        "Endpoint" => (&shared.records.endpoints, false),
        _ => return refuse(404, "NO_RECORD_FOUND", "there is nothing here"),
    };
    if method != Method::GET {
        let refused = refuse(405, "METHOD_NOT_ALLOWED", "use GET");
        return with(refused, ALLOW, "GET");
    }
    if header(headers, &APIKEY).is_none_or(str::is_empty) {
        return refuse(401, "ACCESS_DENIED", "the header apikey is missing");
    }
    if uuid_header(headers, &CORRELATION_ID) == Some(false) {
        return refuse(400, "BAD_REQUEST", "X-Correlation-Id is no UUID");
    }
    if !header(headers, &ACCEPT).is_none_or(accepts) {
        return refuse(406, "NOT_ACCEPTABLE", "only FHIR in JSON is given");
    }
    let query = uri.query().unwrap_or_default();
    let asked = match Asked::read(query, device) {
        Ok(asked) => asked,
        Err(text) => return refuse(400, "BAD_REQUEST", text),
    };
    let base = format!("{}/spine-directory/FHIR/R4/{path}", shared.urls.base);
    let found = resources.iter().filter(|it| asked.matches(it));
    let entries: Vec<_> = found
        .map(|it| {
            let url = format!("{base}/{}", text(it, "/id").unwrap_or_default());
            json!({"fullUrl": url, "resource": it, "search": {"mode": "match"}})
        })
        .collect();
    // The service's own link is decoded, too.
    let decoded = crate::http::form::decode(query).unwrap_or_default();
    fhir(&json!({
        "resourceType": "Bundle",
        "id": uuid(),
        "type": "searchset",
        "total": entries.len(),
        "link": [{"relation": "self", "url": format!("{base}?{decoded}")}],
        "entry": entries,
    }))
}

fn accepts(accept: &str) -> bool {
    let ranges = accept.split(',').filter_map(|it| it.split(';').next());
    let known = ["application/fhir+json", "application/json", "*/*"];
    ranges.map(str::trim).any(|it| known.contains(&it))
}
