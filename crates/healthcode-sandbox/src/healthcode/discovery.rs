//! The discovery document, and the openid-configuration of the sign-on server.

use crate::http::response::{Response, json, with_header};
use crate::state::SandboxState;
use axum::extract::State;
use http::StatusCode;
use http::header::CACHE_CONTROL;
use serde_json::{Value, json};
use std::sync::Arc;

/// A document that may be cached for five minutes.
fn document(body: &Value) -> Response {
    with_header(json(StatusCode::OK, body), CACHE_CONTROL, "max-age=300")
}

pub(crate) async fn discovery(State(state): State<Arc<SandboxState>>) -> Response {
    let base = format!("{}/healthcode", state.urls.base);
    document(&json!({
        "search_practitioner_endpoint": format!("{base}/practitioner"),
        "search_practitionerrole_endpoint": format!("{base}/practitionerrole"),
        "get_practitionerphoto_endpoint": format!("{base}/practitionerphoto"),
        "create_schedule_endpoint": format!("{base}/schedule"),
        "create_patient_endpoint": format!("{base}/patient"),
    }))
}

pub(crate) async fn openid_configuration(State(state): State<Arc<SandboxState>>) -> Response {
    let base = format!("{}/sso", state.urls.base);
    document(&json!({
        "issuer": base,
        "token_endpoint": format!("{base}/token"),
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "response_types_supported": [],
    }))
}
