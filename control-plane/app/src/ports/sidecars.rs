//! Instances that were seen.

use async_trait::async_trait;

use super::StoreError;
use crate::model::{Millis, SidecarRecord};

/// Reads what is kept of instances.
#[async_trait]
pub trait ReadSidecars {
    /// The instances of a migration, in order of instance.
    async fn sidecars(&mut self, name: &str) -> Result<Vec<SidecarRecord>, StoreError>;
}

/// Writes what is kept of instances.
#[async_trait]
pub trait WriteSidecars {
    /// Stores or replaces the record of an instance. The largest revision that
    /// it ever accepted stays.
    async fn put_sidecar(&mut self, record: &SidecarRecord) -> Result<(), StoreError>;

    /// Forgets instances last seen before; answers how many.
    async fn forget_sidecars(&mut self, before: Millis) -> Result<u64, StoreError>;
}
