//! The keys of a batch, found in the mapping, with their locks.

use std::sync::Arc;

use dualwrite_core::key::{Key, bucket};
use dualwrite_core::mapping::EntityMap;

use super::{Copied, Refusal};
use crate::relay::Dirty;
use crate::shared::Shared;
use crate::store::{Granted, RowKey};
use crate::view::Active;

/// A key with what both sides call it.
#[derive(Debug)]
pub(super) struct Known {
    /// Its place among the keys asked for; `None` for one that joined them.
    pub(super) place: Option<usize>,
    key: Key,
    pub(super) entity: Arc<EntityMap>,
    bucket: u16,
    pub(super) on_primary: RowKey,
    pub(super) on_secondary: RowKey,
}

impl Known {
    pub(super) fn dirty(&self) -> Dirty {
        Dirty {
            entity: Arc::clone(&self.entity.name),
            key: self.key.clone(),
        }
    }
}

/// Finds the entities. A key of an entity that is gone has nothing to be
/// copied; one that cannot be converted is poison.
pub(super) fn resolve(
    shared: &Shared,
    active: &Active,
    keys: &[Dirty],
    copied: &mut Copied,
) -> Vec<Known> {
    let mut known = Vec::with_capacity(keys.len());
    for (place, dirty) in keys.iter().enumerate() {
        match find(shared, active, dirty, Some(place)) {
            Ok(Some(found)) => known.push(found),
            Ok(None) => copied.done[place] = true,
            Err(error) => copied.poisoned.push((place, error)),
        }
    }
    known
}

/// One key; `None` where its entity is gone.
pub(super) fn find(
    shared: &Shared,
    active: &Active,
    dirty: &Dirty,
    place: Option<usize>,
) -> Result<Option<Known>, Refusal> {
    let Some(entity) = active.mapping.entity(&dirty.entity) else {
        return Ok(None);
    };
    let row = |side| -> Result<RowKey, Refusal> {
        let parts = entity
            .key_to_side(side, &dirty.key)
            .map_err(Refusal::lasting)?;
        let key = Key::new(parts).map_err(Refusal::lasting)?;
        Ok(RowKey {
            table: Arc::clone(entity.table(side)),
            key,
        })
    };
    Ok(Some(Known {
        place,
        key: dirty.key.clone(),
        entity: Arc::clone(entity),
        bucket: bucket(&shared.service, &entity.name, &dirty.key),
        on_primary: row(active.authority.primary)?,
        on_secondary: row(active.authority.secondary())?,
    }))
}

pub(super) fn buckets(known: &[Known]) -> Vec<u16> {
    let mut buckets: Vec<u16> = known.iter().map(|row| row.bucket).collect();
    buckets.sort_unstable();
    buckets.dedup();
    buckets
}

pub(super) fn granted<'a>(known: &'a [Known], granted: &Granted) -> Vec<&'a Known> {
    match granted {
        Granted::All => known.iter().collect(),
        Granted::Some(held) => known
            .iter()
            .filter(|row| held.binary_search(&row.bucket).is_ok())
            .collect(),
    }
}
