use std::collections::BTreeMap;
use std::time::Duration;

use dualwrite_core::convert::Convert;
use dualwrite_core::fence::Fence;
use dualwrite_core::flags::Flags;
use dualwrite_core::guard::{Guard, GuardPolicy, GuardVerdict, Verdict};
use dualwrite_core::phase::Phase;
use dualwrite_core::plan::{Plan, PlanKind};
use dualwrite_core::side::{Role, Side};
use dualwrite_core::snapshot::Snapshot;
use dualwrite_core::spec::{Capture, Column, Entity, Spec, TableName};
use dualwrite_core::tally::{Delta, FailureKind, Tally};
use dualwrite_core::value::{Decimal, Value};
use prost_types::FieldMask;

use super::*;
use crate::status::{self, Refusal};
use crate::v1;
use crate::v1::ErrorReason;
use crate::v1::value::Kind as Wire;

fn wire(kind: Wire) -> v1::Value {
    v1::Value { kind: Some(kind) }
}

#[test]
fn values_survive_the_wire() {
    let values = [
        Value::Null,
        Value::Bool(true),
        Value::Int(i64::MIN),
        Value::UInt(u64::MAX),
        Value::Decimal(Decimal::parse("-12345678901234567890.123456789").unwrap()),
        Value::Float(-0.1),
        Value::Text("O'Hara\u{1F600}".into()),
        Value::Bytes(vec![0, 255]),
        Value::Uuid([7; 16]),
        Value::Timestamp(1_769_903_999_123_456),
        Value::DateTime(-1),
        Value::Date(-719_000),
        Value::Time(86_399_999_999),
        Value::json("{\"b\":1,\"a\":[1.50]}").unwrap(),
    ];
    for value in values {
        assert_eq!(Value::try_from(v1::Value::from(value.clone())), Ok(value));
    }
}

#[test]
fn the_text_of_a_value_is_made_canonical() {
    let table = [
        (Wire::Decimal("12.50".into()), Wire::Decimal("12.5".into())),
        (
            Wire::Timestamp("2026-01-31T23:59:59Z".into()),
            Wire::Timestamp("2026-01-31T23:59:59.000000Z".into()),
        ),
        (
            Wire::Uuid("67E55044-10B1-426F-9247-BB680E5FE0C8".into()),
            Wire::Uuid("67e55044-10b1-426f-9247-bb680e5fe0c8".into()),
        ),
        (
            Wire::Json("{ \"a\" : 1 }".into()),
            Wire::Json("{\"a\":1}".into()),
        ),
    ];
    for (sent, kept) in table {
        let value = Value::try_from(wire(sent)).unwrap();
        assert_eq!(v1::Value::from(value), wire(kept));
    }
}

#[test]
fn a_malformed_value_says_where_and_never_what() {
    let secret = "secret-value";
    for kind in [
        Wire::Decimal(secret.into()),
        Wire::Uuid(secret.into()),
        Wire::Timestamp(secret.into()),
        Wire::Datetime(secret.into()),
        Wire::Date(secret.into()),
        Wire::Time(secret.into()),
        Wire::Json(secret.into()),
        Wire::Null(false),
    ] {
        let map = BTreeMap::from([("price".to_owned(), wire(kind))]);
        let error = fields(map, "mutations[0].upsert.values").unwrap_err();
        assert_eq!(error.path, "mutations[0].upsert.values.price");
        assert!(!error.message.contains(secret), "{error}");
        assert!(error.message.contains("expected"), "{error}");
    }
    let absent = BTreeMap::from([("price".to_owned(), v1::Value { kind: None })]);
    assert!(fields(absent, "key").is_err());
}

#[test]
fn rows_come_back_in_order_of_their_names() {
    let sent = row([("b", Value::Int(2)), ("a", Value::Null)]);
    let read = fields(sent.fields, "row").unwrap();
    assert_eq!(
        read,
        [
            ("a".to_owned(), Value::Null),
            ("b".to_owned(), Value::Int(2))
        ]
    );
}

#[test]
fn closed_lists_survive_the_wire_and_others_are_refused() {
    for value in Side::BOTH {
        assert_eq!(side(v1::Side::from(value).into(), "side"), Ok(value));
    }
    for value in Phase::ALL {
        assert_eq!(phase(v1::Phase::from(value).into(), "to"), Ok(value));
        assert_eq!(
            optional_phase(v1::Phase::from(value).into(), "to"),
            Ok(Some(value))
        );
    }
    for value in Role::ALL {
        assert_eq!(role(v1::Role::from(value).into(), "role"), Ok(value));
    }
    for value in [
        PlanKind::Flip,
        PlanKind::Open,
        PlanKind::Close,
        PlanKind::Bump,
    ] {
        assert_eq!(
            plan_kind(v1::PlanKind::from(value).into(), "kind"),
            Ok(value)
        );
    }
    assert_eq!(optional_phase(0, "initial_phase"), Ok(None));
    for number in [0, 99] {
        let error = phase(number, "to").unwrap_err();
        assert_eq!(error.path, "to");
        assert!(error.message.contains("PHASE_DUAL_WRITE"), "{error}");
    }
    assert!(consistency(99, "consistency").is_err());
}

fn spec() -> Spec {
    Spec {
        flags: Flags {
            batch_size: 7,
            secondary_timeout: Duration::from_millis(20),
            ..Flags::default()
        },
        guards: GuardPolicy {
            max_marker_age: Duration::ZERO,
            ..GuardPolicy::default()
        },
        keep_markers: false,
        entities: vec![Entity {
            name: "cart_item".into(),
            root: true,
            key: vec!["id".into()],
            capture: Capture::Trigger,
            legacy_table: TableName::parse("shop.items").unwrap(),
            new_table: TableName::bare("cart_items"),
            columns: vec![
                Column::same("id"),
                Column {
                    legacy: "cents".into(),
                    new: "price".into(),
                    convert: Convert::CentsToDecimal,
                    sensitive: true,
                },
            ],
        }],
    }
}

fn plan() -> Plan {
    Plan {
        plan_id: "p1".into(),
        kind: PlanKind::Flip,
        from_phase: Phase::DualWrite,
        to_phase: Phase::NewPrimary,
        from_epoch: 3,
        to_epoch: 4,
        primary: Side::Legacy,
        settings: "{}".into(),
        aborting: true,
    }
}

#[test]
fn a_snapshot_survives_the_wire() {
    let snapshot = Snapshot {
        service: "cart".into(),
        revision: 9,
        epoch: 3,
        phase: Phase::DualWrite,
        marking: true,
        spec: spec(),
        plan: Some(plan()),
        retired: true,
    };
    assert_eq!(
        Snapshot::try_from(v1::Snapshot::from(&snapshot)),
        Ok(snapshot)
    );
}

#[test]
fn a_wrong_word_deep_in_a_snapshot_has_its_whole_path() {
    let mut sent = v1::MigrationSpec::from(&spec());
    sent.entities[0].columns[1].convert = "cents_to_decimals".into();
    let error = Spec::try_from(sent).unwrap_err();
    assert_eq!(error.path, "entities[0].columns[1].convert");
    assert!(
        error.message.contains("did you mean `cents_to_decimal`"),
        "{error}"
    );

    let mut sent = v1::MigrationSpec::from(&spec());
    sent.entities[0].legacy_table = "a.b.c".into();
    assert_eq!(
        Spec::try_from(sent).unwrap_err().path,
        "entities[0].legacy_table"
    );
}

#[test]
fn what_a_spec_leaves_out_has_its_default() {
    let empty = Spec::try_from(v1::MigrationSpec {
        keep_markers: true,
        ..Default::default()
    });
    assert_eq!(empty, Ok(Spec::default()));
}

#[test]
fn a_fence_travels_without_the_settings_beside_it() {
    let fence = Fence {
        epoch: 4,
        role: Role::Frozen,
        phase: Phase::NewPrimary,
        plan_id: "p1".into(),
        settings: "{}".into(),
    };
    let read = Fence::try_from(v1::Fence::from(&fence));
    assert_eq!(
        read,
        Ok(Fence {
            settings: String::new(),
            ..fence
        })
    );
}

#[test]
fn a_mask_takes_what_it_names_and_nothing_else() {
    let current = Flags {
        batch_size: 50,
        ..Flags::default()
    };
    let sent = v1::Flags {
        read_new_percent: 25,
        log_all: true,
        ..Default::default()
    };
    let mask = FieldMask {
        paths: vec!["read_new_percent".into()],
    };
    let patched = patched_flags(&current, &sent, &mask).unwrap();
    assert_eq!(
        patched,
        Flags {
            read_new_percent: 25,
            ..current
        }
    );
}

#[test]
fn every_flag_can_be_named_in_a_mask() {
    for name in Flags::names() {
        let mask = FieldMask {
            paths: vec![(*name).to_owned()],
        };
        let same = v1::Flags::from(&Flags::default());
        assert_eq!(
            patched_flags(&Flags::default(), &same, &mask),
            Ok(Flags::default()),
            "{name}"
        );
    }
}

#[test]
fn a_mask_that_names_no_flag_is_refused_with_the_nearest() {
    let current = Flags::default();
    let refuse = |paths: &[&str], sent: v1::Flags| {
        let mask = FieldMask {
            paths: paths.iter().map(|path| (*path).to_owned()).collect(),
        };
        Refusal::from(patched_flags(&current, &sent, &mask).unwrap_err()).into_status()
    };
    let unknown = refuse(&["batchsize"], v1::Flags::default());
    assert_eq!(status::reason_of(&unknown), Some(ErrorReason::UnknownFlag));
    assert!(
        unknown.message().contains("did you mean `batch_size`"),
        "{}",
        unknown.message()
    );

    let empty = refuse(&[], v1::Flags::default());
    assert_eq!(status::reason_of(&empty), Some(ErrorReason::InvalidFlag));

    let far = refuse(
        &["read_new_percent"],
        v1::Flags {
            read_new_percent: 400,
            ..Default::default()
        },
    );
    assert_eq!(status::reason_of(&far), Some(ErrorReason::InvalidFlag));
    assert_eq!(status::fields_of(&far)[0].path, "flags.read_new_percent");
}

#[test]
fn deltas_survive_the_wire_and_their_fold_is_told() {
    let mut delta = Delta::default();
    delta.record(Ok(()), Duration::from_millis(3));
    delta.record(Err(FailureKind::Timeout), Duration::from_millis(4));
    let counted = Counted {
        entity: "cart".into(),
        side: Side::New,
        delta: delta.clone(),
    };
    let sent = v1::OperationDelta::from(counted.clone());
    assert_eq!(sent.failures, BTreeMap::from([("timeout".to_owned(), 1)]));
    assert_eq!(Counted::try_from(sent), Ok(counted));

    let mut tally = Tally::default();
    tally.fold(&delta);
    let told = operation_summary("cart", Side::New, &tally, Duration::from_secs(2));
    assert_eq!((told.attempts, told.successes), (2, 1));
    assert!((told.success_rate - 0.5).abs() < f64::EPSILON);
    assert!((told.per_second - 1.0).abs() < f64::EPSILON);
    assert_eq!(told.latency_p99.map(|p99| p99.seconds), Some(0));
    assert!(told.latency_p50.is_some_and(|p50| p50.nanos > 2_000_000));
}

#[test]
fn failures_of_a_later_version_count_as_other_and_too_many_buckets_are_refused() {
    let sent = v1::OperationDelta {
        side: v1::Side::New.into(),
        failures: BTreeMap::from([("melted".to_owned(), 2), ("other".to_owned(), 1)]),
        ..Default::default()
    };
    let counted = Counted::try_from(sent.clone()).unwrap();
    assert_eq!(counted.delta.failures_of(FailureKind::Other), 3);

    let sent = v1::OperationDelta {
        latency_buckets: vec![0; 40],
        ..sent
    };
    assert_eq!(Counted::try_from(sent).unwrap_err().path, "latency_buckets");
}

#[test]
fn a_refused_transition_carries_the_guards_that_refused() {
    let guard = |guard, passed| GuardVerdict {
        guard,
        passed,
        measured: "12".into(),
        limit: "0".into(),
        remedy: if passed {
            String::new()
        } else {
            "wait for the relay".into()
        },
        forceable: true,
    };
    let judged = Verdict {
        guards: vec![
            guard(Guard::SidecarsLive, true),
            guard(Guard::MarkersOutstanding, false),
        ],
    };
    let status = Refusal::new(ErrorReason::GuardRefused, "")
        .guards(&judged)
        .into_status();
    let unmet = status::preconditions_of(&status);
    assert_eq!(unmet.len(), 1);
    assert_eq!(unmet[0].subject, "markers_outstanding");
    assert_eq!(
        unmet[0].message,
        "measured 12, expected 0; wait for the relay"
    );

    let told = verdict(&judged, PlanKind::Flip.steps());
    assert!(!told.permitted);
    assert_eq!(told.guards.len(), 2);
    assert_eq!(told.steps[0], "freeze");
}
