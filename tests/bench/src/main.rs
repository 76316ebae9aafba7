//! `cargo xtask bench write`: what a dual write costs, against the same write to one database; and
//! `cargo xtask bench fanout`: what a change costs until everybody has it.
//!
//! Reading order of the second: [`fanout`]. Of the first: [`args`] (what was typed), [`variant`] (what is compared), [`bed`] (the two
//! databases), [`writer`] (each way to write a row), [`load`] (clients that write), [`cell`] (one
//! measurement), [`rounds`] (their order), [`agreement`] (whether both databases agree after it),
//! [`report`].

mod args;
mod machine;

mod fanout;

mod variant;

mod bed;
mod row;
mod writer;

mod cpu;
mod load;

mod cell;
mod rounds;

mod agreement;

mod report;
mod stats;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;

use args::{Arguments, Command, WriteArgs};
use bed::Bed;
use report::Report;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    match Arguments::parse().command {
        Command::Write(args) => write(args).await,
        Command::Fanout(args) => fanout::run(&args.settled()).await,
        Command::Broadcast(args) => fanout::broadcast_server(&args.ready_file).await,
    }
}

/// Says of a debug build what it is.
fn warn_of_debug() {
    if cfg!(debug_assertions) {
        eprintln!("this is a debug build: what it prints is no measurement");
    }
}

async fn write(args: WriteArgs) -> Result<ExitCode> {
    warn_of_debug();
    let bed = Bed::new(&args).await?;
    let cells = rounds::run(&bed, &args).await?;
    let agreement = agreement::check(&bed, args.seconds * 2).await?;
    let report = Report::new(&bed, &args, cells, agreement).await?;
    if let Some(file) = &args.json {
        report::write_json(&report, file)?;
    }
    report::print(&report)?;
    Ok(if report.holds() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
