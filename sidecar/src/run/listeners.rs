//! Where this process can be reached.

use std::net::SocketAddr;

use dualwrite_process::Ready;
use tokio::net::TcpListener;

use super::socket::SocketFile;
use crate::config::Listeners;

/// Listeners that are bound and not served yet.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) grpc: TcpListener,
    pub(super) http: TcpListener,
    pub(super) socket: Option<SocketFile>,
    grpc_address: SocketAddr,
    http_address: SocketAddr,
}

/// Binds all of them, or none.
pub(super) async fn bind(listeners: &Listeners) -> anyhow::Result<Bound> {
    let (grpc, http) = listeners.tcp.bind().await?;
    let socket = listeners
        .socket
        .as_deref()
        .map(SocketFile::bind)
        .transpose()?;
    Ok(Bound {
        grpc_address: grpc.local_addr()?,
        http_address: http.local_addr()?,
        grpc,
        http,
        socket,
    })
}

impl Bound {
    /// What the ready file says.
    pub(super) fn ready(&self) -> Ready {
        Ready {
            grpc: Some(self.grpc_address),
            http: Some(self.http_address),
            socket: self.socket.as_ref().map(|socket| socket.path().to_owned()),
        }
    }
}
