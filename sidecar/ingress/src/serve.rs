//! The gRPC services of a sidecar, to be mounted on its listeners: loopback
//! TCP and a Unix socket, the same on both.

use std::fmt;
use std::sync::Arc;

use dualwrite_process::limits::MAX_MESSAGE_BYTES;
use dualwrite_proto::FILE_DESCRIPTOR_SET;
use dualwrite_proto::v1::data_service_server::{DataServiceServer, SERVICE_NAME};
use dualwrite_proto::v1::local_service_server::{
    LocalServiceServer, SERVICE_NAME as LOCAL_SERVICE_NAME,
};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic_health::server::HealthReporter;
use tonic_reflection::server::{Builder, Error as ReflectionError};

use crate::data_path::{DataPath, Readiness};
use crate::data_service::DataIngress;
use crate::health;
use crate::local_path::LocalPath;
use crate::local_service::LocalIngress;
use crate::oversize::Oversize;

/// The name of grpc.health.v1, for reflection.
const HEALTH_NAME: &str = "grpc.health.v1.Health";

/// Asked whenever somebody wants to know whether this sidecar can serve.
pub type ReadinessProbe = Arc<dyn Fn() -> Readiness + Send + Sync>;

/// The services of a sidecar. Clones of the routes share all of it.
pub struct Services {
    /// `DataService`, `LocalService`, health and reflection.
    pub routes: Routes,
    /// Keeps health in step with readiness.
    pub health: HealthKeeper,
}

/// Keeps grpc.health.v1 in step with readiness.
pub struct HealthKeeper {
    reporter: HealthReporter,
    readiness: ReadinessProbe,
}

/// Builds the services. Nothing serves before the health keeper runs and
/// readiness says so.
///
/// # Errors
/// When the descriptors of the protos cannot be read, which is a fault of the
/// build.
pub async fn services<D: DataPath, L: LocalPath>(
    data: Arc<D>,
    local: Arc<L>,
    readiness: ReadinessProbe,
) -> Result<Services, ReflectionError> {
    let (reporter, health_service) = tonic_health::server::health_reporter();
    health::tell(&reporter, false).await;
    let data_service = DataServiceServer::new(DataIngress::new(data))
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES);
    let mut routes = Routes::builder();
    routes
        .add_service(Oversize::new(data_service, MAX_MESSAGE_BYTES))
        .add_service(LocalServiceServer::new(LocalIngress::new(local)))
        .add_service(health_service)
        // Both versions: older tools, and Python's, ask for the older one only.
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?);
    Ok(Services {
        routes: routes.routes(),
        health: HealthKeeper {
            reporter,
            readiness,
        },
    })
}

impl HealthKeeper {
    /// Follows readiness until `drain`; then tells that nothing serves here
    /// any more and ends the streams of those who watch, which would hold the
    /// server open.
    pub async fn run(self, drain: CancellationToken) {
        let following = health::follow(&self.reporter, &self.readiness);
        drain.run_until_cancelled(following).await;
        health::end(self.reporter).await;
    }
}

/// Reflection over what a sidecar serves; the other services of the contract
/// are not here and not listed.
fn reflection() -> Builder<'static> {
    Builder::configure()
        .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .with_service_name(SERVICE_NAME)
        .with_service_name(LOCAL_SERVICE_NAME)
        .with_service_name(HEALTH_NAME)
}

// === impl Debug ===

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services").finish_non_exhaustive()
    }
}

impl fmt::Debug for HealthKeeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HealthKeeper").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
