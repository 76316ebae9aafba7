//! After everything is healed: all markers go, both sides are equal, every
//! fence is at rest and every sidecar takes writes.

use std::time::Duration;

use dualwrite_core::side::{Role, Side};
use dualwrite_engine::Readiness;
use tokio::time::{Instant, sleep};

use super::World;
use super::words::{request, upsert};
use crate::shop::SERVICE;

/// Waits until everything is at rest, and judges what stands there then.
pub(super) async fn come_to_rest(world: &World) {
    for sidecar in &world.sidecars {
        let Some(process) = sidecar.process() else {
            world
                .oracle
                .broken("rest", "a sidecar does not run".to_owned());
            continue;
        };
        let id = i64::try_from(sidecar.number).unwrap_or_default();
        let mark = format!("last-{}", sidecar.number);
        let mut written = false;
        while !written {
            let deadline = Instant::now() + Duration::from_secs(10);
            let request = request(vec![upsert(id, &mark)], Some(mark.clone()));
            let answer = process.engine.write(request, deadline).await;
            world.trace.note(format_args!("{mark} is told {answer:?}"));
            written = answer.is_ok();
            sleep(Duration::from_millis(50)).await;
        }
    }
    while !at_rest(world) {
        sleep(Duration::from_millis(50)).await;
    }
    let Some((primary, follows)) = roles(world) else {
        return;
    };
    world.oracle.judge_truth(primary);
    if follows && world.oracle.is_comparable() {
        world.oracle.judge_equal();
    }
}

/// Who is primary, and whether the other side follows; none while fences move.
fn roles(world: &World) -> Option<(Side, bool)> {
    let fence = |side| world.server(side).fence_row(SERVICE);
    let (legacy, new) = (fence(Side::Legacy)?, fence(Side::New)?);
    let (primary, ours, theirs) = match (legacy.role, new.role) {
        (Role::Primary, _) => (Side::Legacy, legacy, new),
        (_, Role::Primary) => (Side::New, new, legacy),
        (
            Role::Frozen | Role::Handed | Role::Secondary | Role::Off,
            Role::Frozen | Role::Handed | Role::Secondary | Role::Off,
        ) => return None,
    };
    let wanted = ours.phase.role(primary.other());
    let follows = wanted == Role::Secondary;
    let settled = theirs.role == wanted && (theirs.epoch == ours.epoch || !follows);
    settled.then_some((primary, follows))
}

fn at_rest(world: &World) -> bool {
    let Some((primary, follows)) = roles(world) else {
        return false;
    };
    let drained = !follows || world.server(primary).markers(SERVICE).is_empty();
    let ready = world.sidecars.iter().all(|sidecar| {
        let process = sidecar.process();
        process.is_some_and(|process| process.engine.readiness() == Readiness::Ready)
    });
    drained && ready
}

/// Why it is not at rest, for people.
pub(super) fn what_is_left(world: &World) -> String {
    let at = |side: Side| {
        let server = world.server(side);
        let fence = server.fence_row(SERVICE).map(|fence| fence.at());
        let fence = fence.map_or_else(|| "no fence".to_owned(), |at| at.to_string());
        let markers = server.markers(SERVICE).len();
        let open = server.open_transactions();
        format!("{side} is `{fence}` with {markers} markers and {open} open transactions")
    };
    let ready: Vec<_> = world
        .sidecars
        .iter()
        .map(|sidecar| sidecar.process().map(|process| process.engine.readiness()))
        .collect();
    format!(
        "{}, {}; sidecars: {ready:?}",
        at(Side::Legacy),
        at(Side::New)
    )
}
