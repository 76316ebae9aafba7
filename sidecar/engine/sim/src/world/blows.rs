//! Blows: processes killed, servers killed, parties cut off from each other.

use std::sync::Arc;

use dualwrite_core::side::Side;
use tokio::time::sleep;

use super::World;
use crate::random::Random;
use crate::scenario;

/// Strikes until the run is over.
pub(super) async fn run(world: Arc<World>) {
    let Some(between) = world.scenario.blows else {
        return;
    };
    let mut random = world.random("blows");
    while !world.is_over() {
        sleep(random.millis(between / 4, between * 2)).await;
        if world.is_over() {
            return;
        }
        let kind = random.below(10);
        if kind < 4 {
            kill_sidecar(&world, &mut random).await;
        } else if kind < 8 {
            cut_off(&world, &mut random).await;
        } else if kind < 9 || !world.scenario.servers_die {
            change_flags(&world, &mut random);
        } else {
            kill_server(&world, &mut random).await;
        }
    }
}

async fn kill_sidecar(world: &Arc<World>, random: &mut Random) {
    let number = random.place(world.sidecars.len());
    world.trace.note(format_args!("KILL s{number}"));
    world.sidecars[number].kill();
    let away = random.millis(1, 3_000);
    let world = Arc::clone(world);
    tokio::spawn(async move {
        sleep(away).await;
        world.trace.note(format_args!("START s{number}"));
        world.sidecars[number].start();
    });
    tokio::task::yield_now().await;
}

async fn cut_off(world: &Arc<World>, random: &mut Random) {
    let number = random.place(world.sidecars.len());
    let side = *random.pick(&Side::BOTH);
    let everybody = random.happens(3_000);
    let cut = |world: &World, cut| {
        for other in 0..world.sidecars.len() {
            if everybody || other == number {
                world.sky.cut(other, side, cut);
            }
        }
    };
    world
        .trace
        .note(format_args!("CUT s{number} {side} everybody={everybody}"));
    cut(world, true);
    sleep(random.millis(50, 6_000)).await;
    world.trace.note(format_args!("JOIN s{number} {side}"));
    cut(world, false);
}

async fn kill_server(world: &Arc<World>, random: &mut Random) {
    let side = *random.pick(&Side::BOTH);
    world.trace.note(format_args!("KILL {side}"));
    let lose_removals = random.happens(5_000);
    world.server(side).crash(lose_removals);
    sleep(random.millis(10, 2_000)).await;
    world.trace.note(format_args!("START {side}"));
    world.server(side).start();
}

fn change_flags(world: &World, random: &mut Random) {
    let flags = scenario::flags(random);
    world.trace.note(format_args!("FLAGS"));
    for sidecar in &world.sidecars {
        sidecar.adopt(100 + random.below(1_000), &flags, false);
    }
}
