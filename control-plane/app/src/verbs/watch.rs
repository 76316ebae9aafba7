//! Watch: a migration, again after each change.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::GetError;
use crate::app::ControlPlane;
use crate::fleet::Service;
use crate::model::{JobStatus, MigrationView, Operations};

/// The shortest time between two views: a busy fleet reports many times a
/// second, and nobody reads faster.
const PACE: Duration = Duration::from_millis(100);

/// What the operations of a view are the fold of.
const WINDOW: Duration = Duration::from_mins(1);

/// A migration, again after each change of it or of what its fleet reports.
#[derive(Debug)]
pub struct Watch {
    plane: ControlPlane,
    service: Arc<Service>,
    stored: watch::Receiver<u64>,
    reported: watch::Receiver<u64>,
    begun: bool,
}

/// What a watcher is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchView {
    /// The migration.
    pub migration: MigrationView,
    /// The fold of the last minute, per entity and side.
    pub operations: Vec<Operations>,
    /// The time that the operations stand for, for rates.
    pub span: Duration,
    /// Its jobs, newest first.
    pub jobs: Vec<JobStatus>,
}

impl ControlPlane {
    /// Begins to watch a migration.
    ///
    /// # Errors
    /// [`GetError`].
    pub async fn watch(&self, name: &str) -> Result<Watch, GetError> {
        self.get(name).await?;
        let service = self.service(name).ok_or_else(|| {
            GetError::from(crate::error::MigrationNotFound {
                name: name.to_owned(),
            })
        })?;
        let (stored, reported) = (service.stored(), service.reported());
        Ok(Watch {
            plane: self.clone(),
            service,
            stored,
            reported,
            begun: false,
        })
    }
}

impl Watch {
    /// The migration: at once the first time, then after a change. What
    /// changed in between is one view.
    ///
    /// # Errors
    /// [`GetError::NotFound`] once it is deleted.
    pub async fn next(&mut self) -> Result<WatchView, GetError> {
        if self.begun {
            sleep(PACE).await;
            tokio::select! {
                _ = self.stored.changed() => {}
                _ = self.reported.changed() => {}
            }
        }
        self.begun = true;
        self.stored.mark_unchanged();
        self.reported.mark_unchanged();
        self.look().await
    }

    async fn look(&self) -> Result<WatchView, GetError> {
        let name = self.service.name();
        let migration = self.plane.get(name).await?;
        let jobs = self.plane.store().view().await?.jobs(name).await?;
        let at = self.plane.at();
        let rated = |job: crate::model::Job| {
            let rate = self.service.rate(&job.id, at.steady);
            JobStatus { job, rate }
        };
        let metrics = self.service.metrics(at.now, WINDOW);
        Ok(WatchView {
            migration,
            operations: metrics.totals,
            span: metrics.span,
            jobs: jobs.into_iter().map(rated).collect(),
        })
    }
}
