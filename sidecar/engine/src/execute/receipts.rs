//! Requests that may have been executed before: a request id executes at most
//! once, and `aborted` is final for it.
//!
//! The order matters and the obvious shorter ones are wrong: first the receipt
//! on the *other* database, with its fence in the same snapshot; then the same
//! statement under the same id on the primary, where the id itself stops a
//! transaction that is still in flight.

use std::sync::Arc;

use dualwrite_core::fence::Fence;
use dualwrite_core::mapping::Table;
use dualwrite_core::side::{Role, Side};
use tokio::time::{Instant, timeout_at};

use super::{Run, Step, admitted};
use crate::error::DataError;
use crate::request::SettledOutcome;
use crate::shared::Shared;
use crate::store::{Receipt, ReceiptLookup, Settled, StoreError};
use crate::translate;

/// What the other database says of a request's past.
#[derive(Debug)]
pub(super) enum Elsewhere {
    /// It knows nothing, and cannot learn of it any more: execute.
    Nothing,
    /// The end of this execution.
    Answer(Box<Step>),
}

impl Run<'_> {
    /// Looks for the request's receipt on the side that is not primary.
    pub(super) async fn look_elsewhere(&self) -> Elsewhere {
        let side = self.primary().other();
        let lookup = self.lookup(side).await;
        let answer = |step| Elsewhere::Answer(Box::new(step));
        match lookup {
            Ok(lookup) if counts(lookup.fence.as_ref(), self.tx.epoch) => match lookup.receipt {
                None => Elsewhere::Nothing,
                Some(receipt) => answer(self.first_outcome(side, receipt).await),
            },
            Ok(_) => answer(Step::Stale),
            Err(error) => {
                tracing::debug!(%side, %error, "a receipt cannot be looked up");
                let request_id = self.request.idempotency_key.clone().unwrap_or_default();
                answer(Step::Fail(DataError::OutcomeUnknown { side, request_id }))
            }
        }
    }

    /// The receipt on the primary, after the statement met something there:
    /// the first outcome if there is one, else `otherwise`.
    pub(super) async fn answer_from_receipt(&self, otherwise: Option<DataError>) -> Step {
        let nothing = |run: &Self| match otherwise.clone() {
            Some(error) => Step::Fail(error),
            // The id was there a moment ago: whoever held it took it back.
            None => Step::Conflict(DataError::OutcomeUnknown {
                side: run.primary(),
                request_id: run.request.idempotency_key.clone().unwrap_or_default(),
            }),
        };
        if self.tx.receipt.is_none() {
            return nothing(self);
        }
        match self.lookup(self.primary()).await {
            Ok(ReceiptLookup {
                receipt: Some(receipt),
                ..
            }) => self.first_outcome(self.primary(), receipt).await,
            Ok(ReceiptLookup { receipt: None, .. }) => nothing(self),
            Err(_) => Step::Fail(DataError::OutcomeUnknown {
                side: self.primary(),
                request_id: self.request.idempotency_key.clone().unwrap_or_default(),
            }),
        }
    }

    async fn lookup(&self, side: Side) -> Result<ReceiptLookup, StoreError> {
        let store = self.shared.store(side)?;
        let request_id = self.request.idempotency_key.as_deref().unwrap_or_default();
        let tables: Vec<Arc<Table>> = self
            .translated
            .iter()
            .map(|one| Arc::clone(one.entity.table(side)))
            .collect();
        let asked = store.receipt(&self.shared.service, request_id, &tables);
        match timeout_at(self.deadline, asked).await {
            Ok(lookup) => lookup,
            Err(_) => Err(StoreError::Unavailable(
                "the receipt was not read in time".into(),
            )),
        }
    }

    async fn first_outcome(&self, side: Side, receipt: Receipt) -> Step {
        if receipt.aborted {
            return Step::Fail(DataError::RequestAborted);
        }
        let same = self
            .tx
            .receipt
            .as_ref()
            .is_some_and(|own| own.request_hash == receipt.request_hash);
        if !same {
            return Step::Fail(self.mismatch());
        }
        match self.results(side, receipt.images) {
            Ok(results) => {
                // For this sidecar it is as fresh as a write of its own: until its
                // copy is known to have arrived, its readers are shown the primary.
                let secondary = self.hand_to_relay().await;
                Step::Reply(self.outcomes(results, secondary, true))
            }
            Err(error) => Step::Fail(error),
        }
    }
}

/// Whether a look at the side that is not primary settles anything: its fence
/// must have left the time in which it could still commit.
fn counts(fence: Option<&Fence>, epoch: u64) -> bool {
    fence.is_some_and(|fence| {
        fence.epoch >= epoch && !matches!(fence.role, Role::Primary | Role::Frozen)
    })
}

/// Answers what became of a request without executing it; afterwards it can
/// never commit any more unless it had.
pub(crate) async fn outcome(
    shared: &Shared,
    request_id: &str,
    deadline: Instant,
) -> Result<SettledOutcome, DataError> {
    translate::check_request_id(request_id).map_err(DataError::Invalid)?;
    let unknown = |side| DataError::OutcomeUnknown {
        side,
        request_id: request_id.to_owned(),
    };
    loop {
        let active = admitted(shared, 0, deadline).await?;
        if active.plain {
            return Err(DataError::OutcomeLost {
                side: active.authority.primary,
            });
        }
        let authority = &active.authority;
        if active.must_look_elsewhere() {
            let side = authority.secondary();
            let other = shared.store(side).map_err(|_| unknown(side))?;
            let asked = other.receipt(&shared.service, request_id, &[]);
            let Ok(Ok(lookup)) = timeout_at(deadline, asked).await else {
                return Err(unknown(side));
            };
            if !counts(lookup.fence.as_ref(), authority.epoch) {
                retry(shared, deadline).await?;
                continue;
            }
            if let Some(receipt) = lookup.receipt {
                return Ok(settled(receipt.aborted));
            }
        }
        let side = authority.primary;
        let primary = shared.store(side).map_err(|_| unknown(side))?;
        let asked = primary.settle(&shared.service, authority.epoch, request_id);
        match timeout_at(deadline, asked).await {
            Ok(Ok(Settled::Committed)) => return Ok(SettledOutcome::Committed),
            Ok(Ok(Settled::Aborted)) => return Ok(SettledOutcome::Aborted),
            Ok(Err(StoreError::Stale | StoreError::Conflict(_))) => retry(shared, deadline).await?,
            Ok(Err(_)) | Err(_) => return Err(unknown(side)),
        }
    }
}

async fn retry(shared: &Shared, deadline: Instant) -> Result<(), DataError> {
    if shared.watcher.refreshed(deadline).await {
        Ok(())
    } else {
        Err(DataError::Deadline)
    }
}

const fn settled(aborted: bool) -> SettledOutcome {
    if aborted {
        SettledOutcome::Aborted
    } else {
        SettledOutcome::Committed
    }
}
