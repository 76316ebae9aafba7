//! Splitting a job, and copying the shards that are leased to us.

use std::sync::Arc;

use dualwrite_proto::v1;
use dualwrite_proto::v1::session_request::Kind;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{EVENTS_MAX, SessionCommands};
use crate::wire;

impl SessionCommands<'_> {
    /// Splits a job in shards.
    pub(crate) fn plan_job(&self, ask: v1::PlanJob) {
        let token = self.job(&ask.job_id);
        let engine = Arc::clone(&self.all.engine);
        let out = self.out.clone();
        self.all.spawn("plan_job", async move {
            let v1::PlanJob {
                job_id,
                entities,
                shards_per_entity,
            } = ask;
            let planning = engine.plan_shards(&entities, shards_per_entity.max(1));
            let Some(planned) = token.run_until_cancelled(planning).await else {
                return;
            };
            let (shards, error) = match planned {
                Ok(ranges) => {
                    let numbered = ranges.into_iter().enumerate();
                    let shards =
                        numbered.map(|(number, range)| wire::shard(&job_id, number, range));
                    (shards.collect(), String::new())
                }
                Err(error) => (Vec::new(), error.to_string()),
            };
            out.send(Kind::JobPlanned(v1::JobPlanned {
                job_id,
                shards,
                error,
            }))
            .await;
        });
    }

    /// Copies a shard until it is done, revoked, or the session ends.
    pub(crate) fn lease(&self, shard: Option<v1::Shard>) {
        let Some(shard) = shard else {
            tracing::error!("a lease without a shard");
            return;
        };
        let token = self.job(&shard.job_id);
        let engine = Arc::clone(&self.all.engine);
        let out = self.out.clone();
        self.all.spawn("lease_shard", async move {
            let (sender, mut events) = mpsc::channel(EVENTS_MAX);
            let copying = engine.run_shard(wire::task(shard), sender, token);
            let telling = async {
                while let Some(event) = events.recv().await {
                    out.send(Kind::ShardProgress(wire::shard_progress(event)))
                        .await;
                }
            };
            tokio::join!(copying, telling);
        });
    }

    /// Stops everything of a job.
    pub(crate) fn revoke(&self, job_id: &str) {
        if let Some(token) = self.jobs().remove(job_id) {
            token.cancel();
        }
    }

    /// What ends the tasks of a job.
    fn job(&self, job_id: &str) -> CancellationToken {
        let mut jobs = self.jobs();
        let token = jobs
            .entry(job_id.to_owned())
            .or_insert_with(|| self.token.child_token());
        token.clone()
    }
}
