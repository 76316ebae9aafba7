//! What a sidecar says.

use std::time::Duration;

use dualwrite_core::side::Side;

use super::Answered;
use crate::model::{Backlog, Compared, FenceReport, Nack, Operations};

/// The first thing that a sidecar says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The service it belongs to.
    pub service: String,
    /// Unique per process.
    pub instance: String,
    /// Its program's version.
    pub version: String,
    /// The revision that it holds, 0 for none.
    pub revision: u64,
}

/// What a sidecar says after its hello.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// It accepted a revision.
    Ack {
        /// The revision.
        revision: u64,
    },
    /// It refused a revision and keeps the one it holds.
    Nack(Nack),
    /// It is there.
    Heartbeat(Heartbeat),
    /// What it did since its last report.
    Report(Report),
    /// How far the plan that it executes has come.
    PlanProgress(PlanProgress),
    /// The split of a job.
    JobPlanned(JobPlanned),
    /// How far a shard has come.
    ShardProgress(ShardProgress),
    /// The answer to a question.
    Answered(Answered),
    /// It shuts down in good order.
    Leaving,
}

/// A sign of life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heartbeat {
    /// The revision that it holds, 0 for none.
    pub revision: u64,
    /// Legacy's fence as last read; none when unreachable or missing.
    pub legacy: Option<FenceReport>,
    /// New's fence as last read; none when unreachable or missing.
    pub new: Option<FenceReport>,
}

/// What a sidecar did since its last report.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Grows by one; a number heard before is not counted again.
    pub sequence: u64,
    /// The time that it covers.
    pub interval: Duration,
    /// Deltas.
    pub operations: Vec<Operations>,
    /// How far the copies are behind.
    pub backlogs: Vec<Backlog>,
    /// How busy its connections are.
    pub pools: Vec<PoolUse>,
    /// How reads that were done on both sides compared, since it began.
    pub comparisons: Vec<Compared>,
}

/// How busy one database's connections are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUse {
    /// The database.
    pub side: Side,
    /// Connections at work.
    pub in_use: u32,
    /// Connections at rest.
    pub idle: u32,
    /// Connections at most.
    pub max: u32,
    /// Whether the database answers.
    pub connected: bool,
}

/// How far a plan has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanProgress {
    /// The plan.
    pub plan_id: String,
    /// The step just done or tried; empty for none.
    pub step: String,
    /// What is to be said of it.
    pub detail: String,
    /// Legacy's fence as just read.
    pub legacy: Option<FenceReport>,
    /// New's fence as just read.
    pub new: Option<FenceReport>,
    /// How it stands.
    pub outcome: PlanOutcome,
}

/// How an execution stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanOutcome {
    /// It goes on.
    Running,
    /// The plan reached its phase.
    Done,
    /// Everything is back where it was.
    Aborted,
    /// This executor cannot go on; another may.
    Failed,
}

/// The split of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobPlanned {
    /// The job.
    pub job_id: String,
    /// The shards, in the order in which they may be worked on.
    pub shards: Vec<PlannedShard>,
    /// Why it could not be split; empty when it could.
    pub error: String,
}

/// One shard of a split: `(after, until]` of an entity's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedShard {
    /// Its number.
    pub number: u32,
    /// The entity.
    pub entity: String,
    /// Canonical key bytes; empty means unbounded.
    pub after: Vec<u8>,
    /// Canonical key bytes; empty means unbounded.
    pub until: Vec<u8>,
    /// Estimate of its rows.
    pub rows_estimated: u64,
}

/// How far a shard has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardProgress {
    /// The job.
    pub job_id: String,
    /// The shard.
    pub number: u32,
    /// Where to go on.
    pub cursor: Vec<u8>,
    /// Rows handled since the last progress of this shard.
    pub rows: u64,
    /// Whether all of it is done.
    pub done: bool,
    /// Why it cannot go on; empty when it can.
    pub error: String,
    /// The epoch in which it worked.
    pub epoch: u64,
    /// Keys set aside since the last progress of this shard.
    pub quarantined: u64,
}

/// The result of the exact check of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCheck {
    /// The entity.
    pub entity: String,
    /// What was found.
    pub verdict: CheckVerdict,
    /// Fields that differ.
    pub columns: Vec<String>,
}

/// What an exact check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckVerdict {
    /// Both rows are equal.
    Equal,
    /// A marker stands: the relay will converge it.
    Pending,
    /// Only the primary has it.
    MissingOnSecondary,
    /// Only the secondary has it.
    ExtraOnSecondary,
    /// They differ.
    Different,
    /// Neither has it.
    AbsentOnBoth,
    /// The phase has no secondary.
    NoSecondary,
}
