//! `dualwrite-control-plane`: stores what operators decide and tells sidecars.
//!
//! Read in this order: [`settings`] (what can be set), [`args`] (what was
//! typed), [`config`] (what it means), [`run`] (the process), [`check`] (the
//! settings, shown).

mod args;
mod check;
mod config;
mod ids;
mod run;
mod settings;

use std::process::ExitCode;

use args::{Arguments, Command, ConfigCommand};
use clap::Parser as _;
use dualwrite_process::settings::Problems;

/// Wrong usage: something that was typed cannot be right.
const USAGE: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { flags, command } = Arguments::parse();
    let done = match command {
        None => run::run(flags).await,
        Some(Command::Config(ConfigCommand::Check(args))) => check::check(args),
    };
    done.unwrap_or_else(|error| {
        eprintln!("dualwrite-control-plane: {error:#}");
        if error.is::<Problems>() {
            ExitCode::from(USAGE)
        } else {
            ExitCode::FAILURE
        }
    })
}
