//! What is told of comparisons. No values.

use std::sync::Arc;

use dualwrite_core::tally::Comparisons;

/// The comparisons of one entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityComparisons {
    /// The entity's name.
    pub entity: Arc<str>,
    /// The counts, since the process began.
    pub counts: Comparisons,
}

/// A key whose row differed when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MismatchedKey {
    /// The entity's name.
    pub entity: Arc<str>,
    /// The key as it may be shown: hashed where the mapping calls it sensitive.
    pub key: String,
    /// Fields that differ; empty where one side lacks the row.
    pub fields: Vec<Arc<str>>,
}
