//! The operator of the demo: what a person would do with the `dualwrite`
//! command, by the same API.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use dualwrite_core::manifest::Manifest;
use dualwrite_proto::v1::migration_service_client::MigrationServiceClient;
use dualwrite_proto::v1::{self, JobKind, JobState, Phase};
use dualwrite_tests::until;
use tonic::transport::Channel;

/// How long the demo waits for anything before it calls it a failure.
const PATIENCE: Duration = Duration::from_mins(1);

/// A connection to the control plane on behalf of the cart service.
#[derive(Debug, Clone)]
pub(crate) struct Operator {
    client: MigrationServiceClient<Channel>,
}

impl Operator {
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        let client = MigrationServiceClient::connect(url.to_owned()).await?;
        Ok(Self { client })
    }

    /// `dualwrite apply -f examples/cart/cart.yaml`
    pub(crate) async fn apply(&mut self) -> Result<()> {
        let text = include_str!("../../../examples/cart/cart.yaml");
        let manifest = Manifest::parse("examples/cart/cart.yaml", text)?;
        let request = v1::ApplyMigrationRequest {
            name: manifest.name,
            spec: Some((&manifest.spec).into()),
            initial_phase: manifest
                .phase
                .map_or(Phase::Unspecified, Phase::from)
                .into(),
            ..v1::ApplyMigrationRequest::default()
        };
        self.client.apply_migration(request).await?;
        Ok(())
    }

    /// `dualwrite status cart`
    pub(crate) async fn migration(&mut self) -> Result<v1::Migration> {
        let request = v1::GetMigrationRequest {
            name: "cart".into(),
        };
        let answer = self.client.get_migration(request).await?.into_inner();
        answer.migration.context("no migration in the answer")
    }

    /// `dualwrite phase set cart PHASE --wait`
    pub(crate) async fn phase(&mut self, to: Phase, reason: &str) -> Result<v1::Transition> {
        let request = v1::TransitionMigrationRequest {
            name: "cart".into(),
            to: to.into(),
            reason: reason.into(),
            wait: true,
            ..v1::TransitionMigrationRequest::default()
        };
        let mut request = tonic::Request::new(request);
        request.set_timeout(PATIENCE);
        let answer = self
            .client
            .transition_migration(request)
            .await?
            .into_inner();
        let migration = answer.migration.context("no migration in the answer")?;
        let transition = answer.transition.context("no transition in the answer")?;
        if migration.phase() != to {
            bail!(
                "the phase is {:?}: {}",
                migration.phase(),
                transition.outcome
            );
        }
        Ok(transition)
    }

    /// `dualwrite backfill start cart --watch`
    pub(crate) async fn backfill(&mut self) -> Result<v1::Job> {
        let request = v1::StartJobRequest {
            name: "cart".into(),
            kind: JobKind::Backfill.into(),
            ..v1::StartJobRequest::default()
        };
        let job = self.client.start_job(request).await?.into_inner().job;
        let id = job.context("no job in the answer")?.id;
        let client = &self.client;
        let ended = until("the backfill ends", PATIENCE, async || {
            let request = v1::GetJobRequest { id: id.clone() };
            let job = client
                .clone()
                .get_job(request)
                .await
                .ok()?
                .into_inner()
                .job?;
            match job.state() {
                JobState::Done | JobState::Failed | JobState::Cancelled => Some(job),
                JobState::Unspecified
                | JobState::Planning
                | JobState::Running
                | JobState::Paused => None,
            }
        });
        let job = ended.await?;
        if job.state() != JobState::Done {
            bail!("the backfill ended as {:?}: {}", job.state(), job.error);
        }
        Ok(job)
    }
}
