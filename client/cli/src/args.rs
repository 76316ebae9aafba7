//! What can be typed.

use std::time::Duration;

use clap::{Args, Parser};
use dualwrite_core::duration;

use crate::commands::Command;
use crate::output::Format;

/// Move services from a shared legacy database to their own, under traffic.
#[derive(Debug, Parser)]
#[command(
    name = "dualwrite",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 done; 1 failed; 2 wrong usage; 3 refused by a guard; 4 differences found."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What can be said to every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The control plane.
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "DUALWRITE_ENDPOINT",
        default_value = "http://127.0.0.1:7400"
    )]
    pub(crate) endpoint: String,
    /// The token to identify with.
    #[arg(
        long,
        global = true,
        value_name = "TOKEN",
        env = "DUALWRITE_TOKEN",
        hide_env_values = true
    )]
    pub(crate) token: Option<String>,
    /// A file that holds the token, so that it stands in no command line.
    #[arg(long, global = true, value_name = "FILE", env = "DUALWRITE_TOKEN_FILE")]
    pub(crate) token_file: Option<String>,
    /// How to print data.
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        default_value = "table"
    )]
    pub(crate) output: Format,
    /// Print no colours (nor where NO_COLOR is set, nor into a pipe).
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    /// Print data and errors only.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Ask nothing back.
    #[arg(short, long, global = true)]
    pub(crate) yes: bool,
}

/// Why something is done.
#[derive(Debug, Args)]
pub(crate) struct Reason {
    /// Why, for the history.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) reason: String,
}

/// Whether to wait for the effect.
#[derive(Debug, Args)]
pub(crate) struct Wait {
    /// Return only when it took effect and all live sidecars follow.
    #[arg(long)]
    pub(crate) wait: bool,
    /// How long to wait.
    #[arg(long, value_name = "DURATION", value_parser = duration_of, default_value = "2m")]
    pub(crate) timeout: Duration,
}

/// A duration such as `30s` or `2m`; a bare number counts seconds.
pub(crate) fn duration_of(text: &str) -> Result<Duration, String> {
    match duration::parse(text, "s") {
        Some(duration) if !duration.is_zero() => Ok(duration),
        Some(_) => Err("expected more than no time at all".to_owned()),
        None => Err(format!("expected {}", duration::FORM)),
    }
}

#[cfg(test)]
mod tests;
