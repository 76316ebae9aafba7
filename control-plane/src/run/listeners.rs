//! The addresses of this process.

use std::net::SocketAddr;

use dualwrite_process::Ready;
use dualwrite_process::settings::Listening;
use tokio::net::TcpListener;

/// What this process listens on.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) grpc: TcpListener,
    pub(super) http: TcpListener,
    grpc_at: SocketAddr,
    http_at: SocketAddr,
}

/// Listens, without answering yet.
pub(super) async fn bind(listeners: Listening) -> anyhow::Result<Bound> {
    let (grpc, http) = listeners.bind().await?;
    let (grpc_at, http_at) = (grpc.local_addr()?, http.local_addr()?);
    Ok(Bound {
        grpc,
        http,
        grpc_at,
        http_at,
    })
}

impl Bound {
    /// Where this process serves.
    pub(super) const fn ready(&self) -> Ready {
        Ready {
            grpc: Some(self.grpc_at),
            http: Some(self.http_at),
            socket: None,
        }
    }
}
