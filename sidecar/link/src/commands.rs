//! What the control plane asks this sidecar to do. Each request is a task of
//! its own, counted, and ended by what ends it: a job by its revocation or the
//! session's end, a plan only by itself.

mod jobs;
mod keys;
mod plans;
mod questions;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dualwrite_proto::v1::session_request::Kind;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::port::EnginePort;
use crate::session::Outbox;

/// Tasks at most. A control plane leases a few shards at a time; far more than
/// that is a fault of somebody, and this sidecar has an application to serve.
const TASKS_MAX: usize = 256;

/// Progress of plans that waits for a session at most. A plan has a handful of
/// steps and there is one plan at a time.
const PROGRESS_MAX: usize = 64;

/// Events of one task that wait at most: it goes on when they were taken.
const EVENTS_MAX: usize = 16;

/// Everything that was started for the control plane, over all sessions.
#[derive(Debug)]
pub(crate) struct Commands {
    engine: Arc<dyn EnginePort>,
    /// The name of this process, for what it finds.
    instance: String,
    tasks: TaskTracker,
    /// Plans under way here, and whether each is being taken back.
    plans: Arc<Mutex<HashMap<String, bool>>>,
    progress_in: mpsc::Sender<Kind>,
    progress_out: tokio::sync::Mutex<mpsc::Receiver<Kind>>,
}

/// What one session has started. Dropping it cancels all of it but the plans.
#[derive(Debug)]
pub(crate) struct SessionCommands<'a> {
    all: &'a Commands,
    out: Outbox,
    token: CancellationToken,
    jobs: Mutex<HashMap<String, CancellationToken>>,
}

impl Commands {
    pub(crate) fn new(engine: Arc<dyn EnginePort>, instance: String) -> Self {
        let (progress_in, progress_out) = mpsc::channel(PROGRESS_MAX);
        Self {
            engine,
            instance,
            tasks: TaskTracker::new(),
            plans: Arc::default(),
            progress_in,
            progress_out: progress_out.into(),
        }
    }

    /// The commands of a session that sends to `out`.
    pub(crate) fn begin(&self, out: Outbox) -> SessionCommands<'_> {
        SessionCommands {
            all: self,
            out,
            token: CancellationToken::new(),
            jobs: Mutex::default(),
        }
    }

    /// Progress of plans, for the one session there is.
    pub(crate) async fn progress(&self) -> tokio::sync::MutexGuard<'_, mpsc::Receiver<Kind>> {
        self.progress_out.lock().await
    }

    /// Waits for everything that was started; nothing more can be.
    pub(crate) async fn finish(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Starts a task, unless there are too many.
    fn spawn(&self, what: &str, task: impl Future<Output = ()> + Send + 'static) {
        if self.tasks.len() >= TASKS_MAX {
            tracing::error!(
                what,
                max = TASKS_MAX,
                "too many tasks; the request is left undone"
            );
            return;
        }
        self.tasks.spawn(task);
    }
}

impl SessionCommands<'_> {
    fn jobs(&self) -> MutexGuard<'_, HashMap<String, CancellationToken>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for SessionCommands<'_> {
    fn drop(&mut self) {
        self.token.cancel();
    }
}
