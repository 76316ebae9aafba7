//! One session after the other, for as long as the process lives.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dualwrite_process::Backoff;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::Code;
use tonic::transport::Channel;

use crate::adopt::Adopter;
use crate::commands::Commands;
use crate::held::Held;
use crate::installing::Installing;
use crate::port::EnginePort;
use crate::report::{Gathered, Reporter};
use crate::session::{self, Ended};

/// Before the second try: a control plane that was restarted is met soon.
const WAIT_FIRST: Duration = Duration::from_millis(100);

/// Between tries at most: how late this sidecar hears of a control plane that
/// came back.
const WAIT_LAST: Duration = Duration::from_secs(5);

/// How long the databases may take to say how far behind the copies are.
const BACKLOG_BOUND: Duration = Duration::from_secs(2);

/// A session that lasted so long was a good one: the next failure starts with
/// the shortest wait again.
const GOOD_SESSION: Duration = Duration::from_secs(5);

/// Who this sidecar is, and where it keeps what it must not forget.
#[derive(Debug, Clone)]
pub struct LinkConfig {
    /// The service.
    pub service: String,
    /// The name of this process, unlike that of any other.
    pub instance: String,
    /// The version of the program.
    pub version: String,
    /// Where the last good snapshot is kept; nowhere when `None`.
    pub state_dir: Option<PathBuf>,
    /// Whether our tables are created from the first snapshot.
    pub installing: Installing,
    /// Reports are numbered from the one after it. It must be larger than any
    /// number that a process of the same instance name has used: microseconds
    /// of the clock at the start do.
    pub sequence: u64,
}

/// Follows the control plane.
#[derive(Debug)]
pub struct Link {
    shared: Shared,
    backoff: Backoff,
}

/// What the loops of a session share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: LinkConfig,
    pub(crate) engine: Arc<dyn EnginePort>,
    pub(crate) adopter: Adopter,
    pub(crate) commands: Commands,
    reporter: Mutex<Reporter>,
}

impl Link {
    /// Starts from what is on disk: flags are set from it at once, with or
    /// without a control plane. Reads a file, and so blocks for a moment.
    pub fn open(config: LinkConfig, engine: Arc<dyn EnginePort>) -> Self {
        let held = Held::load(config.state_dir.as_deref(), &config.service);
        let adopter = Adopter::start(
            &config.service,
            config.installing,
            Arc::clone(&engine),
            held,
        );
        let shared = Shared {
            adopter,
            commands: Commands::new(Arc::clone(&engine), config.instance.clone()),
            reporter: Mutex::new(Reporter::new(config.sequence)),
            config,
            engine,
        };
        Self {
            shared,
            backoff: Backoff::new(WAIT_FIRST, WAIT_LAST),
        }
    }

    /// The revision of the last good snapshot, 0 for none.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.shared.adopter.revision()
    }

    /// Opens one session after the other over this channel until `shutdown`,
    /// then says goodbye and waits for what the control plane had started.
    pub async fn follow(mut self, channel: Channel, shutdown: CancellationToken) {
        let mut told = String::new();
        while !shutdown.is_cancelled() {
            let begun = Instant::now();
            let ended = session::run(&self.shared, channel.clone(), &shutdown).await;
            if matches!(ended, Ended::Shutdown) {
                break;
            }
            if begun.elapsed() >= GOOD_SESSION {
                self.backoff.succeeded();
            }
            let wait = self.backoff.failed(&mut rand::rng());
            tell(&ended, wait, &mut told);
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        self.shared.commands.finish().await;
    }
}

impl Shared {
    pub(crate) fn reporter(&self) -> MutexGuard<'_, Reporter> {
        self.reporter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something came from the control plane.
    pub(crate) fn heard(&self, interval: Duration) {
        self.reporter().confirm(interval);
    }

    /// What the next report says. The counts are taken last, so that nothing
    /// is lost when this is dropped half-way.
    pub(crate) async fn gather(&self) -> Gathered {
        let backlogs = tokio::time::timeout(BACKLOG_BOUND, self.engine.backlogs()).await;
        Gathered {
            // An empty answer means that nobody knows.
            backlogs: backlogs.ok().filter(|backlogs| !backlogs.is_empty()),
            pools: self.engine.pools(),
            comparisons: self.engine.comparisons(),
            deltas: self.engine.drain_deltas(),
        }
    }
}

/// Says why a session ended: aloud when it is news, quietly when it repeats.
fn tell(ended: &Ended, wait: Duration, told: &mut String) {
    let why = match ended {
        Ended::Shutdown => "this sidecar shuts down".to_owned(),
        Ended::Closed => "it ended the stream".to_owned(),
        Ended::NotOpened => "it did not answer in time".to_owned(),
        Ended::Silent(bound) => format!("nothing came from it for {bound:?}"),
        Ended::Failed(status) if status.code() == Code::NotFound => {
            format!("it has no such migration yet ({})", status.message())
        }
        Ended::Failed(status) => format!("{:?}: {}", status.code(), status.message()),
    };
    if *told == why {
        tracing::debug!(why, ?wait, "no session with the control plane");
    } else {
        tracing::warn!(
            why,
            ?wait,
            "no session with the control plane; serving goes on, trying again"
        );
    }
    *told = why;
}
