//! The addresses of this process.

use std::net::SocketAddr;

use dualwrite_process::{Ready, listen};
use tokio::net::TcpListener;

use crate::config::{HTTP_LISTEN, LISTEN, Listeners};

/// What this process listens on.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) grpc: TcpListener,
    pub(super) http: TcpListener,
    grpc_at: SocketAddr,
    http_at: SocketAddr,
}

/// Listens, without answering yet.
pub(super) async fn bind(listeners: &Listeners) -> anyhow::Result<Bound> {
    let Listeners {
        grpc,
        http,
        exposure,
    } = *listeners;
    let grpc = listen::bind(LISTEN, grpc, exposure).await?;
    let http = listen::bind(HTTP_LISTEN, http, exposure).await?;
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
