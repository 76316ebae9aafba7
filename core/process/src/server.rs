//! A gRPC server with the bounds of [`crate::limits`].

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use crate::auth::AuthLayer;
use crate::limits::{
    CALL_TIMEOUT, KEEPALIVE_INTERVAL, KEEPALIVE_TIMEOUT, MAX_CONCURRENT_STREAMS, MAX_HEADER_BYTES,
    MAX_PENDING_RESETS,
};
use crate::tls::TlsSettings;

/// A server without services, with every bound set. For transports other than
/// TCP; most callers want [`serve`].
///
/// Services set [`crate::limits::MAX_MESSAGE_BYTES`] themselves: it is theirs.
///
/// # Errors
/// When the TLS settings cannot be used.
pub fn builder(tls: &TlsSettings) -> Result<Server, tonic::transport::Error> {
    let server = Server::builder()
        .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
        .max_concurrent_streams(MAX_CONCURRENT_STREAMS)
        .http2_max_header_list_size(MAX_HEADER_BYTES)
        .http2_max_pending_accept_reset_streams(Some(MAX_PENDING_RESETS))
        .timeout(CALL_TIMEOUT);
    tls.protect_server(server)
}

/// Serves until `drain` is cancelled and the calls that are under way then
/// have ended. Streams must end by themselves when `drain` is cancelled.
///
/// # Errors
/// When the TLS settings cannot be used, or the listener fails.
pub async fn serve(
    listener: TcpListener,
    routes: Routes,
    tls: &TlsSettings,
    auth: AuthLayer,
    drain: CancellationToken,
) -> Result<(), tonic::transport::Error> {
    let incoming = TcpIncoming::from(listener)
        // Answers are small and waited for: they must not wait for more.
        .with_nodelay(Some(true))
        .with_keepalive(Some(KEEPALIVE_INTERVAL));
    builder(tls)?
        .layer(auth)
        .add_routes(routes)
        .serve_with_incoming_shutdown(incoming, drain.cancelled_owned())
        .await
}
