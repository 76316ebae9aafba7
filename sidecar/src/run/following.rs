//! Following the control plane, or going on without one.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use dualwrite_core::flags::Flags;
use dualwrite_engine::Engine;
use dualwrite_link::port::EnginePort;
use dualwrite_link::{EpochGuard, Installing, Link, LinkConfig, LowerEpoch};
use dualwrite_process::Lifecycle;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic::transport::Endpoint;

use super::VERSION;

/// Who this process is to the control plane, and what it keeps on disk.
#[derive(Debug)]
pub(super) struct Following {
    pub(super) service: String,
    pub(super) instance: String,
    pub(super) state_dir: Option<PathBuf>,
    pub(super) installing: Installing,
    pub(super) control_plane: Option<Endpoint>,
    pub(super) standalone: Option<Flags>,
}

impl Following {
    /// Starts from what is on disk, watches the epochs, and follows the
    /// control plane if there is one. Answers what speaks against being ready.
    pub(super) fn start(
        self,
        life: &Lifecycle,
        engine: &Engine,
        served: &CancellationToken,
    ) -> watch::Receiver<Option<LowerEpoch>> {
        let Self {
            service,
            instance,
            state_dir,
            installing,
            control_plane,
            standalone,
        } = self;
        let engine: Arc<dyn EnginePort> = Arc::new(engine.clone());
        let guard = Arc::new(EpochGuard::open(state_dir.as_deref(), &service));
        let objection = guard.objection();
        life.spawn("epochs", guard.run(Arc::clone(&engine), served.clone()));
        if let Some(flags) = standalone {
            // Nothing on disk may speak against the environment.
            engine.adopt(0, flags, false);
            return objection;
        }
        let config = LinkConfig {
            service,
            instance,
            version: VERSION.to_owned(),
            state_dir,
            installing,
            sequence: micros_of_the_clock(),
        };
        let link = Link::open(config, engine);
        if let Some(endpoint) = control_plane {
            let channel = endpoint.connect_lazy();
            life.spawn("link", link.follow(channel, served.clone()));
        } else {
            tracing::info!("no --control-plane: following the fences alone");
        }
        objection
    }
}

/// Where the numbers of reports start: after all those of a process of the
/// same name that ran before.
fn micros_of_the_clock() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_micros()).unwrap_or(0))
}
