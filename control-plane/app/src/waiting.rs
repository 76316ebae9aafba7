//! Waiting for what the fleet does, without polling.

use std::time::Duration;

use tokio::time::timeout;

use crate::app::ControlPlane;
use crate::error::MigrationNotFound;
use crate::fleet::Service;
use crate::model::{Nack, Transition};
use crate::ports::StoreError;

/// Who accepted a revision.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Acks {
    /// Live sidecars that accepted it (or a later one).
    pub acked: Vec<String>,
    /// Live sidecars that refused it, and why.
    pub nacked: Vec<(String, Nack)>,
    /// Live sidecars that have not said anything yet.
    pub missing: Vec<String>,
}

impl Acks {
    /// Whether all live sidecars accepted it.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.nacked.is_empty() && self.missing.is_empty()
    }
}

/// What was waited for cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WaitError {
    /// There is no such migration, or no such plan of it.
    #[error(transparent)]
    NotFound(#[from] MigrationNotFound),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ControlPlane {
    /// Waits until every live sidecar has accepted `revision` or refused it,
    /// or until `patience` is over; answers how it stands then. With no live
    /// sidecar there is nothing to wait for.
    ///
    /// # Errors
    /// [`WaitError::NotFound`].
    pub async fn wait_acked(
        &self,
        name: &str,
        revision: u64,
        patience: Duration,
    ) -> Result<Acks, WaitError> {
        let service = self.service(name).ok_or_else(|| MigrationNotFound {
            name: name.to_owned(),
        })?;
        let mut reported = service.reported();
        let spoken = async {
            loop {
                reported.mark_unchanged();
                if !service.is_awaited(revision, self.at().steady) {
                    return;
                }
                if reported.changed().await.is_err() {
                    return;
                }
            }
        };
        // Whether it ended or the time is over, what counts is how it stands.
        drop(timeout(patience, spoken).await);
        Ok(self.acks(&service, revision))
    }

    /// Waits until the transition of this plan has ended, or until `patience`
    /// is over; answers it as it stands then.
    ///
    /// # Errors
    /// [`WaitError`].
    pub async fn wait_transition(
        &self,
        name: &str,
        plan_id: &str,
        patience: Duration,
    ) -> Result<Transition, WaitError> {
        let not_found = || MigrationNotFound {
            name: name.to_owned(),
        };
        let mut stored = self.service(name).ok_or_else(not_found)?.stored();
        let ended = async {
            loop {
                stored.mark_unchanged();
                if self.load_transition(name, plan_id).await?.state.ended() {
                    return Ok(());
                }
                if stored.changed().await.is_err() {
                    return Ok(());
                }
            }
        };
        match timeout(patience, ended).await {
            Ok(Err(error)) => Err(error),
            Ok(Ok(())) | Err(_) => self.load_transition(name, plan_id).await,
        }
    }

    async fn load_transition(&self, name: &str, plan_id: &str) -> Result<Transition, WaitError> {
        let found = self.store().view().await?.transition(plan_id).await?;
        let found = found.filter(|transition| transition.migration == name);
        Ok(found.ok_or_else(|| MigrationNotFound {
            name: name.to_owned(),
        })?)
    }

    fn acks(&self, service: &Service, revision: u64) -> Acks {
        let mut acks = Acks::default();
        for session in service.live(self.at().steady) {
            match session.nack {
                Some(nack) if nack.revision >= revision => {
                    acks.nacked.push((session.instance, nack));
                }
                Some(_) | None if session.acked >= revision => acks.acked.push(session.instance),
                Some(_) | None => acks.missing.push(session.instance),
            }
        }
        acks
    }
}
