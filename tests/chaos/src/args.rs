//! What is typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use dualwrite_chaos::engines::Engines;

/// Breaks things under writers, and checks that every promise was kept.
#[derive(Debug, Parser)]
#[command(name = "dualwrite-chaos", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs writers and faults for a while, and prints what was done and what held
    Soak(Soak),
    /// Judges a history that was kept
    Check {
        /// The file
        history: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Soak {
    /// Decides the schedule: the same faults for the same seed
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// How long faults come, for each pair of engines
    #[arg(long, default_value_t = 10)]
    pub(crate) minutes: u64,
    /// Pairs of engines, one run each: LEGACY-NEW, of pg and sqlite
    #[arg(long, value_delimiter = ',', default_value = "pg-pg")]
    pub(crate) engines: Vec<Engines>,
    /// Sidecars of the service
    #[arg(long, default_value_t = 3)]
    pub(crate) sidecars: usize,
    /// Writers at the same time
    #[arg(long, default_value_t = 12)]
    pub(crate) writers: u64,
    /// How long each writer rests after an operation
    #[arg(long, default_value_t = 10)]
    pub(crate) rest_ms: u64,
    /// Folder for histories; that of a run that failed stays there
    #[arg(long, default_value = "target/chaos")]
    pub(crate) keep: PathBuf,
    /// Keep also the histories of runs that passed
    #[arg(long)]
    pub(crate) keep_all: bool,
    /// Write the reports to this file as JSON too
    #[arg(long)]
    pub(crate) json: Option<PathBuf>,
    /// Do not tell each fault
    #[arg(long)]
    pub(crate) quiet: bool,
}
