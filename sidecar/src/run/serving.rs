//! Serving what is bound, and ending it in order: no new calls, then the calls
//! under way, then everything that carries them out.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dualwrite_engine::Engine;
use dualwrite_ingress::http;
use dualwrite_ingress::probes::Probes;
use dualwrite_ingress::serve::{self, Services};
use dualwrite_process::{AuthLayer, Lifecycle, TlsSettings, server};
use tokio::net::TcpListener;
use tokio_stream::wrappers::UnixListenerStream;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Error as TransportError;

use super::VERSION;
use super::listeners::Bound;
use super::socket::SocketFile;
use super::standing::Standing;

/// How long calls under way may take to end: longer than a write may wait for
/// a flip, and shorter than the process's own grace.
const IN_FLIGHT_GRACE: Duration = Duration::from_secs(10);

/// Starts all servers. `served` is cancelled when the last call was answered.
pub(super) async fn start(
    life: &Lifecycle,
    bound: Bound,
    engine: Engine,
    standing: &Standing,
    service: &str,
    served: CancellationToken,
) -> anyhow::Result<()> {
    let Bound {
        grpc,
        http: listener,
        socket,
        ..
    } = bound;
    let engine = Arc::new(engine);
    let Services { routes, health } =
        serve::services(Arc::clone(&engine), Arc::clone(&engine), standing.probe()).await?;
    life.spawn("health", health.run(life.soft()));
    let soft = life.soft();
    let last_call = served.clone().drop_guard();
    life.spawn("grpc", async move {
        let _last_call = last_call;
        bounded(serve_calls(grpc, socket, routes, soft.clone()), soft).await
    });
    let probes = Probes {
        service: service.to_owned(),
        version: VERSION,
        readiness: standing.probe(),
        checks: standing.checks(),
    };
    // Probes answer for as long as calls are under way.
    // What is for this host alone is told by the address of the peer.
    let pages = http::routes(engine, probes).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, pages).with_graceful_shutdown(served.cancelled_owned());
    life.spawn("http", serving.into_future());
    Ok(())
}

/// Serves on both listeners until `drain`, and then until the last call is
/// answered.
async fn serve_calls(
    grpc: TcpListener,
    socket: Option<SocketFile>,
    routes: Routes,
    drain: CancellationToken,
) -> Result<(), TransportError> {
    let tls = TlsSettings::open();
    let on_tcp = server::serve(grpc, routes.clone(), &tls, AuthLayer::open(), drain.clone());
    let on_socket = serve_socket(socket, routes, drain);
    tokio::try_join!(on_tcp, on_socket)?;
    Ok(())
}

/// Serves on the socket, if there is one.
async fn serve_socket(
    socket: Option<SocketFile>,
    routes: Routes,
    drain: CancellationToken,
) -> Result<(), TransportError> {
    let Some(mut socket) = socket else {
        return Ok(());
    };
    let Some(listener) = socket.take() else {
        return Ok(());
    };
    server::builder(&TlsSettings::open())?
        .layer(AuthLayer::open())
        .add_routes(routes)
        .serve_with_incoming_shutdown(UnixListenerStream::new(listener), drain.cancelled())
        .await
}

/// Serving, cut off when it has not ended some time after `drain`.
async fn bounded(
    serving: impl Future<Output = Result<(), TransportError>>,
    drain: CancellationToken,
) -> Result<(), TransportError> {
    let overdue = async {
        drain.cancelled().await;
        tokio::time::sleep(IN_FLIGHT_GRACE).await;
    };
    tokio::select! {
        served = serving => served,
        () = overdue => {
            tracing::warn!(grace = ?IN_FLIGHT_GRACE, "calls under way did not end in time and are cut");
            Ok(())
        }
    }
}
