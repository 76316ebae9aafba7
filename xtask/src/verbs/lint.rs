//! `cargo xtask lint`: what can be said of the code without running it.

use std::process::ExitCode;

use anyhow::Result;

use crate::run::{Steps, cargo, program};
use crate::tools;

pub(crate) fn lint() -> Result<ExitCode> {
    let mut steps = Steps::default();
    lints(&mut steps)?;
    Ok(steps.finish())
}

/// The quick ones first.
pub(super) fn lints(steps: &mut Steps) -> Result<()> {
    steps.step("format", cargo(&["fmt", "--all", "--check"]))?;
    steps.step("lock file", cargo(&["fetch", "--locked"]))?;
    protos(steps)?;
    licences(steps)?;
    let clippy = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    steps.step("clippy", cargo(&clippy))?;
    let mut docs = cargo(&[
        "doc",
        "--workspace",
        "--no-deps",
        "--document-private-items",
    ]);
    // For rustdoc alone: flags of the compiler would build everything anew.
    docs.env("RUSTDOCFLAGS", "-D warnings");
    steps.step("docs", docs)
}

fn protos(steps: &mut Steps) -> Result<()> {
    match tools::buf() {
        Ok(buf) => {
            let mut command = program(buf);
            command.arg("lint");
            steps.step("protos", command)
        }
        Err(error) => {
            steps.skip("protos", &format!("{error:#}"));
            Ok(())
        }
    }
}

fn licences(steps: &mut Steps) -> Result<()> {
    match tools::cargo_deny() {
        Ok(deny) => {
            let mut command = program(deny);
            command.args(["--log-level=error", "check", "licenses", "bans", "sources"]);
            steps.step("licences", command)
        }
        Err(error) => {
            steps.skip("licences", &format!("{error:#}"));
            Ok(())
        }
    }
}
