//! One range of keys of a job.

use super::Millis;

/// One range of keys of one entity: `(after, until]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// The job.
    pub job_id: String,
    /// Its number within the job, from 0.
    pub number: u32,
    /// The entity.
    pub entity: String,
    /// Canonical key bytes; empty means unbounded.
    pub after: Vec<u8>,
    /// Canonical key bytes; empty means unbounded.
    pub until: Vec<u8>,
    /// Where to go on; empty means at `after`.
    pub cursor: Vec<u8>,
    /// Who works on it.
    pub state: ShardState,
    /// Rows handled.
    pub rows_done: u64,
    /// Estimate from planning.
    pub rows_estimated: u64,
    /// Keys set aside.
    pub quarantined: u64,
    /// How many leases of it ended in an error.
    pub failures: u32,
    /// It is not leased again before this.
    pub retry_at: Millis,
}

/// Who works on a shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShardState {
    /// Nobody.
    Waiting,
    /// A session, until it ends.
    Leased(Lease),
    /// Nobody any more: it is done.
    Done,
}

/// A shard in the hands of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The instance, for people.
    pub instance: String,
    /// The session; when it ends, so does the lease.
    pub session: String,
}
