//! A transaction that writes: the lock, and a copy to work on.

use std::sync::Arc;

use tokio::sync::OwnedMutexGuard;

use super::Shared;
use super::database::Database;
use super::faults::{Call, CommitFault};
use crate::store::CommitError;

/// Dropping it takes everything back.
#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) shared: Arc<Shared>,
    pub(super) database: Database,
    pub(super) fault: CommitFault,
    pub(super) _guard: OwnedMutexGuard<()>,
}

impl Transaction {
    /// Puts the copy in place, unless it was commanded otherwise.
    pub(super) fn commit(self) -> Result<(), CommitError> {
        if self.fault == CommitFault::Before {
            return Err(lost());
        }
        *self.shared.lock() = Arc::new(self.database);
        match self.fault {
            CommitFault::After => Err(lost()),
            CommitFault::None | CommitFault::Before => Ok(()),
        }
    }

    /// The same where the commit is a call of its own.
    pub(super) fn commit_as(mut self, call: Call) -> Result<(), CommitError> {
        let fault = self.shared.faults.before_commit(call)?;
        if fault != CommitFault::None {
            self.fault = fault;
        }
        self.commit()
    }
}

fn lost() -> CommitError {
    CommitError::Unknown("the connection was lost".to_owned())
}
