//! A job stops: its shards go back, and its sidecars are told.

use crate::app::ControlPlane;
use crate::change::Change;
use crate::fleet::Command;
use crate::model::{Job, ShardState};
use crate::ports::StoreError;

/// Takes the shards of a job from whoever holds them, keeping their cursors.
pub(crate) async fn release(change: &mut Change, job_id: &str) -> Result<(), StoreError> {
    for mut shard in change.work.shards(job_id).await? {
        if matches!(shard.state, ShardState::Leased(_)) {
            shard.state = ShardState::Waiting;
            change.work.save_shard(&shard).await?;
        }
    }
    Ok(())
}

/// Tells every sidecar to stop working on a job. One that cannot be told now
/// is told when it next says how far it has come.
pub(crate) fn revoke(plane: &ControlPlane, job: &Job) {
    let Some(service) = plane.service(&job.migration) else {
        return;
    };
    for session in service.live(plane.at().steady) {
        service.send(
            &session.session,
            Command::RevokeJob {
                job_id: job.id.clone(),
            },
        );
    }
}
