//! One process that was started here, with its log.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::eventually::{BOUND, until};
use crate::reaper::Reaper;

/// How much of a log is worth reading in a failure's output.
const LOG_TAIL_BYTES: usize = 64 * 1024;

/// A running (or ended) child process. Signals reach this very process and no other: once it has
/// been waited for, its number may belong to somebody else and is not used any more.
#[derive(Debug)]
pub(crate) struct Child {
    name: String,
    process: std::process::Child,
    ended: Option<ExitStatus>,
    log: PathBuf,
    /// How it is ended when the value goes away.
    farewell: Signal,
    reaper: Option<Reaper>,
}

impl Child {
    /// Starts `command` with its output appended to `log`. On drop it is ended by `farewell`.
    pub(crate) fn spawn(
        name: impl Into<String>,
        command: &mut Command,
        log: &Path,
        farewell: Signal,
        folder: Option<&Path>,
    ) -> Result<Self> {
        let name = name.into();
        let process = command
            .stdin(Stdio::null())
            .stdout(append(log)?)
            .stderr(append(log)?)
            .spawn()
            .with_context(|| format!("start {name} ({})", command.get_program().display()))?;
        let mut child = Self {
            name,
            process,
            ended: None,
            log: log.into(),
            farewell,
            reaper: None,
        };
        let signal = if farewell == Signal::QUIT {
            "QUIT"
        } else {
            "KILL"
        };
        child.reaper = Some(Reaper::watch(child.process.id(), signal, folder)?);
        Ok(child)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        if self.ended.is_none() {
            self.ended = self
                .process
                .try_wait()
                .with_context(|| format!("look at {}", self.name))?;
            if self.ended.is_some() {
                self.reaper = None;
            }
        }
        Ok(self.ended)
    }

    /// Sends a signal; an error when the process has already ended.
    pub(crate) fn signal(&mut self, signal: Signal) -> Result<()> {
        if let Some(status) = self.ended()? {
            bail!(
                "{} has already ended ({status}): no signal can be sent",
                self.name
            );
        }
        let pid = Pid::from_child(&self.process);
        kill_process(pid, signal).with_context(|| format!("signal {}", self.name))
    }

    /// Waits for its end.
    pub(crate) async fn wait(&mut self) -> Result<ExitStatus> {
        let what = format!("the end of {}", self.name);
        let status = until(&what, BOUND, async || self.ended().transpose()).await??;
        Ok(status)
    }

    /// The end of what it logged.
    pub(crate) fn log_tail(&self) -> String {
        let bytes = self.log();
        let from = bytes.len().saturating_sub(LOG_TAIL_BYTES);
        String::from_utf8_lossy(bytes.get(from..).unwrap_or_default()).into_owned()
    }

    /// All that it wrote.
    pub(crate) fn log(&self) -> Vec<u8> {
        std::fs::read(&self.log).unwrap_or_default()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if matches!(self.ended(), Ok(None)) {
            // A stopped process answers no signal but these two.
            drop(self.signal(Signal::CONT));
            drop(self.signal(self.farewell));
            drop(self.process.wait());
        }
    }
}

fn append(log: &Path) -> Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("open the log {}", log.display()))
}
