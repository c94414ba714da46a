//! Which hosts requests may name: not those of pages of other sites whose names are made to lead to this
//! machine (DNS rebinding).

use crate::http::response::{ErrorResponse, HandlerResult, error};
use http::header::HOST;
use http::uri::Authority;
use http::{HeaderMap, StatusCode, Uri, Version};
use std::net::IpAddr;

/// Checks that a request names this machine, or an allowed host.
///
/// # Errors
/// 400 where HTTP requires another `Host` (RFC 9112, 3.2), 421 for another host.
pub(crate) fn check(
    version: Version,
    uri: &Uri,
    headers: &HeaderMap,
    allowed: &[String],
) -> HandlerResult<()> {
    let bad = |text| ErrorResponse::from(error(StatusCode::BAD_REQUEST, "invalid", text));
    let mut hosts = headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => Some(host),
        (None, _) if version < Version::HTTP_11 => None,
        (None, _) => return Err(bad("missing Host header")),
        (Some(_), Some(_)) => return Err(bad("invalid Host header: expected only one")),
    };
    let host = host.map(|host| Authority::try_from(host.as_bytes()));
    let host = host.transpose();
    let host =
        host.map_err(|_| bad("invalid Host header: expected a host, with a port or without"))?;
    let is_local = |authority: &Authority| {
        !authority.as_str().contains('@') && is_local_name(authority.host(), allowed)
    };
    // An address in the request line overrides Host (RFC 9112, 3.2.2).
    if [uri.authority(), host.as_ref()]
        .into_iter()
        .flatten()
        .all(is_local)
    {
        Ok(())
    } else {
        let text = "unknown host: expected localhost or a loopback address";
        Err(error(StatusCode::MISDIRECTED_REQUEST, "not-found", text).into())
    }
}

fn is_local_name(host: &str, allowed: &[String]) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let number = host.trim_start_matches('[').trim_end_matches(']');
    // Subdomains of localhost are loopback, too (RFC 6761, 6.3).
    let named = host == "localhost" || host.ends_with(".localhost");
    let numbered = number
        .parse::<IpAddr>()
        .is_ok_and(|address| address.is_loopback());
    named || numbered || allowed.iter().any(|name| name.eq_ignore_ascii_case(&host))
}

#[cfg(test)]
mod tests;
