//! What sidecars reported, and their reports.

use std::time::Duration;

use dualwrite_control_app::fleet::{PoolUse, Report};
use dualwrite_control_app::model::{Backlog, Compared, MetricsPoint, Operations};
use dualwrite_core::tally::Tally;
use dualwrite_proto::convert::{
    Counted, comparisons, comparisons_to_wire, operation_summary, side,
};
use dualwrite_proto::{WireError, v1};

use super::time::{duration, read_duration, timestamp};

pub(crate) fn operations(all: &[Operations], span: Duration) -> Vec<v1::OperationSummary> {
    all.iter()
        .map(|one| operation_summary(&one.entity, one.side, &one.tally, span))
        .collect()
}

pub(crate) fn point(point: &MetricsPoint) -> v1::MetricsPoint {
    let MetricsPoint {
        start,
        width,
        operations: all,
        backlogs,
    } = point;
    v1::MetricsPoint {
        start_time: Some(timestamp(*start)),
        width: Some(duration(*width)),
        operations: operations(all, *width),
        backlogs: backlogs.iter().map(backlog).collect(),
    }
}

fn backlog(backlog: &Backlog) -> v1::Backlog {
    let Backlog {
        entity,
        markers,
        oldest_age,
        quarantined,
    } = backlog;
    v1::Backlog {
        entity: entity.clone(),
        markers: *markers,
        oldest_age: Some(duration(*oldest_age)),
        quarantined: *quarantined,
    }
}

pub(super) fn compared(compared: &Compared) -> v1::ReadComparisons {
    comparisons_to_wire(&compared.entity, &compared.counts)
}

pub(super) fn read_report(wire: v1::Report) -> Result<Report, WireError> {
    let v1::Report {
        sequence,
        interval,
        operations,
        backlogs,
        pools,
        comparisons: compared,
    } = wire;
    let compared = compared.into_iter().map(comparisons);
    Ok(Report {
        sequence,
        interval: read_duration(interval, "interval")?,
        operations: each(operations, "operations", read_operations)?,
        backlogs: each(backlogs, "backlogs", read_backlog)?,
        pools: each(pools, "pools", read_pool)?,
        comparisons: compared
            .map(|(entity, counts)| Compared { entity, counts })
            .collect(),
    })
}

fn each<W, T>(
    wire: Vec<W>,
    path: &str,
    read: impl Fn(W) -> Result<T, WireError>,
) -> Result<Vec<T>, WireError> {
    let indexed = wire.into_iter().enumerate();
    indexed
        .map(|(at, one)| read(one).map_err(|e| e.under(format!("{path}[{at}]"))))
        .collect()
}

fn read_operations(wire: v1::OperationDelta) -> Result<Operations, WireError> {
    let Counted {
        entity,
        side,
        delta,
    } = Counted::try_from(wire)?;
    let mut tally = Tally::default();
    tally.fold(&delta);
    Ok(Operations {
        entity,
        side,
        tally,
    })
}

fn read_backlog(wire: v1::Backlog) -> Result<Backlog, WireError> {
    Ok(Backlog {
        entity: wire.entity,
        markers: wire.markers,
        oldest_age: read_duration(wire.oldest_age, "oldest_age")?,
        quarantined: wire.quarantined,
    })
}

fn read_pool(wire: v1::PoolUse) -> Result<PoolUse, WireError> {
    Ok(PoolUse {
        side: side(wire.side, "side")?,
        in_use: wire.in_use,
        idle: wire.idle,
        max: wire.max,
        connected: wire.connected,
    })
}
