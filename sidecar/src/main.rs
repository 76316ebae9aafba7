//! `dualwrite-sidecar`: runs beside one instance of a service and performs
//! its writes on both databases.
//!
//! Read in this order: [`args`] (what was typed), [`config`] (what it means),
//! [`run`] (the process), [`install`] (our tables).

mod args;
mod config;
mod entropy;
mod install;
mod run;
mod stores;

use std::process::ExitCode;

use args::{Arguments, Command};
use clap::Parser as _;

/// Wrong usage: something that was typed cannot be right.
const USAGE: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse_from(args::with_command(std::env::args_os()));
    let done = match arguments.command {
        Command::Run(args) => run::run(args).await,
        Command::Install(args) => install::install(args).await,
    };
    done.unwrap_or_else(|error| {
        eprintln!("dualwrite-sidecar: {error:#}");
        let wrong_usage = error.downcast_ref::<config::ConfigError>().is_some();
        if wrong_usage {
            ExitCode::from(USAGE)
        } else {
            ExitCode::FAILURE
        }
    })
}
