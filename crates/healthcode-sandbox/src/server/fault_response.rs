//! The responses of faults, worded as each service words its errors.

use crate::faults::{Fault, Service};
use crate::graphnet::gateway;
use crate::http::response::{Response, error, json, with_header};
use crate::nhs::oauth_error::{self, KEYS_UNREACHABLE};
use crate::nhs::responses::{pds_error, spine_error};
use http::StatusCode;
use http::header::RETRY_AFTER;
use serde_json::json;

/// The response of a fault, if it has one.
pub(crate) fn fault_response(service: Service, fault: Fault) -> Option<Response> {
    let (after, status, code, text) = match fault {
        Fault::Throttled(after) => (
            after,
            StatusCode::TOO_MANY_REQUESTS,
            "TOO_MANY_REQUESTS",
            "there are too many requests",
        ),
        Fault::Unavailable(after) => (
            after,
            StatusCode::SERVICE_UNAVAILABLE,
            "SERVICE_UNAVAILABLE",
            "the service is not available; try again later",
        ),
        Fault::KeysUnreachable if service == Service::NhsToken => {
            return Some(oauth_error::response(KEYS_UNREACHABLE));
        }
        _ => return None,
    };
    let response = match service {
        Service::Sds | Service::Ssp => spine_error(status.as_u16(), None, code, text),
        Service::Pds => pds_error(status.as_u16(), code, text),
        Service::Healthcode => error(status, "transient", text),
        Service::Graphnet => gateway::error(status, text),
        Service::SignOn | Service::NhsToken | Service::GraphnetToken => json(
            status,
            &json!({"error": "temporarily_unavailable", "error_description": text}),
        ),
    };
    Some(match after {
        Some(after) => with_header(response, RETRY_AFTER, &after.as_secs().to_string()),
        None => response,
    })
}
