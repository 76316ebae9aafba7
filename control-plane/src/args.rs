//! What is typed: flags, and the environment variables behind them.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use clap::builder::BoolishValueParser;
use dualwrite_core::duration;
use dualwrite_process::ListenAddress;

/// Stores what operators decide about migrations, tells sidecars, and shows
/// what they report. It is never in the way of a write.
#[derive(Debug, Parser)]
#[command(name = "dualwrite-control-plane", version)]
pub(crate) struct Arguments {
    /// Where operators and sidecars call by gRPC; port 0 takes a free one
    #[arg(
        long,
        env = "DUALWRITE_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:7400"
    )]
    pub(crate) listen: ListenAddress,
    /// Where the console and the probes are, by HTTP; port 0 takes a free one
    #[arg(
        long,
        env = "DUALWRITE_HTTP_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:7401"
    )]
    pub(crate) http_listen: ListenAddress,
    /// SQLite file that everything is kept in; made when it is not there
    #[arg(
        long,
        env = "DUALWRITE_STORE",
        value_name = "FILE",
        default_value = "./dualwrite-control-plane.sqlite"
    )]
    pub(crate) store: PathBuf,
    /// File that says where this process serves, as JSON, once it does
    #[arg(long, env = "DUALWRITE_READY_FILE", value_name = "FILE")]
    pub(crate) ready_file: Option<PathBuf>,
    /// Listen beyond loopback although nobody is identified
    #[arg(long, env = "DUALWRITE_INSECURE", value_parser = BoolishValueParser::new())]
    pub(crate) insecure: bool,
    /// How often sidecars and this process send each other heartbeats, as in
    /// 500ms; after three missed ones a session ends
    #[arg(
        long,
        env = "DUALWRITE_HEARTBEAT_INTERVAL",
        value_name = "DURATION",
        default_value = "2s",
        value_parser = read_duration
    )]
    pub(crate) heartbeat_interval: Duration,
}

fn read_duration(text: &str) -> Result<Duration, String> {
    duration::parse(text, "s").ok_or_else(|| format!("expected {}", duration::FORM))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Arguments, clap::Error> {
        let program = std::iter::once("dualwrite-control-plane");
        Arguments::try_parse_from(program.chain(arguments.iter().copied()))
    }

    #[test]
    fn without_flags_it_is_on_loopback_and_in_this_folder() {
        let args = parse(&[]).unwrap();
        assert_eq!(args.listen, ListenAddress::loopback(7400));
        assert_eq!(args.http_listen, ListenAddress::loopback(7401));
        assert_eq!(
            args.store,
            PathBuf::from("./dualwrite-control-plane.sqlite")
        );
        assert_eq!(args.heartbeat_interval, Duration::from_secs(2));
        assert!(!args.insecure && args.ready_file.is_none());
    }

    #[test]
    fn wrong_usage_ends_with_2_and_says_what_would_be_right() {
        for (arguments, right) in [
            (["--listen", "7400"], "127.0.0.1:7400"),
            (["--heartbeat-interval", "often"], "500ms"),
            (["--heartbeet-interval", "1s"], "--heartbeat-interval"),
        ] {
            let error = parse(&arguments).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{arguments:?}");
            assert!(error.to_string().contains(right), "{error}");
        }
    }

    #[test]
    fn the_definition_is_sound() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }
}
