//! `cargo xtask sim [--seeds N] [--seed S --trace]`: whole engines under virtual time.

use std::os::unix::process::CommandExt;
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::run::{cargo, program, root, run};

pub(crate) fn sim(arguments: &[String]) -> Result<ExitCode> {
    // Thousands of seeds: with optimisation each takes a tenth of the time.
    run(cargo(&["build", "--release", "--package=dualwrite-sim"]))?;
    let mut sim = program(root().join("target/release/dualwrite-sim"));
    sim.args(arguments).stdin(Stdio::inherit());
    Err(sim.exec()).context("start the simulation")
}
