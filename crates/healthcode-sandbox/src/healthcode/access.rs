//! The headers that every call needs: a token, the site, and the version.

use super::outcome::coded;
use crate::auth::tokens::{Issuer, TokenStatus};
use crate::http::headers::{bearer_token, text};
use crate::http::response::{HandlerResult, error, with_header};
use crate::state::SandboxState;
use healthcode_extensions::ErrorCode;
use healthcode_search::service::{HC_API_VERSION, SU_SITE_ID};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue, StatusCode};

/// Checks the headers of a call.
pub(crate) fn check(state: &SandboxState, headers: &HeaderMap) -> HandlerResult<()> {
    let unauthorized = |code, text| {
        let refused = error(StatusCode::UNAUTHORIZED, code, text);
        Err(with_header(refused, WWW_AUTHENTICATE, "Bearer").into())
    };
    let status = bearer_token(headers).map(|token| state.tokens.status(Issuer::Healthcode, token));
    match status {
        Some(TokenStatus::Valid) => {}
        Some(TokenStatus::Expired) => return unauthorized("expired", "the token has expired"),
        Some(TokenStatus::Unknown) => return unauthorized("login", "unknown token"),
        None => return unauthorized("login", "missing bearer token"),
    }
    match headers.get(SU_SITE_ID.lower).map(HeaderValue::as_bytes) {
        None => {
            let code = ErrorCode::MissingMandatoryParam;
            return Err(coded(&code, "missing header SU-SiteId").into());
        }
        Some(b"") => {
            let text = "invalid SU-SiteId: expected a site";
            return Err(coded(&ErrorCode::ParamEmpty, text).into());
        }
        Some(site) if site != state.credentials.healthcode.site.as_bytes() => {
            let text = "invalid SU-SiteId: expected a site of the account";
            return Err(error(StatusCode::FORBIDDEN, "forbidden", text).into());
        }
        Some(_) => {}
    }
    if !headers.contains_key(HC_API_VERSION.lower)
        || text(headers, HC_API_VERSION.lower) == Some("1")
    {
        Ok(())
    } else {
        let text = "invalid HC-API-Version: expected 1";
        Err(coded(&ErrorCode::InvalidFormat, text).into())
    }
}
