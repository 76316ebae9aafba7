//! What one sidecar has under way.

use dualwrite_core::side::Side;

use super::{Content, Fence, KEYS};
use crate::transaction::Transaction;

/// Where a foreground write stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum WriteStage {
    /// Nothing is under way.
    #[default]
    Idle,
    /// Looks for its receipt on the other side.
    Looking,
    /// May begin on the primary.
    Ready,
    /// The fence refused it: waits for a fresh look.
    Waiting,
    /// The primary's transaction is open and written.
    Open,
    /// The secondary's transaction is open and written as well.
    BothOpen,
    /// What commits on the primary is on its way.
    Committing,
    /// What commits on the secondary is on its way.
    CommittingSecondary,
}

/// A foreground write under way.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct WriteTask {
    /// Where it stands.
    pub stage: WriteStage,
    /// Which of the asks it is.
    pub ask: u8,
    /// Its transaction on the primary.
    pub primary: Option<Transaction>,
    /// Its transaction on the secondary.
    pub secondary: Option<Transaction>,
}

/// Where a relay stands with one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum RelayStage {
    /// Nothing is under way.
    #[default]
    Idle,
    /// The secondary's transaction is open, with fence and key lock.
    Locked,
    /// One of token and row was read (in the variants that read twice).
    HalfPulled,
    /// Token and row were read.
    Pulled,
    /// The copy is written and its commit on its way.
    Committing,
    /// The primary's transaction that holds the row is to delete the marker.
    Clearing,
}

/// A copy of one key under way.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct RelayTask {
    /// Where it stands.
    pub stage: RelayStage,
    /// The key.
    pub key: usize,
    /// The epoch that it works under.
    pub epoch: u8,
    /// The row as it was read.
    pub row: Content,
    /// The token as it was read.
    pub token: u8,
    /// The version as it was read.
    pub version: u8,
    /// Its transaction on the primary, in the variant that holds one.
    pub primary: Option<Transaction>,
    /// Its transaction on the secondary.
    pub secondary: Option<Transaction>,
}

/// Where a read stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum ReadStage {
    /// Nothing is under way.
    #[default]
    Idle,
    /// May read.
    Ready,
    /// The fence refused it: waits for a fresh look.
    Waiting,
    /// The fence was read, the rows not yet.
    Checked,
    /// The rows were read.
    Answering,
}

/// A read of both keys under way.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct ReadTask {
    /// Where it stands.
    pub stage: ReadStage,
    /// The first version of key 0 that it may show.
    pub floor: u8,
    /// The side that its fence was read on.
    pub side: Option<Side>,
    /// The rows.
    pub rows: [Content; KEYS],
}

/// One sidecar.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sidecar {
    /// Both fences, legacy first, as it saw them last.
    pub seen: [Fence; 2],
    /// What a plan told it, in the variant that believes plans: epoch and
    /// primary.
    pub told: Option<(u8, Side)>,
    /// Its foreground write.
    pub write: WriteTask,
    /// Its relay.
    pub relay: RelayTask,
    /// Its read.
    pub read: ReadTask,
}

impl Sidecar {
    /// Whether nothing is under way.
    pub(super) fn at_rest(&self) -> bool {
        self.write.stage == WriteStage::Idle
            && self.relay.stage == RelayStage::Idle
            && self.read.stage == ReadStage::Idle
    }
}
