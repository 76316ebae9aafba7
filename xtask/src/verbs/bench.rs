//! `cargo xtask bench NAME`: measurements, with optimisation.

use std::os::unix::process::CommandExt;
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::prerequisites;
use crate::run::{cargo, program, root, run};

/// What is measured, and what measures it; with optimisation everything else would take minutes.
const MEASURED: &[&str] = &[
    "--package=dualwrite-bench",
    "--package=dualwrite-sidecar",
    "--package=dualwrite-control-plane",
    "--bins",
];

pub(crate) fn bench(arguments: &[String]) -> Result<ExitCode> {
    match arguments.first().map(String::as_str) {
        Some("fanout") => prerequisites::etcd()?,
        Some(_) | None => prerequisites::postgres()?,
    }
    let mut build = cargo(&["build", "--release"]);
    build.args(MEASURED);
    run(build)?;
    let mut bench = program(root().join("target/release/dualwrite-bench"));
    bench.args(arguments).stdin(Stdio::inherit());
    Err(bench.exec()).context("start the benchmark")
}
