//! The spine: one write, from the application's words to both databases.
//!
//! Wait until writes may start; translate; look for an earlier execution where
//! there can be one; execute on the primary (and inside the call on a
//! synchronous secondary); answer. Whatever the fence refuses is tried again
//! under the authority that the fences then show, so a flip fails no write.

mod admit;
mod doubt;
mod nested;
mod receipts;
mod relayed;
mod reply;

use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::flags::Mode;
use dualwrite_core::side::Side;
use tokio::time::Instant;

use crate::error::{DataError, Invalid};
use crate::ports::jittered;
use crate::request::{WriteReply, WriteRequest};
use crate::shared::Shared;
use crate::store::{ConstraintKind, ReceiptDraft, StoreError, WriteTx};
use crate::translate::{self, Caller, Translated};
use crate::view::Active;

pub(crate) use admit::{admitted, admitted_to_read};
pub(crate) use receipts::outcome;

/// Pause before a transaction that met another one is repeated.
const CONFLICT_PAUSE: Duration = Duration::from_millis(5);

/// How often a connection that was found dead is replaced within one call.
const RECONNECTS: u32 = 2;

/// What one execution came to.
#[derive(Debug)]
pub(crate) enum Step {
    /// The answer.
    Reply(WriteReply),
    /// The fence was not what was expected.
    Stale,
    /// The transaction met another one, or a lock was not to be had.
    Conflict(DataError),
    /// A connection was dead before anything was sent.
    Reconnect(DataError),
    /// It may have committed.
    Doubt,
    /// The error.
    Fail(DataError),
}

/// One execution under one authority.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) active: &'a Arc<Active>,
    pub(crate) request: &'a WriteRequest,
    pub(crate) caller: Caller,
    pub(crate) translated: Vec<Translated>,
    pub(crate) tx: WriteTx,
    pub(crate) deadline: Instant,
}

/// Executes a write.
pub(crate) async fn write(
    shared: &Shared,
    request: &WriteRequest,
    caller: Caller,
    deadline: Instant,
) -> Result<WriteReply, DataError> {
    let mut doubted = None;
    let answer = attempts(shared, (request, caller), &mut doubted, deadline).await;
    match (answer, &request.idempotency_key, doubted) {
        (Err(error), Some(request_id), Some(side)) => {
            Err(doubt::after(shared, (side, request_id), error, deadline).await)
        }
        (answer, ..) => answer,
    }
}

/// Tries until there is an answer. Notes in `doubted` on which side an attempt
/// may have committed: whatever error comes after it says nothing of that one.
async fn attempts(
    shared: &Shared,
    (request, caller): (&WriteRequest, Caller),
    doubted: &mut Option<Side>,
    deadline: Instant,
) -> Result<WriteReply, DataError> {
    translate::check_shape(request)?;
    let weight = translate::weight(request);
    let hash = request
        .idempotency_key
        .as_ref()
        .map(|_| translate::fingerprint(request));
    let mut reconnects = 0;
    loop {
        let active = admitted(shared, weight, deadline).await?;
        let side = active.authority.primary;
        if active.plain && doubted.is_some() {
            // What could tell whether it committed is gone with the fences.
            return Err(DataError::OutcomeLost { side });
        }
        let run = prepare(shared, &active, (request, caller), hash, deadline)?;
        match run.once().await {
            Step::Reply(reply) => return Ok(reply),
            Step::Fail(error) => return Err(error),
            Step::Stale => {
                if !shared.watcher.refreshed(deadline).await {
                    return Err(DataError::Deadline);
                }
            }
            Step::Conflict(error) => {
                let pause = jittered(&*shared.entropy, CONFLICT_PAUSE);
                if Instant::now() + pause >= deadline {
                    return Err(error);
                }
                tokio::time::sleep(pause).await;
            }
            Step::Reconnect(error) => {
                reconnects += 1;
                if reconnects > RECONNECTS {
                    shared.watcher.poke();
                    return Err(error);
                }
            }
            Step::Doubt => {
                if active.plain {
                    return Err(DataError::OutcomeLost { side });
                }
                *doubted = Some(side);
                let Some(request_id) = request.idempotency_key.clone() else {
                    return run.recognise().await;
                };
                // The key itself stops the doubtful transaction: repeat.
                if !shared.watcher.refreshed(deadline).await || Instant::now() >= deadline {
                    return Err(DataError::OutcomeUnknown { side, request_id });
                }
            }
        }
    }
}

fn prepare<'a>(
    shared: &'a Shared,
    active: &'a Arc<Active>,
    (request, caller): (&'a WriteRequest, Caller),
    hash: Option<i64>,
    deadline: Instant,
) -> Result<Run<'a>, DataError> {
    let translated = translate::write(&active.mapping, active.authority.primary, request, caller)?;
    let receipt = request.idempotency_key.as_ref().zip(hash);
    let tx = WriteTx {
        service: Arc::clone(&shared.service),
        epoch: active.authority.epoch,
        token: active.marking.then(|| shared.token()),
        mutations: translated.iter().map(|one| one.mutation.clone()).collect(),
        receipt: receipt
            .filter(|_| !active.plain)
            .map(|(request_id, request_hash)| ReceiptDraft {
                request_id: request_id.clone(),
                request_hash,
            }),
    };
    Ok(Run {
        shared,
        active,
        request,
        caller,
        translated,
        tx,
        deadline,
    })
}

impl Run<'_> {
    /// Executes once under this authority.
    async fn once(&self) -> Step {
        // A side that was primary may hold the receipt of an earlier attempt,
        // also of a first one that was only delayed.
        if self.tx.receipt.is_some() && self.active.must_look_elsewhere() {
            match self.look_elsewhere().await {
                receipts::Elsewhere::Nothing => {}
                receipts::Elsewhere::Answer(step) => return *step,
            }
        }
        let flags = self.shared.settings.load().flags.clone();
        let secondary = self.active.write_route(&flags).secondary;
        let mode = secondary.map(|(_, mode)| match self.caller {
            Caller::Application => mode,
            Caller::Probe(mode) => mode,
        });
        match mode {
            Some(Mode::Strict) => self.nested(true, flags.secondary_timeout).await,
            Some(Mode::Sync) if self.shared.breaker.admits() => {
                self.nested(false, flags.secondary_timeout).await
            }
            Some(Mode::Sync | Mode::Async) | None => self.relayed().await,
        }
    }

    /// The primary, where the write is decided.
    pub(crate) fn primary(&self) -> Side {
        self.active.authority.primary
    }

    /// What an error of the primary means for the call.
    pub(crate) async fn refused(&self, error: StoreError) -> Step {
        let side = self.primary();
        match error {
            StoreError::Stale => Step::Stale,
            StoreError::Conflict(message) | StoreError::Busy(message) => {
                Step::Conflict(DataError::PrimaryTimeout { side, message })
            }
            StoreError::Exhausted(limit) => Step::Fail(DataError::QueueFull {
                side: Some(side),
                limit,
            }),
            StoreError::Unavailable(message) => {
                Step::Reconnect(DataError::PrimaryUnavailable { side, message })
            }
            StoreError::UnknownOutcome(why) => {
                tracing::warn!(%side, %why, "a commit's outcome is unknown");
                Step::Doubt
            }
            StoreError::ReceiptExists => self.answer_from_receipt(None).await,
            // A repeated request meets the application's own constraint before
            // the receipt's: the receipt decides which it was.
            error @ (StoreError::Constraint { .. } | StoreError::NotMatched { .. }) => {
                self.answer_from_receipt(Some(self.constraint(error))).await
            }
            StoreError::Denied(message) => Step::Fail(DataError::Denied { side, message }),
            StoreError::Schema(why) => Step::Fail(DataError::MappingRefused {
                side: Some(side),
                why,
            }),
            StoreError::Value(message) => {
                Step::Fail(DataError::PrimaryConstraint { side, message })
            }
            StoreError::Other(message) => Step::Fail(DataError::Internal { message }),
        }
    }

    fn constraint(&self, error: StoreError) -> DataError {
        let side = self.primary();
        if let StoreError::NotMatched { index } = error {
            let one = self.translated.get(index);
            let entity = one.map_or_else(String::new, |one| one.entity.name.to_string());
            return DataError::ConditionNotMet {
                side,
                entity,
                index,
            };
        }
        if let StoreError::Constraint {
            kind: ConstraintKind::Key,
            table,
            ..
        } = &error
        {
            let mut named = self.translated.iter();
            let named = named.find(|one| one.mutation.table.name.to_string() == *table);
            let entity = named.map_or_else(|| table.clone(), |one| one.entity.name.to_string());
            return DataError::RowExists { side, entity };
        }
        DataError::PrimaryConstraint {
            side,
            message: error.to_string(),
        }
    }

    /// The receipt stands under another request's body.
    fn mismatch(&self) -> DataError {
        let request_id = self.request.idempotency_key.clone().unwrap_or_default();
        Invalid::IdempotencyMismatch { request_id }.into()
    }
}
