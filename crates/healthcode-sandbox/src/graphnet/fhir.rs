//! Graphnet's FHIR API, of STU3: reads and searches of the documented types, by GET and POST.
//!
//! That a search names one patient, its parameters, modifiers and orders are documented; messages, statuses
//! of errors, the size of a page without `_count` and `_offset` of the links to other pages are not.

use super::gateway::check;
use crate::http::form::Form;
use crate::http::headers::media_type;
use crate::http::path::PathText;
use crate::http::query::{self, rule_and_text};
use crate::http::response::{self, ErrorResponse, HandlerResult, entry, error};
use crate::json::{insert, text};
use crate::random::uuid;
use crate::state::SandboxState;
use crate::store::stu3;
use axum::extract::{RawQuery, State};
use bytes::Bytes;
use healthcode_search::service::{FORM, GRAPHNET};
use healthcode_search::{ENDPOINTS, Endpoint, Order, Parameter, Query, Value as Wanted};
use http::{HeaderMap, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::sync::Arc;

/// The profile of patients.
const PATIENT_PROFILE: &str =
    "https://fhir.hl7.org.uk/STU3/StructureDefinition/CareConnect-Patient-1";

/// How many resources a page has without `_count`, and how many it has at most.
const DEFAULT_COUNT: usize = 20;
const MAX_COUNT: usize = 100;

/// The parameter of links to other pages: how many resources come before.
const OFFSET: &str = "_offset";

/// Whether records of linked patients are searched, too: it names no patient.
const LINKED_PATIENTS: &str = "getAllLinkedPatients";

/// The endpoints, each a search of one type.
pub(super) fn endpoints() -> impl Iterator<Item = (&'static Endpoint, &'static str)> {
    let own = ENDPOINTS
        .iter()
        .filter(|endpoint| endpoint.service == Some(&GRAPHNET));
    own.filter_map(|endpoint| Some((endpoint, endpoint.resource?)))
}

pub(super) fn check_headers(state: &SandboxState, headers: &HeaderMap) -> HandlerResult<()> {
    check(state, headers, &state.credentials.graphnet.subscription_key)
}

fn invalid(text: &str) -> ErrorResponse {
    error(StatusCode::BAD_REQUEST, "invalid", text).into()
}

fn not_supported() -> ErrorResponse {
    let text = "the sandbox does not support this search";
    error(StatusCode::BAD_REQUEST, "not-supported", text).into()
}

pub(crate) async fn read(
    State(state): State<Arc<SandboxState>>,
    PathText((kind, id)): PathText<(String, String)>,
    headers: HeaderMap,
) -> HandlerResult {
    check_headers(&state, &headers)?;
    let found = if kind == "Patient" {
        state.records.patient(&id).map(|found| patient(&found))
    } else {
        let mut all = state.graphnet.iter();
        let is = |found: &&Value| {
            text(found, "/resourceType") == Some(&kind) && text(found, "/id") == Some(&id)
        };
        all.find(is).cloned()
    };
    let unknown = || error(StatusCode::NOT_FOUND, "not-found", "unknown resource");
    Ok(response::stu3(&found.ok_or_else(unknown)?))
}

fn patient(found: &Value) -> Value {
    stu3::patient(found, PATIENT_PROFILE)
}

pub(crate) async fn search(
    State(state): State<Arc<SandboxState>>,
    PathText(kind): PathText<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> HandlerResult {
    check_headers(&state, &headers)?;
    found(&state, &kind, &query.unwrap_or_default())
}

/// A search by POST: parameters of the form and of the address count alike (STU3 http.html#search).
pub(crate) async fn search_by_post(
    State(state): State<Arc<SandboxState>>,
    PathText(kind): PathText<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> HandlerResult {
    check_headers(&state, &headers)?;
    if media_type(&headers) != FORM {
        let text = "invalid Content-Type: expected application/x-www-form-urlencoded";
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(error(status, "not-supported", text).into());
    }
    let body = std::str::from_utf8(&body).map_err(|_| invalid("invalid body: not UTF-8"))?;
    let query = query.unwrap_or_default();
    let texts = [query.as_str(), body.trim_end()];
    let texts = texts.iter().filter(|text| !text.is_empty());
    let texts: Vec<_> = texts.copied().collect();
    found(&state, &kind, &texts.join("&"))
}

/// Which part of what was found a page has.
struct Page {
    offset: usize,
    count: usize,
    only_total: bool,
}

/// The Bundle of a search.
fn found(state: &SandboxState, kind: &str, query: &str) -> HandlerResult {
    let unknown = || error(StatusCode::NOT_FOUND, "not-found", "unknown type");
    let (endpoint, kind) = endpoints()
        .find(|(_, name)| *name == kind)
        .ok_or_else(unknown)?;
    let form = Form::parse(query).map_err(invalid)?;
    let (kept, offset) = without_offset(&form)?;
    let encoded = encode(&kept);
    let parsed = query::parse(endpoint.name, &encoded);
    let query = parsed.map_err(|error| invalid(&rule_and_text(&error).1))?;
    let patients = state.records.patients();
    let patients: Vec<_> = patients.iter().map(|found| patient(found)).collect();
    if kind != "Patient" {
        let names_one = |parameter: &Parameter| {
            matches!(named(parameter), "patient" | "_id") && parameter.name.code != LINKED_PATIENTS
        };
        if !query.parameters().iter().any(names_one) {
            return Err(invalid(
                "missing patient: expected patient or patient.identifier",
            ));
        }
    }
    let candidates: Vec<&Value> = if kind == "Patient" {
        patients.iter().collect()
    } else {
        let all = state.graphnet.iter();
        all.filter(|found| text(found, "/resourceType") == Some(kind))
            .collect()
    };
    let mut results = filtered(&query, kind, candidates, &patients)?;
    sort(&query, kind, &mut results)?;
    let page = page(&query, offset);
    let base = format!("{}/{kind}", state.urls.graphnet);
    Ok(response::stu3(&bundle(&base, &kept, &results, &page)))
}

/// The parameter that a name begins with: the reference of a chain.
fn named(parameter: &Parameter) -> &str {
    let chain = parameter.name.chain.first();
    chain.map_or(&parameter.name.code, |link| &link.reference)
}

/// The fields of a search, and the offset of a link.
fn without_offset(form: &Form) -> HandlerResult<(Vec<(&str, &str)>, usize)> {
    let offset = match form.get(OFFSET) {
        Some(text) => text
            .parse()
            .map_err(|_| invalid("invalid _offset: expected a number"))?,
        None => 0,
    };
    let kept = form.fields().filter(|(name, _)| *name != OFFSET);
    Ok((kept.collect(), offset))
}

fn encode(fields: &[(&str, &str)]) -> String {
    let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    let fields = fields.iter();
    let fields = fields.map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    fields.collect::<Vec<_>>().join("&")
}

/// The resources that match all parameters.
fn filtered<'a>(
    query: &Query,
    kind: &str,
    mut found: Vec<&'a Value>,
    patients: &[Value],
) -> HandlerResult<Vec<&'a Value>> {
    let mut referred: Option<Vec<&Value>> = None;
    for parameter in query.parameters() {
        let name = &parameter.name;
        match (&*name.code, name.chain.len()) {
            ("_sort" | "_summary" | "_format" | "_count", 0) => {}
            (LINKED_PATIENTS, _) => {
                if parameter.values.first() != Some(&Wanted::Boolean(false)) {
                    return Err(not_supported());
                }
            }
            (_, 0) => found = matching(found, kind, parameter)?,
            (_, 1) if named(parameter) == "patient" && name.has.is_empty() => {
                let all = referred.take().unwrap_or_else(|| patients.iter().collect());
                referred = Some(matching(all, "Patient", parameter)?);
            }
            _ => return Err(not_supported()),
        }
    }
    let Some(referred) = referred else {
        return Ok(found);
    };
    let [patient] = referred.as_slice() else {
        return match referred.len() {
            0 => Ok(Vec::new()),
            _ => Err(invalid(
                "invalid patient: expected parameters that one patient matches",
            )),
        };
    };
    let reference = text(patient, "/id").map(|id| format!("Patient/{id}"));
    found.retain(|resource| {
        let subject = text(resource, "/subject/reference");
        subject.or_else(|| text(resource, "/patient/reference")) == reference.as_deref()
    });
    Ok(found)
}

fn matching<'a>(
    resources: Vec<&'a Value>,
    kind: &str,
    parameter: &Parameter,
) -> HandlerResult<Vec<&'a Value>> {
    // That a parameter is supported does not depend on there being resources.
    stu3::matches(&Value::Null, kind, parameter).ok_or_else(not_supported)?;
    let is_match = |resource: &&Value| stu3::matches(resource, kind, parameter) == Some(true);
    Ok(resources.into_iter().filter(is_match).collect())
}

fn sort(query: &Query, kind: &str, found: &mut [&Value]) -> HandlerResult<()> {
    let mut keys = Vec::new();
    for parameter in query
        .parameters()
        .iter()
        .filter(|one| *one.name.code == *"_sort")
    {
        for value in &parameter.values {
            let Wanted::Sort(key) = value else {
                return Err(not_supported());
            };
            keys.push((&*key.field, key.order == Some(Order::Descending)));
        }
    }
    if keys.is_empty() {
        keys.extend(stu3::usual_order(kind).map(|field| (field, true)));
    }
    found.sort_by(|left, right| {
        let keys = keys.iter();
        let compared = keys.map(|key| stu3::compare(kind, *key, left, right));
        compared.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    });
    Ok(())
}

fn page(query: &Query, offset: usize) -> Page {
    let count = match query.first_value("_count") {
        Some(Wanted::Integer(count)) => *count as usize,
        _ => DEFAULT_COUNT,
    };
    Page {
        offset,
        count: count.min(MAX_COUNT),
        only_total: count == 0 || query.first_value("_summary").is_some(),
    }
}

/// The Bundle of a page, with links to it and to its neighbours.
fn bundle(base: &str, fields: &[(&str, &str)], found: &[&Value], page: &Page) -> Value {
    let mut bundle = json!({
        "resourceType": "Bundle",
        "id": uuid().to_string(),
        "type": "searchset",
        "total": found.len(),
    });
    if page.only_total {
        return bundle;
    }
    let end = page.offset.saturating_add(page.count);
    let shown = found.iter().skip(page.offset).take(page.count);
    let entries = shown.map(|resource| entry(base, resource, Some(json!({"mode": "match"}))));
    let entries: Vec<_> = entries.collect();
    let link = |relation: &str, offset: usize| {
        let mut fields = fields.to_vec();
        let offset = offset.to_string();
        if offset != "0" {
            fields.push((OFFSET, &offset));
        }
        let query = encode(&fields);
        let separator = if query.is_empty() { "" } else { "?" };
        json!({"relation": relation, "url": format!("{base}{separator}{query}")})
    };
    let mut links = vec![link("self", page.offset)];
    if page.offset > 0 {
        links.push(link("previous", page.offset.saturating_sub(page.count)));
    }
    if end < found.len() {
        links.push(link("next", end));
    }
    insert(&mut bundle, "link", json!(links));
    if !entries.is_empty() {
        insert(&mut bundle, "entry", json!(entries));
    }
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;
    use healthcode_search::ValueForm;

    #[test]
    fn each_documented_parameter_is_known() {
        const OTHERS: [&str; 5] = ["_sort", "_summary", "_format", "_count", LINKED_PATIENTS];
        let mut count = 0;
        for (endpoint, kind) in endpoints() {
            for definition in endpoint.parameters {
                let name = definition.name;
                let is_known = stu3::paths(kind, name).is_some() || OTHERS.contains(&name);
                assert!(is_known, "{kind}: {name}");
                count += 1;
                if let ValueForm::Sort { fields, .. } = definition.form {
                    let known = |field: &&str| stu3::paths(kind, field).is_some();
                    assert!(fields.iter().all(known), "{kind}: {fields:?}");
                }
            }
            let order = stu3::usual_order(kind);
            assert!(order.is_none_or(|field| stu3::paths(kind, field).is_some()));
        }
        assert!(count > 60, "{count}");
    }
}
