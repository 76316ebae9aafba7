//! What is typed: commands, and the flags of [`settings`](crate::settings).

use std::ffi::OsString;

use clap::{Args, Parser, Subcommand};
use dualwrite_process::settings::{Flags, ReportFormat};

use crate::settings::{All, ForInstalling};

/// Runs beside one instance of a service and performs its writes on both of
/// its databases.
#[derive(Debug, Parser)]
#[command(name = "dualwrite-sidecar", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serves applications (also when no command is given)
    Run(RunArgs),
    /// Creates our tables and the first fences in both databases
    Install(InstallArgs),
    /// Looks at settings without using them
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) flags: Flags<All>,
}

#[derive(Debug, Args)]
pub(crate) struct InstallArgs {
    #[command(flatten)]
    pub(crate) flags: Flags<ForInstalling>,
    /// Print the statements for a database administrator, and change nothing
    #[arg(long)]
    pub(crate) print_sql: bool,
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

/// The arguments with the command `run` where none is given.
pub(crate) fn with_command(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.collect();
    let about_the_program = ["-h", "--help", "-V", "--version"];
    let given = arguments.get(1).and_then(|first| first.to_str());
    let has_command = match given {
        Some(first) => !first.starts_with('-') || about_the_program.contains(&first),
        None => false,
    };
    if !has_command {
        arguments.insert(arguments.len().min(1), "run".into());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Arguments, clap::Error> {
        let program = std::iter::once("dualwrite-sidecar").chain(arguments.iter().copied());
        Arguments::try_parse_from(with_command(program.map(OsString::from)))
    }

    #[test]
    fn without_a_command_it_runs() {
        for arguments in [&["--service", "cart"][..], &["run", "--service", "cart"]] {
            let command = parse(arguments).unwrap().command;
            assert!(matches!(command, Command::Run(_)), "{arguments:?}");
        }
    }

    #[test]
    fn install_takes_its_own_flags() {
        let arguments = ["install", "--service", "cart", "--print-sql"];
        let Command::Install(args) = parse(&arguments).unwrap().command else {
            panic!("no install");
        };
        assert!(args.print_sql);
    }

    #[test]
    fn help_and_version_are_those_of_the_program() {
        for word in ["--help", "-V"] {
            let error = parse(&[word]).unwrap_err();
            assert_eq!(error.exit_code(), 0, "{word}");
        }
    }

    #[test]
    fn wrong_usage_ends_with_2() {
        let wrong = [
            &["--listne", "127.0.0.1:0"][..],
            &["install", "--listen", "127.0.0.1:0"],
            &["config", "check", "-o", "xml"],
            &["start"],
        ];
        for arguments in wrong {
            assert_eq!(
                parse(arguments).unwrap_err().exit_code(),
                2,
                "{arguments:?}"
            );
        }
    }

    #[test]
    fn the_definition_is_sound() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }
}
