//! Searches of practitioners and of their roles.

use super::access::check;
use super::outcome::{coded, internal_error};
use crate::http::query::{parse, rule_and_text};
use crate::http::response::{ErrorResponse, HandlerResult, resource};
use crate::state::SandboxState;
use axum::extract::{RawQuery, State};
use healthcode_core::Detail;
use healthcode_extensions::ErrorCode;
use healthcode_r4::Bundle;
use healthcode_search::QueryError;
use http::HeaderMap;
use std::sync::Arc;

pub(crate) async fn practitioners(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> HandlerResult {
    check(&state, &headers)?;
    let mut bundle = search(&state, "practitioner", query).await?;
    // Entries of the documented response have nothing but the resource.
    for entry in &mut bundle.entry {
        entry.search = None;
    }
    Ok(resource(&bundle))
}

pub(crate) async fn roles(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> HandlerResult {
    check(&state, &headers)?;
    let bundle = search(&state, "practitioner-role", query).await?;
    Ok(resource(&bundle))
}

async fn search(
    state: &SandboxState,
    endpoint: &str,
    query: Option<String>,
) -> HandlerResult<Bundle> {
    let query = parse(endpoint, &query.unwrap_or_default()).map_err(|error| query_error(&error))?;
    let found = state.search.search(query).await;
    let found = found.ok_or_else(|| internal_error("the search failed"))?;
    found.map_err(|error| query_error(&error))
}

fn query_error(error: &QueryError) -> ErrorResponse {
    let detail = error.issues().first().map(|issue| issue.detail);
    let is_date = matches!(detail, Some(Detail::Expected(form)) if form.contains("date"));
    let (rule, text) = rule_and_text(error);
    let code = match rule {
        "QUERY-REQUIRED" => ErrorCode::MissingMandatoryParam,
        "QUERY-EMPTY" => ErrorCode::ParamEmpty,
        "QUERY-VALUE" if is_date => ErrorCode::DateFormat,
        "QUERY-SORT-POINT" | "QUERY-NEAR-POINT" | "QUERY-CONTRADICTION" | "QUERY-UNSUPPORTED" => {
            ErrorCode::ParamInvalid
        }
        _ => ErrorCode::InvalidFormat,
    };
    coded(&code, &text).into()
}
