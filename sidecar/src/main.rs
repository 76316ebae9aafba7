//! `dualwrite-sidecar`: runs beside one instance of a service and performs
//! its writes on both databases.
//!
//! Read in this order: [`settings`] (what can be set), [`args`] (what was
//! typed), [`config`] (what it means), [`run`] (the process), [`install`] (our
//! tables), [`check`] (the settings, shown).

mod args;
mod check;
mod config;
mod entropy;
mod install;
mod run;
mod settings;
mod stores;

use std::process::ExitCode;

use args::{Arguments, Command, ConfigCommand};
use clap::Parser as _;
use dualwrite_process::settings::Problems;

/// Wrong usage: something that was typed cannot be right.
const USAGE: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse_from(args::with_command(std::env::args_os()));
    let done = match arguments.command {
        Command::Run(args) => run::run(args).await,
        Command::Install(args) => install::install(args).await,
        Command::Config(ConfigCommand::Check(args)) => check::check(args),
    };
    done.unwrap_or_else(|error| {
        eprintln!("dualwrite-sidecar: {error:#}");
        let wrong_usage = error.is::<config::ConfigError>() || error.is::<Problems>();
        if wrong_usage {
            ExitCode::from(USAGE)
        } else {
            ExitCode::FAILURE
        }
    })
}
