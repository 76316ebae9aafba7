//! The control plane of a fleet.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Fleet;
use crate::process::{Process, Ready};

/// A control plane that keeps its address and its store over restarts.
#[derive(Debug)]
pub struct ControlPlane {
    process: Process,
    ready: Ready,
    store: PathBuf,
}

impl ControlPlane {
    pub(super) async fn start(plan: &Fleet, folder: &Path) -> Result<Self> {
        let store = folder.join("control-plane.sqlite");
        let any = Ready {
            grpc: super::ANY.into(),
            http: Some(super::ANY.into()),
            socket: None,
        };
        let process = serve(plan, &any, &store).await?;
        Ok(Self {
            ready: process.ready().clone(),
            process,
            store,
        })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.ready.grpc)
    }

    pub(super) fn console_url(&self) -> Option<String> {
        self.ready
            .http
            .as_ref()
            .map(|http| format!("http://{http}/"))
    }

    pub(super) fn process(&mut self) -> Result<&mut Process> {
        let running = self.process.is_running()?;
        running
            .then_some(&mut self.process)
            .context("the control plane is down")
    }

    pub(super) async fn restart(&mut self, plan: &Fleet) -> Result<()> {
        if self.process.is_running()? {
            self.process.terminate().await?;
        }
        self.process = serve(plan, &self.ready, &self.store).await?;
        Ok(())
    }
}

async fn serve(plan: &Fleet, at: &Ready, store: &Path) -> Result<Process> {
    plan.program("dualwrite-control-plane")?
        .args(["--listen", &at.grpc])
        .args(["--http-listen", at.http.as_deref().unwrap_or(super::ANY)])
        .arg("--store")
        .arg(store)
        .serve()
        .await
}
