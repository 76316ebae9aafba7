//! Flags that are changed while the engine runs, and what they change.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use dualwrite_core::phase::Phase;
use dualwrite_core::side::Side;
use dualwrite_core::value::Value;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::world::*;
use crate::error::DataError;
use crate::fake::{Call, Fault};
use crate::request::{Consistency, ListRequest, Outcome, ReadRequest};

async fn served_by(world: &World, id: i64, consistency: Consistency) -> Side {
    let request = ReadRequest {
        entity: "cart".into(),
        key: fields(&[("id", Value::Int(id))]),
        consistency,
    };
    world.engine.read(request, soon()).await.unwrap().served_by
}

/// What stood there before the first backfill is not on the secondary yet.
#[tokio::test(start_paused = true)]
async fn a_row_that_the_secondary_lacks_is_read_from_the_primary() {
    let world = World::at(Phase::LegacyOnly).await;
    world.write(vec![upsert(7, "open")]).await.unwrap();
    world.step(Phase::DualWrite).await;
    // One that did not write it has no reason to think that it is missing.
    let other = world.another_sidecar().await;
    let flags = dualwrite_core::flags::Flags {
        read_new_percent: 100,
        ..dualwrite_core::flags::Flags::default()
    };
    other.adopt(2, flags, false);
    for (id, is_there) in [(7, true), (8, false)] {
        let request = ReadRequest {
            entity: "cart".into(),
            key: fields(&[("id", Value::Int(id))]),
            consistency: Consistency::Any,
        };
        let read = other.read(request, soon()).await.unwrap();
        assert_eq!(read.row.is_some(), is_there, "{id}");
        assert_eq!(read.served_by, Side::Legacy, "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn raising_the_share_of_reads_from_new_moves_keys_and_never_one_back() {
    const KEYS: i64 = 400;
    let world = World::at(Phase::DualWrite).await;
    for first in (0..KEYS).step_by(100) {
        let rows = (first..first + 100).map(|id| upsert(id, "open")).collect();
        world.write(rows).await.unwrap();
    }
    world.converged().await;
    let moved = async || {
        let mut keys = BTreeSet::new();
        for id in 0..KEYS {
            if served_by(&world, id, Consistency::Any).await == Side::New {
                keys.insert(id);
            }
        }
        keys
    };
    let mut before = BTreeSet::new();
    for (percent, few, many) in [(0, 0, 0), (10, 20, 65), (50, 160, 240), (100, 400, 400)] {
        world.flags(|flags| flags.read_new_percent = percent);
        let now = moved().await;
        assert!(now.is_superset(&before), "{percent} %");
        assert!(
            (few..=many).contains(&now.len()),
            "{percent} %: {}",
            now.len()
        );
        assert_eq!(now, moved().await, "the same keys every time");
        before = now;
    }
    for id in 0..KEYS {
        let side = served_by(&world, id, Consistency::Primary).await;
        assert_eq!(side, Side::Legacy);
    }
    let list = ListRequest {
        entity: "cart".into(),
        filter: Vec::new(),
        page_size: 0,
        page_token: String::new(),
    };
    let listed = world.engine.list(list, soon()).await.unwrap();
    assert_eq!(listed.served_by, Side::Legacy);
}

#[tokio::test(start_paused = true)]
async fn a_read_from_new_that_fails_is_counted_and_answered_by_legacy() {
    let world = World::at(Phase::DualWrite).await;
    world.flags(|flags| flags.read_new_percent = 100);
    let _before = world.engine.drain_deltas();
    world.new.fail_next(Call::Read, Fault::Unavailable);
    assert_eq!(served_by(&world, 1, Consistency::Any).await, Side::Legacy);
    let deltas = world.engine.drain_deltas();
    let on = |side| deltas.iter().find(|one| one.side == side).unwrap();
    assert_eq!(on(Side::New).delta.faults(), 1);
    assert_eq!(on(Side::Legacy).delta.successes, 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_counted_while_metrics_are_off() {
    let world = World::at(Phase::DualWrite).await;
    world.write(vec![upsert(1, "open")]).await.unwrap();
    world.converged().await;
    world.flags(|flags| flags.metrics_enabled = false);
    assert!(world.engine.drain_deltas().is_empty(), "nothing comes late");
    world.write(vec![upsert(1, "ordered")]).await.unwrap();
    world.converged().await;
    assert!(world.engine.drain_deltas().is_empty());
    world.flags(|_| {});
    world.write(vec![upsert(1, "open")]).await.unwrap();
    assert!(!world.engine.drain_deltas().is_empty());
}

/// What became of a write on the side that follows.
async fn copied(world: &World, id: i64) -> Result<Outcome, DataError> {
    let reply = world.write(vec![upsert(id, "open")]).await?;
    Ok(match world.phase_now().primary() {
        Side::Legacy => reply.new,
        Side::New => reply.legacy,
    })
}

#[tokio::test(start_paused = true)]
async fn the_mode_of_the_secondary_is_that_of_the_flags_at_the_time() {
    for phase in [Phase::DualWrite, Phase::NewPrimary] {
        let world = World::at(phase).await;
        let follower = phase.primary().other();
        let follows = |relayed, strict| {
            world.flags(|flags| match follower {
                Side::Legacy => {
                    (flags.async_legacy, flags.fail_on_legacy_error) = (relayed, strict);
                }
                Side::New => {
                    (flags.async_new, flags.fail_on_new_error) = (relayed, strict);
                }
            });
        };
        let store = world.store(follower);
        assert_eq!(copied(&world, 1).await, Ok(Outcome::Pending));
        follows(false, false);
        assert_eq!(copied(&world, 2).await, Ok(Outcome::Committed));
        world.converged().await;
        store.fail_next(Call::BeginApply, Fault::Constraint);
        assert_eq!(copied(&world, 3).await, Ok(Outcome::Pending));
        world.converged().await;
        follows(true, true);
        store.fail_next(Call::BeginApply, Fault::Constraint);
        let error = copied(&world, 4).await.unwrap_err();
        assert_eq!(error.reason(), "SECONDARY_CONSTRAINT");
        assert_eq!(error.side(), Some(follower));
        assert_eq!(world.carts(phase.primary()).len(), 3, "on neither side");
        follows(true, false);
        assert_eq!(copied(&world, 5).await, Ok(Outcome::Pending));
        world.converged().await;
    }
}

#[tokio::test(start_paused = true)]
async fn five_time_outs_make_a_synchronous_secondary_async_until_a_probe_passes() {
    let world = World::at(Phase::DualWrite).await;
    world.flags(|flags| flags.async_new = false);
    // What holds the writer's place on new makes every lock wait for it.
    let held = world.new.hold_writer().await;
    let took = async |id| {
        let began = tokio::time::Instant::now();
        let reply = world.write(vec![upsert(id, "open")]).await.unwrap();
        assert_eq!(reply.new, Outcome::Pending);
        began.elapsed().as_millis()
    };
    world.flags(|flags| {
        flags.async_new = false;
        flags.secondary_timeout = std::time::Duration::from_millis(40);
    });
    for id in 0..5 {
        assert_eq!(took(id).await, 40, "the time-out of the flags");
    }
    assert_eq!(took(5).await, 0, "not tried any more");
    drop(held);
    world.converged().await;
    let probed = async || world.write(vec![upsert(6, "open")]).await.unwrap().new;
    while probed().await != Outcome::Committed {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(probed().await, Outcome::Committed, "and stays so");
}

// --- what is logged ----------------------------------------------------------

/// The lines of operations, each as `name=value` pairs.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let value = format!("{value:?}");
        self.0.extend([field.name(), "=", &value, " "]);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.extend([field.name(), "=", value, " "]);
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "dualwrite::operation"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test(start_paused = true)]
async fn each_way_of_logging_logs_what_it_says_and_never_a_value() {
    let lines = Lines::default();
    let _guard = tracing::subscriber::set_default(lines.clone());
    let world = World::at(Phase::DualWrite).await;
    let operate = async |all, errors_only| {
        world.flags(|flags| {
            flags.log_all = all;
            flags.log_errors_only = errors_only;
        });
        lines.take();
        world.write(vec![upsert(41, "secret")]).await.unwrap();
        served_by(&world, 41, Consistency::Primary).await;
        let mut refused = order_if_open(41);
        refused.must_match = true;
        world.write(vec![refused]).await.unwrap_err();
        lines.take()
    };
    assert!(operate(false, false).await.is_empty());
    let failed = operate(false, true).await;
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(
        failed[0].contains("operation=update entity=cart key=41"),
        "{failed:?}"
    );
    assert!(failed[0].contains("error=CONDITION_NOT_MET"), "{failed:?}");
    for errors_only in [true, false] {
        let all = operate(true, errors_only).await;
        assert_eq!(all.len(), 3, "{all:?}");
        let wrote = "operation=upsert entity=cart key=41 legacy=committed new=pending";
        assert!(all[0].contains(wrote), "{all:?}");
        assert!(all[0].contains("epoch=1 mode=async"), "{all:?}");
        assert!(all[1].contains("operation=read"), "{all:?}");
        assert!(!all.join("").contains("secret"), "{all:?}");
    }
}
