//! Where this process can be reached.

use std::path::PathBuf;

use dualwrite_process::settings::{Setting, Settings};
use dualwrite_process::{Exposure, ListenAddress, TlsSettings, listen};

use crate::settings::{HTTP_LISTEN, INSECURE, LISTEN, SOCKET};

/// Where this process can be reached.
#[derive(Debug)]
pub(crate) struct Listeners {
    pub(crate) grpc: ListenAddress,
    pub(crate) http: ListenAddress,
    pub(crate) socket: Option<PathBuf>,
    pub(crate) exposure: Exposure,
}

impl Listeners {
    /// Reads the addresses; what is wrong is noted.
    pub(crate) fn read(settings: &mut Settings) -> Option<Self> {
        let insecure = settings.switch(&INSECURE);
        let exposure = Exposure::of(&TlsSettings::open(), insecure);
        let grpc = address(settings, &LISTEN, "--listen", exposure);
        let http = address(settings, &HTTP_LISTEN, "--http-listen", exposure);
        let socket = super::path(settings, &SOCKET);
        Some(Self {
            grpc: grpc?,
            http: http?,
            socket,
            exposure,
        })
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
