//! Instances that follow a migration.

use super::{FenceReport, Millis};

/// What is kept of an instance after it has gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SidecarRecord {
    /// The service it belongs to.
    pub migration: String,
    /// Unique per process.
    pub instance: String,
    /// Its program's version.
    pub version: String,
    /// When its last session began.
    pub connected: Millis,
    /// When it was last heard of; written when a session begins and ends.
    pub last_seen: Millis,
    /// The last revision it accepted.
    pub acked: u64,
}

/// A revision that a sidecar refused, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nack {
    /// The revision.
    pub revision: u64,
    /// Why, each naming exactly what is wrong.
    pub reasons: Vec<String>,
}

/// One connected or recently connected instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sidecar {
    /// Unique per process.
    pub instance: String,
    /// Its program's version.
    pub version: String,
    /// Whether it is connected and was heard within the bound.
    pub live: bool,
    /// The last revision it accepted, 0 for none.
    pub acked: u64,
    /// Its refusal, if that is its last word.
    pub nack: Option<Nack>,
    /// When its session began.
    pub connected: Millis,
    /// When it was last heard.
    pub last_seen: Millis,
    /// Legacy's fence as it last read it.
    pub legacy_fence: Option<FenceReport>,
    /// New's fence as it last read it.
    pub new_fence: Option<FenceReport>,
    /// Markers outstanding by its last report.
    pub markers: u64,
}
