//! `cargo xtask demo`: one service moves from a shared legacy database to its
//! own under live traffic, through every phase and back, and both databases are
//! compared row by row at the end. Exit code 0 only when they agree.

mod args;
mod ledger;
mod screen;
mod traffic;
mod walk;

use anyhow::{Result, ensure};
use clap::Parser;
use dualwrite_tests::cart::Which;

use crate::args::Args;
use crate::screen::{Screen, millis};
use crate::walk::{Ending, Stage};

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    let screen = Screen::new();
    screen.title("dualwrite: the cart service leaves the shop's shared database");
    let mut stage = Stage::set(&args, screen).await?;
    let ending = stage.play(args.writers).await?;
    tell(screen, &ending)?;
    if args.keep {
        keep(screen, &stage).await?;
    }
    Ok(())
}

fn tell(screen: Screen, ending: &Ending) -> Result<()> {
    screen.title("result");
    screen.say(&format!(
        "{} writes acknowledged, none failed",
        ending.acknowledged
    ));
    screen.say(&format!(
        "{} rows compared, {} differences",
        ending.compared, ending.differences
    ));
    for (flip, pause) in &ending.pauses {
        screen.say(&format!(
            "flip {flip}: longest wait of a write {}",
            millis(*pause)
        ));
    }
    ensure!(ending.differences == 0, "the databases differ");
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
    for number in 0..fleet.sidecars() {
        screen.say(&format!(
            "sidecar {number}      {}",
            fleet.sidecar_url(number)?
        ));
    }
    screen.say(&format!(
        "legacy         {}",
        stage.databases.url(Which::Legacy)
    ));
    screen.say(&format!(
        "new            {}",
        stage.databases.url(Which::New)
    ));
    screen.say(&format!(
        "try: target/debug/dualwrite --endpoint {} status cart",
        fleet.control_plane_url()
    ));
    tokio::signal::ctrl_c().await?;
    Ok(())
}
