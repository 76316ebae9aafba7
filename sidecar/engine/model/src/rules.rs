//! What can be varied: the rules of the protocol, each beside the obvious
//! other ways that are wrong, and what happens in a configuration.

use dualwrite_core::phase::Phase;

use crate::state::{KEYS, KeySet};

/// How a foreground write reaches both databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// One statement on the primary; the relay does the rest.
    Async,
    /// The secondary is written while the primary's transaction is open.
    Nested,
    /// Wrong: the primary commits, then an auto-committed write is sent.
    Sequential,
    /// Wrong: both writes are sent at once.
    Parallel,
}

/// How markers are left and taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Markers {
    /// Wrong: none.
    None,
    /// Wrong: one a key, deleted by key.
    ByKey,
    /// One a key, deleted where key and token match.
    ByKeyAndToken,
    /// Wrong: one a key, deleted wherever the token matches.
    ByToken,
    /// Wrong without more: one a write, deleted by number.
    Appended,
}

/// How the relay copies a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relaying {
    /// There is no relay.
    None,
    /// Lock on the secondary first, then token and row in one snapshot.
    LockedPull,
    /// Wrong: the row in one statement, its token in a later one.
    RowThenToken,
    /// Right as well: the token in one statement, the row in a later one.
    TokenThenRow,
    /// Wrong: no lock on the secondary.
    Unlocked,
    /// Wrong: the primary's row is locked instead.
    HoldsPrimaryRow,
}

/// How a foreground transaction checks its fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fencing {
    /// Wrong: not at all.
    None,
    /// Wrong: read without a lock.
    Unlocked,
    /// Read under the gate lock, which is held to the end.
    Gate,
}

/// What a copy checks of the secondary's fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondaryFencing {
    /// Wrong: nothing.
    None,
    /// The epoch alone: enough as long as every change makes an epoch.
    Epoch,
    /// Epoch and role.
    EpochAndRole,
}

/// How an executor goes through a flip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Executing {
    /// A compare-and-set on exactly what was read, and read again.
    CompareAndSet,
    /// Wrong: an UPDATE that does not compare.
    Blind,
    /// Wrong: a hand-over whose reply was lost is taken for done.
    UnknownIsDone,
    /// Wrong: activates once it saw the outbox drained, from memory.
    Memory,
    /// Wrong: hands over with markers left.
    NoDrain,
}

/// Which rows a read may show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Primary at e, or frozen at e + 1, in the snapshot of the rows.
    Fenced,
    /// Wrong: whatever the fence says.
    Unfenced,
    /// Wrong: also what has handed over.
    HandedToo,
    /// Wrong for two keys: the fence in an earlier statement than the rows.
    FenceEarlier,
}

/// How a repeated request finds out what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retrying {
    /// Look on the other side under its fence, then execute or settle on the
    /// primary under the fence of that epoch.
    LookThenExecute,
    /// Wrong: looks at the primary alone.
    PrimaryOnly,
    /// Wrong: answers `aborted` from a look, without the insert.
    LookOnly,
    /// Wrong: keeps what it saw over a change of epoch.
    LookKept,
    /// Wrong: executes after a stale refusal without looking.
    StaleSkipsLook,
    /// Wrong: a delayed first attempt executes without looking.
    FirstSkipsLook,
    /// Wrong: settles on the old primary; any `aborted` there is final.
    SettlesElsewhere,
    /// Wrong: settles on the old primary; `aborted` there lets it go on.
    SettlesElsewhereAndGoesOn,
    /// Wrong: settles without the primary's fence.
    SettlesUnfenced,
    /// Wrong: looks without the fence of the side it looks at.
    LooksUnfenced,
}

/// How a writer outside the sidecars is kept in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarding {
    /// A trigger leaves the marker and reads the fence under the lock.
    Guard,
    /// Wrong: the marker alone.
    MarkerOnly,
    /// Wrong: the fence is read without the lock.
    Unlocked,
    /// Wrong: the fence is read in a snapshot from before the lock.
    OldSnapshot,
}

/// What a sidecar believes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Following {
    /// Both fences, and nothing else.
    Fences,
    /// More than the engine does: a plan of the control plane, old or early,
    /// until the next look.
    PlansUntilALook,
    /// Wrong: a row that says `frozen` teaches nothing.
    PrimaryRowsOnly,
    /// Wrong: a plan of the control plane, until a fence has a larger epoch.
    LargerEpoch,
}

/// Whether a delete of a row that is not there waits for another
/// transaction's insert of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// It does not (READ COMMITTED).
    Postgres,
    /// It does.
    InnoDb,
}

/// How versions of rows are drawn, where copies compare them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versions {
    /// There are none: the protocol needs none.
    None,
    /// Wrong: drawn from a sequence before the row is locked.
    DrawnEarly,
}

/// The rules of one protocol.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// See [`Mode`].
    pub mode: Mode,
    /// See [`Markers`].
    pub markers: Markers,
    /// See [`Relaying`].
    pub relaying: Relaying,
    /// Whether a nested write takes the key lock on the secondary.
    pub key_lock: bool,
    /// See [`Fencing`].
    pub fencing: Fencing,
    /// See [`SecondaryFencing`].
    pub secondary_fencing: SecondaryFencing,
    /// See [`Executing`].
    pub executing: Executing,
    /// See [`Reading`].
    pub reading: Reading,
    /// See [`Retrying`].
    pub retrying: Retrying,
    /// See [`Guarding`].
    pub guarding: Guarding,
    /// See [`Following`].
    pub following: Following,
    /// See [`Versions`].
    pub versions: Versions,
    /// Whether a change that keeps the primary makes a new epoch.
    pub new_epochs: bool,
    /// Whether what was backfilled before markers began is forgotten.
    pub backfill_is_bound: bool,
}

impl Rules {
    /// The protocol, with an asynchronous secondary.
    pub const PROTOCOL: Self = Self {
        mode: Mode::Async,
        markers: Markers::ByKeyAndToken,
        relaying: Relaying::LockedPull,
        key_lock: true,
        fencing: Fencing::Gate,
        secondary_fencing: SecondaryFencing::EpochAndRole,
        executing: Executing::CompareAndSet,
        reading: Reading::Fenced,
        retrying: Retrying::LookThenExecute,
        guarding: Guarding::Guard,
        following: Following::Fences,
        versions: Versions::None,
        new_epochs: true,
        backfill_is_bound: true,
    };
}

/// One write that an application asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// The keys that it writes, all in one transaction.
    pub keys: KeySet,
    /// Whether it deletes them.
    pub deletes: bool,
}

/// What is asked of a sidecar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// To execute a request, for the first time or again.
    Execute(usize),
    /// What became of a request, without executing it.
    Outcome(usize),
}

impl Ask {
    /// The request that it is about.
    #[must_use]
    pub const fn request(self) -> usize {
        match self {
            Self::Execute(request) | Self::Outcome(request) => request,
        }
    }
}

/// What happens in a configuration, and how often.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches of a configuration"
)]
pub struct Happenings {
    /// How the databases see deletes.
    pub visibility: Visibility,
    /// Whether key 0 is there at the start, on both sides.
    pub row_at_start: bool,
    /// The phase at the start.
    pub start: Phase,
    /// Whether markers are kept while there is no secondary.
    pub keep_markers: bool,
    /// The requests.
    pub requests: Vec<Request>,
    /// What is asked, in this order unless there are receipts.
    pub asks: Vec<Ask>,
    /// Whether requests have idempotency keys.
    pub receipts: bool,
    /// Phases that operators go to, one after the other.
    pub itinerary: Vec<Phase>,
    /// How often a plan may be taken back.
    pub aborts: u8,
    /// Sidecars.
    pub sidecars: usize,
    /// Executors that read both fences one after the other and may be
    /// overtaken; with none, each step reads and acts at once.
    pub executors: usize,
    /// Reads of the keys.
    pub reads: u8,
    /// Writes to key 0 of legacy by somebody who knows no sidecar.
    pub outside: u8,
    /// Whether sidecars look at one fence at a time.
    pub looks_apart: bool,
    /// Whether a sidecar that starts again knows nothing, as without a disk.
    pub forgetful: bool,
}

/// Configurations say what they have more than others.
impl Happenings {
    /// With so many plans taken back.
    #[must_use]
    pub fn aborts(self, aborts: u8) -> Self {
        Self { aborts, ..self }
    }

    /// With so many sidecars.
    #[must_use]
    pub fn sidecars(self, sidecars: usize) -> Self {
        Self { sidecars, ..self }
    }

    /// With so many executors that can be overtaken.
    #[must_use]
    pub fn executors(self, executors: usize) -> Self {
        Self { executors, ..self }
    }

    /// With so many reads.
    #[must_use]
    pub fn reads(self, reads: u8) -> Self {
        Self { reads, ..self }
    }

    /// With so many writes by somebody who knows no sidecar.
    #[must_use]
    pub fn outside(self, outside: u8) -> Self {
        Self { outside, ..self }
    }

    /// With key 0 there at the start.
    #[must_use]
    pub fn with_row(self) -> Self {
        Self {
            row_at_start: true,
            ..self
        }
    }

    /// On InnoDB.
    #[must_use]
    pub fn innodb(self) -> Self {
        Self {
            visibility: Visibility::InnoDb,
            ..self
        }
    }

    /// From this phase through these.
    #[must_use]
    pub fn going(self, start: Phase, itinerary: &[Phase]) -> Self {
        Self {
            start,
            itinerary: itinerary.to_vec(),
            ..self
        }
    }

    /// With idempotency keys, and asked so.
    #[must_use]
    pub fn asked(self, asks: &[Ask]) -> Self {
        Self {
            receipts: true,
            asks: asks.to_vec(),
            ..self
        }
    }
}

/// All keys.
pub const ALL_KEYS: KeySet = (1 << KEYS) - 1;
