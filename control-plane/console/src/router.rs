//! What is served where.

use axum::Router;
use axum::extract::State;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;
use dualwrite_control_app::ControlPlane;
use dualwrite_process::Rpcs;
use http::HeaderValue;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

use crate::{metrics, page, probes};

/// Nothing but what this server itself serves: no scripts of others, no frames
/// around it, no forms.
const POLICY: &str =
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The routes of a control plane. `version` is that of the program, `rpcs` what
/// its gRPC server counts.
pub fn router(plane: ControlPlane, version: &'static str, rpcs: Rpcs) -> Router {
    let figures = async move |State(plane): State<ControlPlane>| {
        metrics::metrics(&plane, &rpcs, version).await
    };
    Router::new()
        .route("/", get(page::page))
        .route("/style.css", get(page::style))
        .route("/livez", get(probes::livez))
        .route("/readyz", get(probes::readyz))
        .route("/metrics", get(figures))
        .route("/version", get(async move || probes::version(version)))
        .layer(map_response(guarded))
        .with_state(plane)
}

/// Every answer says what a browser may do with it.
async fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests;
