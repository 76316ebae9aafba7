//! The HTTP server: console and probes.

use std::future::IntoFuture;

use dualwrite_control_app::ControlPlane;
use dualwrite_control_console::router;
use dualwrite_process::Lifecycle;
use tokio::net::TcpListener;

use super::VERSION;

/// Starts the server.
pub(super) fn start(life: &Lifecycle, listener: TcpListener, plane: ControlPlane) {
    let serving = axum::serve(listener, router(plane, VERSION))
        .with_graceful_shutdown(life.soft().cancelled_owned());
    life.spawn("http", serving.into_future());
}
