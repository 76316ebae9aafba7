//! `cargo xtask demo`: three services move from a shared legacy database to
//! their own under live traffic, each through its phases at its own time, and
//! both databases of each are compared row by row at the end; then a probe of
//! each goes through its sidecars. Exit code 0 only when they agree and pass.

mod args;
mod ledger;
mod looks;
mod player;
mod screen;
mod stage;
mod story;
mod traffic;

use anyhow::{Result, ensure};
use clap::Parser;
use dualwrite_tests::service::Which;

use crate::args::Args;
use crate::player::Ending;
use crate::screen::{Screen, millis};
use crate::stage::Stage;

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    let screen = Screen::new();
    screen.title("dualwrite: auth, cart and product leave the shop's shared database");
    let stage = Stage::set(&args, screen).await?;
    let endings = stage.play(args.writers).await?;
    tell(screen, &endings)?;
    looks::after(screen, &stage).await?;
    if args.keep {
        keep(screen, &stage).await?;
    }
    Ok(())
}

fn tell(screen: Screen, endings: &[Ending]) -> Result<()> {
    screen.title("result");
    for ending in endings {
        let Ending {
            service,
            pauses,
            acknowledged,
            compared,
            differences,
        } = ending;
        screen.tell(
            service,
            &format!("{acknowledged} writes acknowledged, none failed"),
        );
        screen.tell(
            service,
            &format!("{compared} rows compared, {differences} differences"),
        );
        for (flip, pause) in pauses {
            screen.tell(
                service,
                &format!("flip to {flip}: longest wait of a write {}", millis(*pause)),
            );
        }
    }
    let differences: usize = endings.iter().map(|ending| ending.differences).sum();
    ensure!(differences == 0, "the databases differ");
    Ok(())
}

/// Leaves everything running until somebody has seen enough.
async fn keep(screen: Screen, stage: &Stage) -> Result<()> {
    screen.title("everything keeps running; end it with Ctrl-C");
    let fleet = &stage.fleet;
    screen.say(&format!("control plane  {}", fleet.control_plane_url()));
    if let Some(console) = fleet.console_url() {
        screen.say(&format!("console        {console}"));
    }
    for player in &stage.players {
        let service = player.service();
        let own = stage.shop.of(service, Which::New)?;
        screen.say(&format!(
            "{:<14} sidecars {}; new {}",
            service.name,
            player.sidecars.join(", "),
            own.url()
        ));
    }
    if let Some(player) = stage.players.first() {
        let legacy = stage.shop.of(player.service(), Which::Legacy)?;
        screen.say(&format!("legacy         {}", legacy.url()));
    }
    screen.say(&format!(
        "try: target/debug/dualwrite --endpoint {} status cart",
        fleet.control_plane_url()
    ));
    tokio::signal::ctrl_c().await?;
    Ok(())
}
