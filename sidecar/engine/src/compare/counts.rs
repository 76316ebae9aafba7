//! What is told of comparisons. No values.

use std::sync::Arc;

/// How comparisons of one entity ended, since the process began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Comparisons {
    /// Both sides said the same.
    pub matches: u64,
    /// They differed, also under the key's lock, and no marker stood.
    pub mismatches: u64,
    /// The key was being copied, or the other side was no copy just then.
    pub skipped: u64,
    /// There was no room to compare them.
    pub shed: u64,
    /// The other side did not answer, or not in time.
    pub failed: u64,
}

/// The comparisons of one entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityComparisons {
    /// The entity's name.
    pub entity: Arc<str>,
    /// The counts.
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
