//! Transition: a step to a neighbour phase.

use dualwrite_core::guard::{Request, Verdict, permit};
use dualwrite_core::phase::Phase;
use dualwrite_core::plan::{PlanKind, StepName};

use super::deciding::{at_rest, opened, with_reason};
use crate::app::ControlPlane;
use crate::change::{Change, place};
use crate::error::{
    GuardRefused, IllegalTransition, MigrationNotFound, MigrationRetired, NoExecutor,
    ReasonRequired, StaleRevision, TransitionRunning,
};
use crate::model::{Author, EventKind, MigrationView, Transition};
use crate::observe::observe;
use crate::ports::StoreError;
use crate::reconcile::{Intent, begin};

/// A request for a step to a neighbour phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Go {
    /// The migration.
    pub name: String,
    /// The phase to go to.
    pub to: Phase,
    /// The revision that the caller saw, if it minds.
    pub seen: Option<u64>,
    /// Who and why. Force needs a reason.
    pub author: Author,
    /// Override the guards that can be overridden.
    pub force: bool,
    /// Only say what the guards say; change nothing.
    pub dry_run: bool,
}

/// What became of the request.
#[derive(Debug, Clone, PartialEq)]
pub struct TransitionAnswer {
    /// The migration, with the transition that was begun.
    pub migration: MigrationView,
    /// The transition that was begun; none after a dry run.
    pub transition: Option<Transition>,
    /// What the guards said.
    pub verdict: Verdict,
    /// The steps that are to be taken, in order.
    pub steps: &'static [StepName],
}

/// A transition was not begun.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TransitionError {
    /// There is no migration of this name.
    #[error(transparent)]
    NotFound(#[from] MigrationNotFound),
    /// It moved on since the caller saw it.
    #[error(transparent)]
    Stale(#[from] StaleRevision),
    /// The phase asked for is no neighbour.
    #[error(transparent)]
    Illegal(#[from] IllegalTransition),
    /// The migration has ended.
    #[error(transparent)]
    Retired(#[from] MigrationRetired),
    /// Guards refused it.
    #[error(transparent)]
    Refused(Box<GuardRefused>),
    /// Another one is under way.
    #[error(transparent)]
    Running(#[from] TransitionRunning),
    /// Nobody is there to execute it.
    #[error(transparent)]
    NoExecutor(#[from] NoExecutor),
    /// Force was given without a reason.
    #[error(transparent)]
    ReasonRequired(#[from] ReasonRequired),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ControlPlane {
    /// Begins a step to a neighbour phase; see [`ControlPlane::wait_transition`]
    /// for its end. What the fences say by now is taken in first.
    ///
    /// # Errors
    /// [`TransitionError`]. A refusal by guards is in the history.
    pub async fn transition(&self, request: Go) -> Result<TransitionAnswer, TransitionError> {
        if request.force && !request.dry_run {
            with_reason(&request.author)?;
        }
        let mut change = opened::<TransitionError>(self, &request.name, request.seen).await?;
        if change.migration.retirement.is_some() {
            return Err(MigrationRetired { name: request.name }.into());
        }
        let kind = legal(&change, request.to)?;
        let verdict = self.judge(&mut change, request.to).await?;
        if request.dry_run {
            let migration = self.shown(change.migration, change.running);
            return Ok(TransitionAnswer {
                migration,
                transition: None,
                verdict,
                steps: kind.steps(),
            });
        }
        at_rest(&change)?;
        if verdict.no_executor() {
            return Err(NoExecutor { name: request.name }.into());
        }
        let passed = verdict.permitted() || (request.force && verdict.permitted_by_force());
        if !passed {
            return Err(self.refuse(change, &request, verdict).await?);
        }
        let settings = change.migration.epoch_settings().moved_to(request.to);
        let intent = Intent {
            kind,
            settings,
            forced: !verdict.permitted(),
        };
        begin::<TransitionError>(self, &mut change, intent, &request.author).await?;
        let (migration, running) = change.commit(self).await?;
        let migration = self.shown(migration, running.clone());
        Ok(TransitionAnswer {
            migration,
            transition: running,
            verdict,
            steps: kind.steps(),
        })
    }

    async fn judge(&self, change: &mut Change, to: Phase) -> Result<Verdict, StoreError> {
        let observed = observe(self, change).await?;
        let request = Request {
            from: change.migration.phase,
            to,
        };
        Ok(permit(&observed, &change.migration.spec.guards, &request))
    }

    /// Puts the refusal into the history.
    async fn refuse(
        &self,
        mut change: Change,
        request: &Go,
        verdict: Verdict,
    ) -> Result<TransitionError, StoreError> {
        let failed: Vec<String> = verdict
            .failed()
            .map(|guard| {
                format!(
                    "{}: {} (limit {})",
                    guard.guard, guard.measured, guard.limit
                )
            })
            .collect();
        let before = place(&change.migration);
        let after = format!("refused {}: {}", request.to, failed.join("; "));
        change
            .note(EventKind::TransitionRefused, &request.author, before, after)
            .await?;
        let from = change.migration.phase;
        change.commit(self).await?;
        let refused = GuardRefused {
            name: request.name.clone(),
            from,
            to: request.to,
            verdict,
        };
        Ok(TransitionError::Refused(Box::new(refused)))
    }
}

fn legal(change: &Change, to: Phase) -> Result<PlanKind, IllegalTransition> {
    let from = change.migration.phase;
    PlanKind::between(from, to)
        .filter(|_| from != to)
        .ok_or_else(|| IllegalTransition {
            name: change.migration.name.clone(),
            from,
            to,
            allowed: from.neighbours(),
        })
}
