//! Creating, reading, updating and deleting Healthcode's resources.
//!
//! Methods and bodies are as documented. What is not documented is as R4 has it over HTTP: 201 and
//! `Location` for new resources, `ETag` and `Last-Modified`, `If-Match`. Ids are the server's. For an
//! unknown id the response is the documented 422, not R4's 404 or 410, and an update creates nothing.

use super::access::check;
use super::outcome::{coded, information, internal_error, write_error};
use crate::clock::http_date;
use crate::http::format::Syntax;
use crate::http::headers::{media_type, version_of_tag};
use crate::http::path::PathText;
use crate::http::response::{HandlerResult, Response, error, resource, with_header};
use crate::state::SandboxState;
use crate::store::error::WriteError;
use crate::store::resources::{IfMatch, Resources, StoredResource, WritableType};
use axum::extract::State;
use bytes::Bytes;
use healthcode_extensions::ErrorCode;
use healthcode_r4::Resource;
use healthcode_validate::{Policy, Validator};
use http::header::{ETAG, IF_MATCH, LAST_MODIFIED, LOCATION};
use http::{HeaderMap, StatusCode};
use std::sync::Arc;

/// A resource, with its version and time.
fn stored(stored: &StoredResource) -> Response {
    let Some(value) = stored.resource() else {
        return internal_error("the resource is gone");
    };
    let response = with_header(resource(value), ETAG, &format!("W/\"{}\"", stored.version));
    match stored.modified {
        Some(modified) => with_header(response, LAST_MODIFIED, &http_date(modified)),
        None => response,
    }
}

/// The resource in a body, if it is a valid one of the type.
fn parse(kind: &WritableType, headers: &HeaderMap, body: &[u8]) -> HandlerResult<Resource> {
    let Some(syntax) = Syntax::of(&media_type(headers)) else {
        let text = "invalid Content-Type: expected application/fhir+json or application/fhir+xml";
        return Err(error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-supported", text).into());
    };
    if body.is_empty() {
        return Err(coded(&ErrorCode::ParamEmpty, "missing body").into());
    }
    let unparsed = |text: &str| coded(&ErrorCode::CantParseContent, text);
    if !syntax.is_of(body) {
        let text = "invalid body: expected the syntax that Content-Type names";
        return Err(unparsed(text).into());
    }
    let read = Validator::new(Policy::Healthcode).read::<Resource>(body);
    let read = read.map_err(|error| unparsed(&error.to_string()))?;
    if read.value.resource_type() != Some(kind.name) {
        return Err(unparsed(&format!("invalid body: expected a {}", kind.name)).into());
    }
    match read.issues.iter().find(|issue| issue.severity.is_error()) {
        None => Ok(read.value),
        Some(issue) => {
            let code = match issue.rule.id {
                "R4-REQUIRED" => ErrorCode::MissingMandatoryParam,
                _ => ErrorCode::ParamInvalid,
            };
            Err(coded(&code, &issue.to_string()).into())
        }
    }
}

/// The versions in `If-Match` (RFC 9110, 13.1.1), in tags that may be weak, as R4 writes them. A tag
/// that is not a version matches none.
fn if_match(headers: &HeaderMap) -> IfMatch {
    let values = headers.get_all(IF_MATCH).iter();
    let values = values.map(|value| value.to_str().unwrap_or_default());
    let tags: Vec<&str> = values
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    if tags.is_empty() || tags == ["*"] {
        return IfMatch::Any;
    }
    let version = |tag: &&str| version_of_tag(tag.strip_prefix("W/").unwrap_or(tag));
    IfMatch::OneOf(tags.iter().filter_map(version).collect())
}

/// Parses and writes, away from the threads that serve sockets.
async fn change<T: Send + 'static>(
    state: &Arc<SandboxState>,
    change: impl FnOnce(&Resources) -> HandlerResult<T> + Send + 'static,
) -> HandlerResult<T> {
    let resources = state.resources.clone();
    let changed = state.work.run(move || change(&resources)).await;
    changed.unwrap_or_else(|| Err(internal_error("the write failed").into()))
}

pub(crate) async fn create(
    kind: &'static WritableType,
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> HandlerResult {
    check(&state, &headers)?;
    let create = move |resources: &Resources| {
        let resource = parse(kind, &headers, &body)?;
        resources.create(kind, resource).map_err(write_error)
    };
    let created = change(&state, create).await?;
    let id = created
        .resource()
        .and_then(Resource::id)
        .unwrap_or_default();
    let url = format!("{}/healthcode/{}/{id}", state.urls.base, kind.path);
    let mut response = with_header(stored(&created), LOCATION, &url);
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

#[expect(clippy::unused_async, reason = "handlers are asynchronous")]
pub(crate) async fn read(
    kind: &'static WritableType,
    State(state): State<Arc<SandboxState>>,
    PathText(id): PathText<String>,
    headers: HeaderMap,
) -> HandlerResult {
    check(&state, &headers)?;
    let found = state.resources.get(kind, &id);
    let found = found.ok_or_else(|| write_error(WriteError::NotFound))?;
    Ok(stored(&found))
}

/// Checks that the id of a resource is that of the path.
fn check_id(id: &str, resource: &Resource) -> HandlerResult<()> {
    match resource.id() {
        None => Err(coded(&ErrorCode::MissingMandatoryParam, "missing id").into()),
        Some(found) if found != id => {
            let text = "invalid id: expected that of the path";
            Err(coded(&ErrorCode::InvalidFormat, text).into())
        }
        Some(_) => Ok(()),
    }
}

pub(crate) async fn update(
    kind: &'static WritableType,
    State(state): State<Arc<SandboxState>>,
    PathText(id): PathText<String>,
    headers: HeaderMap,
    body: Bytes,
) -> HandlerResult {
    check(&state, &headers)?;
    let update = move |resources: &Resources| {
        let resource = parse(kind, &headers, &body)?;
        check_id(&id, &resource)?;
        let updated = resources.update(kind, &id, resource, &if_match(&headers));
        updated.map_err(write_error)
    };
    Ok(stored(&change(&state, update).await?))
}

pub(crate) async fn delete(
    kind: &'static WritableType,
    State(state): State<Arc<SandboxState>>,
    PathText(id): PathText<String>,
    headers: HeaderMap,
) -> HandlerResult {
    check(&state, &headers)?;
    let delete = move |resources: &Resources| {
        let deleted = resources.delete(kind, &id, &if_match(&headers));
        deleted.map_err(write_error)
    };
    change(&state, delete).await?;
    Ok(information("the resource is deleted"))
}
