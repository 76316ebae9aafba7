//! The settings, checked: the process does not start with anything that cannot
//! be right, and says what it is.

use std::convert::Infallible;
use std::path::PathBuf;
use std::time::Duration;

use dualwrite_control_app::fleet::HEARTBEAT;
use dualwrite_core::duration;
use dualwrite_process::TlsSettings;
use dualwrite_process::settings::{LOG, ListenSettings, Listening, Setting, Settings};
use dualwrite_process::telemetry::{self, EnvFilter};

use crate::settings;

/// The shortest interval of heartbeats: a thousand sidecars then send ten
/// thousand a second, and a shorter one would mistake a busy machine for a
/// dead one.
const SHORTEST_HEARTBEAT: Duration = Duration::from_millis(100);

/// Where it can be reached.
const LISTENERS: ListenSettings = ListenSettings {
    grpc: &settings::LISTEN,
    http: &settings::HTTP_LISTEN,
    insecure: &settings::INSECURE,
    probes_alone: false,
};

/// What a running control plane needs to know.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) log: EnvFilter,
    pub(crate) listeners: Listening,
    pub(crate) tls: TlsSettings,
    pub(crate) store: PathBuf,
    pub(crate) ready_file: Option<PathBuf>,
    pub(crate) heartbeat: Duration,
}

// === impl Config ===

impl Config {
    /// Reads all settings; what is wrong is noted in them.
    pub(crate) fn read(settings: &mut Settings) -> Option<Self> {
        let log = settings.read(&LOG, telemetry::filter);
        let tls = TlsSettings::open();
        let listeners = LISTENERS.read(settings, &tls);
        let store = path(settings, &settings::STORE);
        let ready_file = path(settings, &settings::READY_FILE);
        let heartbeat = settings.read(&settings::HEARTBEAT_INTERVAL, heartbeat);
        Some(Self {
            log: log?,
            listeners: listeners?,
            tls,
            store: store?,
            ready_file,
            heartbeat: heartbeat?,
        })
    }
}

fn path(settings: &mut Settings, setting: &Setting) -> Option<PathBuf> {
    settings.read(setting, |given| Ok::<_, Infallible>(PathBuf::from(given)))
}

/// A sidecar that is silent for three of the longest counts as dead.
fn heartbeat(text: &str) -> Result<Duration, String> {
    let given = duration::parse(text, "s")
        .ok_or_else(|| format!("`{text}` is no duration; expected {}", duration::FORM))?;
    let within = (SHORTEST_HEARTBEAT..=HEARTBEAT).contains(&given);
    within.then_some(given).ok_or_else(|| {
        format!(
            "{} is out of range; it is {} to {}, for a sidecar that is silent for three of the \
             longest counts as dead",
            duration::format(given),
            duration::format(SHORTEST_HEARTBEAT),
            duration::format(HEARTBEAT)
        )
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use dualwrite_process::settings::Problems;
    use dualwrite_process::{Exposure, ListenAddress};

    use super::*;
    use crate::args::Arguments;

    fn config(arguments: &[&str]) -> Result<Config, Problems> {
        let program = std::iter::once("dualwrite-control-plane");
        let arguments = Arguments::parse_from(program.chain(arguments.iter().copied()));
        let mut settings = Settings::gather(&settings::PROGRAM, arguments.flags, []);
        let config = Config::read(&mut settings);
        settings.finish(config)
    }

    #[test]
    fn without_flags_it_is_on_loopback_and_in_this_folder() {
        let config = config(&[]).unwrap();
        assert_eq!(config.listeners.grpc, ListenAddress::loopback(7400));
        assert_eq!(config.listeners.http, ListenAddress::loopback(7401));
        assert_eq!(config.listeners.exposure, Exposure::Loopback);
        assert_eq!(
            config.store,
            PathBuf::from("./dualwrite-control-plane.sqlite")
        );
        assert_eq!(config.heartbeat, Duration::from_secs(2));
        assert!(config.ready_file.is_none());
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_with_what_would_be_right() {
        let wrong = ["--listen", "7400", "--heartbeat-interval", "often"];
        let error = config(&wrong).unwrap_err().to_string();
        for right in ["--listen: ", "127.0.0.1:7400", "500ms"] {
            assert!(error.contains(right), "{error}");
        }
    }

    #[test]
    fn beyond_loopback_needs_to_be_said_aloud() {
        for flag in [ListenSettings::GRPC, ListenSettings::HTTP] {
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
        let error = config(&same).unwrap_err().to_string();
        assert!(error.contains("its own port"), "{error}");
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
