//! Copies what was there before: ranges of the union of both sides' keys, by
//! the relay's `pull`. Walking the primary's keys alone would miss rows that
//! it deleted while the secondary was not followed.

mod plan;
mod shard;
mod throttle;

pub(crate) use plan::plan_shards;
pub(crate) use shard::run_shard;
