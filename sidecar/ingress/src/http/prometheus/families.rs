//! Every family of a sidecar.

use dualwrite_core::fence::Seen as Fence;
use dualwrite_core::side::Side;
use dualwrite_core::tally::FailureKind;
use dualwrite_engine::{DatabaseStatus, EntityBacklog, EntityComparisons, EntityDelta, Status};
use dualwrite_process::figures::{Family, float};

/// What the figures are made from.
pub(super) struct Seen<'a> {
    pub(super) service: &'a str,
    pub(super) version: &'a str,
    pub(super) status: &'a Status,
    pub(super) totals: &'a [EntityDelta],
    pub(super) comparisons: &'a [EntityComparisons],
    pub(super) backlogs: &'a [EntityBacklog],
    pub(super) databases: &'a [DatabaseStatus],
}

/// All families, in an order that stays.
pub(super) fn all(seen: &Seen<'_>) -> [Family; 19] {
    [
        operations(seen),
        failures(seen),
        latency(seen),
        markers(seen),
        oldest(seen),
        quarantined(seen),
        checks(seen),
        differences(seen),
        comparisons(seen),
        connected(seen),
        connections(seen),
        max_connections(seen),
        waiting(seen),
        epoch(seen),
        role(seen),
        phase(seen),
        revision(seen),
        held(seen),
        build(seen),
    ]
}

fn operations(seen: &Seen<'_>) -> Family {
    let help = "Operations begun and ended on one side of an entity.";
    let mut family = Family::counter("dualwrite_operations_total", help);
    for total in seen.totals {
        let of = |outcome| {
            [
                ("entity", &*total.entity),
                ("side", total.side.as_str()),
                ("outcome", outcome),
            ]
        };
        family.count(&of("success"), total.delta.successes);
        family.count(&of("failure"), total.delta.failed());
    }
    family
}

fn failures(seen: &Seen<'_>) -> Family {
    let help = "Operations that failed on one side of an entity, by why.";
    let mut family = Family::counter("dualwrite_operation_failures_total", help);
    for total in seen.totals {
        for kind in FailureKind::ALL {
            let labels = [
                ("entity", &*total.entity),
                ("side", total.side.as_str()),
                ("kind", kind.as_str()),
            ];
            family.count(&labels, total.delta.failures_of(kind));
        }
    }
    family
}

fn latency(seen: &Seen<'_>) -> Family {
    let help = "How long operations took on one side of an entity.";
    let mut family = Family::histogram("dualwrite_operation_duration_seconds", help);
    for total in seen.totals {
        let labels = [("entity", &*total.entity), ("side", total.side.as_str())];
        family.observe(&labels, &total.delta);
    }
    family
}

fn markers(seen: &Seen<'_>) -> Family {
    let help = "Keys whose copy is outstanding.";
    let mut family = Family::gauge("dualwrite_markers", help);
    for backlog in seen.backlogs {
        family.set(&[("entity", &*backlog.entity)], float(backlog.markers));
    }
    family
}

fn oldest(seen: &Seen<'_>) -> Family {
    let help = "How long the oldest marker has been seen standing.";
    let mut family = Family::gauge("dualwrite_oldest_marker_age_seconds", help);
    for backlog in seen.backlogs {
        let age = backlog.oldest_age.as_secs_f64();
        family.set(&[("entity", &*backlog.entity)], age);
    }
    family
}

fn quarantined(seen: &Seen<'_>) -> Family {
    let help = "Keys that the secondary refuses, set aside.";
    let mut family = Family::gauge("dualwrite_quarantined_keys", help);
    for backlog in seen.backlogs {
        family.set(&[("entity", &*backlog.entity)], float(backlog.quarantined));
    }
    family
}

fn checks(seen: &Seen<'_>) -> Family {
    let help = "Exact checks of keys.";
    let mut family = Family::counter("dualwrite_key_checks_total", help);
    family.count(&[], seen.status.checks);
    family
}

fn differences(seen: &Seen<'_>) -> Family {
    let help = "Exact checks of keys that found a difference.";
    let mut family = Family::counter("dualwrite_key_differences_total", help);
    family.count(&[], seen.status.differences);
    family
}

fn comparisons(seen: &Seen<'_>) -> Family {
    let help = "Reads that were done on both sides, by what came of it.";
    let mut family = Family::counter("dualwrite_read_comparisons_total", help);
    for compared in seen.comparisons {
        for (outcome, count) in compared.counts.each() {
            let labels = [("entity", &*compared.entity), ("outcome", outcome)];
            family.count(&labels, count);
        }
    }
    family
}

fn connected(seen: &Seen<'_>) -> Family {
    let help = "Whether the database answers (1) or not (0).";
    let mut family = Family::gauge("dualwrite_database_up", help);
    for database in seen.databases {
        let up = if database.answered.is_ok() { 1.0 } else { 0.0 };
        family.set(&[("side", database.side.as_str())], up);
    }
    family
}

fn connections(seen: &Seen<'_>) -> Family {
    let help = "Connections of the pool, by whether they are at work.";
    let mut family = Family::gauge("dualwrite_pool_connections", help);
    for database in seen.databases {
        let of = |state| [("side", database.side.as_str()), ("state", state)];
        family.set(&of("in_use"), f64::from(database.pool.in_use));
        family.set(&of("idle"), f64::from(database.pool.idle));
    }
    family
}

fn max_connections(seen: &Seen<'_>) -> Family {
    let help = "Connections that the pool may have.";
    let mut family = Family::gauge("dualwrite_pool_max_connections", help);
    for database in seen.databases {
        let max = f64::from(database.pool.max);
        family.set(&[("side", database.side.as_str())], max);
    }
    family
}

fn waiting(seen: &Seen<'_>) -> Family {
    let help = "Calls that wait for a connection.";
    let mut family = Family::gauge("dualwrite_pool_waiting_calls", help);
    for database in seen.databases {
        let waiting = f64::from(database.pool.waiting);
        family.set(&[("side", database.side.as_str())], waiting);
    }
    family
}

fn epoch(seen: &Seen<'_>) -> Family {
    let help = "The epoch of the fence as last read.";
    let mut family = Family::gauge("dualwrite_fence_epoch", help);
    for (side, fence) in fences(seen) {
        if let Fence::Fence(fence) = fence {
            family.set(&[("side", side.as_str())], float(fence.epoch));
        }
    }
    family
}

fn role(seen: &Seen<'_>) -> Family {
    let help = "1 for the role that the fence gives a side.";
    let mut family = Family::gauge("dualwrite_fence_role", help);
    for (side, fence) in fences(seen) {
        if let Fence::Fence(fence) = fence {
            let labels = [("side", side.as_str()), ("role", fence.role.as_str())];
            family.set(&labels, 1.0);
        }
    }
    family
}

fn phase(seen: &Seen<'_>) -> Family {
    let help = "1 for the phase that is in force.";
    let mut family = Family::gauge("dualwrite_phase", help);
    if let Some(authority) = seen.status.authority {
        family.set(&[("phase", authority.phase.as_str())], 1.0);
    }
    family
}

fn revision(seen: &Seen<'_>) -> Family {
    let help = "The revision of the settings held; 0 for none of a control plane.";
    let mut family = Family::gauge("dualwrite_revision", help);
    family.set(&[], float(seen.status.revision));
    family
}

fn held(seen: &Seen<'_>) -> Family {
    let help = "Writes that wait for a flip.";
    let mut family = Family::gauge("dualwrite_held_writes", help);
    family.set(&[], float(seen.status.held_writes));
    family
}

fn build(seen: &Seen<'_>) -> Family {
    let help = "What runs here.";
    let mut family = Family::gauge("dualwrite_build_info", help);
    let labels = [("service", seen.service), ("version", seen.version)];
    family.set(&labels, 1.0);
    family
}

const fn fences<'a>(seen: &Seen<'a>) -> [(Side, &'a Fence); 2] {
    let (legacy, new) = &seen.status.fences;
    [(Side::Legacy, legacy), (Side::New, new)]
}
