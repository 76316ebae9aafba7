//! What a person or a scraper reads over HTTP: how things stand, what was
//! counted, the exact check of a key, a test run. One route a file.
//!
//! `/metrics` and the probes answer whoever reaches the listener; what is
//! under `/dual-write` answers this host alone (`guard`).

mod error;
mod guard;
mod health;
mod metrics;
mod port;
mod prometheus;
mod status;
mod test_operation;
mod validate_sync;

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

pub use port::AdminPath;

use crate::probes::{self, Probes};

/// What the routes answer from.
pub(crate) struct Http<A> {
    pub(crate) admin: Arc<A>,
    pub(crate) service: String,
    pub(crate) version: &'static str,
}

/// Every route of a sidecar's HTTP listener. It must be served with the
/// address of the peer as `ConnectInfo`; without one nobody is on this host.
pub fn routes<A: AdminPath>(admin: Arc<A>, probes: Probes) -> Router {
    let http = Http {
        admin,
        service: probes.service.clone(),
        version: probes.version,
    };
    let local = Router::new()
        .route("/dual-write/status", get(status::status))
        .route("/dual-write/health", get(health::health))
        .route("/dual-write/metrics", get(metrics::metrics))
        .route("/dual-write/validate-sync/{key}", post(validate_sync::root))
        .route(
            "/dual-write/validate-sync/{entity}/{key}",
            post(validate_sync::of_entity),
        )
        .route(
            "/dual-write/test-operation",
            post(test_operation::test_operation),
        )
        .route_layer(axum::middleware::from_fn(guard::only_this_host));
    Router::new()
        .merge(local)
        .route("/metrics", get(prometheus::metrics))
        .with_state(http)
        .merge(probes::routes(probes))
        .fallback(error::unknown_path)
        .method_not_allowed_fallback(error::wrong_method)
}

impl<A> Clone for Http<A> {
    fn clone(&self) -> Self {
        Self {
            admin: Arc::clone(&self.admin),
            service: self.service.clone(),
            version: self.version,
        }
    }
}

impl<A> fmt::Debug for Http<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("service", &self.service)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
