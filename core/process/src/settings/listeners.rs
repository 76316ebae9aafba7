//! Where a server can be reached, read and checked: the same in every program.

use tokio::net::TcpListener;

use super::{Setting, Settings};
use crate::listen::{self, Exposure, ListenAddress, ListenError};
use crate::tls::TlsSettings;

/// The settings that say where a server listens.
#[derive(Debug, Clone, Copy)]
pub struct ListenSettings {
    /// The address of its gRPC server, under the flag `--listen`.
    pub grpc: &'static Setting,
    /// The address of its HTTP server, under the flag `--http-listen`.
    pub http: &'static Setting,
    /// Whether it may be beyond loopback although nobody is identified.
    pub insecure: &'static Setting,
    /// Whether the HTTP server shows nothing but probes and figures to whoever
    /// is not on this host. Then it may be beyond loopback without a word, and
    /// nobody has to open the gRPC server for the sake of a probe.
    pub probes_alone: bool,
}

/// Where a server listens.
#[derive(Debug, Clone, Copy)]
pub struct Listening {
    /// For gRPC.
    pub grpc: ListenAddress,
    /// For HTTP.
    pub http: ListenAddress,
    /// Who may reach the gRPC server.
    pub exposure: Exposure,
    /// Who may reach the HTTP server.
    pub http_exposure: Exposure,
}

impl ListenSettings {
    /// The flag of the gRPC server.
    pub const GRPC: &'static str = "--listen";

    /// The flag of the HTTP server.
    pub const HTTP: &'static str = "--http-listen";

    /// Reads both addresses; what is wrong is noted.
    pub fn read(self, settings: &mut Settings, tls: &TlsSettings) -> Option<Listening> {
        let exposure = Exposure::of(tls, settings.switch(self.insecure));
        let http_exposure = if self.probes_alone {
            Exposure::Anyone
        } else {
            exposure
        };
        let grpc = address(settings, self.grpc, Self::GRPC, exposure);
        let http = address(settings, self.http, Self::HTTP, http_exposure);
        let (grpc, http) = grpc.zip(http)?;
        if grpc == http && grpc.get().port() != 0 {
            settings.missing(format!(
                "{} and {} are both {grpc}; give each its own port",
                Self::GRPC,
                Self::HTTP
            ));
        }
        Some(Listening {
            grpc,
            http,
            exposure,
            http_exposure,
        })
    }
}

impl Listening {
    /// Listens for gRPC and for HTTP, without answering yet.
    ///
    /// # Errors
    /// [`ListenError`].
    pub async fn bind(self) -> Result<(TcpListener, TcpListener), ListenError> {
        let grpc = listen::bind(ListenSettings::GRPC, self.grpc, self.exposure).await?;
        let http = listen::bind(ListenSettings::HTTP, self.http, self.http_exposure).await?;
        Ok((grpc, http))
    }
}

fn address(
    settings: &mut Settings,
    setting: &Setting,
    flag: &'static str,
    exposure: Exposure,
) -> Option<ListenAddress> {
    let address = settings.read(setting, str::parse::<ListenAddress>)?;
    listen::check(flag, address, exposure)
        .map_err(|error| settings.wrong(setting, error.to_string()))
        .ok()?;
    Some(address)
}
