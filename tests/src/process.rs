//! Our own programs as processes: started, paused, killed, ended politely.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::Signal;
use serde::Deserialize;
use tempfile::TempDir;

use crate::child::Child;
use crate::eventually::{BOUND, until};
use crate::folders;

/// A program of this workspace with its command line, to be started or run.
#[derive(Debug, Clone)]
pub struct Program {
    name: String,
    path: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(String, OsString)>,
}

/// What a server says in its `--ready-file` once it serves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Ready {
    /// Address of its gRPC server, `127.0.0.1:PORT`.
    #[serde(default)]
    pub grpc: String,
    /// Address of its HTTP server.
    #[serde(default)]
    pub http: Option<String>,
    /// Path of its Unix socket.
    #[serde(default)]
    pub socket: Option<PathBuf>,
}

impl Program {
    /// The binary of this name, built into the same folder as the running executable.
    pub fn named(name: &str) -> Result<Self> {
        let path = folders::binaries()?.join(name);
        ensure!(
            path.is_file(),
            "{} is not built: run `cargo build --workspace --bins` first (`cargo xtask test` does)",
            path.display()
        );
        Ok(Self {
            name: name.into(),
            path,
            arguments: Vec::new(),
            environment: Vec::new(),
        })
    }

    /// A program of the system, found on the `PATH`.
    pub fn of_the_system(name: &str) -> Self {
        Self {
            name: name.into(),
            path: name.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
        }
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Adds several arguments.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Starts it and waits until its ready file says where it serves. `--ready-file` is added.
    pub async fn serve(self) -> Result<Process> {
        let folder = tempfile::Builder::new()
            .prefix("dualwrite-process-")
            .tempdir()?;
        let ready_file = folder.path().join("ready.json");
        let program = self.arg("--ready-file").arg(ready_file.as_os_str());
        let mut process = program.spawn(folder)?;
        process.ready = process.wait_until_ready(&ready_file).await?;
        Ok(process)
    }

    /// Starts it without waiting for anything.
    pub fn start(self) -> Result<Process> {
        self.spawn(
            tempfile::Builder::new()
                .prefix("dualwrite-process-")
                .tempdir()?,
        )
    }

    /// Runs it to its end and returns what it printed, whatever its exit code.
    pub async fn run(self) -> Result<Output> {
        let name = self.name.clone();
        let mut command = self.command();
        command.stdin(Stdio::null());
        let run = tokio::task::spawn_blocking(move || command.output());
        run.await
            .context("wait for a program")?
            .with_context(|| format!("run {name}"))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(k, v)| (k, v)));
        command
    }

    fn spawn(self, folder: TempDir) -> Result<Process> {
        let log = folder.path().join("log");
        let child = Child::spawn(
            &self.name,
            &mut self.command(),
            &log,
            Signal::KILL,
            Some(folder.path()),
        )?;
        Ok(Process {
            name: self.name,
            child,
            ready: Ready::default(),
            _folder: folder,
        })
    }
}

/// A running program. Dropping it kills it; in a test its log then appears in the test's output,
/// which is shown when the test fails.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    ready: Ready,
    _folder: TempDir,
}

impl Process {
    /// Where it serves.
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Its process number.
    pub fn pid(&self) -> u32 {
        self.child.pid()
    }

    /// The end of what it wrote to its standard output and error.
    pub fn log_tail(&self) -> String {
        self.child.log_tail()
    }

    /// All that it wrote to its standard output and error.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&self.child.log()).into_owned()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> Result<bool> {
        Ok(self.child.ended()?.is_none())
    }

    /// Ends it at once, as the end of its machine would.
    pub async fn kill9(&mut self) -> Result<()> {
        self.child.signal(Signal::KILL)?;
        self.child.wait().await?;
        Ok(())
    }

    /// Pauses it: it does nothing, and does not know that time goes by.
    pub fn sigstop(&mut self) -> Result<()> {
        self.child.signal(Signal::STOP)
    }

    /// Lets it go on.
    pub fn sigcont(&mut self) -> Result<()> {
        self.child.signal(Signal::CONT)
    }

    /// Asks it to end and waits until it has.
    pub async fn terminate(&mut self) -> Result<ExitStatus> {
        self.child.signal(Signal::TERM)?;
        self.wait().await
    }

    /// Waits until it ends by itself.
    pub async fn wait(&mut self) -> Result<ExitStatus> {
        self.child.wait().await
    }

    async fn wait_until_ready(&mut self, file: &Path) -> Result<Ready> {
        let name = self.name.clone();
        let what = format!("{name} serves");
        let ended_or_ready = until(&what, BOUND, async || {
            if let Some(ended) = self.child.ended().transpose() {
                return Some(Err(ended));
            }
            std::fs::read(file).ok().map(Ok)
        });
        match ended_or_ready.await {
            Ok(Ok(json)) => serde_json::from_slice(&json)
                .with_context(|| format!("the ready file of {name} is not the expected JSON")),
            Ok(Err(ended)) => {
                bail!(
                    "{name} ended before it served ({}):\n{}",
                    ended?,
                    self.log_tail()
                )
            }
            Err(overdue) => bail!("{overdue}; its log:\n{}", self.log_tail()),
        }
    }
}

impl Drop for Process {
    #[expect(
        clippy::print_stderr,
        reason = "a failed test shows what its processes said"
    )]
    fn drop(&mut self) {
        if folders::in_test() || std::thread::panicking() {
            eprintln!(
                "--- {} ({}) ---\n{}",
                self.name,
                self.pid(),
                self.log_tail()
            );
        }
    }
}
