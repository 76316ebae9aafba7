//! `cargo xtask fmt`: formats everything.

use std::process::ExitCode;

use anyhow::Result;

use crate::run::{cargo, run};

pub(crate) fn fmt() -> Result<ExitCode> {
    run(cargo(&["fmt", "--all"]))?;
    Ok(ExitCode::SUCCESS)
}
