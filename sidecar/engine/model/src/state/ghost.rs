//! What really happened, which only the properties look at.

use dualwrite_core::side::Side;

use super::{Content, KEYS, REQUESTS};

/// What only the properties look at: what really happened.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ghost {
    /// The side that really is the primary.
    pub authority: Side,
    /// What the primary's rows should be.
    pub last: [Content; KEYS],
    /// Every version of key 0, oldest first, where there are reads.
    pub history: Vec<Content>,
    /// The first version of key 0 that a new read may show.
    pub floor: u8,
    /// Requests that committed on the authority.
    pub lineage: u8,
    /// Requests that were acknowledged.
    pub acknowledged: u8,
    /// How often each request took effect.
    pub effects: [u8; REQUESTS],
    /// Requests that somebody was told committed.
    pub told_committed: u8,
    /// Requests that somebody was told will never happen.
    pub told_aborted: u8,
    /// What must never happen, once it did.
    pub wrongs: Wrongs,
}

/// What must never happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent faults, each with a property of its own"
)]
pub struct Wrongs {
    /// A foreground write committed under another epoch than the fence's.
    pub stale_commit: bool,
    /// A read showed what was older than what it had to show.
    pub stale_read: bool,
    /// A read showed half of a transaction.
    pub torn_read: bool,
    /// A copy was written to a side that is off.
    pub copy_to_off: bool,
    /// A writer outside committed where it must not.
    pub outside_elsewhere: bool,
}
