//! Answers of a control plane, made by hand.

use dualwrite_proto::v1;
use prost_types::{Duration, Timestamp};

use crate::view::applied::AppliedView;
use crate::view::event::EventView;
use crate::view::job::JobView;
use crate::view::migration::MigrationView;
use crate::view::sidecar::SidecarView;
use crate::view::verdict::VerdictView;
use crate::view::watch::WatchView;

/// So many milliseconds after 2026-01-31T12:00:00Z.
#[expect(clippy::unnecessary_wraps, reason = "a time on the wire is optional")]
fn at(millis: i64) -> Option<Timestamp> {
    let (seconds, rest) = (millis / 1000, i32::try_from(millis % 1000).unwrap());
    Some(Timestamp {
        seconds: 1_769_860_800 + seconds,
        nanos: rest * 1_000_000,
    })
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "a duration on the wire is optional"
)]
fn millis(millis: i64) -> Option<Duration> {
    let rest = i32::try_from(millis % 1000).unwrap();
    Some(Duration {
        seconds: millis / 1000,
        nanos: rest * 1_000_000,
    })
}

#[expect(clippy::unnecessary_wraps, reason = "a fence on the wire is optional")]
fn fence(role: v1::Role, epoch: u64) -> Option<v1::Fence> {
    let phase = v1::Phase::DualWrite.into();
    Some(v1::Fence {
        epoch,
        role: role.into(),
        phase,
        plan_id: String::new(),
    })
}

pub(super) fn wire_flags(batch_size: u32) -> v1::Flags {
    v1::Flags {
        async_legacy: true,
        async_new: true,
        batch_size,
        validate_sync: true,
        sync_interval: millis(300_000),
        log_errors_only: true,
        metrics_enabled: true,
        secondary_timeout: millis(500),
        ..v1::Flags::default()
    }
}

fn wire_spec() -> v1::MigrationSpec {
    let column = |legacy: &str, new: &str, convert: &str| v1::Column {
        legacy: legacy.into(),
        new: new.into(),
        convert: convert.into(),
        sensitive: new == "email",
    };
    let entity = |name: &str, root, columns| v1::Entity {
        name: name.into(),
        root,
        key: vec!["id".into()],
        capture: "none".into(),
        legacy_table: format!("shop_{name}s"),
        new_table: format!("{name}s"),
        columns,
    };
    v1::MigrationSpec {
        flags: Some(wire_flags(100)),
        guards: Some(v1::Guards {
            max_markers: 10_000,
            max_marker_age: millis(30_000),
            max_secondary_error_percent: 1.0,
            error_window: millis(60_000),
            require_backfill: true,
            max_validation_age: millis(0),
            min_sidecars: 1,
        }),
        keep_markers: true,
        entities: vec![
            entity(
                "cart",
                true,
                vec![
                    column("cart_id", "id", ""),
                    column("c", "total", "cents_to_decimal"),
                ],
            ),
            entity(
                "user",
                false,
                vec![column("user_ref", "id", ""), column("mail", "email", "")],
            ),
        ],
    }
}

pub(super) fn wire_quiet() -> v1::Migration {
    v1::Migration {
        name: "cart".into(),
        revision: 7,
        phase: v1::Phase::DualWrite.into(),
        epoch: 2,
        spec: Some(wire_spec()),
        create_time: at(0),
        update_time: at(61_500),
        transition: None,
        health: Some(v1::MigrationHealth {
            live_sidecars: 2,
            acked_sidecars: 2,
            backfill_complete: true,
            legacy_fence: fence(v1::Role::Primary, 2),
            new_fence: fence(v1::Role::Secondary, 2),
            ..v1::MigrationHealth::default()
        }),
        etag: "7".into(),
        retirement: None,
    }
}

pub(super) fn wire_transition() -> v1::Transition {
    let step = |name: &str, detail: &str, after| v1::TransitionStep {
        name: name.into(),
        detail: detail.into(),
        time: at(after),
    };
    v1::Transition {
        plan_id: "p-1".into(),
        from_phase: v1::Phase::DualWrite.into(),
        to_phase: v1::Phase::NewPrimary.into(),
        from_epoch: 2,
        to_epoch: 3,
        state: v1::TransitionState::Running.into(),
        executor: "cart-1".into(),
        steps: vec![step("freeze", "", 4), step("drain", "3 keys left", 21)],
        start_time: at(0),
        end_time: None,
        reason: "the new database is ready".into(),
        actor: "ada".into(),
        forced: false,
        outcome: String::new(),
    }
}

fn compared(entity: &str, matches: u64, mismatches: u64) -> v1::ReadComparisons {
    v1::ReadComparisons {
        entity: entity.into(),
        matches,
        mismatches,
        skipped: 0,
        shed: 17,
        failed: 0,
    }
}

fn wire_flipping() -> v1::Migration {
    let quiet = wire_quiet();
    let health = quiet.health.clone().map(|health| v1::MigrationHealth {
        acked_sidecars: 1,
        nacked_sidecars: 1,
        markers: 12,
        oldest_marker_age: millis(1_250),
        quarantined: 1,
        backfill_complete: false,
        legacy_fence: fence(v1::Role::Frozen, 3),
        new_fence: None,
        comparisons: vec![compared("cart", 1_204, 2), compared("user", 88, 0)],
        ..health
    });
    v1::Migration {
        name: "orders".into(),
        health,
        transition: Some(wire_transition()),
        ..quiet
    }
}

pub(super) fn quiet() -> MigrationView {
    wire_quiet().into()
}

pub(super) fn flipping() -> MigrationView {
    wire_flipping().into()
}

pub(super) fn look() -> WatchView {
    let operation = |side: v1::Side, attempts, successes| v1::OperationSummary {
        entity: "cart".into(),
        side: side.into(),
        attempts,
        successes,
        failures: [("timeout".to_owned(), attempts - successes)].into(),
        success_rate: 0.99,
        latency_mean: millis(2),
        latency_p50: Some(Duration {
            seconds: 0,
            nanos: 1_540_000,
        }),
        latency_p99: None,
        per_second: 123.456,
    };
    let look = v1::WatchMigrationResponse {
        migration: Some(wire_flipping()),
        operations: vec![
            operation(v1::Side::Legacy, 500, 500),
            operation(v1::Side::New, 100, 98),
        ],
        jobs: vec![
            wire_job(),
            v1::Job {
                end_time: at(9),
                ..wire_job()
            },
        ],
    };
    WatchView::try_from(look).unwrap()
}

pub(super) fn verdict(permitted: bool) -> VerdictView {
    let guard = |guard: &str, passed: bool, measured: &str, limit: &str, remedy: &str| {
        let remedy = if passed { String::new() } else { remedy.into() };
        v1::GuardResult {
            guard: guard.into(),
            passed,
            measured: measured.into(),
            limit: limit.into(),
            remedy,
        }
    };
    let verdict = v1::Verdict {
        permitted,
        guards: vec![
            guard("sidecars_live", true, "2", "at least 1", ""),
            guard(
                "backfill_complete",
                permitted,
                if permitted { "yes" } else { "no" },
                "yes",
                "dualwrite backfill start cart",
            ),
            guard(
                "markers_outstanding",
                permitted,
                if permitted { "3" } else { "12" },
                "at most 10",
                "wait for the relay",
            ),
        ],
        steps: ["freeze", "drain", "hand_over", "activate", "follow"]
            .map(str::to_owned)
            .to_vec(),
    };
    VerdictView::new("cart", "dual_write", "new_primary", verdict)
}

pub(super) fn fleet() -> Vec<SidecarView> {
    let good = v1::Sidecar {
        instance: "cart-1".into(),
        version: "0.1.0".into(),
        live: true,
        revision_acked: 7,
        connect_time: at(0),
        last_seen_time: at(60_000),
        legacy_fence: fence(v1::Role::Primary, 2),
        new_fence: fence(v1::Role::Secondary, 2),
        markers: 3,
        ..v1::Sidecar::default()
    };
    let bad = v1::Sidecar {
        instance: "cart-2".into(),
        live: false,
        revision_acked: 6,
        revision_nacked: 7,
        nack_reasons: vec!["cart.total: the new side has no column `total`".into()],
        new_fence: None,
        ..good.clone()
    };
    vec![good.into(), bad.into()]
}

pub(super) fn history() -> Vec<EventView> {
    let event = |id, kind: &str, before: &str, after: &str, reason: &str| {
        EventView::from(v1::Event {
            id,
            migration: "cart".into(),
            revision: id,
            time: at(1000),
            actor: "ada".into(),
            kind: kind.into(),
            reason: reason.into(),
            before: before.into(),
            after: after.into(),
        })
    };
    vec![
        event(
            3,
            "transition_done",
            "legacy_only",
            "dual_write",
            "week one",
        ),
        event(
            2,
            "flags_changed",
            "batch_size=100",
            &format!("batch_size=200 {}", "x".repeat(80)),
            "",
        ),
        event(1, "applied", "", "", ""),
    ]
}

fn wire_job() -> v1::Job {
    v1::Job {
        id: "job-1".into(),
        migration: "cart".into(),
        kind: v1::JobKind::Backfill.into(),
        state: v1::JobState::Running.into(),
        epoch: 2,
        entities: vec!["cart".into()],
        rows_done: 1_500,
        rows_total: 4_000,
        shards_done: 3,
        shards_total: 16,
        rate: 812.4,
        create_time: at(0),
        end_time: None,
        error: String::new(),
        actor: "ada".into(),
        max_rows_per_second: 1_000,
        quarantined: 0,
    }
}

pub(super) fn jobs() -> Vec<JobView> {
    let failed = v1::Job {
        id: "job-0".into(),
        state: v1::JobState::Failed.into(),
        rows_done: 1,
        rows_total: 0,
        quarantined: 1,
        error: "the new side has no table `carts`".into(),
        end_time: at(10),
        ..wire_job()
    };
    vec![wire_job().into(), failed.into()]
}

pub(super) fn applied(dry_run: bool, created: bool, changed: bool) -> AppliedView {
    let answer = v1::ApplyMigrationResponse {
        migration: Some(wire_quiet()),
        created,
        changed,
    };
    AppliedView::new(dry_run, answer).unwrap()
}
