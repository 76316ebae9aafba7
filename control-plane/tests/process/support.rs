//! The program, started in a folder of its own.

use std::path::PathBuf;
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;

use dualwrite_process::{TlsSettings, channel};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tonic::transport::Channel;

/// What hangs fails, instead of hanging.
const HANGS: Duration = Duration::from_mins(1);

/// The result of something that must not hang.
pub(crate) async fn soon<F: Future>(what: F) -> F::Output {
    tokio::time::timeout(HANGS, what).await.expect("it hangs")
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dualwrite-control-plane"));
    command
        .kill_on_drop(true)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

/// Runs the program to its end, which it comes to by itself.
pub(crate) async fn run(arguments: &[&str]) -> Output {
    run_with(arguments, &[]).await
}

/// Likewise, with these environment variables.
pub(crate) async fn run_with(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = program();
    command
        .args(arguments)
        .envs(environment.iter().copied())
        .stdout(Stdio::piped());
    soon(command.output()).await.unwrap()
}

/// What it said to whoever started it.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A running control plane.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
    ready_file: PathBuf,
    pub(crate) grpc: String,
    pub(crate) http: String,
}

impl Process {
    /// Starts it with its store in this folder, and waits until it serves.
    pub(crate) async fn start(folder: &TempDir) -> Self {
        let ready_file = folder.path().join("ready.json");
        let mut child = program()
            .args(["--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"])
            .arg("--store")
            .arg(folder.path().join("store.sqlite"))
            .arg("--ready-file")
            .arg(&ready_file)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        wait_for(&mut log, "serving").await;
        let ready = std::fs::read_to_string(&ready_file).unwrap();
        let ready: serde_json::Value = serde_json::from_str(&ready).unwrap();
        let address = |name: &str| ready[name].as_str().unwrap().to_owned();
        Self {
            child,
            log,
            ready_file,
            grpc: address("grpc"),
            http: address("http"),
        }
    }

    pub(crate) async fn channel(&self) -> Channel {
        let endpoint = channel::endpoint(&self.grpc, &TlsSettings::open()).unwrap();
        soon(endpoint.connect()).await.unwrap()
    }

    /// Sends a signal, as `kill` does.
    pub(crate) async fn signal(&self, signal: &str) {
        let pid = self.child.id().unwrap().to_string();
        let sent = Command::new("kill")
            .args([signal, &pid])
            .status()
            .await
            .unwrap();
        assert!(sent.success());
    }

    /// Waits for its end, which must leave no ready file.
    pub(crate) async fn ended(mut self) -> ExitStatus {
        // Its log is read to the end, lest it wait for somebody to read it.
        while soon(self.log.next_line()).await.unwrap().is_some() {}
        let status = soon(self.child.wait()).await.unwrap();
        assert!(!self.ready_file.exists(), "it is not ready any more");
        status
    }
}

async fn wait_for(log: &mut Lines<BufReader<ChildStderr>>, message: &str) {
    let mut read = Vec::new();
    while let Some(line) = soon(log.next_line()).await.unwrap() {
        let event: serde_json::Value =
            serde_json::from_str(&line).expect("each line of the log is JSON");
        if event["message"] == message {
            return;
        }
        read.push(line);
    }
    panic!("it ended before it said `{message}`: {read:#?}");
}
