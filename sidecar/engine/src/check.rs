//! The exact check of one key: lock it on the secondary, read the primary's
//! row and marker, read the secondary's row. No marker and unequal is a true
//! divergence, whatever is being written meanwhile.

use std::sync::Arc;

use dualwrite_core::key::{Key, bucket};
use dualwrite_core::mapping::EntityMap;
use dualwrite_core::value::Value;
use tokio::time::{Instant, timeout_at};

use crate::error::{DataError, Invalid};
use crate::execute::admitted_to_read;
use crate::read::{again, failed};
use crate::relay::LOCK_WAIT;
use crate::request::{Fields, KeyCheck, KeyVerdict};
use crate::shared::Shared;
use crate::store::{LockMode, LockRequest, Pulled, RowKey, StoreError};
use crate::translate::{self, Scope};
use crate::view::Active;

/// Checks one key of an entity (the root entity when none is named).
pub(crate) async fn check_key(
    shared: &Shared,
    entity: Option<&str>,
    key: Fields,
    deadline: Instant,
) -> Result<KeyCheck, DataError> {
    loop {
        let active = admitted_to_read(shared, deadline).await?;
        let entity = match entity {
            Some(name) => translate::entity(&active.mapping, 0, name)?,
            None => root(&active)?,
        };
        if active.authority.phase.secondary().is_none() {
            let verdict = KeyVerdict::NoSecondary;
            return Ok(KeyCheck {
                entity: Arc::clone(&entity.name),
                verdict,
            });
        }
        let scope = |side| Scope {
            entity,
            side,
            index: 0,
        };
        let (primary, secondary) = (active.authority.primary, active.authority.secondary());
        let canonical = scope(primary).key(&key)?;
        let row = |side| -> Result<RowKey, Invalid> {
            let table = Arc::clone(entity.table(side));
            Ok(RowKey {
                table,
                key: scope(side).side_key(&canonical)?,
            })
        };
        let look = Look {
            on_primary: row(primary)?,
            on_secondary: row(secondary)?,
            bucket: bucket(&shared.service, &entity.name, &canonical),
        };
        let looked = timeout_at(deadline, compare(shared, &active, entity, look)).await;
        match looked {
            Ok(Ok(verdict)) => {
                return Ok(KeyCheck {
                    entity: Arc::clone(&entity.name),
                    verdict,
                });
            }
            Ok(Err(StoreError::Stale | StoreError::Conflict(_))) => again(shared, deadline).await?,
            Ok(Err(error)) => return Err(failed(shared, secondary, error)),
            Err(_) => return Err(DataError::Deadline),
        }
    }
}

/// Checks one key in canonical form, for whoever has read it before.
pub(crate) async fn check_canonical(
    shared: &Shared,
    entity: &str,
    key: &Key,
    deadline: Instant,
) -> Result<KeyVerdict, DataError> {
    let active = admitted_to_read(shared, deadline).await?;
    let entity = translate::entity(&active.mapping, 0, entity)?;
    let fields = entity.key.iter().map(|place| &entity.fields[*place].name);
    let fields: Fields = fields.cloned().zip(key.parts().iter().cloned()).collect();
    let checked = check_key(shared, Some(&entity.name), fields, deadline).await?;
    Ok(checked.verdict)
}

/// The entity that a bare key names.
pub(crate) fn root(active: &Active) -> Result<&Arc<EntityMap>, Invalid> {
    active.mapping.root().ok_or_else(|| no_root(active))
}

fn no_root(active: &Active) -> Invalid {
    let known = active
        .mapping
        .entities
        .iter()
        .map(|entity| &*entity.name)
        .collect::<Vec<_>>();
    Invalid::UnknownEntity {
        index: 0,
        entity: "(none, and no entity is the root)".into(),
        known: known.join(", "),
    }
}

struct Look {
    on_primary: RowKey,
    on_secondary: RowKey,
    bucket: u16,
}

async fn compare(
    shared: &Shared,
    active: &Active,
    entity: &EntityMap,
    look: Look,
) -> Result<KeyVerdict, StoreError> {
    let request = LockRequest {
        service: Arc::clone(&shared.service),
        epoch: active.authority.epoch,
        buckets: vec![look.bucket],
        mode: LockMode::Wait(LOCK_WAIT),
    };
    let primary = shared.store(active.authority.primary)?;
    let mut apply = shared
        .store(active.authority.secondary())?
        .begin_apply(&request)
        .await?;
    let looked = async {
        let pulled = primary.pull(&shared.service, &[look.on_primary]).await?;
        let copies = apply.read(&[look.on_secondary]).await?;
        Ok((
            pulled.into_iter().next(),
            copies.into_iter().next().flatten(),
        ))
    }
    .await;
    apply.rollback().await;
    let (pulled, copy) = looked?;
    let Some(Pulled { token, row }) = pulled else {
        return Err(StoreError::Other(
            "the primary did not answer for the key".into(),
        ));
    };
    let canonical = |side, row: Option<Vec<Value>>| {
        let fields = row.map(|row| entity.from_side(side, row)).transpose();
        fields.map_err(|error| StoreError::Value(error.to_string()))
    };
    let truth = canonical(active.authority.primary, row)?;
    let copy = canonical(active.authority.secondary(), copy)?;
    Ok(verdict(entity, token.is_some(), truth, copy))
}

fn verdict(
    entity: &EntityMap,
    marked: bool,
    truth: Option<Vec<Value>>,
    copy: Option<Vec<Value>>,
) -> KeyVerdict {
    if truth == copy {
        return if truth.is_some() {
            KeyVerdict::Equal
        } else {
            KeyVerdict::AbsentOnBoth
        };
    }
    if marked {
        return KeyVerdict::Pending;
    }
    match (truth, copy) {
        (Some(_), None) => KeyVerdict::MissingOnSecondary,
        (None, Some(_)) => KeyVerdict::ExtraOnSecondary,
        (Some(truth), Some(copy)) => {
            let pairs = entity.fields.iter().zip(truth.iter().zip(&copy));
            let fields = pairs
                .filter(|(_, (own, other))| own != other)
                .map(|(field, _)| Arc::from(field.name.as_str()))
                .collect();
            KeyVerdict::Different { fields }
        }
        (None, None) => KeyVerdict::AbsentOnBoth,
    }
}
