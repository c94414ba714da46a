//! Which handler responds to which request.

use super::intake::intake;
use crate::faults::Service;
use crate::graphnet::{fhir, find_patient, metadata, token as graphnet_token};
use crate::healthcode::{crud, discovery, photo, search, sign_on};
use crate::http::response::{Response, error};
use crate::nhs::{pds, pds_access, pds_update, sds, spine_proxy, token as nhs_token};
use crate::state::SandboxState;
use crate::store::resources::WRITABLE_TYPES;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get, post};
use healthcode_search::service;
use http::StatusCode;
use std::sync::Arc;

type Routes = Router<Arc<SandboxState>>;

async fn unknown_path() -> Response {
    error(StatusCode::NOT_FOUND, "not-found", "unknown path")
}

async fn other_method() -> Response {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    error(status, "not-supported", "the path has other methods")
}

/// All services but the Spine's proxy.
pub(crate) fn services(state: &Arc<SandboxState>) -> Router {
    let services = [
        (Service::SignOn, sign_on_routes()),
        (Service::Healthcode, healthcode_routes()),
        (
            Service::NhsToken,
            Router::new().route("/oauth2/token", post(nhs_token::token)),
        ),
        (
            Service::Sds,
            Router::new().route(
                &format!("{}/{{*path}}", service::SDS.base),
                any(sds::search),
            ),
        ),
        (Service::Pds, pds_routes()),
        (
            Service::GraphnetToken,
            Router::new().route("/graphnet/oauth/token", post(graphnet_token::token)),
        ),
        (Service::Graphnet, graphnet_routes()),
    ];
    let fallback = Router::new().fallback(unknown_path);
    let fallback = fallback.layer(from_fn_with_state((state.clone(), None), intake));
    let services = services
        .into_iter()
        .fold(fallback, |router, (service, routes)| {
            let layer = from_fn_with_state((state.clone(), Some(service)), intake);
            router.merge(
                routes
                    .method_not_allowed_fallback(other_method)
                    .layer(layer),
            )
        });
    services.with_state(state.clone())
}

/// The Spine's proxy, whose paths are addresses of others.
pub(crate) fn spine_proxy(state: &Arc<SandboxState>) -> Router {
    let layer = from_fn_with_state((state.clone(), Some(Service::Ssp)), intake);
    let proxy = Router::new().fallback(spine_proxy::forward).layer(layer);
    proxy.with_state(state.clone())
}

fn sign_on_routes() -> Routes {
    let configuration = get(discovery::openid_configuration);
    Router::new()
        .route("/sso/.well-known/openid-configuration", configuration)
        .route("/sso/token", post(sign_on::token))
}

fn healthcode_routes() -> Routes {
    let discovery = get(discovery::discovery);
    let routes = Router::new()
        .route("/healthcode/.well-known/discovery-document.json", discovery)
        .route("/healthcode/practitioner", get(search::practitioners))
        .route("/healthcode/practitionerrole", get(search::roles))
        .route("/healthcode/practitionerphoto/{id}", get(photo::read));
    WRITABLE_TYPES.into_iter().fold(routes, |routes, kind| {
        let collection = format!("/healthcode/{}", kind.path);
        let instance = get(move |state, path, headers| crud::read(kind, state, path, headers))
            .put(move |state, path, headers, body| crud::update(kind, state, path, headers, body))
            .delete(move |state, path, headers| crud::delete(kind, state, path, headers));
        let create = post(move |state, headers, body| crud::create(kind, state, headers, body));
        routes
            .route(&format!("{collection}/{{id}}"), instance)
            .route(&collection, create)
    })
}

fn pds_routes() -> Routes {
    let patients = format!("{}/Patient", service::PDS.base);
    let patient = format!("{patients}/{{id}}");
    let related = format!("{patient}/RelatedPerson");
    Router::new()
        .route(&patients, get(pds::search))
        .route(&patient, get(pds::read).patch(pds_update::update))
        .route(&related, get(pds::related_persons))
        .layer(from_fn(pds_access::copy_ids))
}

fn graphnet_routes() -> Routes {
    Router::new()
        .route("/graphnet/api/PatientSearch", post(find_patient::find))
        .route("/graphnet/fhir/STU3/metadata", get(metadata::metadata))
        .route("/graphnet/fhir/STU3/{kind}", get(fhir::search))
        .route(
            "/graphnet/fhir/STU3/{kind}/_search",
            post(fhir::search_by_post),
        )
        .route("/graphnet/fhir/STU3/{kind}/{id}", get(fhir::read))
}
