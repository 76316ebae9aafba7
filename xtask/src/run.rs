//! Running programs, one step after the other.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// A program to be run in the folder of the workspace.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// The cargo that this was started by.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    command
}

/// Runs a program to its end; an error when it fails.
pub(crate) fn run(mut command: Command) -> Result<()> {
    let shown = shown(&command);
    let status = command
        .status()
        .with_context(|| format!("start `{shown}`"))?;
    if status.success() {
        Ok(())
    } else {
        bail!("`{shown}` failed ({status})")
    }
}

/// The command line as somebody would type it.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(name).chain(command.get_args());
    words
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Steps that were run, and how long each took.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    done: Vec<(String, Duration)>,
    skipped: Vec<String>,
}

impl Steps {
    /// Runs one step under a heading. The first step that fails ends the run.
    pub(crate) fn step(&mut self, name: &str, command: Command) -> Result<()> {
        eprintln!("\n=== {name}: {}", shown(&command));
        let start = Instant::now();
        let result = run(command);
        let took = start.elapsed();
        eprintln!(
            "=== {name}: {} in {:.1} s",
            outcome(&result),
            took.as_secs_f64()
        );
        self.done.push((name.to_owned(), took));
        result
    }

    /// Says that a step is left out, and why.
    pub(crate) fn skip(&mut self, name: &str, reason: &str) {
        eprintln!("\n=== {name}: skipped, {reason}");
        self.skipped.push(format!("{name} (skipped, {reason})"));
    }

    /// Says how long all of it took.
    pub(crate) fn finish(self) -> ExitCode {
        eprintln!("\n=== all passed");
        for (name, took) in &self.done {
            eprintln!("{:>8.1} s  {name}", took.as_secs_f64());
        }
        for skipped in &self.skipped {
            eprintln!("         -  {skipped}");
        }
        let total: Duration = self.done.iter().map(|(_, took)| *took).sum();
        eprintln!("{:>8.1} s  in all", total.as_secs_f64());
        ExitCode::SUCCESS
    }
}

fn outcome(result: &Result<()>) -> &'static str {
    if result.is_ok() { "passed" } else { "FAILED" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let mut command = program("/usr/bin/cargo");
        command.args(["fmt", "--check"]);
        assert_eq!(shown(&command), "cargo fmt --check");
    }

    #[test]
    fn a_step_that_fails_says_which_command_it_was() {
        let error = Steps::default()
            .step("nothing", program("false"))
            .unwrap_err();
        assert!(error.to_string().starts_with("`false` failed"), "{error}");
        let error = Steps::default()
            .step("missing", program("no-such-program"))
            .unwrap_err();
        assert_eq!(error.to_string(), "start `no-such-program`");
    }
}
