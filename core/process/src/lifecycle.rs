//! A process from its start to its end: who owns a task, and what ends it.
//!
//! Every long-lived task is spawned here, under a name. Two tokens end them:
//! *soft* asks to finish what is under way and take nothing new; *hard* drops
//! whatever is still there. The first signal (SIGTERM or SIGINT) is soft; a
//! second one, or the end of the grace, is hard. A task that fails or panics
//! ends the process, softly and with a failure: half a process that goes on is
//! worse than one that is started again.

mod ending;
mod roster;
mod signals;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use roster::Roster;

pub use ending::{Crash, Ending};
pub use signals::Signals;

/// How long a process may take to end in good order. Under the 30 s after
/// which Kubernetes kills it, with room for the hard end.
pub const GRACE: Duration = Duration::from_secs(20);

/// How long tasks may take to notice that they were dropped. A task that holds
/// a thread for longer is left behind.
const HARD_BOUND: Duration = Duration::from_secs(2);

/// The owner of a process's tasks. Clones share everything.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle {
    soft: CancellationToken,
    hard: CancellationToken,
    tasks: TaskTracker,
    roster: Arc<Roster>,
}

/// What a task may end with: nothing, or an error that ends the process.
pub trait Outcome: Send + 'static {
    /// The error, if there is one.
    ///
    /// # Errors
    /// Whatever the task failed with.
    fn into_result(self) -> anyhow::Result<()>;
}

impl Outcome for () {
    fn into_result(self) -> anyhow::Result<()> {
        Ok(())
    }
}

impl<E: Into<anyhow::Error> + Send + 'static> Outcome for Result<(), E> {
    fn into_result(self) -> anyhow::Result<()> {
        self.map_err(Into::into)
    }
}

// === impl Lifecycle ===

impl Lifecycle {
    /// A process without tasks.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancelled when the process shall finish what is under way and take
    /// nothing new.
    #[must_use]
    pub fn soft(&self) -> CancellationToken {
        self.soft.clone()
    }

    /// Cancelled when the process ends at once.
    #[must_use]
    pub fn hard(&self) -> CancellationToken {
        self.hard.clone()
    }

    /// Starts a task that the process owns. It should end soon after
    /// [`Lifecycle::soft`] is cancelled, and is dropped at [`Lifecycle::hard`].
    /// If it fails or panics, the process ends with a failure.
    pub fn spawn<F>(&self, name: impl Into<String>, task: F)
    where
        F: Future<Output: Outcome> + Send + 'static,
    {
        let life = self.clone();
        let entry = self.roster.enter(name.into());
        self.tasks.spawn(async move {
            let mut running = tokio::spawn(task);
            tokio::select! {
                ended = &mut running => life.note_end(entry.name(), ended),
                () = life.hard.cancelled() => drop_task(running).await,
            }
        });
    }

    /// Runs until a signal comes, a task crashes or [`Lifecycle::soft`] is
    /// cancelled; then ends all tasks within `grace`.
    pub async fn run(self, mut signals: Signals, grace: Duration) -> Ending {
        tokio::select! {
            signal = signals.next() => tracing::info!(signal, "asked to end: draining"),
            () = self.soft.cancelled() => {}
        }
        self.soft.cancel();
        self.tasks.close();
        let in_order = tokio::select! {
            () = self.tasks.wait() => true,
            signal = signals.next() => {
                tracing::warn!(signal, "asked to end a second time: not waiting any longer");
                false
            }
            () = tokio::time::sleep(grace) => false,
        };
        if !in_order {
            self.end_hard().await;
        }
        self.roster.ending(in_order)
    }

    async fn end_hard(&self) {
        tracing::warn!(tasks = ?self.roster.present(), "these tasks did not end in time and are dropped");
        self.hard.cancel();
        if tokio::time::timeout(HARD_BOUND, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::error!(tasks = ?self.roster.present(), "these tasks hold their thread and are left behind");
        }
    }

    fn note_end<T: Outcome>(&self, name: &str, ended: Result<T, JoinError>) {
        let cause = match ended.map(Outcome::into_result) {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error,
            Err(error) => anyhow::anyhow!("it panicked: {}", panic_text(error)),
        };
        tracing::error!(
            task = name,
            error = format!("{cause:#}"),
            "a task crashed: ending the process"
        );
        self.roster.crashed(Crash {
            task: name.to_owned(),
            cause,
        });
        self.soft.cancel();
    }
}

async fn drop_task<T>(running: JoinHandle<T>) {
    running.abort();
    // Aborted, or done in the meantime: either way it is over.
    running.await.ok();
}

fn panic_text(error: JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else {
        return "it was aborted".to_owned();
    };
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic
            .downcast::<&str>()
            .map_or_else(|_| "no message".to_owned(), |text| (*text).to_owned()),
    }
}

#[cfg(test)]
mod tests;
