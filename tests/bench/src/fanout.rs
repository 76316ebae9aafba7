//! `cargo xtask bench fanout`: one change to many receivers, each with a connection of its own.
//!
//! Reading order: [`receipts`] (who has what), [`system`] (what is compared), [`dualwrite`], [`etcd`]
//! and [`broadcast`] (each of them), [`measure`] (one measurement), [`report`].

mod receipts;
mod system;

mod broadcast;
mod dualwrite;
mod etcd;

mod limits;
mod measure;
mod report;

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::args::FanoutArgs;
use measure::Cell;
use system::System;

pub(crate) use broadcast::serve as broadcast_server;

/// Measures everything, round by round, each round beginning with another system, so that a
/// disturbance meets all alike.
pub(crate) async fn run(args: &FanoutArgs) -> Result<ExitCode> {
    crate::warn_of_debug();
    limits::room_for(args.most_sessions())?;
    let mut cells: Vec<Cell> = Vec::new();
    for round in 0..args.rounds {
        for &sessions in &args.sessions {
            for system in System::in_turn(round) {
                eprintln!("round {}: {sessions} × {}", round + 1, system.label());
                let cell = measure::measure(system, round, sessions, args.changes_with(sessions));
                let what = || format!("{} with {sessions} receivers", system.label());
                cells.push(cell.await.with_context(what)?);
            }
        }
    }
    let report = report::Report::new(args, cells)?;
    if let Some(file) = &args.json {
        report.write_json(file)?;
    }
    report.print()?;
    Ok(ExitCode::SUCCESS)
}
