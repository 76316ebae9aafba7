//! What is typed: flags, and the environment variables behind them.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use dualwrite_process::ListenAddress;

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
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) databases: DatabaseArgs,
    /// Where the control plane is, as in 127.0.0.1:7400; without one, the
    /// settings come from the state folder and from beside the fence
    #[arg(long, env = "DUALWRITE_CONTROL_PLANE", value_name = "ADDRESS")]
    pub(crate) control_plane: Option<String>,
    /// Name of this process in the control plane, unlike that of any other
    /// [default: the service and a random part]
    #[arg(long, env = "DUALWRITE_INSTANCE", value_name = "NAME")]
    pub(crate) instance: Option<String>,
    #[command(flatten)]
    pub(crate) listeners: ListenerArgs,
    /// Folder for the last good snapshot and the largest epoch ever seen
    #[arg(long, env = "DUALWRITE_STATE_DIR", value_name = "FOLDER")]
    pub(crate) state_dir: Option<PathBuf>,
    /// File that says where this process serves, as JSON, once it does
    #[arg(long, env = "DUALWRITE_READY_FILE", value_name = "FILE")]
    pub(crate) ready_file: Option<PathBuf>,
    /// Whether to create our tables and the first fences from the control
    /// plane's settings [default: auto when both databases are SQLite]
    #[arg(long, env = "DUALWRITE_INSTALL", value_name = "WHEN")]
    pub(crate) install: Option<InstallWhen>,
}

#[derive(Debug, Args)]
pub(crate) struct InstallArgs {
    #[command(flatten)]
    pub(crate) databases: DatabaseArgs,
    /// Where the control plane is, whose settings are installed
    #[arg(long, env = "DUALWRITE_CONTROL_PLANE", value_name = "ADDRESS")]
    pub(crate) control_plane: Option<String>,
    /// Manifest to install from, instead of the control plane's settings
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Option<PathBuf>,
    /// Print the statements for a database administrator, and change nothing
    #[arg(long)]
    pub(crate) print_sql: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DatabaseArgs {
    /// The service whose migration this is
    #[arg(long, env = "DUALWRITE_SERVICE", value_name = "NAME")]
    pub(crate) service: String,
    /// URL of the legacy database: postgresql://… or sqlite://…; may be left
    /// out in new_only
    #[arg(
        long,
        env = "LEGACY_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub(crate) legacy_url: Option<String>,
    /// URL of the new database; may be left out in legacy_only
    #[arg(
        long,
        env = "NEW_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub(crate) new_url: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ListenerArgs {
    /// Where applications call by gRPC; port 0 takes a free one
    #[arg(
        long,
        env = "DUALWRITE_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:7410"
    )]
    pub(crate) listen: ListenAddress,
    /// Where the probes are, by HTTP; port 0 takes a free one
    #[arg(
        long,
        env = "DUALWRITE_HTTP_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:7411"
    )]
    pub(crate) http_listen: ListenAddress,
    /// Unix socket on which applications can call as well
    #[arg(long, env = "DUALWRITE_SOCKET", value_name = "PATH")]
    pub(crate) socket: Option<PathBuf>,
    /// Listen beyond loopback although nobody is identified
    #[arg(long, env = "DUALWRITE_INSECURE")]
    pub(crate) insecure: bool,
}

/// When our tables are created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InstallWhen {
    /// When they are absent
    Auto,
    /// By `dualwrite-sidecar install` only
    Never,
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
            let Command::Run(args) = parse(arguments).unwrap().command else {
                panic!("{arguments:?} is no run");
            };
            assert_eq!(args.databases.service, "cart");
            assert_eq!(args.listeners.listen, ListenAddress::loopback(7410));
            assert_eq!(args.listeners.http_listen, ListenAddress::loopback(7411));
        }
    }

    #[test]
    fn install_takes_its_own_flags() {
        let arguments = [
            "install",
            "--service",
            "cart",
            "--manifest",
            "m.yaml",
            "--print-sql",
        ];
        let Command::Install(args) = parse(&arguments).unwrap().command else {
            panic!("no install");
        };
        assert!(args.print_sql && args.manifest.is_some());
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
            &["--listen", "7410", "--service", "cart"][..],
            &["--service", "cart", "--install", "sometimes"],
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
