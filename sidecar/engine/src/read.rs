//! Reads: each carries the fence row in its own snapshot, and is accepted only
//! when that row says that this side's rows are the truth (or a good copy).

mod list;
mod token;

use std::sync::Arc;

use dualwrite_core::authority::Authority;
use dualwrite_core::fence::Fence;
use dualwrite_core::key::share;
use dualwrite_core::route::Route;
use dualwrite_core::side::{Role, Side};
use tokio::time::{Instant, timeout_at};

use crate::compare;
use crate::error::DataError;
use crate::execute::admitted_to_read;
use crate::relay::Dirty;
use crate::request::{ReadReply, ReadRequest};
use crate::shared::Shared;
use crate::store::{ReadRows, RowKey, StoreError};
use crate::translate::{self, Scope};
use crate::view::Active;

pub(crate) use list::list;

/// Reads one row.
pub(crate) async fn read(
    shared: &Shared,
    request: &ReadRequest,
    deadline: Instant,
) -> Result<ReadReply, DataError> {
    let mut primary_only = false;
    loop {
        let active = admitted_to_read(shared, deadline).await?;
        let authority = &active.authority;
        let entity = translate::entity(&active.mapping, 0, &request.entity)?;
        let scope = |side| Scope {
            entity,
            side,
            index: 0,
        };
        let key = scope(authority.primary).key(&request.key)?;
        let side = if primary_only {
            authority.primary
        } else {
            let dirty = Dirty {
                entity: Arc::clone(&entity.name),
                key: key.clone(),
            };
            route(shared, &active, request, &dirty)
        };
        let table = Arc::clone(entity.table(side));
        let row = RowKey {
            table,
            key: scope(side).side_key(&key)?,
        };
        let began = Instant::now();
        let read = rows(shared, side, &[row], active.plain, deadline).await;
        shared
            .meter
            .record(&entity.name, side, &read, began.elapsed());
        match read {
            Ok(read) if active.plain || accepts(authority, side, read.fence.as_ref()) => {
                let row = read.rows.into_iter().next().flatten();
                if row.is_none() && side != authority.primary {
                    // No row yet, or no row any more: before a backfill has been
                    // here, only the primary can tell.
                    primary_only = true;
                    continue;
                }
                let row = row
                    .map(|row| translate::image(entity, side, row))
                    .transpose();
                let row = row.map_err(|error| DataError::Internal {
                    message: error.to_string(),
                })?;
                compare::offer(shared, &active, entity, &key, (side, row.as_ref()));
                return Ok(ReadReply {
                    row,
                    served_by: side,
                });
            }
            // A copy that cannot be had is no reason to fail a read.
            Ok(_) | Err(_) if side != authority.primary => primary_only = true,
            Ok(_) | Err(StoreError::Stale) => again(shared, deadline).await?,
            Err(error) => return Err(failed(shared, side, error)),
        }
    }
}

fn route(shared: &Shared, active: &Active, request: &ReadRequest, dirty: &Dirty) -> Side {
    let settings = shared.settings.load();
    let share = share(&shared.service, &dirty.entity, &dirty.key);
    let pending = shared.relay.is_pending(dirty);
    let phase = active.authority.phase;
    Route::read(phase, &settings.flags, request.consistency, share, pending)
}

async fn rows(
    shared: &Shared,
    side: Side,
    keys: &[RowKey],
    plain: bool,
    deadline: Instant,
) -> Result<ReadRows, StoreError> {
    let store = shared.store(side)?;
    let read = async {
        if plain {
            let rows = store.read_plain(keys).await?;
            return Ok(ReadRows { fence: None, rows });
        }
        store.read(&shared.service, keys).await
    };
    match timeout_at(deadline, read).await {
        Ok(read) => read,
        Err(_) => Err(StoreError::Busy("the deadline passed".into())),
    }
}

/// Whether rows read together with this fence may be shown.
///
/// On the primary: while it is primary at this epoch, or frozen on the way to
/// the next, because nothing is written elsewhere before `handed` is committed.
/// On the secondary: while it follows this epoch.
pub(crate) fn accepts(authority: &Authority, side: Side, fence: Option<&Fence>) -> bool {
    let Some(fence) = fence else { return false };
    if side == authority.primary {
        (fence.role == Role::Primary && fence.epoch == authority.epoch)
            || (fence.role == Role::Frozen && fence.epoch == authority.epoch + 1)
    } else {
        fence.role == Role::Secondary && fence.epoch == authority.epoch
    }
}

/// Follows the fences before another try.
pub(crate) async fn again(shared: &Shared, deadline: Instant) -> Result<(), DataError> {
    if shared.watcher.refreshed(deadline).await {
        Ok(())
    } else {
        Err(DataError::Deadline)
    }
}

/// What an error of a read means for the caller.
pub(crate) fn failed(shared: &Shared, side: Side, error: StoreError) -> DataError {
    match error {
        StoreError::Busy(message) => DataError::PrimaryTimeout { side, message },
        StoreError::Exhausted(limit) => DataError::QueueFull {
            side: Some(side),
            limit,
        },
        StoreError::Denied(message) => DataError::Denied { side, message },
        StoreError::Schema(why) => DataError::MappingRefused {
            side: Some(side),
            why,
        },
        StoreError::Unavailable(message)
        | StoreError::UnknownOutcome(message)
        | StoreError::Conflict(message) => {
            shared.watcher.poke();
            DataError::PrimaryUnavailable { side, message }
        }
        error @ (StoreError::Stale
        | StoreError::Constraint { .. }
        | StoreError::NotMatched { .. }
        | StoreError::ReceiptExists
        | StoreError::Value(_)
        | StoreError::Other(_)) => DataError::Internal {
            message: error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use dualwrite_core::authority::{Following, Standing};
    use dualwrite_core::phase::Phase;

    use super::*;

    fn authority() -> Authority {
        Authority {
            epoch: 7,
            phase: Phase::DualWrite,
            primary: Side::Legacy,
            standing: Standing::Open,
            following: Following::Open,
            settings: String::new(),
        }
    }

    #[test]
    fn a_read_is_shown_exactly_under_the_fences_of_the_protocol() {
        for side in Side::BOTH {
            for role in Role::ALL {
                for epoch in 5..10 {
                    let fence = Fence {
                        epoch,
                        role,
                        phase: Phase::DualWrite,
                        plan_id: String::new(),
                        settings: String::new(),
                    };
                    let expected = matches!(
                        (side, role, epoch),
                        (Side::Legacy, Role::Primary, 7)
                            | (Side::Legacy, Role::Frozen, 8)
                            | (Side::New, Role::Secondary, 7)
                    );
                    let got = accepts(&authority(), side, Some(&fence));
                    assert_eq!(got, expected, "{side} {role} {epoch}");
                }
            }
            assert!(!accepts(&authority(), side, None));
        }
    }
}
