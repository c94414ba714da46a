//! Headers of requests, and the credentials in them.

use http::HeaderMap;
use http::header::{AUTHORIZATION, AsHeaderName, CONTENT_TYPE};

/// The text of a header.
pub(crate) fn text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// The media type of the body without its parameters, in lower case.
pub(crate) fn media_type(headers: &HeaderMap) -> String {
    let value = text(headers, &CONTENT_TYPE).unwrap_or_default();
    media_type_of(value).to_ascii_lowercase()
}

/// A media type without its parameters.
pub(crate) fn media_type_of(value: &str) -> &str {
    let media_type = value.split(';').next().unwrap_or_default();
    media_type.trim()
}

/// The credentials of `Authorization` with a scheme.
pub(crate) fn credentials<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let (found, rest) = text(headers, &AUTHORIZATION)?.split_once(' ')?;
    found.eq_ignore_ascii_case(scheme).then_some(rest.trim())
}

/// The token of `Authorization: Bearer`.
pub(crate) fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    credentials(headers, "Bearer")
}

/// The version that a strong or weak entity tag is, without its mark of weakness. Tags are compared character by
/// character (RFC 9110, 8.8.3.2), so that `"+1"` and `"01"` are no versions.
pub(crate) fn version_of_tag(tag: &str) -> Option<u64> {
    let text = tag.strip_prefix('"')?.strip_suffix('"')?;
    text.parse()
        .ok()
        .filter(|version: &u64| version.to_string() == text)
}
