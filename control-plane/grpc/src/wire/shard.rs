//! Shards: an order to a sidecar, and the split that one made.

use dualwrite_control_app::fleet::{PlannedShard, ShardOrder};
use dualwrite_proto::v1;

pub(super) fn order(order: ShardOrder) -> v1::Shard {
    let ShardOrder {
        shard,
        epoch,
        max_rows_per_second,
    } = order;
    v1::Shard {
        job_id: shard.job_id,
        shard: shard.number,
        entity: shard.entity,
        after: shard.after,
        until: shard.until,
        cursor: shard.cursor,
        epoch,
        rows_estimated: shard.rows_estimated,
        max_rows_per_second,
    }
}

/// Of a planned shard only what planning decides is taken over.
pub(super) fn planned(wire: v1::Shard) -> PlannedShard {
    PlannedShard {
        number: wire.shard,
        entity: wire.entity,
        after: wire.after,
        until: wire.until,
        rows_estimated: wire.rows_estimated,
    }
}
