//! A whole scene: the example's databases, a control plane, its sidecars, and
//! the operator.

use anyhow::{Context as _, Result};

use crate::cart::{self, Databases, MANIFEST, Which};
use crate::fleet::RunningFleet;
use crate::process::Program;
use crate::workload::Memory;
use crate::{Fleet, Operator, http, postgres, until};
use dualwrite_proto::v1::Phase;

/// How long markers may take to go once nobody writes any more.
const PATIENCE: std::time::Duration = std::time::Duration::from_mins(1);

/// Everything that runs.
#[derive(Debug)]
pub struct Scene {
    /// Control plane and sidecars.
    pub fleet: RunningFleet,
    /// Who tells them what to do.
    pub operator: Operator,
    /// The two databases. (They outlive those who write to them.)
    pub databases: Databases,
}

impl Scene {
    /// A scene in `legacy_only` with so many sidecars, all of them following.
    pub async fn set(postgres: bool, sidecars: u32) -> Result<Self> {
        Self::over(Databases::create(postgres).await?, sidecars).await
    }

    /// The same over databases that are there.
    pub async fn over(databases: Databases, sidecars: u32) -> Result<Self> {
        Self::of_with(MANIFEST, databases, sidecars, &[]).await
    }

    /// The same with a manifest of the cart's entities, in the phase in which it begins.
    pub async fn of(manifest: &str, databases: Databases, sidecars: u32) -> Result<Self> {
        Self::of_with(manifest, databases, sidecars, &[]).await
    }

    /// The same over databases that are there, with these variables for every process.
    pub async fn over_with(
        databases: Databases,
        sidecars: u32,
        variables: &[(&str, &str)],
    ) -> Result<Self> {
        Self::of_with(MANIFEST, databases, sidecars, variables).await
    }

    async fn of_with(
        manifest: &str,
        databases: Databases,
        sidecars: u32,
        variables: &[(&str, &str)],
    ) -> Result<Self> {
        let (legacy, new) = (databases.url(Which::Legacy), databases.url(Which::New));
        let fleet = Fleet::of("cart", legacy, new);
        let fleet = variables
            .iter()
            .fold(fleet, |fleet, (name, value)| fleet.env(name, value));
        let fleet = fleet.start().await?;
        let operator = Operator::of("cart", &fleet.control_plane_url())?;
        operator.apply(manifest).await?;
        let mut scene = Self {
            fleet,
            operator,
            databases,
        };
        for _ in 0..sidecars {
            scene.fleet.add_sidecar().await?;
        }
        scene.operator.followed_by(sidecars).await?;
        Ok(scene)
    }

    /// The same, backfilled and in `dual_write`.
    pub async fn dual_write(postgres: bool, sidecars: u32) -> Result<Self> {
        let scene = Self::set(postgres, sidecars).await?;
        scene
            .operator
            .phase(Phase::DualWrite, "the scene begins here")
            .await?;
        scene.operator.backfill().await?;
        Ok(scene)
    }

    /// Where every sidecar serves.
    pub fn sidecar_urls(&self) -> Result<Vec<String>> {
        (0..self.fleet.sidecars())
            .map(|number| self.fleet.sidecar_url(number))
            .collect()
    }

    /// `dualwrite flags set cart KEY=VALUE… --wait`: done once every sidecar has acknowledged it.
    pub async fn flags(&self, assignments: &[&str]) -> Result<()> {
        let output = self
            .dualwrite(&["flags", "set", "cart", "--wait"])?
            .args(assignments.iter().copied())
            .run()
            .await?;
        anyhow::ensure!(
            output.status.success(),
            "{assignments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }

    /// `dualwrite …`, for this control plane.
    pub fn dualwrite(&self, arguments: &[&str]) -> Result<Program> {
        let program = Program::named("dualwrite")?.args(arguments.iter().copied());
        Ok(program.env("DUALWRITE_ENDPOINT", self.fleet.control_plane_url()))
    }

    /// What the first sidecar answers to `GET /dual-write/…`.
    pub async fn page(&mut self, path: &str) -> Result<serde_json::Value> {
        let ready = self.fleet.sidecar(0)?.ready();
        let address = ready.http.clone().context("it serves no HTTP")?;
        let (_, body) = http::plain(&address, "GET", path).await?;
        serde_json::from_str(&body).with_context(|| format!("{path}: {body}"))
    }

    /// A connection to one of the databases, beside everything of ours. They are PostgreSQL.
    pub async fn beside(&self, which: Which) -> Result<tokio_postgres::Client> {
        postgres::connect(&self.databases.url(which)).await
    }

    /// Waits until no marker is left on either side, by plain SQL.
    pub async fn converged(&self) -> Result<()> {
        for which in [Which::Legacy, Which::New] {
            for entity in cart::ENTITIES {
                let query = match self.databases {
                    Databases::Sqlite { .. } => {
                        format!("SELECT count(*) FROM dualwrite_outbox_cart_{entity}")
                    }
                    Databases::Postgres { .. } => {
                        format!("SELECT count(*) FROM dualwrite.outbox_cart_{entity}")
                    }
                };
                let gone = until("the markers go", PATIENCE, async || {
                    let rows = self.databases.query(which, &query).await;
                    let rows = rows.map_err(|error| error.to_string())?;
                    let count = rows
                        .into_iter()
                        .flatten()
                        .flatten()
                        .next()
                        .unwrap_or_default();
                    if count == "0" {
                        Ok(())
                    } else {
                        Err(format!("{count} on {which:?}"))
                    }
                });
                gone.await?;
            }
        }
        Ok(())
    }

    /// Both databases hold exactly what was acknowledged, and agree row by row.
    pub async fn check(&self, memory: &Memory) -> Result<()> {
        self.converged().await?;
        memory.check(&self.databases).await?;
        for compared in cart::compare(&self.databases).await? {
            anyhow::ensure!(
                compared.differences == 0,
                "{}: {}",
                compared.entity,
                compared.report
            );
        }
        Ok(())
    }
}
