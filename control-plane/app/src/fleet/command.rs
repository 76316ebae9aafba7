//! What a sidecar is told.

use std::sync::Arc;

use dualwrite_core::plan::Plan;

use super::Question;
use crate::model::Shard;
use crate::publish::Published;

/// What a sidecar is told.
#[derive(Debug, Clone)]
pub enum Command {
    /// The newest settings.
    Update(Arc<Published>),
    /// It is the executor of this plan.
    Execute(Plan),
    /// Split a job in shards.
    PlanJob(PlanJob),
    /// Work on a shard, until the session ends.
    LeaseShard(ShardOrder),
    /// Stop all shards of a job.
    RevokeJob {
        /// The job.
        job_id: String,
    },
    /// Answer a question.
    Ask {
        /// Comes back with the answer.
        request_id: String,
        /// What is asked.
        question: Question,
    },
}

/// A job that is to be split in shards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanJob {
    /// The job.
    pub job_id: String,
    /// The entities it covers.
    pub entities: Vec<String>,
    /// Shards that each entity should have, about.
    pub shards_per_entity: u32,
}

/// A shard to work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardOrder {
    /// The shard, with the cursor to go on from.
    pub shard: Shard,
    /// The epoch as the control plane knows it.
    pub epoch: u64,
    /// Rows per second at most for this shard, 0 for no limit.
    pub max_rows_per_second: u32,
}
