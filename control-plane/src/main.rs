//! `dualwrite-control-plane`: stores what operators decide and tells sidecars.
//!
//! Read in this order: [`args`] (what was typed), [`config`] (what it means),
//! [`run`] (the process).

mod args;
mod config;
mod ids;
mod run;

use std::process::ExitCode;

use args::Arguments;
use clap::Parser as _;
use dualwrite_process::telemetry::TelemetryError;

/// Wrong usage: something that was typed cannot be right.
const USAGE: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    run::run(Arguments::parse()).await.unwrap_or_else(|error| {
        eprintln!("dualwrite-control-plane: {error:#}");
        if error.is::<config::ConfigError>() || error.is::<TelemetryError>() {
            ExitCode::from(USAGE)
        } else {
            ExitCode::FAILURE
        }
    })
}
