//! How a process ended.

use std::process::ExitCode;

/// How a process ended.
#[derive(Debug)]
pub enum Ending {
    /// All tasks ended when they were asked to.
    Clean,
    /// A task failed or panicked.
    Crashed(Crash),
    /// Some tasks had to be dropped.
    Forced,
}

/// A task that failed or panicked.
#[derive(Debug)]
pub struct Crash {
    /// The task's name.
    pub task: String,
    /// What it failed with.
    pub cause: anyhow::Error,
}

impl Ending {
    /// What the process tells whoever started it.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Clean => ExitCode::SUCCESS,
            Self::Crashed(_) | Self::Forced => ExitCode::FAILURE,
        }
    }
}
