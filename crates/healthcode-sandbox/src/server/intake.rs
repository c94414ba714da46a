//! What a request passes before its handler: the check of its host, the limits of its body, and faults.

use super::connections::Slot;
use super::fault_response::fault_response;
use super::host;
use crate::faults::{Fault, Service};
use crate::http::format::{FhirRelease, Wanted, without_parameter};
use crate::http::headers::{bearer_token, media_type};
use crate::http::response::{Response, error};
use crate::nhs::responses::{pds_error, spine_error};
use crate::nhs::spine_proxy::{self, TokenExpired};
use crate::state::SandboxState;
use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::IntoResponse;
use healthcode_search::service::FORM;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, StatusCode};
use hyper::body::Body as _;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// How long a client may take to send a head, then a body, and to set up TLS.
pub(crate) const CLIENT_TIMEOUT: Duration = Duration::from_secs(30);

/// The largest body.
const MAX_BODY: usize = 2 << 20;

/// The largest body of a request for a token, which anybody can send.
const MAX_TOKEN_BODY: usize = 64 << 10;

/// An extension of responses: the connection is closed instead of sending them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CloseConnection;

/// The middleware around all handlers of a service, or around the fallback, which is of none. Responses
/// have the route as an extension.
pub(crate) async fn intake(
    State((state, service)): State<(Arc<SandboxState>, Option<Service>)>,
    request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut wanted = match service.filter(|service| has_xml(*service, route.as_ref())) {
        Some(_) => Wanted::read(request.uri(), request.headers()),
        None => Some(Wanted::JSON),
    };
    let response = respond(&state, service, &mut wanted, request, next).await;
    let mut response = match response {
        Ok(response) => {
            wanted
                .unwrap_or(Wanted::JSON)
                .written(response, release(service))
                .await
        }
        Err(close) => {
            let mut response = Response::default();
            response.extensions_mut().insert(close);
            response
        }
    };
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

/// Whether what a service has at a route is FHIR in JSON or XML. SDS documents that it refuses all but JSON.
fn has_xml(service: Service, route: Option<&MatchedPath>) -> bool {
    let is_fhir = |route: &MatchedPath| {
        let route = route.as_str();
        !route.contains("/.well-known/") && !route.ends_with("/PatientSearch")
    };
    match service {
        Service::Healthcode | Service::Graphnet => route.is_some_and(is_fhir),
        Service::Pds | Service::Ssp => true,
        Service::SignOn | Service::NhsToken | Service::GraphnetToken | Service::Sds => false,
    }
}

/// The release of a service's payloads: Graphnet's and those of providers behind the Spine's proxy are of STU3.
fn release(service: Option<Service>) -> FhirRelease {
    match service {
        Some(Service::Graphnet | Service::Ssp) => FhirRelease::Stu3,
        _ => FhirRelease::R4,
    }
}

/// The error for a format that a service does not have.
fn unknown_format(service: Option<Service>) -> Response {
    let text = "invalid _format or Accept: expected application/fhir+json or application/fhir+xml";
    match service {
        Some(Service::Pds) => pds_error(406, "NOT_ACCEPTABLE", text),
        Some(Service::Ssp) => spine_error(406, None, "NOT_ACCEPTABLE", text),
        _ => error(StatusCode::NOT_ACCEPTABLE, "not-supported", text),
    }
}

async fn respond(
    state: &SandboxState,
    service: Option<Service>,
    wanted: &mut Option<Wanted>,
    request: Request,
    next: Next,
) -> Result<Response, CloseConnection> {
    let (mut head, body) = request.into_parts();
    if let Err(refused) = host::check(head.version, &head.uri, &head.headers, &state.hosts) {
        return Ok(refused.into_response());
    }
    let (limit, is_kept) = body_limit(state, service, &head.headers);
    let body = tokio::time::timeout(CLIENT_TIMEOUT, read(body, limit, is_kept)).await;
    let slot = head.extensions.get::<Arc<Slot>>().cloned();
    let _responding = slot
        .and_then(|slot| slot.respond())
        .ok_or(CloseConnection)?;
    let body = match body {
        Ok(Ok(body)) => body,
        Ok(Err(BodyError::Broken)) => return Err(CloseConnection),
        Ok(Err(BodyError::TooLarge)) => {
            let text = format!("invalid body: expected at most {limit} bytes");
            return Ok(error(StatusCode::PAYLOAD_TOO_LARGE, "too-long", &text));
        }
        Err(_) => {
            let text = "the body did not arrive in time";
            return Ok(error(StatusCode::REQUEST_TIMEOUT, "timeout", text));
        }
    };
    if service == Some(Service::Graphnet) && media_type(&head.headers) == FORM {
        *wanted = Wanted::read_form(&head.uri, &head.headers, &body);
    }
    let Some(wanted) = *wanted else {
        return Ok(unknown_format(service));
    };
    if service == Some(Service::Healthcode)
        && let Some(uri) = without_parameter(&head.uri)
    {
        head.uri = uri;
    }
    let request = Request::from_parts(head, Body::from(body));
    match service {
        Some(service) => apply_faults(state, service, wanted, request, next).await,
        None => Ok(next.run(request).await),
    }
}

/// The largest body of a request, and whether it is kept: only that of a client who has a token, or requests
/// one. All others are refused, whatever they send.
fn body_limit(
    state: &SandboxState,
    service: Option<Service>,
    headers: &HeaderMap,
) -> (usize, bool) {
    match service {
        Some(Service::Ssp) => (spine_proxy::MAX_BODY, true),
        Some(Service::SignOn | Service::NhsToken | Service::GraphnetToken) => {
            (MAX_TOKEN_BODY, true)
        }
        _ => {
            let token = bearer_token(headers);
            (
                MAX_BODY,
                token.is_some_and(|token| state.tokens.is_known(token)),
            )
        }
    }
}

enum BodyError {
    TooLarge,
    Broken,
}

/// Reads a body; an empty one is returned unless it is kept.
async fn read(mut body: Body, limit: usize, is_kept: bool) -> Result<Vec<u8>, BodyError> {
    if body.size_hint().lower() > limit as u64 {
        return Err(BodyError::TooLarge);
    }
    let (mut size, mut out) = (0_usize, Vec::new());
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else {
            continue;
        };
        size = size.saturating_add(data.len());
        if size > limit {
            return Err(BodyError::TooLarge);
        }
        if is_kept {
            out.extend_from_slice(&data);
        }
    }
    Ok(out)
}

/// Responds, unless a fault does.
async fn apply_faults(
    state: &SandboxState,
    service: Service,
    wanted: Wanted,
    mut request: Request,
    next: Next,
) -> Result<Response, CloseConnection> {
    let (latency, fault) = state.faults.take(service);
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    if let Some(response) = fault.and_then(|fault| fault_response(service, fault)) {
        return Ok(response);
    }
    match fault {
        Some(Fault::Dropped) => return Err(CloseConnection),
        Some(Fault::ExpiredToken) => {
            if let Some(token) = bearer_token(request.headers()) {
                state.tokens.expire(token);
            }
            request.extensions_mut().insert(TokenExpired);
        }
        _ => {}
    }
    let response = next.run(request).await;
    if fault != Some(Fault::MalformedBody) {
        return Ok(response);
    }
    let (mut head, body) = wanted
        .written(response, release(Some(service)))
        .await
        .into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    head.headers.remove(CONTENT_LENGTH);
    let half = body.slice(..body.len() / 2);
    Ok(Response::from_parts(head, Body::from(half)))
}
