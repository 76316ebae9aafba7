//! A control plane and the sidecars of one service, as processes.
//!
//! ```no_run
//! # async fn example(legacy: String, new: String) -> anyhow::Result<()> {
//! use dualwrite_tests::Fleet;
//!
//! let mut fleet = Fleet::of("cart", legacy, new).start().await?;
//! // … apply a manifest at fleet.control_plane_url() …
//! fleet.add_sidecar().await?;
//! fleet.add_sidecar().await?;
//! fleet.sidecar(1)?.kill9().await?;
//! fleet.restart_sidecar(1).await?;
//! # Ok(()) }
//! ```

mod control_plane;
mod sidecar;

use std::path::Path;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::process::{Process, Program};

pub use control_plane::ControlPlane;
pub use sidecar::Sidecar;

/// Any free port of the loopback interface.
const ANY: &str = "127.0.0.1:0";

/// What a fleet is made of, before it is started.
#[derive(Debug, Clone)]
pub struct Fleet {
    service: String,
    legacy_url: String,
    new_url: String,
    environment: Vec<(String, String)>,
}

impl Fleet {
    /// A fleet for this service and its two databases.
    pub fn of(service: &str, legacy_url: impl Into<String>, new_url: impl Into<String>) -> Self {
        let (legacy_url, new_url) = (legacy_url.into(), new_url.into());
        Self {
            service: service.into(),
            legacy_url,
            new_url,
            environment: Vec::new(),
        }
    }

    /// Sets an environment variable of every process (`RUST_LOG`, say).
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Starts the control plane; sidecars are added when the scenario wants them.
    pub async fn start(self) -> Result<RunningFleet> {
        let folder = tempfile::Builder::new()
            .prefix("dualwrite-fleet-")
            .tempdir()?;
        let control_plane = ControlPlane::start(&self, folder.path()).await?;
        Ok(RunningFleet {
            sidecars: Vec::new(),
            control_plane,
            plan: self,
            folder,
        })
    }

    fn program(&self, name: &str) -> Result<Program> {
        let program = Program::named(name)?;
        Ok(self
            .environment
            .iter()
            .fold(program, |program, (name, value)| program.env(name, value)))
    }
}

/// A running fleet. Dropping it ends all of it.
#[derive(Debug)]
pub struct RunningFleet {
    // Dropped in this order: sidecars, what they talk to, what all of them wrote.
    sidecars: Vec<Sidecar>,
    control_plane: ControlPlane,
    plan: Fleet,
    folder: TempDir,
}

impl RunningFleet {
    /// Where the control plane serves: `http://127.0.0.1:PORT`. It stays over restarts.
    pub fn control_plane_url(&self) -> String {
        self.control_plane.url()
    }

    /// Where the control plane shows its pages to people.
    pub fn console_url(&self) -> Option<String> {
        self.control_plane.console_url()
    }

    /// The control plane's process; an error while it is down.
    pub fn control_plane(&mut self) -> Result<&mut Process> {
        self.control_plane.process()
    }

    /// Starts the control plane again, at the same address and on the same store; ends it first
    /// when it runs.
    pub async fn restart_control_plane(&mut self) -> Result<()> {
        self.control_plane.restart(&self.plan).await
    }

    /// Starts one more sidecar and returns its number. It starts with an empty state folder, so
    /// this needs the control plane or fences that were installed before.
    pub async fn add_sidecar(&mut self) -> Result<usize> {
        let url = self.control_plane.url();
        self.add_sidecar_via(&url).await
    }

    /// Starts one more sidecar that reaches the control plane at this URL, through a
    /// [`Proxy`](crate::proxy::Proxy), say.
    pub async fn add_sidecar_via(&mut self, control_plane: &str) -> Result<usize> {
        self.add(self.plan.clone(), control_plane).await
    }

    /// Starts a sidecar of another service, which this control plane has as well.
    pub async fn add_sidecar_of(&mut self, other: &Fleet) -> Result<usize> {
        let url = self.control_plane.url();
        self.add(other.clone(), &url).await
    }

    /// Starts a sidecar with databases and a way to the control plane of its own.
    pub async fn add_sidecar_by(&mut self, ways: &Fleet, control_plane: &str) -> Result<usize> {
        self.add(ways.clone(), control_plane).await
    }

    async fn add(&mut self, plan: Fleet, control_plane: &str) -> Result<usize> {
        let number = self.sidecars.len();
        let folder = self.sidecar_folder(number);
        self.sidecars
            .push(Sidecar::start(plan, number, &folder, control_plane).await?);
        Ok(number)
    }

    /// How many sidecars there are, running or not.
    pub fn sidecars(&self) -> usize {
        self.sidecars.len()
    }

    /// The number of the sidecar that calls itself by this instance name.
    pub fn sidecar_named(&self, instance: &str) -> Option<usize> {
        (0..self.sidecars.len()).find(|number| sidecar::instance(*number) == instance)
    }

    /// The process of a sidecar; an error while it is down.
    pub fn sidecar(&mut self, number: usize) -> Result<&mut Process> {
        self.entry(number)?.process()
    }

    /// Where a sidecar serves applications: `http://127.0.0.1:PORT`. It stays over restarts.
    pub fn sidecar_url(&self, number: usize) -> Result<String> {
        Ok(self
            .sidecars
            .get(number)
            .context("there is no such sidecar")?
            .url())
    }

    /// Where a sidecar answers over HTTP: `127.0.0.1:PORT`. It stays over restarts.
    pub fn sidecar_http(&self, number: usize) -> Result<String> {
        let sidecar = self.sidecars.get(number);
        sidecar
            .and_then(Sidecar::http)
            .context("there is no such sidecar")
    }

    /// The Unix socket of a sidecar.
    pub fn sidecar_socket(&self, number: usize) -> std::path::PathBuf {
        sidecar::socket(&self.sidecar_folder(number))
    }

    /// Starts a sidecar again, at the same address, with what it kept on disk, and by the same way
    /// to the control plane; ends it first when it runs.
    pub async fn restart_sidecar(&mut self, number: usize) -> Result<()> {
        self.entry(number)?.restart().await
    }

    /// The same with these environment variables, which it keeps.
    pub async fn restart_sidecar_with(
        &mut self,
        number: usize,
        environment: &[(&str, &str)],
    ) -> Result<()> {
        let entry = self.entry(number)?;
        entry.set_environment(environment);
        entry.restart().await
    }

    /// Removes what a sidecar that is down kept on disk.
    pub fn forget_sidecar_state(&mut self, number: usize) -> Result<()> {
        self.entry(number)?.forget_state()
    }

    /// From its next start on, a sidecar knows of no legacy database.
    pub fn forget_legacy(&mut self, number: usize) -> Result<()> {
        self.entry(number)?.forget_legacy();
        Ok(())
    }

    /// Runs `dualwrite-sidecar install` with these arguments after the usual ones and returns what
    /// it printed.
    pub async fn install(&self, more: &[&str]) -> Result<String> {
        let program = self.plan.program("dualwrite-sidecar")?.arg("install");
        let program = sidecar::with_databases(program, &self.plan)
            .args(["--control-plane", &self.control_plane.url()])
            .args(more.iter().copied());
        let output = program.run().await?;
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(
            output.status.success(),
            "install failed ({}):\n{errors}",
            output.status
        );
        String::from_utf8(output.stdout).context("install printed something that is not text")
    }

    /// A folder that lives as long as the fleet.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn sidecar_folder(&self, number: usize) -> std::path::PathBuf {
        self.folder.path().join(format!("sidecar-{number}"))
    }

    fn entry(&mut self, number: usize) -> Result<&mut Sidecar> {
        let most = self.sidecars.len();
        self.sidecars
            .get_mut(number)
            .with_context(|| format!("there is no sidecar {number}, only {most}"))
    }
}
