//! What was typed, checked: the process does not start with anything that
//! cannot be right, and says what it is.

use std::path::PathBuf;
use std::time::Duration;

use dualwrite_control_app::fleet::HEARTBEAT;
use dualwrite_core::duration;
use dualwrite_process::listen::{self, ListenError};
use dualwrite_process::{Exposure, ListenAddress, TlsSettings};

use crate::args::Arguments;

/// The flag of the gRPC server.
pub(crate) const LISTEN: &str = "--listen";

/// The flag of the HTTP server.
pub(crate) const HTTP_LISTEN: &str = "--http-listen";

/// The shortest interval of heartbeats: a thousand sidecars then send ten
/// thousand a second, and a shorter one would mistake a busy machine for a
/// dead one.
const SHORTEST_HEARTBEAT: Duration = Duration::from_millis(100);

/// What a running control plane needs to know.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) listeners: Listeners,
    pub(crate) tls: TlsSettings,
    pub(crate) store: PathBuf,
    pub(crate) ready_file: Option<PathBuf>,
    pub(crate) heartbeat: Duration,
}

/// Where this process can be reached.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listeners {
    pub(crate) grpc: ListenAddress,
    pub(crate) http: ListenAddress,
    pub(crate) exposure: Exposure,
}

/// Something that was typed cannot be right.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// An address is open to whoever reaches it.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// Both servers on one port.
    #[error("--listen and --http-listen are both {0}; give each its own port")]
    SamePort(ListenAddress),
    /// Heartbeats too seldom, or too often.
    #[error(
        "--heartbeat-interval {} is out of range; it is {} to {}, for a sidecar that is silent for \
         three of the longest counts as dead",
        duration::format(*.0),
        duration::format(SHORTEST_HEARTBEAT),
        duration::format(HEARTBEAT)
    )]
    Heartbeat(Duration),
}

impl TryFrom<Arguments> for Config {
    type Error = ConfigError;

    fn try_from(args: Arguments) -> Result<Self, ConfigError> {
        let Arguments {
            listen,
            http_listen,
            store,
            ready_file,
            insecure,
            heartbeat_interval,
        } = args;
        let tls = TlsSettings::open();
        let exposure = Exposure::of(&tls, insecure);
        listen::check(LISTEN, listen, exposure)?;
        listen::check(HTTP_LISTEN, http_listen, exposure)?;
        if listen == http_listen && listen.get().port() != 0 {
            return Err(ConfigError::SamePort(listen));
        }
        if !(SHORTEST_HEARTBEAT..=HEARTBEAT).contains(&heartbeat_interval) {
            return Err(ConfigError::Heartbeat(heartbeat_interval));
        }
        let listeners = Listeners {
            grpc: listen,
            http: http_listen,
            exposure,
        };
        Ok(Self {
            listeners,
            tls,
            store,
            ready_file,
            heartbeat: heartbeat_interval,
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    fn config(arguments: &[&str]) -> Result<Config, ConfigError> {
        let program = std::iter::once("dualwrite-control-plane");
        Config::try_from(Arguments::parse_from(
            program.chain(arguments.iter().copied()),
        ))
    }

    #[test]
    fn beyond_loopback_needs_to_be_said_aloud() {
        for flag in [LISTEN, HTTP_LISTEN] {
            let error = config(&[flag, "0.0.0.0:7499"]).unwrap_err().to_string();
            assert!(
                error.contains(flag) && error.contains("--insecure"),
                "{error}"
            );
            let config = config(&[flag, "0.0.0.0:7499", "--insecure"]).unwrap();
            assert_eq!(config.listeners.exposure, Exposure::Anyone);
        }
    }

    #[test]
    fn two_servers_need_two_ports() {
        let same = [
            "--listen",
            "127.0.0.1:7500",
            "--http-listen",
            "127.0.0.1:7500",
        ];
        assert!(matches!(config(&same), Err(ConfigError::SamePort(_))));
        let free = ["--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"];
        assert!(config(&free).is_ok());
    }

    #[test]
    fn heartbeats_stay_within_what_counts_as_alive() {
        for wrong in ["0s", "99ms", "2001ms", "1h"] {
            let error = config(&["--heartbeat-interval", wrong])
                .unwrap_err()
                .to_string();
            assert!(error.contains("100ms to 2s"), "{error}");
        }
        let config = config(&["--heartbeat-interval", "100ms"]).unwrap();
        assert_eq!(config.heartbeat, Duration::from_millis(100));
    }
}
