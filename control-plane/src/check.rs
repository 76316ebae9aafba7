//! `dualwrite-control-plane config check`: what each setting is, and where it comes
//! from.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use dualwrite_process::settings::{Report, Settings};

use crate::args::CheckArgs;
use crate::config::Config;
use crate::settings::PROGRAM;

/// Prints it all; fails where something is wrong.
pub(crate) fn check(args: CheckArgs) -> anyhow::Result<ExitCode> {
    let CheckArgs { flags, output } = args;
    let mut settings = Settings::gather(&PROGRAM, flags, std::env::vars_os());
    // Read for what it notes; nothing is opened by it.
    let _config = Config::read(&mut settings);
    let report = Report(&settings);
    std::io::stdout()
        .write_all(report.render(output).as_bytes())
        .context("the settings cannot be printed")?;
    Ok(if report.is_valid() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
