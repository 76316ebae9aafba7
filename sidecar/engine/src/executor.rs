//! Executes plans: reads both fences, asks the rules for the one next step,
//! does it, reads again. Remembers nothing in between but what it is for.

mod hand_over;
mod takeover;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use dualwrite_core::plan::{Cas, Plan, Step, StepName, next_step};
use dualwrite_core::side::Side;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::request::{PlanEvent, PlanOutcome};
use crate::shared::Shared;
use crate::store::{CasOutcome, StoreError};
use crate::watcher;

pub(crate) use takeover::run as run_takeover;

/// One executor's time for a plan. Beyond it the control plane names another.
const EXECUTION_MAX: Duration = Duration::from_secs(25);

/// How long the old primary may stay frozen while its markers are drained,
/// before the flip is taken back. Writes wait for all of it.
pub(crate) const DRAIN_BUDGET: Duration = Duration::from_secs(3);

/// Between looks while a step is not possible.
const WAIT_INTERVAL: Duration = Duration::from_millis(50);

/// The plans that this sidecar executes now.
#[derive(Debug, Default)]
pub(crate) struct Running {
    plans: Mutex<HashMap<String, bool>>,
}

impl Running {
    /// Begins a plan, or redirects one that runs already. Answers whether the
    /// caller is to run it.
    fn begin(&self, plan: &Plan) -> bool {
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(aborting) = plans.get_mut(&plan.plan_id) {
            *aborting |= plan.aborting;
            return false;
        }
        plans.insert(plan.plan_id.clone(), plan.aborting);
        true
    }

    fn aborting(&self, plan_id: &str) -> bool {
        let plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        plans.get(plan_id).copied().unwrap_or(false)
    }

    fn end(&self, plan_id: &str) {
        self.plans
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(plan_id);
    }

    /// Whether any plan is executed here.
    pub(crate) fn any(&self) -> bool {
        !self
            .plans
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_empty()
    }
}

/// Ends a plan's place in [`Running`] whatever way its execution ends.
struct Place<'a> {
    running: &'a Running,
    plan_id: String,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.running.end(&self.plan_id);
    }
}

/// Executes a plan until it ends, telling each step.
pub(crate) async fn execute(shared: &Shared, plan: Plan, events: mpsc::Sender<PlanEvent>) {
    if !shared.running.begin(&plan) {
        return;
    }
    let _place = Place {
        running: &shared.running,
        plan_id: plan.plan_id.clone(),
    };
    let mut execution = Execution {
        shared,
        plan,
        events,
        frozen_at: None,
        gave_up: None,
    };
    let end = execution.run().await;
    execution.tell(end).await;
    watcher::look(shared).await;
}

struct Execution<'a> {
    shared: &'a Shared,
    plan: Plan,
    events: mpsc::Sender<PlanEvent>,
    frozen_at: Option<Instant>,
    /// Why this execution takes the plan back by itself, once it does.
    gave_up: Option<String>,
}

/// One thing to report.
struct Told {
    step: &'static str,
    detail: String,
    outcome: PlanOutcome,
}

impl Told {
    fn running(name: StepName, detail: impl Into<String>) -> Self {
        Self {
            step: name.as_str(),
            detail: detail.into(),
            outcome: PlanOutcome::Running,
        }
    }

    fn end(step: &'static str, detail: impl Into<String>, outcome: PlanOutcome) -> Self {
        Self {
            step,
            detail: detail.into(),
            outcome,
        }
    }
}

impl Execution<'_> {
    async fn run(&mut self) -> Told {
        let until = Instant::now() + EXECUTION_MAX;
        let mut last_wait = String::new();
        while Instant::now() < until {
            self.plan.aborting = self.plan.aborting
                || self.gave_up.is_some()
                || self.shared.running.aborting(&self.plan.plan_id);
            let (legacy, new) = tokio::join!(
                watcher::seen(self.shared, Side::Legacy),
                watcher::seen(self.shared, Side::New)
            );
            match next_step(&self.plan, &legacy, &new) {
                Step::Change(cas) => self.change(&cas).await,
                Step::HandOver(cas) => self.hand_over(&cas).await,
                Step::Done => return Told::end("done", "", PlanOutcome::Done),
                Step::Aborted => {
                    let why = self.gave_up.take().unwrap_or(last_wait);
                    return Told::end("aborted", why, PlanOutcome::Aborted);
                }
                Step::Resolved { why } => return Told::end("resolved", why, PlanOutcome::Failed),
                Step::Wait { why } => {
                    last_wait = why;
                    tokio::time::sleep(WAIT_INTERVAL).await;
                }
            }
        }
        Told::end("waiting", last_wait, PlanOutcome::Failed)
    }

    async fn change(&mut self, cas: &Cas) {
        let began = Instant::now();
        match change_fence(self.shared, cas).await {
            Ok(CasOutcome::Changed) => {
                if cas.name == StepName::Freeze {
                    self.frozen_at = Some(began);
                }
                self.shared.watcher.poke();
                self.tell(Told::running(
                    cas.name,
                    format!("{} is now {}", cas.side, cas.to.at()),
                ))
                .await;
            }
            // Somebody else was quicker: the next look says where it stands.
            Ok(CasOutcome::Lost(_) | CasOutcome::MarkersLeft) => {}
            Err(error) => {
                self.tell(Told::running(cas.name, format!("{}: {error}", cas.side)))
                    .await;
                // A lost reply, or a lock that somebody holds: look again.
                tokio::time::sleep(WAIT_INTERVAL).await;
            }
        }
    }

    async fn tell(&self, told: Told) {
        let event = PlanEvent {
            plan_id: self.plan.plan_id.clone(),
            step: told.step,
            detail: told.detail,
            outcome: told.outcome,
            pause: self.frozen_at.map(|at| at.elapsed()),
        };
        tracing::info!(
            plan = %event.plan_id, step = event.step, detail = %event.detail, "a transition goes on"
        );
        // Nobody listens any more: the fences tell the rest.
        let _ = self.events.send(event).await;
    }
}

/// One compare-and-set that no marker stands in the way of.
pub(super) async fn change_fence(shared: &Shared, cas: &Cas) -> Result<CasOutcome, StoreError> {
    shared
        .store(cas.side)?
        .change_fence(&shared.service, cas, None)
        .await
}
