//! The identity of this process and whom it believes: one place for every
//! server and client.

use tonic::transport::{ClientTlsConfig, Endpoint, Server, ServerTlsConfig};

/// How connections are protected. Today they are open, and therefore servers
/// stay on loopback (see [`crate::listen`]).
#[derive(Debug, Clone, Default)]
pub struct TlsSettings {
    server: Option<ServerTlsConfig>,
    client: Option<ClientTlsConfig>,
}

impl TlsSettings {
    /// No protection.
    #[must_use]
    pub const fn open() -> Self {
        Self {
            server: None,
            client: None,
        }
    }

    /// Whether there is no protection.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.server.is_none() && self.client.is_none()
    }

    pub(crate) fn protect_server(&self, server: Server) -> Result<Server, tonic::transport::Error> {
        match &self.server {
            Some(config) => server.tls_config(config.clone()),
            None => Ok(server),
        }
    }

    pub(crate) fn protect_client(
        &self,
        endpoint: Endpoint,
    ) -> Result<Endpoint, tonic::transport::Error> {
        match &self.client {
            Some(config) => endpoint.tls_config(config.clone()),
            None => Ok(endpoint),
        }
    }
}
