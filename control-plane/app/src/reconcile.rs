//! What takes longer than one call.
//!
//! Reconcilers take no input. They look at what is stored and at who is
//! connected, do the next step, and look again: on every wake-up, and once a
//! second. So they can be stopped at any instruction and started anywhere, and
//! it does no harm to run one twice.
//!
//! * `adopt`: where the fences say another epoch than what is stored, the
//!   fences win.
//! * `straighten`: what is not as it should be beside the fences is rewritten.
//! * `transitions`: each transition under way has an executor, a time limit
//!   and an end.
//! * `jobs`: each job is split, its shards are leased to live sessions, and
//!   what was counted is counted once.
//! * `retirements`: where the end was decided and every live sidecar works
//!   without fences, one of them removes what is ours. It waits for databases,
//!   and so it runs beside the others.
//! * `retention`: history is kept for a stated time.

mod adopt;
mod jobs;
mod reading;
mod retention;
mod retirements;
mod straighten;
mod transitions;

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::app::ControlPlane;
use crate::error::{MigrationNotFound, StaleRevision};
use crate::ports::StoreError;

pub(crate) use jobs::{JobDesk, enter, planned, progressed as shard_progressed, release, revoke};
pub(crate) use transitions::{
    Intent, TransitionDesk, begin, progressed as plan_progressed, take_back,
};

/// How often it is looked whether time alone has changed something: a silent
/// session, a time limit, a retry.
const TICK: Duration = Duration::from_secs(1);

/// How much longer than a look the pause after it is: looks take at most a fifth of a processor,
/// though each word of thousands of sidecars asks for one. In a small fleet that is a millisecond.
const PAUSE: u32 = 4;

/// The longest pause, so that one slow look does not hold up the next step.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// What reconcilers remember between two looks, to not say the same thing
/// twice. All of it can be lost.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    pub(crate) transitions: TransitionDesk,
    pub(crate) jobs: JobDesk,
    pub(crate) straighten: straighten::StraightenDesk,
    pub(crate) retention: retention::RetentionDesk,
}

/// A reconciler did not do its step. It is tried again at the next look.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReconcileError {
    /// The migration is no more.
    #[error(transparent)]
    NotFound(#[from] MigrationNotFound),
    /// It moved on at the same time.
    #[error(transparent)]
    Stale(#[from] StaleRevision),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReconcileError {
    /// The same error as a verb has it.
    pub(crate) fn leaf<E>(self) -> E
    where
        E: From<MigrationNotFound> + From<StaleRevision> + From<StoreError>,
    {
        match self {
            Self::NotFound(leaf) => leaf.into(),
            Self::Stale(leaf) => leaf.into(),
            Self::Store(leaf) => leaf.into(),
        }
    }
}

impl ControlPlane {
    /// Runs the reconcilers until the future is dropped. Run it once, beside
    /// the servers.
    pub async fn run(&self) {
        tokio::join!(self.reconcile_for_ever(), self.remove_for_ever());
    }

    async fn reconcile_for_ever(&self) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = self.woken() => {}
            }
            let begin = Instant::now();
            self.reconcile().await;
            // What is asked for meanwhile is seen by the next look, all at once.
            sleep((begin.elapsed() * PAUSE).min(LONGEST_PAUSE)).await;
        }
    }

    /// Looks once at everything and does the next steps. What fails is logged
    /// and tried again at the next look.
    pub async fn reconcile(&self) {
        self.reap();
        let looks = [
            ("departures", self.record_departures().await),
            ("fences", self.follow_fences().await),
            ("transitions", self.drive_transitions().await),
            ("jobs", self.drive_jobs().await),
            ("retention", self.forget_old().await),
        ];
        for (what, result) in looks {
            if let Err(error) = result {
                tracing::warn!(what, %error, "a reconciler failed; it tries again in a second");
            }
        }
    }

    fn reap(&self) {
        for service in self.registry().all() {
            for instance in service.reap(self.at().steady) {
                tracing::warn!(
                    service = service.name(),
                    instance,
                    "sidecar is silent; its session ends"
                );
            }
        }
    }

    /// Stores when sessions that have ended were last heard of.
    async fn record_departures(&self) -> Result<(), ReconcileError> {
        for service in self.registry().all() {
            let departed = service.departed();
            if departed.is_empty() {
                continue;
            }
            let mut work = self.store().begin().await?;
            for record in &departed {
                work.put_sidecar(record).await?;
            }
            work.commit().await?;
        }
        Ok(())
    }
}
