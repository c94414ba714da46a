//! The `CapabilityStatement` of Graphnet's FHIR API, from the table of endpoints.

use super::fhir::{check_headers, endpoints};
use crate::http::response::{self, HandlerResult};
use crate::state::SandboxState;
use crate::store::stu3;
use axum::extract::State;
use healthcode_search::service::{FHIR_JSON, FHIR_XML};
use healthcode_search::{Endpoint, ParameterType, ValueForm};
use http::HeaderMap;
use serde_json::{Value, json};
use std::sync::Arc;

/// The version of FHIR that the payloads are of.
const FHIR_VERSION: &str = "3.0.2";

pub(crate) async fn metadata(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
) -> HandlerResult {
    check_headers(&state, &headers)?;
    Ok(response::stu3(&statement(&state.urls.graphnet)))
}

fn statement(base: &str) -> Value {
    let resources = endpoints().map(|(endpoint, kind)| {
        json!({
            "type": kind,
            "interaction": [{"code": "read"}, {"code": "search-type"}],
            "searchParam": parameters(endpoint, kind),
        })
    });
    json!({
        "resourceType": "CapabilityStatement",
        "id": "graphnet",
        "url": format!("{base}/metadata"),
        "version": env!("CARGO_PKG_VERSION"),
        "name": "GraphnetSandbox",
        "status": "active",
        "experimental": true,
        "date": "2023-02-26",
        "kind": "instance",
        "software": {"name": "healthcode sandbox", "version": env!("CARGO_PKG_VERSION")},
        "implementation": {"description": "Graphnet as its documentation describes it", "url": base},
        "fhirVersion": FHIR_VERSION,
        "acceptUnknown": "no",
        "format": [FHIR_JSON, FHIR_XML],
        "rest": [{"mode": "server", "resource": resources.collect::<Vec<_>>()}],
    })
}

/// The parameters that select resources of a type.
fn parameters(endpoint: &Endpoint, kind: &str) -> Value {
    let selecting = endpoint.parameters.iter().filter_map(|definition| {
        stu3::paths(kind, definition.name)?;
        let ValueForm::Fhir(form) = definition.form else {
            return None;
        };
        let form = match form {
            ParameterType::Date => "date",
            ParameterType::Reference => "reference",
            ParameterType::String => "string",
            _ => "token",
        };
        Some(json!({"name": definition.name, "type": form}))
    });
    selecting.collect()
}
