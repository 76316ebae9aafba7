//! What a database does: locks, what a statement sees, what a commit leaves.
//! Transactions live on the server and can outlive their client.

mod locks;

use dualwrite_core::side::{Role, Side};

use crate::model::Protocol;
use crate::rules::{
    Fencing, Guarding, Markers, Mode, Retrying, SecondaryFencing, Versions, Visibility,
};
use crate::state::{Content, Database, KEYS, KeySet, Receipt, State, has};

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A foreground write.
    Write,
    /// The settling of a request as `aborted`.
    Settle,
    /// A copy on the secondary.
    Copy,
    /// The removal of markers.
    Clear,
    /// A write of somebody who knows no sidecar.
    Outside,
    /// Wrong: a relay's lock on a row of the primary, which ends by removing
    /// the marker.
    HoldRow,
}

/// One transaction on its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts about one transaction"
)]
pub struct Transaction {
    /// Where it runs.
    pub side: Side,
    /// What it is for.
    pub kind: Kind,
    /// The keys that it is about.
    pub keys: KeySet,
    /// What it writes of each key; `None` where it changes nothing.
    pub rows: [Option<Content>; KEYS],
    /// Its token; with appended markers, when it clears, a set of tokens.
    pub token: u8,
    /// The epoch that it works under.
    pub epoch: u8,
    /// The request that it executes or settles.
    pub request: usize,
    /// The version of what it writes.
    pub version: u8,
    /// Whether its statements ran and it holds its locks. Otherwise it is one
    /// auto-committed statement on its way.
    pub open: bool,
    /// Whether its commit is on its way.
    pub sent: bool,
    /// Whether it holds the gate lock.
    pub gate: bool,
    /// Whether it holds (or is to take) the key lock.
    pub key_lock: bool,
    /// Whether it leaves markers.
    pub marking: bool,
}

/// Why a statement did not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Somebody holds a lock that it needs.
    Blocked,
    /// The fence refuses it.
    Refused,
    /// A receipt stands there already.
    Known(Receipt),
}

impl Transaction {
    /// A transaction that has done nothing yet.
    #[must_use]
    pub const fn new(side: Side, kind: Kind, keys: KeySet, epoch: u8) -> Self {
        Self {
            side,
            kind,
            keys,
            rows: [None; KEYS],
            token: 0,
            epoch,
            request: 0,
            version: 0,
            open: false,
            sent: false,
            gate: false,
            key_lock: false,
            marking: false,
        }
    }

    /// The removal of a marker, on its way.
    #[must_use]
    pub const fn clear(side: Side, key: usize, token: u8) -> Self {
        let clear = Self::new(side, Kind::Clear, 1 << key, 0);
        Self {
            token,
            sent: true,
            ..clear
        }
    }
}

impl Protocol {
    /// Runs the statements of a transaction that is not among those of the
    /// state; it holds its locks afterwards.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn statements(&self, state: &State, mut tx: Transaction) -> Result<Transaction, Stop> {
        let database = state.database(tx.side);
        match tx.kind {
            Kind::Write => {
                let fence = database.fence;
                let held = fence.role == Role::Primary && fence.epoch == tx.epoch;
                if self.rules.fencing != Fencing::None && !held {
                    return Err(Stop::Refused);
                }
                if self.happenings.receipts {
                    match database.receipts[tx.request] {
                        Receipt::None => {}
                        receipt @ (Receipt::Committed | Receipt::Aborted) => {
                            return Err(Stop::Known(receipt));
                        }
                    }
                }
                tx.gate = self.rules.fencing == Fencing::Gate;
            }
            Kind::Copy => {
                if !self.secondary_allows(database, tx.epoch) {
                    return Err(Stop::Refused);
                }
                tx.gate = self.rules.secondary_fencing != SecondaryFencing::None;
            }
            Kind::Outside => {
                tx.gate = matches!(self.rules.guarding, Guarding::Guard | Guarding::OldSnapshot);
            }
            Kind::Settle | Kind::Clear | Kind::HoldRow => {}
        }
        for key in (0..KEYS).filter(|key| has(tx.keys, *key)) {
            if self.is_blocked(state, &tx, key) {
                return Err(Stop::Blocked);
            }
            tx.rows[key] = match tx.rows[key] {
                // It finds nothing to delete.
                Some(0) if database.rows[key] == 0 => None,
                row => row,
            };
        }
        tx.open = true;
        Ok(tx)
    }

    /// Whether the secondary's fence lets a copy of this epoch in.
    #[must_use]
    pub fn secondary_allows(&self, database: &Database, epoch: u8) -> bool {
        let fence = database.fence;
        match self.rules.secondary_fencing {
            SecondaryFencing::None => true,
            SecondaryFencing::Epoch => fence.epoch == epoch,
            SecondaryFencing::EpochAndRole => fence.epoch == epoch && fence.role == Role::Secondary,
        }
    }

    fn is_blocked(&self, state: &State, tx: &Transaction, key: usize) -> bool {
        if tx.key_lock && state.key_is_locked(tx.side, key) {
            return true;
        }
        let one_marker_a_key = !matches!(self.rules.markers, Markers::None | Markers::Appended);
        if tx.marking && one_marker_a_key && state.marker_is_locked(tx.side, key) {
            return true;
        }
        let Some(content) = tx.rows[key] else {
            return false;
        };
        // READ COMMITTED of PostgreSQL: a DELETE neither sees nor waits for
        // another transaction's uncommitted INSERT.
        let sees_nothing = content == 0
            && state.database(tx.side).rows[key] == 0
            && self.happenings.visibility == Visibility::Postgres;
        !sees_nothing && state.row_is_locked(tx.side, key)
    }

    /// Runs on its server what was sent: the statements if they did not run
    /// yet, and the commit. The transaction is not among those of the state.
    ///
    /// # Errors
    /// [`Stop`]: nothing of it happened.
    pub fn run(&self, state: &State, tx: &Transaction) -> Result<(State, Transaction), Stop> {
        let tx = match (tx.open, tx.kind) {
            (true, _) => *tx,
            (false, Kind::Settle) => self.settles(state, tx)?,
            (false, Kind::Clear) => {
                let mut keys = (0..KEYS).filter(|key| has(tx.keys, *key));
                if keys.any(|key| state.marker_is_locked(tx.side, key)) {
                    return Err(Stop::Blocked);
                }
                *tx
            }
            (false, Kind::Write | Kind::Copy | Kind::Outside | Kind::HoldRow) => {
                self.statements(state, *tx)?
            }
        };
        let mut after = state.clone();
        self.commit(&mut after, &tx);
        Ok((after, tx))
    }

    fn settles(&self, state: &State, tx: &Transaction) -> Result<Transaction, Stop> {
        let database = state.database(tx.side);
        let held = database.fence.role == Role::Primary && database.fence.epoch == tx.epoch;
        if !held && self.rules.retrying != Retrying::SettlesUnfenced {
            return Err(Stop::Refused);
        }
        let same = |one: &Transaction| {
            one.kind == Kind::Write && one.side == tx.side && one.request == tx.request
        };
        if state.open().any(same) {
            return Err(Stop::Blocked);
        }
        match database.receipts[tx.request] {
            Receipt::None => Ok(*tx),
            receipt @ (Receipt::Committed | Receipt::Aborted) => Err(Stop::Known(receipt)),
        }
    }

    fn commit(&self, state: &mut State, tx: &Transaction) {
        match tx.kind {
            Kind::Write | Kind::Outside => self.commit_change(state, tx),
            Kind::Settle => {
                state.database_mut(tx.side).receipts[tx.request] = Receipt::Aborted;
            }
            Kind::Copy => {
                let database = state.database_mut(tx.side);
                self.put(database, tx);
                if database.fence.role == Role::Off {
                    state.ghost.wrongs.copy_to_off = true;
                }
            }
            Kind::Clear | Kind::HoldRow => self.clear_markers(state, tx),
        }
    }

    /// Rows, and their versions where there are any: a copy that is not newer
    /// changes nothing there.
    fn put(&self, database: &mut Database, tx: &Transaction) {
        for key in 0..KEYS {
            let newer = tx.kind != Kind::Copy
                || self.rules.versions == Versions::None
                || tx.version > database.versions[key];
            if !newer || !has(tx.keys, key) {
                continue;
            }
            if let Some(content) = tx.rows[key] {
                database.rows[key] = content;
            }
            database.versions[key] = database.versions[key].max(tx.version);
        }
    }

    fn commit_change(&self, state: &mut State, tx: &Transaction) {
        let fence = state.database(tx.side).fence;
        let authority = state.ghost.authority == tx.side;
        let in_office = authority && fence.role == Role::Primary;
        let wrongs = &mut state.ghost.wrongs;
        if tx.kind == Kind::Outside {
            wrongs.outside_elsewhere |= !in_office;
        } else {
            wrongs.stale_commit |= !in_office || fence.epoch != tx.epoch;
        }
        let database = state.database_mut(tx.side);
        self.put(database, tx);
        if tx.marking {
            for key in (0..KEYS).filter(|key| has(tx.keys, *key)) {
                match self.rules.markers {
                    Markers::None => {}
                    Markers::Appended => database.markers[key] |= 1 << tx.token,
                    Markers::ByKey | Markers::ByKeyAndToken | Markers::ByToken => {
                        database.markers[key] = tx.token;
                    }
                }
            }
        }
        if tx.kind == Kind::Write {
            if self.happenings.receipts {
                database.receipts[tx.request] = Receipt::Committed;
            }
            state.ghost.effects[tx.request] += 1;
            if authority {
                state.ghost.lineage |= 1 << tx.request;
            }
        }
        if authority {
            self.remember(state, tx);
        }
    }

    fn remember(&self, state: &mut State, tx: &Transaction) {
        for key in 0..KEYS {
            let Some(content) = tx.rows[key] else {
                continue;
            };
            state.ghost.last[key] = content;
            if key == 0 && self.happenings.reads > 0 {
                state.ghost.history.push(content);
            }
        }
    }

    fn clear_markers(&self, state: &mut State, tx: &Transaction) {
        let database = state.database_mut(tx.side);
        for key in 0..KEYS {
            let marker = &mut database.markers[key];
            let named = has(tx.keys, key);
            match self.rules.markers {
                Markers::ByKey if named => *marker = 0,
                Markers::ByKeyAndToken if named && *marker == tx.token => *marker = 0,
                Markers::ByToken if *marker == tx.token => *marker = 0,
                Markers::Appended if named => *marker &= !tx.token,
                Markers::None
                | Markers::ByKey
                | Markers::ByKeyAndToken
                | Markers::ByToken
                | Markers::Appended => {}
            }
        }
    }

    /// The token of a foreground write as its removal names it.
    #[must_use]
    pub fn clearing(&self, token: u8) -> u8 {
        match self.rules.markers {
            Markers::Appended => 1 << token,
            Markers::None | Markers::ByKey | Markers::ByKeyAndToken | Markers::ByToken => token,
        }
    }

    /// Whether a write goes to the primary as one auto-committed statement.
    #[must_use]
    pub const fn is_one_statement(&self) -> bool {
        match self.rules.mode {
            Mode::Async | Mode::Sequential | Mode::Parallel => true,
            Mode::Nested => false,
        }
    }
}
