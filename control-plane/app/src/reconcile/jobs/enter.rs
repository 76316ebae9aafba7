//! Another epoch comes into force, and jobs that rest on the one before end.

use dualwrite_core::fence::EpochSettings;
use dualwrite_core::spec::Entity;

use super::done::fail;
use crate::change::Change;
use crate::model::{Job, JobState};
use crate::ports::StoreError;

/// Puts another epoch into force. A job that is open goes on only if its
/// copies were followed throughout: same primary, still a secondary, markers
/// in every epoch, and the same mapping of its entities.
pub(crate) async fn enter(
    change: &mut Change,
    epoch: u64,
    settings: &EpochSettings,
) -> Result<(), StoreError> {
    let before = change.migration.epoch_settings();
    change.migration.enter(epoch, settings);
    let followed = settings.marking
        && settings.phase.secondary().is_some()
        && settings.phase.primary() == before.phase.primary();
    for job in open(change).await? {
        if !followed || !same_mapping(&job, &before.entities, &settings.entities) {
            let why =
                format!("epoch {epoch} began, and what it had copied may be old; start it again");
            fail(change, job, &why).await?;
        }
    }
    Ok(())
}

/// Ends the jobs of the migration that sidecars work on. A paused one is left:
/// whether it can go on is told by the epoch that comes.
pub(crate) async fn give_up_jobs(change: &mut Change, why: &str) -> Result<(), StoreError> {
    for job in open(change).await? {
        if job.state != JobState::Paused {
            fail(change, job, why).await?;
        }
    }
    Ok(())
}

async fn open(change: &mut Change) -> Result<Vec<Job>, StoreError> {
    let mut jobs = change.work.open_jobs().await?;
    jobs.retain(|job| job.migration == change.migration.name);
    Ok(jobs)
}

fn same_mapping(job: &Job, before: &[Entity], after: &[Entity]) -> bool {
    let find =
        |entities: &[Entity], name: &str| entities.iter().find(|one| one.name == name).cloned();
    job.entities.iter().all(|name| {
        let now = find(after, name);
        now.is_some() && now == find(before, name)
    })
}
