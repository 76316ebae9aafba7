//! `config check`, the same in every program.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use super::flags::{Flags, Table};
use super::{Program, Report, ReportFormat, Settings};

/// Prints what each setting of a program is and where it comes from, and all
/// that is wrong; fails where something is. `read` is how the program reads its
/// settings: for what it notes, nothing is opened.
///
/// # Errors
/// Nothing can be printed.
pub fn check<T: Table>(
    program: &'static Program,
    flags: Flags<T>,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    format: ReportFormat,
    read: impl FnOnce(&mut Settings),
) -> io::Result<ExitCode> {
    let mut settings = Settings::gather(program, flags, environment);
    read(&mut settings);
    let report = Report(&settings);
    io::stdout().write_all(report.render(format).as_bytes())?;
    Ok(if report.is_valid() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
