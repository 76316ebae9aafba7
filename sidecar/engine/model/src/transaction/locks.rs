//! Who holds which lock on a server.

use dualwrite_core::side::Side;

use super::{Kind, Transaction};
use crate::state::{State, has};

impl Transaction {
    const fn locks_row(&self, key: usize) -> bool {
        self.rows[key].is_some() || (matches!(self.kind, Kind::HoldRow) && has(self.keys, key))
    }

    const fn locks_marker(&self, key: usize) -> bool {
        let leaves = self.marking || (matches!(self.kind, Kind::HoldRow) && self.token != 0);
        leaves && has(self.keys, key)
    }
}

impl State {
    /// Every transaction that is open on a server.
    pub fn open(&self) -> impl Iterator<Item = &Transaction> {
        let held = self.sidecars.iter().flat_map(|one| {
            [
                &one.write.primary,
                &one.write.secondary,
                &one.relay.primary,
                &one.relay.secondary,
            ]
        });
        let outside = self.outside.iter().map(|one| &one.transaction);
        let all = held.chain(outside).flatten().chain(&self.orphans);
        all.filter(|one| one.open)
    }

    /// Whether somebody holds the gate lock of a side.
    #[must_use]
    pub fn gate_is_held(&self, side: Side) -> bool {
        self.open().any(|one| one.side == side && one.gate)
    }

    /// Whether somebody holds the key lock.
    #[must_use]
    pub fn key_is_locked(&self, side: Side, key: usize) -> bool {
        self.open()
            .any(|one| one.side == side && one.key_lock && has(one.keys, key))
    }

    /// Whether somebody holds the row.
    #[must_use]
    pub fn row_is_locked(&self, side: Side, key: usize) -> bool {
        self.open()
            .any(|one| one.side == side && one.locks_row(key))
    }

    /// Whether somebody holds the marker.
    #[must_use]
    pub fn marker_is_locked(&self, side: Side, key: usize) -> bool {
        self.open()
            .any(|one| one.side == side && one.locks_marker(key))
    }
}
