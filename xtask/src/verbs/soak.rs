//! `cargo xtask soak`: the proof by failure in its long form.

use std::os::unix::process::CommandExt;
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result};

use super::PROGRAMS;
use crate::prerequisites;
use crate::run::{cargo, program, root, run};

pub(crate) fn soak(arguments: &[String]) -> Result<ExitCode> {
    prerequisites::postgres()?;
    prerequisites::faketime();
    let mut build = cargo(&["build"]);
    build.args(PROGRAMS).arg("--exclude=dualwrite-bench");
    run(build)?;
    let mut soak = program(root().join("target/debug/dualwrite-chaos"));
    soak.arg("soak").args(arguments).stdin(Stdio::inherit());
    Err(soak.exec()).context("start the soak")
}
