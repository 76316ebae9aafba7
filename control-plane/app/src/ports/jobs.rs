//! Jobs and their shards.

use async_trait::async_trait;

use super::StoreError;
use crate::model::{Job, Millis, Shard};

/// Reads jobs.
#[async_trait]
pub trait ReadJobs {
    /// The job of this identifier.
    async fn job(&mut self, id: &str) -> Result<Option<Job>, StoreError>;

    /// The jobs of a migration, newest first, 100 at most.
    async fn jobs(&mut self, name: &str) -> Result<Vec<Job>, StoreError>;

    /// All jobs that have not ended, oldest first.
    async fn open_jobs(&mut self) -> Result<Vec<Job>, StoreError>;

    /// The shards of a job, in order of number.
    async fn shards(&mut self, job_id: &str) -> Result<Vec<Shard>, StoreError>;

    /// One shard.
    async fn shard(&mut self, job_id: &str, number: u32) -> Result<Option<Shard>, StoreError>;
}

/// Writes jobs.
#[async_trait]
pub trait WriteJobs {
    /// Stores a new job.
    async fn insert_job(&mut self, job: &Job) -> Result<(), StoreError>;

    /// Replaces a job.
    async fn save_job(&mut self, job: &Job) -> Result<(), StoreError>;

    /// Stores the shards of a job, which has none yet.
    async fn insert_shards(&mut self, shards: &[Shard]) -> Result<(), StoreError>;

    /// Replaces a shard.
    async fn save_shard(&mut self, shard: &Shard) -> Result<(), StoreError>;

    /// Forgets jobs that ended before, and their shards; answers how many jobs.
    async fn forget_jobs(&mut self, before: Millis) -> Result<u64, StoreError>;
}
