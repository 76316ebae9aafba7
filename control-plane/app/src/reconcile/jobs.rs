//! Each job is split once, its shards are leased to live sessions, and what
//! was counted is counted once.
//!
//! A lease lasts as long as the session that holds it: the session's end is
//! the lease's end, and there is no other clock. Two sidecars may so work on
//! one shard for a moment, which is harmless, for a copy is made under the
//! key's lock from what the primary holds; but progress counts only for the
//! one that holds the lease.

mod desk;
mod done;
mod enter;
mod lease;
mod planned;
mod progress;
mod release;

use std::collections::BTreeMap;

pub(crate) use desk::JobDesk;
pub(crate) use enter::{enter, give_up_jobs};
pub(crate) use planned::planned;
pub(crate) use progress::progressed;
pub(crate) use release::{release, revoke};

use super::ReconcileError;
use crate::app::ControlPlane;
use crate::model::{Job, JobState};

/// Shards that one session works on at most: one copies while the other's
/// next rows are read.
const LEASES: usize = 2;

/// Shards that each entity is split into, about: enough that a dead sidecar's
/// share is small, few enough that they are planned and stored at once.
const SHARDS_PER_ENTITY: u32 = 16;

impl ControlPlane {
    pub(super) async fn drive_jobs(&self) -> Result<(), ReconcileError> {
        let open = self.store().view().await?.open_jobs().await?;
        self.desk().jobs.keep(&open);
        for service in self.registry().all() {
            service.keep_rates(&open);
        }
        // Leases of all jobs of a service count together.
        let mut held: BTreeMap<String, usize> = BTreeMap::new();
        for job in &open {
            if let Err(error) = self.drive_job(job, &mut held).await {
                tracing::warn!(job = job.id, %error, "a job was not driven; it is tried again");
            }
        }
        Ok(())
    }

    async fn drive_job(
        &self,
        job: &Job,
        held: &mut BTreeMap<String, usize>,
    ) -> Result<(), ReconcileError> {
        match job.state {
            JobState::Planning => {
                planned::ask(self, job);
                Ok(())
            }
            JobState::Running => lease::lease(self, job, held).await,
            JobState::Paused | JobState::Done | JobState::Cancelled | JobState::Failed => Ok(()),
        }
    }
}
