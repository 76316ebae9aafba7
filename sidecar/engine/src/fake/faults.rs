//! Failing on command.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use dualwrite_core::key::Key;

use crate::store::{CommitError, ConstraintKind, StoreError};

/// A call of the port, or a step of a transaction that a call opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is named after the method of the port")]
pub enum Call {
    Ping,
    Describe,
    Install,
    Fence,
    ChangeFence,
    Write,
    BeginWrite,
    CommitWrite,
    BeginApply,
    Apply,
    ReadApply,
    CommitApply,
    Pull,
    ClearMarkers,
    Markers,
    Mark,
    Backlog,
    Read,
    List,
    Keys,
    Split,
    Receipt,
    Settle,
    ExpireReceipts,
    AdvanceSequences,
    Quarantine,
    Release,
    Quarantined,
    Diagnose,
    WritePlain,
    ReadPlain,
    ListPlain,
    Remove,
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection is lost before the commit took effect; the caller cannot
    /// know. A call that only reads answers that it is unavailable.
    Before,
    /// The commit takes effect and its reply is lost. A call that only reads
    /// answers that it is unavailable.
    After,
    /// The database does not answer, and nothing happened.
    Unavailable,
    /// A constraint refuses a row, and nothing happened.
    Constraint,
    /// A lock was not to be had in time, and nothing happened.
    Busy,
    /// The transaction met another one, and nothing happened.
    Conflict,
}

/// What is to fail.
#[derive(Debug, Default)]
pub(super) struct Faults {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    unreachable: bool,
    hanging: bool,
    refused: BTreeSet<(String, Key)>,
    queued: HashMap<Call, VecDeque<Fault>>,
}

/// How the commit of a transaction goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CommitFault {
    None,
    Before,
    After,
}

impl Faults {
    pub(super) fn push(&self, call: Call, fault: Fault) {
        self.lock().queued.entry(call).or_default().push_back(fault);
    }

    pub(super) fn set_hanging(&self, hanging: bool) {
        self.lock().hanging = hanging;
    }

    pub(super) fn hangs(&self, call: Call) -> bool {
        call == Call::Read && self.lock().hanging
    }

    pub(super) fn set_unreachable(&self, unreachable: bool) {
        self.lock().unreachable = unreachable;
    }

    pub(super) fn refuse(&self, table: &str, key: &Key, refused: bool) {
        let mut state = self.lock();
        let place = (table.to_owned(), key.clone());
        if refused {
            state.refused.insert(place);
        } else {
            state.refused.remove(&place);
        }
    }

    /// Before one row is copied.
    pub(super) fn before_copy(&self, table: &str, key: &Key) -> Result<(), StoreError> {
        if self
            .lock()
            .refused
            .contains(&(table.to_owned(), key.clone()))
        {
            return Err(StoreError::Constraint {
                kind: ConstraintKind::Check,
                table: table.to_owned(),
                constraint: "as the test commands".to_owned(),
            });
        }
        Ok(())
    }

    /// Before a call that only reads.
    pub(super) fn before_read(&self, call: Call) -> Result<(), StoreError> {
        match self.next(call)? {
            CommitFault::None => Ok(()),
            CommitFault::Before | CommitFault::After => Err(unavailable()),
        }
    }

    /// Before a call that writes; what it answers comes into play at the
    /// commit.
    pub(super) fn before_write(&self, call: Call) -> Result<CommitFault, StoreError> {
        self.next(call)
    }

    /// Before a commit that is a call of its own.
    pub(super) fn before_commit(&self, call: Call) -> Result<CommitFault, CommitError> {
        self.next(call).map_err(|error| {
            if let StoreError::Unavailable(why) = error {
                // Whether an answer that never came was a yes, nobody can know.
                return CommitError::Unknown(why);
            }
            CommitError::Refused(error)
        })
    }

    fn next(&self, call: Call) -> Result<CommitFault, StoreError> {
        let mut state = self.lock();
        if state.unreachable {
            return Err(unavailable());
        }
        match state.queued.get_mut(&call).and_then(VecDeque::pop_front) {
            None => Ok(CommitFault::None),
            Some(Fault::Before) => Ok(CommitFault::Before),
            Some(Fault::After) => Ok(CommitFault::After),
            Some(Fault::Unavailable) => Err(unavailable()),
            Some(Fault::Conflict) => Err(StoreError::Conflict("another transaction".to_owned())),
            Some(Fault::Busy) => Err(StoreError::Busy("somebody holds it".to_owned())),
            Some(Fault::Constraint) => Err(StoreError::Constraint {
                kind: ConstraintKind::Check,
                table: "a table".to_owned(),
                constraint: "as the test commands".to_owned(),
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unavailable() -> StoreError {
    StoreError::Unavailable("the connection is cut".to_owned())
}
