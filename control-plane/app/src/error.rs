//! The leaves that the errors of the use cases are made of. Each carries what
//! its caller needs to do something about it.

use dualwrite_core::guard::Verdict;
use dualwrite_core::phase::Phase;
use dualwrite_core::violation::Violation;

use crate::model::{JobState, Nack};
use crate::ports::StoreError;

/// No migration has this name (any more).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no migration `{name}`; `dualwrite list` shows those there are")]
pub struct MigrationNotFound {
    /// What was asked for.
    pub name: String,
}

/// Somebody else changed the migration first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is at revision {current} now, not {seen}; look at it again and repeat")]
pub struct StaleRevision {
    /// The migration.
    pub name: String,
    /// The revision that the caller saw.
    pub seen: u64,
    /// The revision that there is; 0 when there is no such migration.
    pub current: u64,
}

/// A transition is under way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` is on its way from {from} to {to} (plan {plan_id}); wait for it to end, or abort it"
)]
pub struct TransitionRunning {
    /// The migration.
    pub name: String,
    /// The plan under way.
    pub plan_id: String,
    /// Where it started.
    pub from: Phase,
    /// Where it goes.
    pub to: Phase,
}

/// No step leads there from here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` is in {from}: it cannot go to {to} from there; allowed {}",
    phases(allowed)
)]
pub struct IllegalTransition {
    /// The migration.
    pub name: String,
    /// The phase now.
    pub from: Phase,
    /// The phase asked for.
    pub to: Phase,
    /// The phases one step away, forward first.
    pub allowed: Vec<Phase>,
}

/// Guards refused the transition.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{name}` may not go from {from} to {to}: {}", failures(verdict))]
pub struct GuardRefused {
    /// The migration.
    pub name: String,
    /// The phase now.
    pub from: Phase,
    /// The phase asked for.
    pub to: Phase,
    /// What every guard said.
    pub verdict: Verdict,
}

/// The migration has ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` is retired: its fences are gone, and it stays in new_only; `dualwrite status` shows its end"
)]
pub struct MigrationRetired {
    /// The migration.
    pub name: String,
}

/// The migration is not where it can end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` is in {from}: only a migration in new_only can be retired; the next step is {next}"
)]
pub struct NotAtTheEnd {
    /// The migration.
    pub name: String,
    /// The phase now.
    pub from: Phase,
    /// The next step forward.
    pub next: Phase,
}

/// Guards refused the end.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{name}` may not be retired: {}", failures(verdict))]
pub struct RetirementRefused {
    /// The migration.
    pub name: String,
    /// What every guard said.
    pub verdict: Verdict,
}

/// No live sidecar is there to do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no live sidecar of `{name}` is there to do it; start one, and see that it reaches the control plane"
)]
pub struct NoExecutor {
    /// The migration.
    pub name: String,
}

/// Force, or the end of a migration, needs a reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a forced transition, and the end of a migration, need a reason; it goes into the history")]
pub struct ReasonRequired;

/// No transition is under way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` has no transition under way")]
pub struct NoTransition {
    /// The migration.
    pub name: String,
}

/// There is no such revision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` has no revision {revision}; it has 1 to {current}, as far as they are kept")]
pub struct RevisionNotFound {
    /// The migration.
    pub name: String,
    /// What was asked for.
    pub revision: u64,
    /// The newest.
    pub current: u64,
}

/// The migration still works.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is in use: {why}")]
pub struct MigrationInUse {
    /// The migration.
    pub name: String,
    /// What uses it, and what to do first.
    pub why: String,
}

/// The change of the spec is not possible now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` cannot be changed so: {why}")]
pub struct SpecChangeRefused {
    /// The migration.
    pub name: String,
    /// Why, and what would be possible.
    pub why: String,
}

/// The spec is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the spec is not valid: {}", list(violations))]
pub struct InvalidSpec {
    /// Everything that is wrong.
    pub violations: Vec<Violation>,
}

/// No service may have this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` cannot be a name; it must be a lower case letter, then up to 30 lower case letters, digits or _"
)]
pub struct InvalidName {
    /// What was given.
    pub name: String,
}

/// There is no such job.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no job `{id}`; `dualwrite jobs` shows those there are")]
pub struct JobNotFound {
    /// What was asked for.
    pub id: String,
}

/// The job, or the migration, is not in a state in which this can be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {why}")]
pub struct JobRefused {
    /// What was asked for, as in "job 17 cannot be paused".
    pub what: String,
    /// Why not, and what would be possible.
    pub why: String,
    /// The state of the job, where there is one.
    pub state: Option<JobState>,
}

/// The migration has no such entity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` has no entity `{entity}`; {hint}")]
pub struct UnknownEntity {
    /// The migration.
    pub name: String,
    /// What was asked for.
    pub entity: String,
    /// The nearest name, or what there is.
    pub hint: String,
}

/// The key does not have exactly the fields of the entity's key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the key of `{entity}` is ({}); given were ({})", needed.join(", "), given.join(", "))]
pub struct WrongKey {
    /// The entity.
    pub entity: String,
    /// The fields of its key, in order.
    pub needed: Vec<String>,
    /// The fields that were given.
    pub given: Vec<String>,
}

/// A page token that this list did not give.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the page token is not one that this list gave; begin again without one")]
pub struct InvalidPageToken;

/// Sidecars that refuse a revision, for people: `instance: reason`.
#[must_use]
pub fn refusals<'a>(nacks: impl IntoIterator<Item = (&'a str, &'a Nack)>) -> Vec<String> {
    nacks
        .into_iter()
        .map(|(instance, nack)| format!("{instance}: {}", nack.reasons.join("; ")))
        .collect()
}

/// The store did not do it; nothing was changed.
pub type Store = StoreError;

fn phases(allowed: &[Phase]) -> String {
    let words: Vec<&str> = allowed.iter().map(|phase| phase.as_str()).collect();
    format!("are: {}", words.join(", "))
}

fn failures(verdict: &Verdict) -> String {
    let lines: Vec<String> = verdict
        .failed()
        .map(|guard| {
            format!(
                "{} is {} (limit: {}; {})",
                guard.guard, guard.measured, guard.limit, guard.remedy
            )
        })
        .collect();
    lines.join("; ")
}

fn list(violations: &[Violation]) -> String {
    violations
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

impl TransitionRunning {
    /// Of the transition that is under way.
    #[must_use]
    pub fn of(running: &crate::model::Transition) -> Self {
        Self {
            name: running.migration.clone(),
            plan_id: running.plan.plan_id.clone(),
            from: running.plan.from_phase,
            to: running.plan.to_phase,
        }
    }
}
