//! What is typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

/// Measurements, on throw-away servers of this machine.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// One upsert: to one database, naively to two, and through dualwrite
    Write(WriteArgs),
}

#[derive(Debug, Clone, Args)]
pub(crate) struct WriteArgs {
    /// Seconds that each measurement lasts
    #[arg(long, default_value = "2", value_parser = seconds)]
    pub(crate) seconds: Duration,
    /// How often everything is measured; the figures are medians over the rounds
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) rounds: u32,
    /// How many clients write at once, in turn
    #[arg(
        long,
        default_value = "1,16,64",
        value_delimiter = ',',
        value_parser = clap::value_parser!(u16).range(1..=256)
    )]
    pub(crate) clients: Vec<u16>,
    /// File that gets everything that was measured, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

impl WriteArgs {
    /// The most clients that ever write at once.
    pub(crate) fn most_clients(&self) -> u16 {
        self.clients.iter().copied().max().unwrap_or_default()
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no duration; expected seconds from 0.1 to 600, as in 2.5");
    let seconds: f64 = text.parse().map_err(|_| wrong())?;
    if (0.1..=600.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(std::iter::once("bench").chain(arguments.iter().copied()))
    }

    #[test]
    fn the_usual_run_is_what_the_project_promises() {
        let Command::Write(args) = parse(&["write"]).unwrap().command;
        assert_eq!(args.clients, [1, 16, 64]);
        assert_eq!((args.rounds, args.seconds), (5, Duration::from_secs(2)));
        assert_eq!(args.most_clients(), 64);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for wrong in [
            &["write", "--seconds", "0"][..],
            &["write", "--seconds", "NaN"],
            &["write", "--rounds", "0"],
            &["write", "--clients", "0"],
            &["read"],
            &[],
        ] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
