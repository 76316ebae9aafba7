//! `cargo xtask demo`: a migration from end to end, on this machine.

use std::os::unix::process::CommandExt;
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result};

use super::PROGRAMS;
use crate::prerequisites;
use crate::run::{cargo, program, root, run};

pub(crate) fn demo(arguments: &[String]) -> Result<ExitCode> {
    if arguments.iter().any(|argument| argument == "--postgres") {
        prerequisites::postgres()?;
    }
    let mut build = cargo(&["build"]);
    // The demo measures nothing, and is waited for.
    build.args(PROGRAMS).arg("--exclude=dualwrite-bench");
    run(build)?;
    let mut demo = program(root().join("target/debug/dualwrite-demo"));
    demo.args(arguments).stdin(Stdio::inherit());
    // It takes the place of this process, so that Ctrl-C is its business alone.
    Err(demo.exec()).context("start the demo")
}
