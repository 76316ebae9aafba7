//! One sidecar of a fleet.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::Fleet;
use crate::process::{Process, Program, Ready};

/// A sidecar that keeps its addresses and its state folder over restarts.
#[derive(Debug)]
pub struct Sidecar {
    plan: Fleet,
    number: usize,
    process: Process,
    ready: Ready,
    folder: PathBuf,
    /// Where it reaches the control plane, also after a restart.
    control_plane: String,
}

impl Sidecar {
    pub(super) async fn start(
        plan: Fleet,
        number: usize,
        folder: &Path,
        control_plane: &str,
    ) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
        let any = Ready {
            grpc: super::ANY.into(),
            http: Some(super::ANY.into()),
            socket: None,
        };
        let process = serve(&plan, number, &any, folder, control_plane).await?;
        Ok(Self {
            plan,
            number,
            ready: process.ready().clone(),
            process,
            folder: folder.into(),
            control_plane: control_plane.into(),
        })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.ready.grpc)
    }

    pub(super) fn http(&self) -> Option<String> {
        self.ready.http.clone()
    }

    pub(super) fn process(&mut self) -> Result<&mut Process> {
        let running = self.process.is_running()?;
        running
            .then_some(&mut self.process)
            .context("this sidecar is down")
    }

    pub(super) async fn restart(&mut self) -> Result<()> {
        if self.process.is_running()? {
            self.process.terminate().await?;
        }
        let Self {
            plan,
            ready,
            control_plane,
            ..
        } = &*self;
        self.process = serve(plan, self.number, ready, &self.folder, control_plane).await?;
        Ok(())
    }

    /// From the next start on, it has these environment variables.
    pub(super) fn set_environment(&mut self, environment: &[(&str, &str)]) {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        self.plan.environment = environment.iter().map(owned).collect();
    }

    /// From the next start on, it knows of no legacy database.
    pub(super) fn forget_legacy(&mut self) {
        self.plan.legacy_url.clear();
    }

    pub(super) fn forget_state(&mut self) -> Result<()> {
        ensure!(
            !self.process.is_running()?,
            "this sidecar runs: end it before its state is removed"
        );
        let state = state_folder(&self.folder);
        fs::remove_dir_all(&state).with_context(|| format!("remove {}", state.display()))
    }
}

/// What a sidecar calls itself.
pub(super) fn instance(number: usize) -> String {
    format!("sidecar-{number}")
}

/// The Unix socket of the sidecar that lives in this folder.
pub(super) fn socket(folder: &Path) -> PathBuf {
    folder.join("socket")
}

fn state_folder(folder: &Path) -> PathBuf {
    folder.join("state")
}

/// The arguments that `run` and `install` have in common.
pub(super) fn with_databases(program: Program, plan: &Fleet) -> Program {
    let program = program
        .args(["--service", &plan.service])
        .args(["--new-url", &plan.new_url]);
    if plan.legacy_url.is_empty() {
        program
    } else {
        program.args(["--legacy-url", &plan.legacy_url])
    }
}

async fn serve(
    plan: &Fleet,
    number: usize,
    at: &Ready,
    folder: &Path,
    control_plane: &str,
) -> Result<Process> {
    let program = plan.program("dualwrite-sidecar")?.arg("run");
    with_databases(program, plan)
        .args(["--control-plane", control_plane])
        .args(["--listen", &at.grpc])
        .args(["--http-listen", at.http.as_deref().unwrap_or(super::ANY)])
        .arg("--socket")
        .arg(socket(folder))
        .arg("--state-dir")
        .arg(state_folder(folder))
        .args(["--install", "auto"])
        .args(["--instance", &instance(number)])
        .serve()
        .await
}
