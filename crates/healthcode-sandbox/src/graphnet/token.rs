//! Graphnet's token endpoint: signed tokens, whose life is stated in the token alone.

use crate::auth::tokens::Issuer;
use crate::clock;
use crate::http::form::Form;
use crate::http::response::{Response, json, no_store};
use crate::random::secret;
use crate::state::SandboxState;
use axum::extract::State;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use secrecy::ExposeSecret;
use serde_json::json;
use std::sync::Arc;

pub(crate) async fn token(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let refuse = |status, error| no_store(json(status, &json!({"error": error})));
    let Ok(form) = Form::read(&headers, &body) else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_request");
    };
    if form.get("grant_type") != Some("client_credentials") {
        return refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    let client = &state.credentials.graphnet;
    let is_known = form.get("client_id") == Some(&client.client_id)
        && form.get("client_secret") == Some(client.client_secret.expose_secret());
    if !is_known {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let now = clock::now();
    let claims = json!({
        "iss": format!("{}/graphnet", state.urls.base),
        "client_id": client.client_id,
        "iat": now,
        "exp": clock::after(now, state.token_life),
        "jti": secret().unwrap_or_default(),
    });
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": "sandbox"});
    let token = state
        .key
        .as_ref()
        .and_then(|key| key.sign(&header, &claims));
    let Some(token) = token else {
        return refuse(StatusCode::INTERNAL_SERVER_ERROR, "server_error");
    };
    let tokens = &state.tokens;
    tokens.add(Issuer::Graphnet, token.clone(), state.token_life);
    let body = json!({"token_type": "Bearer", "access_token": token, "refresh_token": null});
    no_store(json(StatusCode::OK, &body))
}
