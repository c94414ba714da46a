//! Queries of documented endpoints.

use healthcode_search::{Captured, Endpoint, Query, QueryError, Scope};

/// Parses a query of an endpoint.
///
/// # Errors
/// Its first error, which shows no values.
pub(crate) fn parse(endpoint: &str, query: &str) -> Result<Query, QueryError> {
    let scope = Endpoint::named(endpoint).map(Scope::Endpoint);
    let captured = Captured::parse(&format!("?{query}"), scope)?;
    match captured
        .issues
        .into_iter()
        .find(|issue| issue.severity.is_error())
    {
        Some(issue) => Err(issue.into()),
        None => Ok(captured.query),
    }
}

/// The rule of an error, and its text.
pub(crate) fn rule_and_text(error: &QueryError) -> (&'static str, String) {
    let issue = error.issues().first();
    issue.map_or(("", String::new()), |issue| {
        (issue.rule.id, issue.to_string())
    })
}
