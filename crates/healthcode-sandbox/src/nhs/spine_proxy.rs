//! The Spine's proxy, and the one provider behind it: GP Connect, and a record that a pointer leads to.
//!
//! TLS has seen a certificate of the authority before anything comes here. Which status goes with
//! which fault is documented for the codes of 403; the others are the sandbox's choice: 400 for
//! headers, nesting and tokens, 404 for an address that the directory has not.

use crate::http::answer::{Answer, FHIR, answer as answered, unstored};
use crate::http::form::{Form, bearer, text as header};
use crate::nhs::responses::{error, instant, seconds, uuid};
use crate::nhs::sds::{CODES, PARTY, interacts};
use crate::nhs::spine_claims::{Asked, Claims, check};
use crate::server::sandbox::Shared;
use crate::store::records::{NHS_NUMBER, identified, is_uuid, items, text};
use axum::body::{Body, to_bytes};
use healthcode_uk::NhsNumber;
use http::{HeaderName, Method, Request, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use std::sync::Arc;

const TRACE_ID: HeaderName = HeaderName::from_static("ssp-traceid");
const FROM: HeaderName = HeaderName::from_static("ssp-from");
const TO: HeaderName = HeaderName::from_static("ssp-to");
const INTERACTION: HeaderName = HeaderName::from_static("ssp-interactionid");
const ASID: &str = "https://fhir.nhs.uk/Id/nhsSpineASID";
const STU3: &str = "application/fhir+json;charset=utf-8";
/// What interactions of the National Record Locator begin with; all others are GP Connect's.
const LOCATOR: &str = "urn:nhs:names:services:nrl:";
/// The most that a request's body may have.
pub(crate) const LIMIT: usize = 1 << 20;

type Refused = (u16, &'static str, &'static str);
type Done = Result<Value, Refused>;

const fn bad(text: &'static str) -> Refused {
    (400, "BAD_REQUEST", text)
}

pub(crate) async fn answer(shared: &Arc<Shared>, request: Request<Body>, ended: bool) -> Answer {
    let (head, body) = request.into_parts();
    let done = match to_bytes(body, LIMIT).await {
        Ok(body) => {
            let own = shared.clone();
            let work = move || {
                let target = head.uri.path_and_query().map_or("", |it| it.as_str());
                let (claims, request) = routed(&own, &head, target, ended)?;
                let (path, query) = request.split_once('?').unwrap_or((&request, ""));
                match claims {
                    Claims::GpConnect => provider(&own, &head, path, query, &body),
                    Claims::Spine => record(&head.method, path),
                }
            };
            let failed = Err((500, "INTERNAL_SERVER_ERROR", "it could not be done"));
            shared.work.run(work).await.unwrap_or(failed)
        }
        Err(_) => Err(bad("the body is too large")),
    };
    unstored(match done {
        Ok(value) => answered(StatusCode::OK, STU3, value.to_string()),
        Err((status, code, text)) => {
            let coding = json!({"system": CODES, "code": code});
            error(status, None, &coding, text)
        }
    })
}

/// What the proxy checks; then whose claims the token has, and what is asked of the provider.
fn routed(
    shared: &Shared,
    head: &http::request::Parts,
    target: &str,
    ended: bool,
) -> Result<(Claims, String), Refused> {
    let has = |name: &HeaderName| header(&head.headers, name).filter(|it| !it.is_empty());
    let trace = has(&TRACE_ID).ok_or(bad("Ssp-TraceID is missing"))?;
    if !is_uuid(trace) {
        return Err(bad("Ssp-TraceID is no UUID"));
    }
    let from = has(&FROM).ok_or(bad("Ssp-From is missing"))?;
    let to = has(&TO).ok_or(bad("Ssp-To is missing"))?;
    let interaction = has(&INTERACTION).ok_or(bad("Ssp-InteractionID is missing"))?;
    let asid = |text| (403, "ASID_CHECK_FAILED", text);
    if from != shared.credentials.spine.asid {
        return Err(asid("Ssp-From is not the ASID of a consumer"));
    }
    let devices = &shared.records.devices;
    let device = devices.iter().find(|it| identified(it, ASID, to));
    let device = device.ok_or(asid("Ssp-To is not the ASID of a provider"))?;
    if !interacts(device, interaction) {
        return Err(asid("the provider does not offer the interaction"));
    }
    let claims = match interaction.starts_with(LOCATOR) {
        true => Claims::Spine,
        false => Claims::GpConnect,
    };
    let nested = nested(target, claims).ok_or(bad("the provider's address is not nested so"))?;
    let party = items(device, "identifier").find(|it| text(it, "/system") == Some(PARTY));
    let party = party.and_then(|it| text(it, "/value")).unwrap_or_default();
    let endpoints = shared.records.endpoints.iter();
    let roots = endpoints
        .filter(|it| interacts(it, interaction) && identified(it, PARTY, party))
        .filter_map(|it| text(it, "/address"));
    // The text of the directory is compared, nothing is made equal before.
    let below = |root: &str| {
        let rest = nested.strip_prefix(root)?.strip_prefix('/')?;
        Some((root.to_owned(), rest.to_owned()))
    };
    let (root, request) = roots.filter_map(below).next().ok_or((
        404,
        "NO_RECORD_FOUND",
        "the directory has no such address",
    ))?;
    let token = bearer(&head.headers).ok_or(bad("the call has no bearer token"))?;
    let write = head.method != Method::GET && !request.contains('$');
    let asked = Asked {
        root: &root,
        from,
        scope: if write {
            "patient/*.write"
        } else {
            "patient/*.read"
        },
    };
    let now = if ended { i64::MAX } else { seconds() };
    check(token, claims, &asked, now).map_err(bad)?;
    let fits = fitting(interaction, &head.method, &request);
    match fits {
        true => Ok((claims, request)),
        false => Err(bad("Ssp-InteractionID is another than that of the request")),
    }
}

/// Whether a request is the interaction that it says it is.
fn fitting(interaction: &str, method: &Method, request: &str) -> bool {
    let id = |it: &str| !it.is_empty() && !it.contains(['/', '?', '$']);
    let get = method == Method::GET;
    if interaction.ends_with(":rest:read:patient-1") {
        get && request.strip_prefix("Patient/").is_some_and(id)
    } else if interaction.ends_with(":rest:search:patient-1") {
        get && request.starts_with("Patient?")
    } else if interaction.ends_with(":operation:gpc.getstructuredrecord-1") {
        method == Method::POST && request == "Patient/$gpc.getstructuredrecord"
    } else {
        get
    }
}

/// The address that stands in the target: as it is for GP Connect, percent-encoded for the locator.
fn nested(target: &str, claims: Claims) -> Option<String> {
    let target = target.strip_prefix('/')?;
    match claims {
        Claims::GpConnect => target.starts_with("https://").then(|| target.to_owned()),
        Claims::Spine => {
            let encoded = !target.contains(['/', ':', '?']);
            let decoded = percent_decode_str(target).decode_utf8().ok()?;
            encoded.then(|| decoded.into_owned())
        }
    }
}

/// A patient in STU3, as a practice's system has it.
fn stu3(patient: &Value) -> Value {
    let mut out = json!({"resourceType": "Patient"});
    let Some(members) = out.as_object_mut() else {
        return out;
    };
    for name in [
        "id",
        "identifier",
        "name",
        "gender",
        "birthDate",
        "address",
        "telecom",
    ] {
        if let Some(value) = patient.get(name) {
            members.insert(name.to_owned(), value.clone());
        }
    }
    let profile = "https://fhir.nhs.uk/STU3/StructureDefinition/CareConnect-GPC-Patient-1";
    let version = text(patient, "/meta/versionId").unwrap_or("1");
    let meta = json!({"versionId": version, "profile": [profile]});
    members.insert("meta".to_owned(), meta);
    out
}

/// The patient of a number, if their record may be given.
fn patient(shared: &Shared, number: &str) -> Done {
    let none = (404, "NO_RECORD_FOUND", "there is no such patient");
    let found = shared.records.patient(number).ok_or(none)?;
    if items(&found, "link").next().is_some() {
        return Err(none);
    }
    let mut security = found.pointer("/meta/security").into_iter();
    let mut security = security.find_map(Value::as_array).into_iter().flatten();
    if security.any(|it| text(it, "/code") == Some("R")) {
        return Err((
            403,
            "NO_PATIENT_CONSENT",
            "the patient's record is not shared",
        ));
    }
    Ok(stu3(&found))
}

fn bundle(kind: &str, resources: &[Value]) -> Value {
    let entries: Vec<_> = resources.iter().map(|it| json!({"resource": it})).collect();
    let mut out = json!({"resourceType": "Bundle", "id": uuid().to_lowercase(), "type": kind});
    if let Some(members) = out.as_object_mut() {
        if kind == "searchset" {
            members.insert("total".to_owned(), json!(entries.len()));
        }
        if !entries.is_empty() {
            members.insert("entry".to_owned(), json!(entries));
        }
    }
    out
}

/// The practice.
fn provider(
    shared: &Shared,
    head: &http::request::Parts,
    path: &str,
    query: &str,
    body: &[u8],
) -> Done {
    let invalid = (400, "INVALID_VALUE", "the NHS number is missing or is none");
    let number = |text: Option<&str>| {
        let text = text.filter(|it| NhsNumber::parse(it).is_ok());
        text.map(str::to_owned).ok_or(invalid)
    };
    if head.method == Method::POST {
        let media = header(&head.headers, &http::header::CONTENT_TYPE).unwrap_or_default();
        if !media.starts_with(FHIR) {
            return Err(bad("the body is not application/fhir+json"));
        }
        let asked: Value = serde_json::from_slice(body).map_err(|_| bad("the body is no JSON"))?;
        let mut parameters = items(&asked, "parameter");
        let named = parameters.find(|it| text(it, "/name") == Some("patientNHSNumber"));
        let value = named.and_then(|it| it.get("valueIdentifier"));
        let value = value.filter(|it| text(it, "/system") == Some(NHS_NUMBER));
        let number = number(value.and_then(|it| text(it, "/value")))?;
        return Ok(bundle("collection", &[patient(shared, &number)?]));
    }
    if let Some(id) = path.strip_prefix("Patient/") {
        return patient(shared, &number(Some(id))?);
    }
    let form = Form::parse(query).map_err(bad)?;
    let asked = form.get("identifier").and_then(|it| it.split_once('|'));
    let asked = asked.filter(|it| it.0 == NHS_NUMBER).map(|it| it.1);
    match patient(shared, &number(asked)?) {
        Ok(found) => Ok(bundle("searchset", &[found])),
        Err((404, ..)) => Ok(bundle("searchset", &[])),
        Err(refused) => Err(refused),
    }
}

/// What a pointer leads to: every record has the same content.
fn record(method: &Method, path: &str) -> Done {
    match method == Method::GET && !path.is_empty() {
        true => Ok(json!({
            "resourceType": "Binary",
            "meta": {"lastUpdated": instant(0)},
            "contentType": "text/plain",
            "content": "VGhlcmUgaXMgbm90aGluZyBpbiB0aGlzIHJlY29yZC4=",
        })),
        false => Err((404, "NO_RECORD_FOUND", "there is no such record")),
    }
}
