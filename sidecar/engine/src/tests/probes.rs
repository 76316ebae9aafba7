//! Test runs over whole engines.

use std::time::Duration;

use dualwrite_core::diagnosis::TestReport;
use dualwrite_core::phase::Phase;
use dualwrite_core::side::Side;
use dualwrite_core::value::Value;

use super::world::*;
use crate::error::{DataError, Invalid};

const TABLES: [&str; 2] = ["dualwrite_probe_shop_cart", "dualwrite_probe_shop_item"];

async fn run(world: &World) -> TestReport {
    world.engine.run_test(long()).await.unwrap()
}

/// Longer than a run in which every probe waits in vain.
fn long() -> tokio::time::Instant {
    tokio::time::Instant::now() + Duration::from_mins(5)
}

/// Markers of what both sides hold go a moment later, in batches.
async fn nothing_is_left(world: &World) {
    for side in Side::BOTH {
        for table in TABLES {
            assert!(world.store(side).rows(table).is_empty(), "{side} {table}");
        }
        eventually(|| world.store(side).markers().is_empty()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn every_entity_is_probed_in_each_mode_of_each_phase_and_leaves_nothing() {
    for phase in [
        Phase::LegacyOnly,
        Phase::DualWrite,
        Phase::NewPrimary,
        Phase::NewOnly,
    ] {
        let world = World::at(phase).await;
        let report = run(&world).await;
        let names: Vec<&str> = report.results.iter().map(|one| &*one.test_name).collect();
        let expected: Vec<String> = ["cart", "item"]
            .iter()
            .flat_map(|entity| {
                let modes: &[&str] = match phase.secondary() {
                    Some(_) => &["async", "sync", "strict"],
                    None => &["plain"],
                };
                modes
                    .iter()
                    .map(move |mode| format!("shop_{entity}_{mode}"))
            })
            .collect();
        assert_eq!(names, expected, "{phase}");
        for one in &report.results {
            assert!(one.success(), "{phase}: {one:?}");
            let both = phase.secondary().is_some();
            let written = |side| both || phase.primary() == side;
            assert_eq!(one.legacy_db_success, written(Side::Legacy), "{one:?}");
            assert_eq!(one.new_db_success, written(Side::New), "{one:?}");
        }
        if phase.secondary().is_some() {
            nothing_is_left(&world).await;
        }
        for table in TABLES {
            assert!(world.store(phase.primary()).rows(table).is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_secondary_that_is_away_fails_its_probes_and_is_named() {
    let world = World::at(Phase::DualWrite).await;
    world.new.set_unreachable(true);
    let report = run(&world).await;
    assert_eq!(report.summary().passed_tests, 0);
    for one in &report.results {
        assert!(!one.new_db_success && !one.sync_validated, "{one:?}");
        assert!(one.error.contains("new"), "{one:?}");
    }
    let relayed = &report.results[0];
    assert!(relayed.legacy_db_success, "{relayed:?}");
    world.new.set_unreachable(false);
    eventually(|| world.legacy.markers().is_empty()).await;
    nothing_is_left(&world).await;
}

#[tokio::test(start_paused = true)]
async fn after_a_flip_the_side_whose_receipts_are_out_of_reach_is_named() {
    let world = World::at(Phase::DualWrite).await;
    run(&world).await;
    world.step(Phase::NewPrimary).await;
    world.legacy.set_unreachable(true);
    let report = run(&world).await;
    assert_eq!(report.summary().passed_tests, 0);
    for one in &report.results {
        assert!(one.error.contains("legacy"), "{one:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_probe_is_no_entity_of_the_application() {
    let world = World::at(Phase::DualWrite).await;
    let mut mutation = upsert(1, "open");
    mutation.entity = "probe-cart".into();
    let refused = world.write(vec![mutation]).await;
    let Err(DataError::Invalid(Invalid::UnknownEntity { known, .. })) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(known, "cart, item");
    run(&world).await;
    assert!(world.engine.totals().is_empty(), "probes are counted");
    let behind = world.engine.backlogs().await;
    assert_eq!(behind.len(), 2, "{behind:?}");
}

#[tokio::test(start_paused = true)]
async fn what_a_crash_left_behind_goes_with_a_later_run() {
    let world = World::at(Phase::DualWrite).await;
    let row = vec![Value::Int(7), text("left"), Value::Int(1), Value::Int(1)];
    world.legacy.put(TABLES[0], row);
    run(&world).await;
    assert_eq!(world.legacy.rows(TABLES[0]).len(), 1, "it may be another's");
    tokio::time::advance(Duration::from_secs(91)).await;
    assert_eq!(run(&world).await.summary().failed_tests, 0);
    nothing_is_left(&world).await;
}
