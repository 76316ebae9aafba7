//! Splits a backfill in shards: contiguous ranges of canonical keys.

use dualwrite_core::key::Key;
use dualwrite_core::mapping::EntityMap;
use tokio::time::Instant;

use crate::error::DataError;
use crate::execute::admitted_to_read;
use crate::read::failed;
use crate::request::ShardRange;
use crate::shared::Shared;
use crate::translate;
use crate::view::Active;

/// The shards of some entities (all, when none is named), parents first.
pub(crate) async fn plan_shards(
    shared: &Shared,
    entities: &[String],
    shards_per_entity: u32,
    deadline: Instant,
) -> Result<Vec<ShardRange>, DataError> {
    let active = admitted_to_read(shared, deadline).await?;
    if active.authority.phase.secondary().is_none() {
        let why = format!("phase {} has no secondary to fill", active.authority.phase);
        return Err(DataError::NotReady { why });
    }
    let mut chosen = Vec::new();
    for name in entities {
        chosen.push(translate::entity(&active.mapping, 0, name)?);
    }
    if entities.is_empty() {
        chosen = active.mapping.entities.iter().collect();
    }
    chosen.sort_by_key(|entity| entity.table(active.authority.secondary()).fk_rank);
    let mut shards = Vec::new();
    for entity in chosen {
        shards.extend(split(shared, &active, entity, shards_per_entity.max(1)).await?);
    }
    Ok(shards)
}

async fn split(
    shared: &Shared,
    active: &Active,
    entity: &EntityMap,
    parts: u32,
) -> Result<Vec<ShardRange>, DataError> {
    let side = active.authority.primary;
    let refused = |error| failed(shared, side, error);
    // Sensitive keys do not leave the sidecar: one shard without bounds.
    let parts = if entity.has_sensitive_key() { 1 } else { parts };
    let store = shared.store(side).map_err(refused)?;
    let (bounds, rows) = store
        .split(entity.table(side), parts)
        .await
        .map_err(refused)?;
    let mut keys = Vec::new();
    for bound in bounds {
        let parts = entity.key_from_side(side, bound.into_parts());
        let key = parts.map_err(|error| DataError::Internal {
            message: error.to_string(),
        })?;
        let key = Key::new(key).map_err(|error| DataError::Internal {
            message: error.to_string(),
        })?;
        keys.push(key.encode());
    }
    keys.sort();
    keys.dedup();
    let count = u64::try_from(keys.len())
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let share = rows.div_ceil(count);
    let lower = std::iter::once(Vec::new()).chain(keys.iter().cloned());
    let upper = keys.iter().cloned().chain(std::iter::once(Vec::new()));
    let ranges = lower.zip(upper).map(|(after, until)| ShardRange {
        entity: entity.name.to_string(),
        after,
        until,
        rows: share,
    });
    Ok(ranges.collect())
}
