//! A migration with all that is shown beside it.

use super::{Health, Migration, Transition};

/// A migration with all that is shown beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct MigrationView {
    /// The migration.
    pub migration: Migration,
    /// The transition under way.
    pub transition: Option<Transition>,
    /// What its live sidecars report.
    pub health: Health,
}
