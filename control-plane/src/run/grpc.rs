//! The gRPC server: operators, sidecars, health and reflection.

use std::time::Duration;

use dualwrite_control_app::ControlPlane;
use dualwrite_control_grpc::{MigrationApi, SessionSettings, SidecarServer};
use dualwrite_process::{AuthLayer, Health, Lifecycle, Rpcs, TlsSettings, server};
use dualwrite_proto::FILE_DESCRIPTOR_SET;
use dualwrite_proto::v1::migration_service_server::MigrationServiceServer;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::{Routes, RoutesBuilder};
use tonic::transport::Error as TransportError;

/// How long calls under way may take to end. Sessions and watches end at once,
/// and calls that wait stop waiting; what is left is one short transaction, or
/// a client that does not read. Well within the process's own grace.
const IN_FLIGHT_GRACE: Duration = Duration::from_secs(5);

/// Starts the server; what is called is counted.
pub(super) async fn start(
    life: &Lifecycle,
    listener: TcpListener,
    plane: &ControlPlane,
    heartbeat: Duration,
    tls: TlsSettings,
    rpcs: &Rpcs,
) -> anyhow::Result<()> {
    let (health, health_server) = Health::new().await;
    let health = health.with::<SidecarServer>().await;
    let health = health.with::<MigrationServiceServer<MigrationApi>>().await;

    let mut routes = Routes::builder();
    routes
        .add_service(MigrationApi::new(plane.clone(), life.soft()).into_server())
        .add_service(SidecarServer::new(
            plane.clone(),
            SessionSettings { heartbeat },
            life.soft(),
        ))
        .add_service(health_server);
    add_reflection(&mut routes)?;

    let soft = life.soft();
    health.serving().await;
    life.spawn("health", {
        let soft = soft.clone();
        async move {
            soft.cancelled().await;
            health.drain().await;
        }
    });
    let counted = routes.routes().into_axum_router().layer(rpcs.layer());
    life.spawn("grpc", serve(listener, counted.into(), tls, soft));
    Ok(())
}

/// Serves until `drain`, and then until the calls under way have ended or were
/// given their time.
async fn serve(
    listener: TcpListener,
    routes: Routes,
    tls: TlsSettings,
    drain: CancellationToken,
) -> Result<(), TransportError> {
    let over = async {
        drain.cancelled().await;
        tokio::time::sleep(IN_FLIGHT_GRACE).await;
    };
    tokio::select! {
        served = server::serve(listener, routes, &tls, AuthLayer::open(), drain.clone()) => served,
        () = over => {
            tracing::warn!("calls were still under way, and are dropped");
            Ok(())
        }
    }
}

/// Both versions of reflection, for older tools ask for the older one only.
fn add_reflection(routes: &mut RoutesBuilder) -> anyhow::Result<()> {
    let describing = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    routes
        .add_service(describing().build_v1()?)
        .add_service(describing().build_v1alpha()?);
    Ok(())
}
