//! Retire: the end of a migration. Sidecars go on without fences and markers,
//! and everything of ours is removed from both databases.

use std::time::Duration;

use dualwrite_core::guard::{Verdict, permit_retirement};
use tokio::time::timeout;

use super::deciding::{at_rest, opened, with_reason};
use crate::app::ControlPlane;
use crate::change::{Change, place};
use crate::error::{
    MigrationNotFound, NoExecutor, NotAtTheEnd, ReasonRequired, RetirementRefused, StaleRevision,
    TransitionRunning,
};
use crate::model::{Author, EventKind, MigrationView, Retirement};
use crate::observe::observe;
use crate::ports::StoreError;

/// A request for the end of a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retire {
    /// The migration.
    pub name: String,
    /// The revision that the caller saw, if it minds.
    pub seen: Option<u64>,
    /// Who and why; without a reason it is refused.
    pub author: Author,
    /// Only say what the guards say; change nothing.
    pub dry_run: bool,
}

/// What became of the request.
#[derive(Debug, Clone, PartialEq)]
pub struct RetireAnswer {
    /// The migration, with its end as far as it has come.
    pub migration: MigrationView,
    /// What the guards said; all of them passed when it was decided before.
    pub verdict: Verdict,
}

/// The end was not decided.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RetireError {
    /// There is no migration of this name.
    #[error(transparent)]
    NotFound(#[from] MigrationNotFound),
    /// It moved on since the caller saw it.
    #[error(transparent)]
    Stale(#[from] StaleRevision),
    /// It is not in its last phase.
    #[error(transparent)]
    NotAtTheEnd(#[from] NotAtTheEnd),
    /// Guards refused it.
    #[error(transparent)]
    Refused(Box<RetirementRefused>),
    /// A transition is under way.
    #[error(transparent)]
    Running(#[from] TransitionRunning),
    /// Nobody is there to do it.
    #[error(transparent)]
    NoExecutor(#[from] NoExecutor),
    /// No reason was given.
    #[error(transparent)]
    ReasonRequired(#[from] ReasonRequired),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ControlPlane {
    /// Decides the end of a migration; see [`ControlPlane::wait_retired`] for
    /// how far it comes. One that was decided before is left as it is.
    ///
    /// # Errors
    /// [`RetireError`].
    pub async fn retire(&self, request: Retire) -> Result<RetireAnswer, RetireError> {
        if !request.dry_run {
            with_reason(&request.author)?;
        }
        let mut change = opened::<RetireError>(self, &request.name, request.seen).await?;
        if change.migration.retirement.is_some() {
            return Ok(RetireAnswer {
                migration: self.shown(change.migration, change.running),
                verdict: Verdict::default(),
            });
        }
        at_the_end(&change)?;
        let observed = observe(self, &mut change).await?;
        let verdict = permit_retirement(&observed, &change.migration.spec.guards);
        if request.dry_run {
            let migration = self.shown(change.migration, change.running);
            return Ok(RetireAnswer { migration, verdict });
        }
        at_rest(&change)?;
        if observed.live_sidecars == 0 {
            return Err(NoExecutor { name: request.name }.into());
        }
        if !verdict.permitted() {
            let name = request.name;
            let refused = RetirementRefused { name, verdict };
            return Err(RetireError::Refused(Box::new(refused)));
        }
        let migration = self.decide(change, request.author).await?;
        Ok(RetireAnswer { migration, verdict })
    }

    async fn decide(
        &self,
        mut change: Change,
        author: Author,
    ) -> Result<MigrationView, RetireError> {
        let before = place(&change.migration);
        change.migration.retirement = Some(Retirement {
            actor: author.actor.clone(),
            reason: author.reason.clone(),
            started: change.now,
            ended: None,
            removals: Vec::new(),
            waiting_for: String::new(),
        });
        change.revise::<RetireError>(&author).await?;
        let after = "sidecars go on without fences";
        change
            .note(EventKind::Retiring, &author, before, after)
            .await?;
        let (migration, running) = change.commit(self).await?;
        Ok(self.shown(migration, running))
    }

    /// Waits until everything of ours is gone, or until it is known what
    /// stands in the way, or until `patience` is over.
    ///
    /// # Errors
    /// [`GetError`](crate::verbs::GetError).
    pub async fn wait_retired(
        &self,
        name: &str,
        patience: Duration,
    ) -> Result<MigrationView, crate::verbs::GetError> {
        let not_found = || MigrationNotFound {
            name: name.to_owned(),
        };
        let mut stored = self.service(name).ok_or_else(not_found)?.stored();
        let told = async {
            loop {
                stored.mark_unchanged();
                let view = self.get(name).await?;
                let end = view.migration.retirement.as_ref();
                if end.is_none_or(|end| end.ended.is_some() || !end.removals.is_empty()) {
                    return Ok(());
                }
                if stored.changed().await.is_err() {
                    return Ok(());
                }
            }
        };
        match timeout(patience, told).await {
            Ok(Err(error)) => Err(error),
            Ok(Ok(())) | Err(_) => self.get(name).await,
        }
    }
}

fn at_the_end(change: &Change) -> Result<(), NotAtTheEnd> {
    let from = change.migration.phase;
    match from.next() {
        None => Ok(()),
        Some(next) => Err(NotAtTheEnd {
            name: change.migration.name.clone(),
            from,
            next,
        }),
    }
}
