//! `cargo xtask test`: everything that must pass before a change goes in.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use super::PROGRAMS;
use super::lint::lints;
use crate::prerequisites;
use crate::run::{Steps, cargo};
use crate::tools::{self, on_path};

pub(crate) fn test() -> Result<ExitCode> {
    let mut steps = Steps::default();
    prerequisites::postgres()?;
    prerequisites::mariadb()?;
    prerequisites::promtool()?;
    chart_tools()?;
    tools::python_grpc().context(
        "grpcio and grpcio-reflection are missing, which the test of docs/any-language.md runs",
    )?;
    lints(&mut steps)?;
    // The scenarios run these as processes.
    let mut build = cargo(&["build"]);
    build.args(PROGRAMS);
    steps.step("programs", build)?;
    steps.step("examples in docs", cargo(&["test", "--workspace", "--doc"]))?;
    // Last, so that what it has to say is what one reads.
    steps.step("tests", runner())?;
    Ok(steps.finish())
}

/// What the tests of the charts run. They fail without it, and say so.
fn chart_tools() -> Result<()> {
    tools::helm().context("helm is missing, which the tests of the charts run")?;
    tools::kubernetes_validate()
        .context("kubernetes-validate is missing, which the tests of the charts run")?;
    Ok(())
}

/// nextest runs each test in a process of its own, under the limits of `.config/nextest.toml`.
/// Without it cargo's own runner does, one program after the other and two tests at a time, since
/// the tests start servers.
fn runner() -> Command {
    if on_path("cargo-nextest").is_some() {
        return cargo(&["nextest", "run", "--workspace", "--no-fail-fast"]);
    }
    eprintln!("\ncargo-nextest is not installed: the tests run with `cargo test`, more slowly");
    let targets = ["--lib", "--bins", "--tests", "--examples"];
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
    command.args(targets).args(["--", "--test-threads=2"]);
    command
}
