//! The history.

use async_trait::async_trait;

use super::StoreError;
use crate::model::{Event, Millis, PageSize};

/// Reads the history.
#[async_trait]
pub trait ReadEvents {
    /// Events of a migration, newest first, from the first older than the one
    /// whose id is `before`.
    async fn events(
        &mut self,
        name: &str,
        before: Option<u64>,
        size: PageSize,
    ) -> Result<Vec<Event>, StoreError>;
}

/// Writes the history.
#[async_trait]
pub trait WriteEvents {
    /// Appends an event; the store gives it its id.
    async fn append_event(&mut self, event: &Event) -> Result<(), StoreError>;

    /// Forgets events from before; answers how many.
    async fn forget_events(&mut self, before: Millis) -> Result<u64, StoreError>;
}
