//! Everything that stands somewhere at one moment: in the databases, in the
//! sidecars, on its way between them.

mod ghost;
mod tasks;

use dualwrite_core::phase::Phase;
use dualwrite_core::plan::PlanKind;
use dualwrite_core::side::{Role, Side};

use crate::transaction::Transaction;

pub use ghost::{Ghost, Wrongs};
pub use tasks::{ReadStage, ReadTask, RelayStage, RelayTask, Sidecar, WriteStage, WriteTask};

/// Keys in the model.
pub const KEYS: usize = 2;

/// Requests in the model, at most.
pub const REQUESTS: usize = 3;

/// A set of keys, one bit each.
pub type KeySet = u8;

/// What a row holds: the number of the write that put it there, 0 where there
/// is no row.
pub type Content = u8;

/// Whether a set has a key.
#[must_use]
pub const fn has(keys: KeySet, key: usize) -> bool {
    keys >> key & 1 == 1
}

/// The place of a side in a pair.
#[must_use]
pub const fn at(side: Side) -> usize {
    match side {
        Side::Legacy => 0,
        Side::New => 1,
    }
}

/// One fence row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fence {
    /// See `dualwrite_core::fence::Fence`; so with the rest.
    pub epoch: u8,
    /// What this side allows.
    pub role: Role,
    /// The phase of the epoch.
    pub phase: Phase,
    /// The plan that wrote it; 0 after the installation.
    pub plan: u8,
    /// Whether writes of the epoch leave markers.
    pub marking: bool,
}

/// What stands in a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Receipt {
    /// There is none.
    #[default]
    None,
    /// The request committed.
    Committed,
    /// It is settled as never to happen.
    Aborted,
}

/// One database.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Database {
    /// The rows.
    pub rows: [Content; KEYS],
    /// The marker of each key: its token, 0 for none. With appended markers a
    /// set of tokens.
    pub markers: [u8; KEYS],
    /// Versions of the rows, in the variants that have them.
    pub versions: [u8; KEYS],
    /// Receipts by request.
    pub receipts: [Receipt; REQUESTS],
    /// The fence.
    pub fence: Fence,
}

/// An executor between two steps. It remembers nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Executor {
    /// Has read nothing.
    #[default]
    Idle,
    /// Has read legacy's fence.
    SawLegacy(Fence),
    /// Has read both.
    SawBoth(Fence, Fence),
    /// Wrong: believes from memory that this side handed over at this epoch.
    Believes(Side, u8),
}

/// A plan in the control plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoredPlan {
    /// Its number.
    pub id: u8,
    /// How the authority moves.
    pub kind: PlanWord,
    /// The phase that it leaves.
    pub from: Phase,
    /// The phase that it goes to.
    pub to: Phase,
    /// The epoch that it starts in.
    pub epoch: u8,
    /// The primary before.
    pub primary: Side,
    /// Whether writes of its epoch leave markers.
    pub marking: bool,
    /// Whether it is being taken back.
    pub aborting: bool,
}

/// [`PlanKind`] in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PlanWord {
    /// The primary changes.
    Flip,
    /// The other side starts to follow.
    Open,
    /// The other side stops to follow.
    Close,
}

impl PlanWord {
    /// Of a step between two phases, if there is a plan for it.
    #[must_use]
    pub const fn between(from: Phase, to: Phase) -> Option<Self> {
        match PlanKind::between(from, to) {
            Some(PlanKind::Flip) => Some(Self::Flip),
            Some(PlanKind::Open) => Some(Self::Open),
            Some(PlanKind::Close) => Some(Self::Close),
            Some(PlanKind::Bump) | None => None,
        }
    }

    /// The word of the rules.
    #[must_use]
    pub const fn kind(self) -> PlanKind {
        match self {
            Self::Flip => PlanKind::Flip,
            Self::Open => PlanKind::Open,
            Self::Close => PlanKind::Close,
        }
    }
}

/// A writer that knows no sidecar.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OutsideWriter {
    /// The fence of legacy as its transaction's snapshot has it.
    pub snapshot: Fence,
    /// Its transaction, once written.
    pub transaction: Option<Transaction>,
}

/// Everything.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    /// Legacy and new.
    pub databases: [Database; 2],
    /// The sidecars, in an order that makes equal states equal.
    pub sidecars: Vec<Sidecar>,
    /// Transactions whose client is gone.
    pub orphans: Vec<Transaction>,
    /// The executors, ordered likewise.
    pub executors: Vec<Executor>,
    /// The writer outside, while it has a transaction.
    pub outside: Option<OutsideWriter>,
    /// The plan under way.
    pub plan: Option<StoredPlan>,
    /// Plans made so far.
    pub plans: u8,
    /// Stops of the itinerary that were reached.
    pub reached: u8,
    /// Plans taken back so far.
    pub aborts: u8,
    /// Asks that arrived, one bit each.
    pub asked: u8,
    /// Reads that began.
    pub reads: u8,
    /// Writes outside that began.
    pub outside_begun: u8,
    /// Version numbers drawn so far.
    pub drawn: u8,
    /// Whether a sidecar was told of a plan that is not so.
    pub told: bool,
    /// Keys that were copied since every writer leaves markers.
    pub pulled: KeySet,
    /// The epoch from which that counts.
    pub pulled_since: u8,
    /// What really happened.
    pub ghost: Ghost,
}

impl Fence {
    /// What somebody has seen who has not looked yet.
    pub const UNSEEN: Self = Self {
        epoch: 0,
        role: Role::Off,
        phase: Phase::LegacyOnly,
        plan: 0,
        marking: false,
    };
}

impl State {
    /// One database.
    #[must_use]
    pub const fn database(&self, side: Side) -> &Database {
        &self.databases[at(side)]
    }

    /// One database, to be changed.
    pub const fn database_mut(&mut self, side: Side) -> &mut Database {
        &mut self.databases[at(side)]
    }

    /// Both fences, legacy first.
    #[must_use]
    pub const fn fences(&self) -> [Fence; 2] {
        [self.databases[0].fence, self.databases[1].fence]
    }

    /// The same state in the one order that stands for all: sidecars and
    /// executors are alike, so their order says nothing.
    #[must_use]
    pub fn ordered(mut self) -> Self {
        self.sidecars.sort();
        self.executors.sort();
        self.orphans.sort();
        self.orphans.dedup();
        self
    }

    /// Leaves a transaction to its server.
    pub fn orphan(&mut self, transaction: Option<Transaction>) {
        self.orphans.extend(transaction);
    }

    /// Whether nothing is under way and no marker is left.
    #[must_use]
    pub fn at_rest(&self) -> bool {
        self.orphans.is_empty()
            && self.outside.is_none()
            && self.plan.is_none()
            && self.executors.iter().all(|one| *one == Executor::Idle)
            && self.sidecars.iter().all(Sidecar::at_rest)
            && self.databases.iter().all(|one| one.markers == [0; KEYS])
    }
}
