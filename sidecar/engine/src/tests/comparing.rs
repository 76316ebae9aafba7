//! Reads that are done on both sides, and what differs.

use dualwrite_core::phase::Phase;
use dualwrite_core::side::Side;
use dualwrite_core::tally::Comparisons;
use dualwrite_core::value::Value;
use tokio::time::Instant;

use super::world::*;
use crate::request::{Consistency, ReadRequest};

async fn read(world: &World, id: i64) -> Side {
    let request = ReadRequest {
        entity: "cart".into(),
        key: fields(&[("id", Value::Int(id))]),
        consistency: Consistency::Session,
    };
    world.engine.read(request, soon()).await.unwrap().served_by
}

fn counts(world: &World) -> Comparisons {
    let all = world.engine.comparisons();
    all.first().map(|one| one.counts).unwrap_or_default()
}

/// A world with three carts on both sides, all reads compared.
async fn compared(phase: Phase) -> World {
    let world = World::at(phase).await;
    for id in 1..=3 {
        world.write(vec![upsert(id, "open")]).await.unwrap();
    }
    world.converged().await;
    world.flags(|flags| flags.compare_reads_percent = 100);
    // The marker's removal and its being known here are two moments.
    while counts(&world).matches == 0 {
        read(&world, 1).await;
        tokio::task::yield_now().await;
    }
    world
}

#[tokio::test(start_paused = true)]
async fn equal_rows_match_and_a_difference_is_told_by_key_and_field() {
    for phase in [Phase::DualWrite, Phase::NewPrimary] {
        let world = compared(phase).await;
        let other = [Value::Int(2), text("lost"), money("1.5"), Value::Int(0)];
        let old = [Value::Int(2), text("lost"), Value::Int(150), Value::Int(0)];
        match phase.primary() {
            Side::Legacy => world.new.put("carts", other.to_vec()),
            Side::New => world.legacy.put("old_carts", old.to_vec()),
        }
        assert_eq!(read(&world, 2).await, phase.primary());
        eventually(|| counts(&world).mismatches == 1).await;
        let mismatched = world.engine.mismatched_keys();
        assert_eq!(mismatched.len(), 1);
        assert_eq!(mismatched[0].key, "2");
        assert_eq!(mismatched[0].fields, ["state".into()]);
        read(&world, 2).await;
        eventually(|| counts(&world).mismatches == 2).await;
        assert_eq!(world.engine.mismatched_keys().len(), 1, "each key once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_that_is_still_to_be_copied_is_no_difference() {
    let world = compared(Phase::DualWrite).await;
    // Written by somebody whose marker this sidecar did not leave itself.
    let other = world.another_sidecar().await;
    world.new.refuse("carts", &key(3), true);
    write(&other, vec![upsert(3, "ordered")]).await.unwrap();
    read(&world, 3).await;
    eventually(|| counts(&world).skipped > 0).await;
    assert_eq!(counts(&world).mismatches, 0);
    assert!(world.engine.mismatched_keys().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_secondary_that_hangs_slows_no_read_and_what_it_cannot_take_is_shed() {
    let world = compared(Phase::DualWrite).await;
    world.new.set_hanging(true);
    let began = Instant::now();
    for _ in 0..1_000 {
        assert_eq!(read(&world, 1).await, Side::Legacy);
    }
    assert_eq!(began.elapsed(), std::time::Duration::ZERO, "no read waited");
    let shed = counts(&world).shed;
    assert!((800..1_000).contains(&shed), "{shed}");
    // Each ends at its own limit, and the lanes go on.
    eventually(|| counts(&world).failed >= 3).await;
    world.new.set_hanging(false);
    let before = counts(&world).matches;
    eventually(|| counts(&world).matches > before).await;
}

#[tokio::test(start_paused = true)]
async fn reads_that_are_shed_are_not_counted_while_metrics_are_off() {
    let world = compared(Phase::DualWrite).await;
    world.flags(|flags| {
        flags.compare_reads_percent = 100;
        flags.metrics_enabled = false;
    });
    world.new.set_hanging(true);
    let before = counts(&world);
    for _ in 0..1_000 {
        read(&world, 1).await;
    }
    assert_eq!(counts(&world), before);
}

#[tokio::test(start_paused = true)]
async fn a_secondary_that_is_away_fails_comparisons_and_no_read() {
    let world = compared(Phase::DualWrite).await;
    world.new.set_unreachable(true);
    read(&world, 1).await;
    eventually(|| counts(&world).failed >= 1).await;
}

#[tokio::test(start_paused = true)]
async fn the_share_is_changed_while_it_runs() {
    let world = compared(Phase::DualWrite).await;
    let settled = async || {
        for _ in 0..2_000 {
            tokio::task::yield_now().await;
        }
        counts(&world)
    };
    world.flags(|flags| flags.compare_reads_percent = 0);
    let before = settled().await;
    for _ in 0..50 {
        read(&world, 1).await;
    }
    assert_eq!(settled().await, before);
    world.flags(|flags| flags.compare_reads_percent = 30);
    for _ in 0..100 {
        read(&world, 1).await;
        settled().await;
    }
    let matches = counts(&world).matches - before.matches;
    assert!((10..=60).contains(&matches), "{matches} of 100");
}
