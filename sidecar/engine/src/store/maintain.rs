//! What is outstanding, what is set aside, how busy the connections are.

use std::sync::Arc;

use dualwrite_core::key::Key;

/// How many markers one entity has outstanding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backlog {
    /// The entity.
    pub entity: Arc<str>,
    /// Markers in its outbox.
    pub markers: u64,
    /// Keys of it that are set aside.
    pub quarantined: u64,
}

/// A key that the secondary refuses.
#[derive(Debug, Clone, PartialEq)]
pub struct Quarantined {
    /// The entity.
    pub entity: Arc<str>,
    /// The key.
    pub key: Key,
    /// What its copy met last, without values.
    pub error: String,
    /// How often it was tried.
    pub tries: u32,
}

/// How busy one database's connections are, and how they fare.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PoolStatus {
    /// Handed out now.
    pub in_use: u32,
    /// Open and waiting.
    pub idle: u32,
    /// At most so many.
    pub max: u32,
    /// Calls that wait for one.
    pub waiting: u32,
    /// Why the last attempt to get one failed; gone as soon as one succeeds.
    /// Without values, and without a URL.
    pub last_error: Option<String>,
}
