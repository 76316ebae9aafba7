//! `cargo xtask gen`: regenerates the protobuf bindings. (A test says when that was forgotten.)

use std::process::ExitCode;

use anyhow::Result;

use crate::run::{cargo, run};

pub(crate) fn generate() -> Result<ExitCode> {
    run(cargo(&[
        "run",
        "--package",
        "dualwrite-proto",
        "--example",
        "generate",
    ]))?;
    Ok(ExitCode::SUCCESS)
}
