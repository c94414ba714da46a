//! Searches of practitioners and of their roles.

use super::access::check;
use super::outcome::{coded, internal_error};
use crate::http::response::{ErrorResponse, Response, resource};
use crate::state::SandboxState;
use axum::extract::{RawQuery, State};
use healthcode_extensions::ErrorCode;
use healthcode_r4::Bundle;
use healthcode_search::{Captured, Endpoint, Issue, Scope};
use http::HeaderMap;
use std::sync::Arc;

pub(crate) async fn practitioners(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    match search(&state, &headers, query, "practitioner").await {
        Ok(mut bundle) => {
            // Entries of the documented response have nothing but the resource.
            for entry in &mut bundle.entry {
                entry.search = None;
            }
            resource(&bundle)
        }
        Err(refused) => *refused,
    }
}

pub(crate) async fn roles(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    match search(&state, &headers, query, "practitioner-role").await {
        Ok(bundle) => resource(&bundle),
        Err(refused) => *refused,
    }
}

async fn search(
    state: &SandboxState,
    headers: &HeaderMap,
    query: Option<String>,
    endpoint: &str,
) -> Result<Bundle, ErrorResponse> {
    check(state, headers)?;
    let failed = || internal_error("the search failed");
    let endpoint = Endpoint::named(endpoint).ok_or_else(failed)?;
    let text = query.map_or_else(String::new, |query| format!("?{query}"));
    let captured = Captured::parse(&text, Some(Scope::Endpoint(endpoint)));
    let captured = captured.map_err(|error| first_error(error.issues()))?;
    if captured.has_errors() {
        return Err(first_error(&captured.issues).into());
    }
    let found = state.search.search(captured.query).await;
    let found = found.ok_or_else(failed)?;
    found.map_err(|error| first_error(error.issues()).into())
}

/// The first error of a query. Issues never show values.
fn first_error(issues: &[Issue]) -> Response {
    let Some(issue) = issues.iter().find(|issue| issue.is_error()) else {
        return coded(&ErrorCode::InvalidFormat, "invalid query");
    };
    let is_date = issue
        .expected
        .is_some_and(|expected| expected.contains("date"));
    let code = match issue.rule.id {
        "QUERY-REQUIRED" => ErrorCode::MissingMandatoryParam,
        "QUERY-EMPTY" => ErrorCode::ParamEmpty,
        "QUERY-VALUE" if is_date => ErrorCode::DateFormat,
        "QUERY-SORT-POINT" | "QUERY-NEAR-POINT" | "QUERY-CONTRADICTION" | "QUERY-UNSUPPORTED" => {
            ErrorCode::ParamInvalid
        }
        _ => ErrorCode::InvalidFormat,
    };
    coded(&code, &issue.to_string())
}
