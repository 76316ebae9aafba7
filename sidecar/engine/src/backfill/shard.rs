//! Copies one shard, chunk by chunk, telling after each how far it has come.

use std::collections::BTreeSet;
use std::sync::Arc;

use dualwrite_core::key::Key;
use dualwrite_core::mapping::EntityMap;
use dualwrite_core::side::Side;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::throttle::Throttle;
use crate::relay::{Adaptive, Backoff, Copied, Dirty, LOCK_WAIT, Scope, isolating, relaying};
use crate::request::{ShardEvent, ShardState, ShardTask};
use crate::shared::Shared;
use crate::store::{LockMode, StoreError};
use crate::view::Active;

/// Failures of one chunk in a row before the shard is given back.
const FAILURES_MAX: u32 = 10;

/// Copies a shard until it is done, fails, or nobody listens any more.
pub(crate) async fn run_shard(shared: &Shared, task: ShardTask, events: mpsc::Sender<ShardEvent>) {
    let mut shard = match Shard::begin(shared, task) {
        Ok(shard) => shard,
        Err(event) => {
            let _ = events.send(event).await;
            return;
        }
    };
    loop {
        let event = shard.step().await;
        let last = event.state != ShardState::Running;
        if events.send(event).await.is_err() || last {
            return;
        }
    }
}

struct Shard<'a> {
    shared: &'a Shared,
    task: ShardTask,
    cursor: Option<Key>,
    until: Option<Key>,
    batch: Adaptive,
    throttle: Throttle,
    pause: Backoff,
    failures: u32,
}

impl<'a> Shard<'a> {
    fn begin(shared: &'a Shared, task: ShardTask) -> Result<Self, ShardEvent> {
        let bounds = || -> Result<(Option<Key>, Option<Key>), String> {
            let active = relaying(shared).ok_or("the secondary cannot be written now")?;
            let entity = active
                .mapping
                .entity(&task.range.entity)
                .ok_or_else(|| format!("no entity `{}`", task.range.entity))?;
            let key = |bytes: &[u8]| match bytes {
                [] => Ok(None),
                bytes => Key::decode(bytes, &entity.key_kinds()).map(Some),
            };
            let start = if task.cursor.is_empty() {
                &task.range.after
            } else {
                &task.cursor
            };
            let cursor = key(start).map_err(|error| error.to_string())?;
            Ok((
                cursor,
                key(&task.range.until).map_err(|error| error.to_string())?,
            ))
        };
        match bounds() {
            Ok((cursor, until)) => Ok(Self {
                shared,
                cursor,
                until,
                batch: Adaptive::new(shared.settings.load().flags.batch_size),
                throttle: Throttle::new(task.max_rows_per_second),
                pause: Backoff::default(),
                failures: 0,
                task,
            }),
            Err(why) => Err(event(&task, None, (0, 0), ShardState::Failed(why))),
        }
    }

    /// One chunk.
    async fn step(&mut self) -> ShardEvent {
        loop {
            match self.chunk().await {
                Ok(Chunk {
                    rows,
                    quarantined,
                    done,
                }) => {
                    self.failures = 0;
                    self.pause.reset();
                    self.throttle.after(rows).await;
                    let state = if done {
                        ShardState::Done
                    } else {
                        ShardState::Running
                    };
                    let rows = u64::try_from(rows).unwrap_or(u64::MAX);
                    return event(&self.task, self.cursor.as_ref(), (rows, quarantined), state);
                }
                Err(ChunkError::Moved(why)) => {
                    let state = ShardState::Failed(why);
                    return event(&self.task, self.cursor.as_ref(), (0, 0), state);
                }
                Err(ChunkError::Store(error)) => {
                    self.failures += 1;
                    self.batch.failed();
                    self.shared.watcher.poke();
                    if self.failures >= FAILURES_MAX {
                        let state = ShardState::Failed(error.to_string());
                        return event(&self.task, self.cursor.as_ref(), (0, 0), state);
                    }
                    self.pause.wait(self.shared, &error).await;
                }
            }
        }
    }

    async fn chunk(&mut self) -> Result<Chunk, ChunkError> {
        self.batch
            .follow(self.shared.settings.load().flags.batch_size);
        let active = relaying(self.shared).ok_or(ChunkError::Store(StoreError::Unavailable(
            "the secondary cannot be written now".into(),
        )))?;
        if active.authority.epoch != self.task.epoch {
            return Err(ChunkError::Moved(format!(
                "epoch {} began; this job counts in epoch {}",
                active.authority.epoch, self.task.epoch
            )));
        }
        let entity = active
            .mapping
            .entity(&self.task.range.entity)
            .ok_or_else(|| ChunkError::Moved(format!("no entity `{}`", self.task.range.entity)))?;
        let began = Instant::now();
        let (keys, more) = self.next_keys(&active, entity).await?;
        let dirty: Vec<Dirty> = keys
            .iter()
            .map(|key| Dirty {
                entity: Arc::clone(&entity.name),
                key: key.clone(),
            })
            .collect();
        let mut quarantined = 0;
        if !dirty.is_empty() {
            let mode = LockMode::Wait(LOCK_WAIT);
            let copied = isolating(self.shared, &active, &dirty, mode, Scope::All).await?;
            quarantined = self.set_aside(&active, &dirty, &copied).await?;
            self.batch.took(began.elapsed());
        }
        if let Some(last) = keys.last() {
            self.cursor = Some(last.clone());
        }
        Ok(Chunk {
            rows: dirty.len(),
            quarantined,
            done: !more,
        })
    }

    /// The next keys of the union of both sides, in canonical order.
    async fn next_keys(
        &self,
        active: &Active,
        entity: &EntityMap,
    ) -> Result<(Vec<Key>, bool), ChunkError> {
        let limit = self.batch.size();
        let (legacy, new) = tokio::join!(
            self.page(entity, Side::Legacy, limit),
            self.page(entity, Side::New, limit)
        );
        let (legacy, new) = (legacy?, new?);
        debug_assert!(active.complete, "both databases had a say in the mapping");
        Ok(union(legacy, new))
    }

    async fn page(
        &self,
        entity: &EntityMap,
        side: Side,
        limit: u32,
    ) -> Result<(Vec<Key>, bool), ChunkError> {
        let on_side = |key: &Key| -> Result<Key, ChunkError> {
            let parts = entity
                .key_to_side(side, key)
                .map_err(|error| moved(&error))?;
            Key::new(parts).map_err(|error| moved(&error))
        };
        let after = self.cursor.as_ref().map(on_side).transpose()?;
        let until = self.until.as_ref().map(on_side).transpose()?;
        let store = self.shared.store(side)?;
        let page = store
            .keys(entity.table(side), after.as_ref(), until.as_ref(), limit)
            .await?;
        let keys = page.keys.into_iter().map(|key| {
            let parts = entity
                .key_from_side(side, key.into_parts())
                .map_err(|error| moved(&error))?;
            Key::new(parts).map_err(|error| moved(&error))
        });
        Ok((keys.collect::<Result<_, ChunkError>>()?, page.more))
    }

    /// A key that the secondary refuses must not be forgotten: it gets a
    /// marker, and the relay goes on with it.
    async fn set_aside(
        &self,
        active: &Active,
        dirty: &[Dirty],
        copied: &Copied,
    ) -> Result<u64, ChunkError> {
        let refused: Vec<&Dirty> = copied
            .poisoned
            .iter()
            .map(|(place, _)| &dirty[*place])
            .collect();
        let rows: Vec<_> = refused
            .iter()
            .filter_map(|dirty| crate::relay::row_key(active, dirty))
            .collect();
        if !rows.is_empty() {
            let store = self.shared.store(active.authority.primary)?;
            let token = self.shared.token();
            store
                .mark(&self.shared.service, active.authority.epoch, token, &rows)
                .await?;
        }
        Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
    }
}

struct Chunk {
    rows: usize,
    quarantined: u64,
    done: bool,
}

enum ChunkError {
    /// The shard cannot go on here.
    Moved(String),
    Store(StoreError),
}

impl From<StoreError> for ChunkError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn moved(error: &dyn std::error::Error) -> ChunkError {
    ChunkError::Moved(error.to_string())
}

/// Merges two pages of keys. Beyond the last key of a page that was cut short
/// nothing is known, so the union ends at the lowest such key.
fn union(one: (Vec<Key>, bool), other: (Vec<Key>, bool)) -> (Vec<Key>, bool) {
    let horizon = [&one, &other]
        .into_iter()
        .filter(|(_, more)| *more)
        .filter_map(|(keys, _)| keys.last().cloned())
        .min();
    let more = one.1 || other.1;
    let all: BTreeSet<Key> = one.0.into_iter().chain(other.0).collect();
    let within = all
        .into_iter()
        .filter(|key| horizon.as_ref().is_none_or(|end| key <= end));
    (within.collect(), more)
}

fn event(
    task: &ShardTask,
    cursor: Option<&Key>,
    (rows, quarantined): (u64, u64),
    state: ShardState,
) -> ShardEvent {
    ShardEvent {
        job_id: task.job_id.clone(),
        shard: task.shard,
        cursor: cursor.map(Key::encode).unwrap_or_default(),
        rows,
        quarantined,
        epoch: task.epoch,
        state,
    }
}

#[cfg(test)]
mod tests {
    use dualwrite_core::value::Value;

    use super::*;

    fn keys(ids: &[i64]) -> Vec<Key> {
        ids.iter()
            .map(|id| Key::new(vec![Value::Int(*id)]).unwrap())
            .collect()
    }

    #[test]
    fn the_union_stops_where_a_page_was_cut_short() {
        let (merged, more) = union((keys(&[1, 3, 5]), true), (keys(&[2, 3, 9]), false));
        assert_eq!(merged, keys(&[1, 2, 3, 5]));
        assert!(more);
    }

    #[test]
    fn keys_that_only_one_side_has_are_in_the_union() {
        let (merged, more) = union((keys(&[]), false), (keys(&[4, 7]), false));
        assert_eq!(merged, keys(&[4, 7]));
        assert!(!more);
    }

    #[test]
    fn two_pages_cut_short_end_at_the_lower_horizon() {
        let (merged, more) = union((keys(&[1, 2]), true), (keys(&[1, 5]), true));
        assert_eq!(merged, keys(&[1, 2]));
        assert!(more);
    }
}
