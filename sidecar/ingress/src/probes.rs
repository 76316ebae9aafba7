//! Probes over HTTP: whether the process lives, whether it can serve, and
//! what it is.

use std::fmt;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use crate::data_path::Readiness;
use crate::serve::ReadinessProbe;

/// What the probes answer from.
#[derive(Clone)]
pub struct Probes {
    /// The service that this sidecar belongs to.
    pub service: String,
    /// The version of the program.
    pub version: &'static str,
    /// Asked at each probe.
    pub readiness: ReadinessProbe,
}

impl fmt::Debug for Probes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probes")
            .field("service", &self.service)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// `/livez`, `/readyz` and `/version`.
pub fn routes(probes: Probes) -> Router {
    Router::new()
        .route("/livez", get(live))
        .route("/readyz", get(ready))
        .route("/version", get(version))
        .with_state(probes)
}

async fn live() -> Response {
    Json(json!({ "live": true })).into_response()
}

async fn ready(State(probes): State<Probes>) -> Response {
    match (probes.readiness)() {
        Readiness::Ready => Json(json!({ "ready": true })).into_response(),
        Readiness::NotReady { why } => {
            let body = Json(json!({ "ready": false, "why": why }));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}

async fn version(State(probes): State<Probes>) -> Response {
    let Probes {
        service, version, ..
    } = probes;
    let name = "dualwrite-sidecar";
    Json(json!({ "name": name, "version": version, "service": service })).into_response()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt as _;

    use super::*;

    async fn get(readiness: Readiness, path: &str) -> (StatusCode, serde_json::Value) {
        let probes = Probes {
            service: "cart".to_owned(),
            version: "1.2.3",
            readiness: Arc::new(move || readiness.clone()),
        };
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = routes(probes).oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 4096).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    fn not_ready() -> Readiness {
        Readiness::NotReady {
            why: "no fence".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_sidecar_that_is_not_ready_lives_and_says_why() {
        let (status, body) = get(not_ready(), "/readyz").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(body, json!({ "ready": false, "why": "no fence" }));
        assert_eq!(get(not_ready(), "/livez").await.0, StatusCode::OK);
    }

    #[tokio::test]
    async fn a_ready_one_says_so_and_what_it_is() {
        assert_eq!(get(Readiness::Ready, "/readyz").await.0, StatusCode::OK);
        let (_, body) = get(Readiness::Ready, "/version").await;
        assert_eq!(body["version"], "1.2.3");
        assert_eq!(body["service"], "cart");
    }
}
