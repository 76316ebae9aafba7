//! The HTTP server: console, probes and figures.

use std::future::IntoFuture;

use dualwrite_control_app::ControlPlane;
use dualwrite_control_console::router;
use dualwrite_process::{Lifecycle, Rpcs};
use tokio::net::TcpListener;

use super::VERSION;

/// Starts the server.
pub(super) fn start(life: &Lifecycle, listener: TcpListener, plane: ControlPlane, rpcs: Rpcs) {
    let serving = axum::serve(listener, router(plane, VERSION, rpcs))
        .with_graceful_shutdown(life.soft().cancelled_owned());
    life.spawn("http", serving.into_future());
}
