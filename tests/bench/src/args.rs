//! What is typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::variant::Variant;

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
    /// One change of a flag to many sidecars: beside etcd's watch and a plain broadcast
    Fanout(FanoutArgs),
    /// The server of the plain broadcast, which the fan-out starts
    #[command(hide = true)]
    Broadcast(BroadcastArgs),
}

/// Deliveries whose processor time is told well in ticks of ten milliseconds.
const ENOUGH_DELIVERIES: u32 = 20_000;

#[derive(Debug, Clone, Args)]
pub(crate) struct FanoutArgs {
    /// How many receivers there are, in turn, each with a connection of its own
    #[arg(
        long,
        default_value = "100,1000,5000",
        value_delimiter = ',',
        value_parser = clap::value_parser!(u32).range(1..=20_000)
    )]
    pub(crate) sessions: Vec<u32>,
    /// How often everything is measured; the figures are medians over the rounds
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) rounds: u32,
    /// How many changes are made in each measurement, and more where receivers are few: the kernel
    /// counts processor time in hundredths of a second
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) changes: u32,
    /// A look in half a minute, not a measurement: 100 and 1,000 receivers, one round, five changes
    #[arg(long, conflicts_with_all = ["sessions", "rounds", "changes"])]
    pub(crate) quick: bool,
    /// File that gets everything that was measured, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

impl FanoutArgs {
    /// With what `--quick` stands for.
    pub(crate) fn settled(self) -> Self {
        if !self.quick {
            return self;
        }
        Self {
            sessions: vec![100, 1000],
            rounds: 1,
            changes: 5,
            ..self
        }
    }

    /// How many changes are made with so many receivers.
    pub(crate) fn changes_with(&self, sessions: u32) -> u32 {
        if self.quick {
            self.changes
        } else {
            self.changes.max(ENOUGH_DELIVERIES / sessions.max(1))
        }
    }

    /// The most receivers there ever are.
    pub(crate) fn most_sessions(&self) -> u32 {
        self.sessions.iter().copied().max().unwrap_or_default()
    }
}

#[derive(Debug, Clone, Args)]
pub(crate) struct BroadcastArgs {
    /// File that says where it listens, as JSON, once it does
    #[arg(long, value_name = "FILE")]
    pub(crate) ready_file: PathBuf,
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
    /// Measures only ways to write whose name has this in it, beside those that all are compared with
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Option<String>,
    /// A setting of both servers, to see what it changes; may be given several times
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = setting)]
    pub(crate) settings: Vec<(String, String)>,
    /// File that gets everything that was measured, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

impl WriteArgs {
    /// The ways to write that are measured.
    pub(crate) fn variants(&self) -> Vec<Variant> {
        let wanted = |variant: &Variant| match &self.only {
            None => true,
            Some(text) => variant.is_base() || variant.label().contains(text.as_str()),
        };
        Variant::ALL.into_iter().filter(wanted).collect()
    }

    /// The most clients that ever write at once.
    pub(crate) fn most_clients(&self) -> u16 {
        self.clients.iter().copied().max().unwrap_or_default()
    }
}

fn setting(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) =
        pair.ok_or_else(|| format!("`{text}` is no setting; expected NAME=VALUE, as in jit=off"))?;
    Ok((name.to_owned(), value.to_owned()))
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
        let Command::Write(args) = parse(&["write"]).unwrap().command else {
            panic!("no write");
        };
        assert_eq!(args.clients, [1, 16, 64]);
        assert_eq!((args.rounds, args.seconds), (5, Duration::from_secs(2)));
        assert_eq!(args.most_clients(), 64);
    }

    #[test]
    fn what_all_are_compared_with_is_always_measured() {
        let Command::Write(args) = parse(&["write", "--only", "strict"]).unwrap().command else {
            panic!("no write");
        };
        assert_eq!(
            args.variants(),
            [
                Variant::Straight,
                Variant::Naive,
                Variant::engine(dualwrite_core::flags::Mode::Strict)
            ]
        );
    }

    #[test]
    fn the_usual_fan_out_is_what_the_project_promises_and_a_quick_one_is_less() {
        let parsed = |arguments: &[&str]| match parse(arguments).unwrap().command {
            Command::Fanout(args) => args.settled(),
            Command::Write(_) | Command::Broadcast(_) => panic!("no fan-out"),
        };
        assert_eq!(parsed(&["fanout"]).sessions, [100, 1000, 5000]);
        assert_eq!(parsed(&["fanout"]).most_sessions(), 5000);
        let changes = [100, 5000].map(|sessions| parsed(&["fanout"]).changes_with(sessions));
        assert_eq!(changes, [200, 20]);
        let quick = parsed(&["fanout", "--quick"]);
        assert_eq!((quick.rounds, quick.changes), (1, 5));
        assert_eq!(quick.most_sessions(), 1000);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for wrong in [
            &["write", "--seconds", "0"][..],
            &["write", "--seconds", "NaN"],
            &["write", "--rounds", "0"],
            &["write", "--clients", "0"],
            &["write", "--set", "jit"],
            &["fanout", "--sessions", "0"],
            &["fanout", "--quick", "--rounds", "2"],
            &["read"],
            &[],
        ] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
