//! Which tasks are there, by name, and which one crashed first.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Crash, Ending};

#[derive(Debug, Default)]
pub(super) struct Roster(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    next: u64,
    present: BTreeMap<u64, String>,
    crash: Option<Crash>,
}

/// A task on the roster, for as long as this is held.
#[derive(Debug)]
pub(super) struct Entry {
    roster: Arc<Roster>,
    number: u64,
    name: String,
}

// === impl Roster ===

impl Roster {
    pub(super) fn enter(self: &Arc<Self>, name: String) -> Entry {
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        state.present.insert(number, name.clone());
        Entry {
            roster: Arc::clone(self),
            number,
            name,
        }
    }

    pub(super) fn present(&self) -> Vec<String> {
        self.lock().present.values().cloned().collect()
    }

    /// The first crash is the cause; those after it are its consequences.
    pub(super) fn crashed(&self, crash: Crash) {
        self.lock().crash.get_or_insert(crash);
    }

    pub(super) fn ending(&self, in_order: bool) -> Ending {
        match self.lock().crash.take() {
            Some(crash) => Ending::Crashed(crash),
            None if in_order => Ending::Clean,
            None => Ending::Forced,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held, so what it holds is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Entry ===

impl Entry {
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.roster.lock().present.remove(&self.number);
    }
}
