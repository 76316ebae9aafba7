//! `cargo xtask model [--deep]`: every state of the protocol's model.

use std::os::unix::process::CommandExt;
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::run::{cargo, program, root, run};

pub(crate) fn model(arguments: &[String]) -> Result<ExitCode> {
    // The profile of the tests optimises this one package.
    run(cargo(&["build", "--package=dualwrite-model"]))?;
    let mut model = program(root().join("target/debug/dualwrite-model"));
    model.args(arguments).stdin(Stdio::inherit());
    Err(model.exec()).context("start the model's checker")
}
