//! Probes over HTTP: whether the process lives, whether it can serve, and
//! what it is.

use std::fmt;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use dualwrite_process::checks::{self, Check};
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
    /// What readiness is made of, for `/readyz?verbose`.
    pub checks: ChecksProbe,
}

/// Asked whenever somebody wants to know what readiness is made of.
pub type ChecksProbe = Arc<dyn Fn() -> Vec<Check> + Send + Sync>;

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

async fn ready(State(probes): State<Probes>, RawQuery(query): RawQuery) -> Response {
    if checks::wanted(query.as_deref()) {
        return each(&(probes.checks)());
    }
    match (probes.readiness)() {
        Readiness::Ready => Json(json!({ "ready": true })).into_response(),
        Readiness::NotReady { why } => {
            let body = Json(json!({ "ready": false, "why": why }));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}

fn each(found: &[Check]) -> Response {
    let code = if checks::passed(found) {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (code, checks::lines("readyz", found)).into_response()
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

    async fn text(readiness: Readiness, path: &str) -> (StatusCode, String) {
        let failed = match &readiness {
            Readiness::Ready => None,
            Readiness::NotReady { why } => Some(why.clone()),
        };
        let probes = Probes {
            service: "cart".to_owned(),
            version: "1.2.3",
            readiness: Arc::new(move || readiness.clone()),
            checks: Arc::new(move || vec![Check::new("fences", failed.clone())]),
        };
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = routes(probes).oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 4096).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn get(readiness: Readiness, path: &str) -> (StatusCode, serde_json::Value) {
        let (status, body) = text(readiness, path).await;
        (status, serde_json::from_str(&body).unwrap())
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
    async fn each_check_is_told_to_who_asks_for_it() {
        let (status, lines) = text(not_ready(), "/readyz?verbose").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(lines, "[-]fences failed: no fence\nreadyz check failed\n");
        let (status, lines) = text(Readiness::Ready, "/readyz?verbose").await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(lines, "[+]fences ok\nreadyz check passed\n");
    }

    #[tokio::test]
    async fn a_ready_one_says_so_and_what_it_is() {
        assert_eq!(get(Readiness::Ready, "/readyz").await.0, StatusCode::OK);
        let (_, body) = get(Readiness::Ready, "/version").await;
        assert_eq!(body["version"], "1.2.3");
        assert_eq!(body["service"], "cart");
    }
}
