//! What can be said to the demo.

use clap::Parser;

/// Three services move from a shared legacy database to their own, under live
/// traffic.
#[derive(Debug, Clone, Parser)]
#[command(name = "cargo xtask demo", version)]
pub(crate) struct Args {
    /// Use two throw-away PostgreSQL servers instead of SQLite files.
    #[arg(long)]
    pub(crate) postgres: bool,
    /// Leave everything running at the end and print the addresses.
    #[arg(long)]
    pub(crate) keep: bool,
    /// Seconds that a service spends in each part of its story.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) seconds: u64,
    /// Writers that send each service's traffic at once.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) writers: u32,
}
