//! History is kept for a stated time.

use std::time::Duration;

use super::ReconcileError;
use crate::app::ControlPlane;
use crate::model::Millis;

const DAY: Duration = Duration::from_hours(24);

/// Events and ended transitions: a quarter, in which every question about a
/// flip has been asked.
const HISTORY: Duration = Duration::from_hours(90 * 24);

/// Ended jobs and their shards.
const JOBS: Duration = Duration::from_hours(30 * 24);

/// Revisions of each migration that are kept whatever their age.
const REVISIONS: u32 = 100;

/// How often it is looked.
const EVERY: Duration = Duration::from_hours(1);

/// When it was last looked (steady time).
#[derive(Debug, Default)]
pub(crate) struct RetentionDesk {
    last: Option<Millis>,
}

impl ControlPlane {
    pub(super) async fn forget_old(&self) -> Result<(), ReconcileError> {
        let at = self.at();
        let last = self.desk().retention.last;
        if last.is_some_and(|last| at.steady.since(last) < EVERY) {
            return Ok(());
        }
        let mut work = self.store().begin().await?;
        let forgotten = [
            work.forget_events(at.now.before(HISTORY)).await?,
            work.forget_transitions(at.now.before(HISTORY)).await?,
            work.forget_revisions(at.now.before(HISTORY), REVISIONS)
                .await?,
            work.forget_jobs(at.now.before(JOBS)).await?,
            work.forget_sidecars(at.now.before(DAY)).await?,
        ];
        work.commit().await?;
        self.desk().retention.last = Some(at.steady);
        let total: u64 = forgotten.iter().sum();
        if total > 0 {
            tracing::info!(total, "forgot records that are older than they are kept");
        }
        Ok(())
    }
}
