//! Creating, reading, updating and deleting Healthcode's resources.
//!
//! Verbs and bodies are as documented. Of what is not, HTTP as R4 has it: 201 and `Location` for what
//! is new, `ETag` and `Last-Modified`, `If-Match`. Ids are the server's. An id that there is not gets
//! the documented 422, not R4's 404 or 410, and an update creates nothing.

use crate::healthcode::search::check;
use crate::http::answer::{Answer, Refusal, information, message, plain, resource};
use crate::http::form::text;
use crate::nhs::responses::with;
use crate::server::sandbox::Shared;
use crate::store::resources::{Found, Kind, Register, Wanted};
use axum::extract::{Path, State};
use bytes::Bytes;
use healthcode_extensions::ErrorCode;
use healthcode_r4::Resource;
use healthcode_validate::{Policy, Validator};
use http::header::{CONTENT_TYPE, ETAG, IF_MATCH, LAST_MODIFIED, LOCATION};
use http::{HeaderMap, StatusCode};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

/// A resource as it is kept, with what HTTP says of it.
fn kept(found: &Found) -> Answer {
    let Some(value) = found.resource() else {
        return gone();
    };
    let version = format!("W/\"{}\"", found.stamp.version);
    let answer = with(resource(value), ETAG, &version);
    let modified = found.stamp.modified.and_then(|it| u64::try_from(it).ok());
    match modified.and_then(|it| UNIX_EPOCH.checked_add(Duration::from_secs(it))) {
        Some(time) => with(answer, LAST_MODIFIED, &httpdate::fmt_http_date(time)),
        None => answer,
    }
}

fn gone() -> Answer {
    plain(StatusCode::INTERNAL_SERVER_ERROR, "exception", "no answer")
}

/// A body as a resource of the type, if it is a valid one.
fn content(kind: &Kind, headers: &HeaderMap, body: &Bytes) -> Result<Resource, Refusal> {
    let media = text(headers, &CONTENT_TYPE).and_then(|it| it.split(';').next());
    let media = media.unwrap_or_default().trim().to_ascii_lowercase();
    if !["application/fhir+json", "application/json"].contains(&&*media) {
        let text = "the body has to be application/fhir+json";
        return Err(plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-supported", text).into());
    }
    if body.is_empty() {
        return Err(message(&ErrorCode::ParamEmpty, "the body is empty").into());
    }
    let unread = |text: &str| Refusal::from(message(&ErrorCode::CantParseContent, text));
    let read = Validator::new(Policy::Healthcode).read::<Resource>(body);
    let (resource, report) = read.map_err(|error| unread(&error.to_string()))?;
    if resource.resource_type() != Some(kind.name) {
        return Err(unread(&format!("the body is no {}", kind.name)));
    }
    match report.issues.iter().find(|it| it.severity.is_error()) {
        None => Ok(resource),
        Some(issue) => {
            let code = match issue.rule.id {
                "R4-REQUIRED" => ErrorCode::MissingMandatoryParam,
                _ => ErrorCode::ParamInvalid,
            };
            Err(message(&code, &issue.to_string()).into())
        }
    }
}

/// What `If-Match` wants, if it is sent (RFC 9110, 13.1.1): one of its tags, weak or not, as R4 writes
/// them; what is no tag of a version matches none.
fn wanted(headers: &HeaderMap) -> Wanted {
    if !headers.contains_key(IF_MATCH) {
        return Wanted::Any;
    }
    let lines = headers.get_all(IF_MATCH).iter();
    let lines = lines.map(|it| it.to_str().unwrap_or_default());
    let tags: Vec<&str> = lines.flat_map(|it| it.split(',')).map(str::trim).collect();
    if tags == ["*"] {
        return Wanted::Any;
    }
    let version = |tag: &&str| {
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        let version = tag.strip_prefix('"')?.strip_suffix('"')?;
        version.parse().ok()
    };
    Wanted::OneOf(tags.iter().filter_map(version).collect())
}

/// Reads, judges and writes away from the threads that serve sockets.
async fn worked<T: Send + 'static>(
    shared: &Arc<Shared>,
    work: impl FnOnce(&Register) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let register = shared.register.clone();
    let done = shared.work.run(move || work(&register)).await;
    done.unwrap_or_else(|| Err(gone().into()))
}

pub(crate) async fn create(
    kind: &'static Kind,
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let made = match check(&shared, &headers) {
        Ok(()) => {
            let work = move |it: &Register| it.create(kind, content(kind, &headers, &body)?);
            worked(&shared, work).await
        }
        Err(refused) => Err(refused),
    };
    match made {
        Ok(found) => {
            let id = found.resource().and_then(Resource::id).unwrap_or_default();
            let place = format!("{}/healthcode/{}/{id}", shared.urls.base, kind.path);
            let mut answer = with(kept(&found), LOCATION, &place);
            *answer.status_mut() = StatusCode::CREATED;
            answer
        }
        Err(refused) => *refused,
    }
}

pub(crate) async fn read(
    kind: &'static Kind,
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    if let Err(refused) = check(&shared, &headers) {
        return *refused;
    }
    match shared.register.find(kind, &id) {
        Some(found) => kept(&found),
        None => {
            let text = "there is no such resource";
            message(&ErrorCode::ReferenceIdNotFound, text)
        }
    }
}

/// A resource whose id is that of the path.
fn named(id: &str, resource: Resource) -> Result<Resource, Refusal> {
    match resource.id() {
        None => {
            let code = ErrorCode::MissingMandatoryParam;
            Err(message(&code, "the resource has no id").into())
        }
        Some(it) if it != id => {
            let code = ErrorCode::InvalidFormat;
            Err(message(&code, "the resource has another id than the path").into())
        }
        Some(_) => Ok(resource),
    }
}

pub(crate) async fn update(
    kind: &'static Kind,
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let made = match check(&shared, &headers) {
        Ok(()) => {
            let work = move |it: &Register| {
                let resource = named(&id, content(kind, &headers, &body)?)?;
                it.update(kind, &id, resource, &wanted(&headers))
            };
            worked(&shared, work).await
        }
        Err(refused) => Err(refused),
    };
    match made {
        Ok(found) => kept(&found),
        Err(refused) => *refused,
    }
}

pub(crate) async fn delete(
    kind: &'static Kind,
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let wanted = wanted(&headers);
    let done = match check(&shared, &headers) {
        Ok(()) => worked(&shared, move |it| it.delete(kind, &id, &wanted)).await,
        Err(refused) => Err(refused),
    };
    match done {
        Ok(()) => information("the resource is deleted"),
        Err(refused) => *refused,
    }
}
