//! What is typed: commands, and the flags of [`settings`](crate::settings).

use clap::{Args, Parser, Subcommand};
use dualwrite_process::settings::{Flags, ReportFormat};

use crate::settings::All;

/// Stores what operators decide about migrations, tells sidecars, and shows
/// what they report. It is never in the way of a write.
#[derive(Debug, Parser)]
#[command(
    name = "dualwrite-control-plane",
    version,
    args_conflicts_with_subcommands = true
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) flags: Flags<All>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Looks at settings without using them
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Says what each setting is, where it comes from, and all that is wrong
    Check(CheckArgs),
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) flags: Flags<All>,
    /// How to print it
    #[arg(
        short,
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "table"
    )]
    pub(crate) output: ReportFormat,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Arguments, clap::Error> {
        let program = std::iter::once("dualwrite-control-plane");
        Arguments::try_parse_from(program.chain(arguments.iter().copied()))
    }

    #[test]
    fn without_a_command_it_serves() {
        assert!(parse(&["--store", "f"]).unwrap().command.is_none());
        let check = parse(&["config", "check", "--store", "f", "-o", "json"]).unwrap();
        assert!(check.command.is_some());
    }

    #[test]
    fn wrong_usage_ends_with_2_and_says_what_would_be_right() {
        let error = parse(&["--heartbeet-interval", "1s"]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(
            error.to_string().contains("--heartbeat-interval"),
            "{error}"
        );
    }

    #[test]
    fn the_definition_is_sound() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }
}
