//! Where this process can be reached.

use std::path::PathBuf;

use dualwrite_process::TlsSettings;
use dualwrite_process::settings::{ListenSettings, Listening, Settings};

use crate::settings::{HTTP_LISTEN, INSECURE, LISTEN, SOCKET};

/// Where this process can be reached.
#[derive(Debug)]
pub(crate) struct Listeners {
    pub(crate) tcp: Listening,
    pub(crate) socket: Option<PathBuf>,
}

impl Listeners {
    /// Reads the addresses; what is wrong is noted.
    pub(crate) fn read(settings: &mut Settings) -> Option<Self> {
        let tcp = ListenSettings {
            grpc: &LISTEN,
            http: &HTTP_LISTEN,
            insecure: &INSECURE,
            // What is under `/dual-write` answers this host alone.
            probes_alone: true,
        };
        let tcp = tcp.read(settings, &TlsSettings::open());
        let socket = super::path(settings, &SOCKET);
        Some(Self { tcp: tcp?, socket })
    }
}
