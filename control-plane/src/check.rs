//! `dualwrite-control-plane config check`: what each setting is, and where it comes
//! from.

use std::process::ExitCode;

use anyhow::Context as _;
use dualwrite_process::settings;

use crate::args::CheckArgs;
use crate::config::Config;
use crate::settings::PROGRAM;

/// Prints it all; fails where something is wrong.
pub(crate) fn check(args: CheckArgs) -> anyhow::Result<ExitCode> {
    let CheckArgs { flags, output } = args;
    let read = |settings: &mut settings::Settings| drop(Config::read(settings));
    settings::check(&PROGRAM, flags, std::env::vars_os(), output, read)
        .context("the settings cannot be printed")
}
