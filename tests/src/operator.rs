//! An operator: what a person does with the `dualwrite` command, by the same
//! API.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use dualwrite_core::manifest::Manifest;
use dualwrite_proto::v1::migration_service_client::MigrationServiceClient;
use dualwrite_proto::v1::{self, JobKind, JobState, MigrationHealth, Phase};
use tonic::transport::Channel;

use crate::until;

/// How long anything is waited for before it counts as a failure.
const PATIENCE: Duration = Duration::from_mins(1);

/// A connection to the control plane on behalf of one service.
#[derive(Debug, Clone)]
pub struct Operator {
    client: MigrationServiceClient<Channel>,
    service: String,
}

impl Operator {
    /// Connects when the first call is made, and again whenever it has to.
    pub fn of(service: &str, url: &str) -> Result<Self> {
        let channel = Channel::from_shared(url.to_owned())?.connect_lazy();
        let client = MigrationServiceClient::new(channel);
        Ok(Self {
            client,
            service: service.to_owned(),
        })
    }

    /// The bare client, for calls that have no verb here.
    pub fn api(&self) -> MigrationServiceClient<Channel> {
        self.client.clone()
    }

    /// `dualwrite apply -f FILE`
    pub async fn apply(&self, manifest: &str) -> Result<v1::Migration> {
        let manifest = Manifest::parse("manifest", manifest)?;
        let request = v1::ApplyMigrationRequest {
            name: manifest.name,
            spec: Some((&manifest.spec).into()),
            initial_phase: manifest
                .phase
                .map_or(Phase::Unspecified, Phase::from)
                .into(),
            ..v1::ApplyMigrationRequest::default()
        };
        let answer = self.api().apply_migration(request).await?.into_inner();
        answer.migration.context("no migration in the answer")
    }

    /// `dualwrite status NAME`
    pub async fn migration(&self) -> Result<v1::Migration> {
        let request = v1::GetMigrationRequest {
            name: self.service.clone(),
        };
        let answer = self.api().get_migration(request).await?.into_inner();
        answer.migration.context("no migration in the answer")
    }

    /// `dualwrite phase set NAME PHASE --wait`, once the guards permit it.
    pub async fn phase(&self, to: Phase, reason: &str) -> Result<v1::Transition> {
        self.permitted(to).await?;
        let request = v1::TransitionMigrationRequest {
            name: self.service.clone(),
            to: to.into(),
            reason: reason.into(),
            wait: true,
            ..v1::TransitionMigrationRequest::default()
        };
        let mut request = tonic::Request::new(request);
        request.set_timeout(PATIENCE);
        let answer = self.api().transition_migration(request).await?.into_inner();
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

    /// `dualwrite retire NAME --reason TEXT`, once the guards permit it; how
    /// far it came.
    pub async fn retire(&self, reason: &str) -> Result<v1::Retirement> {
        let request = |validate_only| v1::RetireMigrationRequest {
            name: self.service.clone(),
            reason: reason.into(),
            validate_only,
            ..v1::RetireMigrationRequest::default()
        };
        let permitted = until("the guards permit the end", PATIENCE, async || {
            let answer = self.api().retire_migration(request(true)).await;
            let answer = answer.map_err(|status| status.to_string())?;
            let verdict = answer.into_inner().verdict.unwrap_or_default();
            if verdict.permitted {
                Ok(())
            } else {
                Err(format!("{verdict:?}"))
            }
        });
        permitted.await?;
        let mut request = tonic::Request::new(request(false));
        request.set_timeout(PATIENCE);
        let answer = self.api().retire_migration(request).await?.into_inner();
        let migration = answer.migration.context("no migration in the answer")?;
        migration.retirement.context("no end in the answer")
    }

    /// Waits until the end of the migration is as it should be.
    pub async fn ended(
        &self,
        what: &str,
        holds: impl Fn(&v1::Retirement) -> bool,
    ) -> Result<v1::Retirement> {
        let ended = until(what, PATIENCE, async || {
            let migration = self.migration().await.map_err(|error| error.to_string())?;
            let end = migration.retirement.unwrap_or_default();
            if holds(&end) {
                Ok(end)
            } else {
                Err(format!("{end:?}"))
            }
        });
        Ok(ended.await?)
    }

    /// Waits until the guards permit a step: `dualwrite phase set NAME PHASE
    /// --dry-run`, again and again.
    pub async fn permitted(&self, to: Phase) -> Result<()> {
        let permitted = until("the guards permit the step", PATIENCE, async || {
            let verdict = self.verdict(to).await?;
            if verdict.permitted {
                Ok(())
            } else {
                Err(format!("{verdict:?}"))
            }
        });
        Ok(permitted.await?)
    }

    /// Waits until every guard has something to judge: a fleet that has just
    /// connected has not reported yet, and what is unknown does not pass.
    pub async fn measured(&self, to: Phase) -> Result<()> {
        let measured = until("every guard has a figure", PATIENCE, async || {
            let verdict = self.verdict(to).await?;
            let unknown = verdict
                .guards
                .iter()
                .any(|guard| guard.measured == "unknown");
            if unknown {
                Err(format!("{verdict:?}"))
            } else {
                Ok(())
            }
        });
        Ok(measured.await?)
    }

    /// What the guards say of a step.
    async fn verdict(&self, to: Phase) -> Result<v1::Verdict, String> {
        let request = v1::TransitionMigrationRequest {
            name: self.service.clone(),
            to: to.into(),
            validate_only: true,
            ..v1::TransitionMigrationRequest::default()
        };
        let answer = self.api().transition_migration(request).await;
        let verdict = answer
            .map_err(|status| status.to_string())?
            .into_inner()
            .verdict;
        Ok(verdict.unwrap_or_default())
    }

    /// `dualwrite backfill start NAME --watch`
    pub async fn backfill(&self) -> Result<v1::Job> {
        let request = v1::StartJobRequest {
            name: self.service.clone(),
            kind: JobKind::Backfill.into(),
            ..v1::StartJobRequest::default()
        };
        let job = self.api().start_job(request).await?.into_inner().job;
        let id = job.context("no job in the answer")?.id;
        let ended = until("the backfill ends", PATIENCE, async || {
            let request = v1::GetJobRequest { id: id.clone() };
            let job = self.api().get_job(request).await.ok()?.into_inner().job?;
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

    /// Waits until what the fleet reports is so.
    pub async fn reported(
        &self,
        what: &str,
        holds: impl Fn(&MigrationHealth) -> bool,
    ) -> Result<()> {
        let reported = until(what, PATIENCE, async || {
            let health = self
                .migration()
                .await
                .map_err(|error| error.to_string())?
                .health;
            let health = health.unwrap_or_default();
            if holds(&health) {
                Ok(())
            } else {
                Err(format!("{health:?}"))
            }
        });
        Ok(reported.await?)
    }

    /// Waits until so many sidecars are connected and follow.
    pub async fn followed_by(&self, sidecars: u32) -> Result<()> {
        self.reported("every sidecar follows", |health| {
            health.live_sidecars == sidecars && health.acked_sidecars == sidecars
        })
        .await
    }
}
