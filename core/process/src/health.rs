//! grpc.health.v1 that tells the truth, service by service.

use tonic::server::NamedService;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health as HealthRpc, HealthServer};
use tonic_health::server::HealthReporter;

/// What the health service says. Clones share it.
#[derive(Debug, Clone)]
pub struct Health {
    reporter: HealthReporter,
    services: Vec<&'static str>,
}

impl Health {
    /// The handle, and the service to mount. Nothing serves before it is said
    /// to.
    pub async fn new() -> (Self, HealthServer<impl HealthRpc>) {
        let (reporter, server) = tonic_health::server::health_reporter();
        // The empty name stands for the server as a whole.
        reporter
            .set_service_status("", ServingStatus::NotServing)
            .await;
        (
            Self {
                reporter,
                services: vec![""],
            },
            server,
        )
    }

    /// Names a service of this server; it does not serve yet.
    pub async fn with<S: NamedService>(mut self) -> Self {
        self.services.push(S::NAME);
        self.reporter.set_not_serving::<S>().await;
        self
    }

    /// All services serve, and so does the server as a whole.
    pub async fn serving(&self) {
        for name in &self.services {
            self.reporter
                .set_service_status(name, ServingStatus::Serving)
                .await;
        }
    }

    /// The process drains. Watchers are told so, and then their streams end,
    /// lest they hold the server open.
    pub async fn drain(&self) {
        let mut reporter = self.reporter.clone();
        for name in &self.services {
            reporter
                .set_service_status(name, ServingStatus::NotServing)
                .await;
            reporter.clear_service_status(name).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use tonic::Request;
    use tonic_health::pb::HealthCheckRequest;

    use super::*;

    struct Cart;

    impl NamedService for Cart {
        const NAME: &'static str = "test.Cart";
    }

    fn asks(service: &str) -> Request<HealthCheckRequest> {
        Request::new(HealthCheckRequest {
            service: service.to_owned(),
        })
    }

    #[tokio::test]
    async fn each_service_and_the_whole_follow_the_process() {
        let reporter = HealthReporter::new();
        let rpc = tonic_health::server::HealthService::from_health_reporter(reporter.clone());
        let health = Health {
            reporter,
            services: vec![""],
        }
        .with::<Cart>()
        .await;
        let status = async |name: &str| rpc.check(asks(name)).await.map(|a| a.into_inner().status);

        assert_eq!(
            status("test.Cart").await.unwrap(),
            ServingStatus::NotServing as i32
        );
        health.serving().await;
        assert_eq!(
            status("test.Cart").await.unwrap(),
            ServingStatus::Serving as i32
        );
        assert_eq!(status("").await.unwrap(), ServingStatus::Serving as i32);
        assert!(status("test.Other").await.is_err());
        health.drain().await;
        assert!(status("test.Cart").await.is_err());
    }
}
