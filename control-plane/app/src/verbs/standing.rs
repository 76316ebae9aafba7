//! Whether the store answers, and what it is.

use dualwrite_core::tally::Delta;

use crate::app::ControlPlane;
use crate::ports::{About, StoreError};

impl ControlPlane {
    /// Whether the store can be read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reads(&self) -> Result<(), StoreError> {
        self.store().view().await.map(drop)
    }

    /// Whether the store takes changes. A unit of work that is begun waits for
    /// its turn as every change does, and one that is dropped changes nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn takes_changes(&self) -> Result<(), StoreError> {
        self.store().begin().await.map(drop)
    }

    /// What the store is, and how large.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn about_store(&self) -> Result<About, StoreError> {
        self.store().about().await
    }

    /// What of the store is waited for, and how long.
    #[must_use]
    pub fn store_timings(&self) -> Vec<(&'static str, Delta)> {
        self.store().timings()
    }
}
