//! The requests of transactions and batches.

use super::entry::{RequestView, ResourceView};
use super::index;
use crate::reference::{self, Names};
use crate::uri::is_absolute;
use healthcode_r4::codes::HTTPVerb;

/// What is kept of a request.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Request {
    #[default]
    None,
    /// Its URL does not fit its method or resource.
    Unfit,
    /// It changes the resource of this key.
    Of(u64),
}

impl Request {
    pub(super) fn of(
        request: &RequestView<'_>,
        resource: Option<ResourceView<'_>>,
        names: Names,
    ) -> Request {
        let (Some(url), Some(method)) = (request.url, request.method.as_ref()) else {
            return Request::None;
        };
        let is_type = |name: &str| {
            let known = resource.filter(|resource| !resource.unknown);
            known.is_some_and(|resource| resource.name == Some(name))
                || reference::type_name(name, names).is_some()
        };
        match target(url, method, is_type) {
            None => Request::Unfit,
            Some(_) if resource.is_some_and(|resource| !sends(url, method, resource, is_type)) => {
                Request::Unfit
            }
            Some(Some(target)) => Request::Of(index::key(target)),
            Some(None) => Request::None,
        }
    }
}

/// What a request changes, as `Type/id`, if its URL has both; `None` if its URL does not fit its method.
fn target<'u>(
    url: &'u str,
    method: &HTTPVerb,
    is_type: impl Fn(&str) -> bool,
) -> Option<Option<&'u str>> {
    if is_absolute(url) {
        return None;
    }
    let (place, parameters) = match url.split_once('?') {
        Some((place, _)) => (place, true),
        None => (url, false),
    };
    let place = place.strip_prefix('/').unwrap_or(place);
    let mut steps = place.split('/');
    let (first, second, more) = (
        steps.next().unwrap_or_default(),
        steps.next(),
        steps.next().is_some(),
    );
    // Operations, searches, histories and the like.
    let is_other = |step: &str| step.starts_with(['$', '_']);
    if is_other(first) || first.is_empty() || first == "metadata" {
        return Some(None);
    }
    if !is_type(first) {
        return None;
    }
    let operation = place.split('/').skip(1).any(is_other);
    match (method, second) {
        (HTTPVerb::Post, None) => Some(None),
        (HTTPVerb::Post, Some(_)) => operation.then_some(None),
        (HTTPVerb::Put | HTTPVerb::Patch | HTTPVerb::Delete, Some(id)) => {
            let good = !more && !parameters && !id.is_empty() && !is_other(id);
            good.then_some(Some(place))
        }
        (HTTPVerb::Put | HTTPVerb::Patch | HTTPVerb::Delete, None) => parameters.then_some(None),
        _ => Some(None),
    }
}

/// Whether a request whose URL fits its method can send this resource: POST and PUT send one of the
/// type that the URL names, PUT with the id that it names, if the resource has one.
fn sends(
    url: &str,
    method: &HTTPVerb,
    resource: ResourceView<'_>,
    is_type: impl Fn(&str) -> bool,
) -> bool {
    let place = url.split('?').next().unwrap_or_default();
    let mut steps = place.strip_prefix('/').unwrap_or(place).split('/');
    let (Some(name), id) = (steps.next(), steps.next()) else {
        return true;
    };
    let is_sent = || resource.name.is_none_or(|is| name == is) || !is_type(name);
    match method {
        HTTPVerb::Post if id.is_none() => is_sent(),
        HTTPVerb::Put => is_sent() && id.zip(resource.id).is_none_or(|(id, is)| id == is),
        _ => true,
    }
}

#[cfg(test)]
mod tests;
