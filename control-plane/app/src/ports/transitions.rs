//! Transitions.

use async_trait::async_trait;

use super::StoreError;
use crate::model::{Millis, Transition};

/// Reads transitions.
#[async_trait]
pub trait ReadTransitions {
    /// The transition of this plan.
    async fn transition(&mut self, plan_id: &str) -> Result<Option<Transition>, StoreError>;

    /// The transition of a migration that has not ended; there is one at most.
    async fn running_transition(&mut self, name: &str) -> Result<Option<Transition>, StoreError>;

    /// The transition of a migration that began last, ended or not.
    async fn last_transition(&mut self, name: &str) -> Result<Option<Transition>, StoreError>;

    /// All transitions that have not ended.
    async fn running_transitions(&mut self) -> Result<Vec<Transition>, StoreError>;
}

/// Writes transitions.
#[async_trait]
pub trait WriteTransitions {
    /// Stores a new one. A second one that has not ended, of the same
    /// migration, is refused by the store.
    async fn insert_transition(&mut self, transition: &Transition) -> Result<(), StoreError>;

    /// Replaces the one of the same plan.
    async fn save_transition(&mut self, transition: &Transition) -> Result<(), StoreError>;

    /// Forgets those that ended before; answers how many.
    async fn forget_transitions(&mut self, before: Millis) -> Result<u64, StoreError>;
}
