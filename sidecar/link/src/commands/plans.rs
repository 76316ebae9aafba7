//! Executing a plan.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use dualwrite_core::plan::Plan;
use dualwrite_engine::request::PlanEvent;
use dualwrite_proto::v1;
use dualwrite_proto::v1::plan_progress::Outcome;
use dualwrite_proto::v1::session_request::Kind;
use tokio::sync::mpsc;

use super::{Commands, EVENTS_MAX, SessionCommands};
use crate::wire;

impl SessionCommands<'_> {
    /// Makes this sidecar the executor of a plan. The execution outlives the
    /// session: a flip that has begun is finished with nobody watching.
    pub(crate) fn execute(&self, plan: Option<v1::Plan>) {
        let plan = plan.unwrap_or_default();
        let plan_id = plan.plan_id.clone();
        match Plan::try_from(plan) {
            Ok(plan) => self.all.execute(plan),
            Err(error) => {
                tracing::error!(%plan_id, %error, "a plan cannot be read");
                let detail = format!("the plan cannot be read: {error}");
                self.all.tell(failed(plan_id, detail));
            }
        }
    }
}

impl Commands {
    fn execute(&self, plan: Plan) {
        if !self.begin_plan(&plan) {
            tracing::debug!(
                plan_id = plan.plan_id,
                "this plan is being executed already"
            );
            return;
        }
        tracing::info!(
            plan_id = plan.plan_id,
            aborting = plan.aborting,
            "executing a plan"
        );
        let (sender, receiver) = mpsc::channel(EVENTS_MAX);
        let engine = Arc::clone(&self.engine);
        let told = self.progress_in.clone();
        let engine_of_progress = Arc::clone(&self.engine);
        let running = Running {
            plans: Arc::clone(&self.plans),
            plan_id: plan.plan_id.clone(),
            aborting: plan.aborting,
        };
        self.spawn("execute", async move {
            let _running = running;
            let progress = async move {
                forward(receiver, |event| {
                    let wire = wire::plan_progress(event, &engine_of_progress.fences());
                    drop(told.try_send(Kind::PlanProgress(wire)));
                })
                .await;
            };
            tokio::join!(engine.execute(plan, sender), progress);
        });
    }

    /// Whether a plan is to be started: it is not under way in this direction.
    fn begin_plan(&self, plan: &Plan) -> bool {
        let mut plans = lock(&self.plans);
        plans.insert(plan.plan_id.clone(), plan.aborting) != Some(plan.aborting)
    }

    /// Tells progress when a session takes it. The executor never waits for
    /// that, and what is lost is read from the fences.
    fn tell(&self, progress: v1::PlanProgress) {
        if self
            .progress_in
            .try_send(Kind::PlanProgress(progress))
            .is_err()
        {
            tracing::debug!("progress of a plan is dropped: nobody has listened for long");
        }
    }
}

/// A plan under way; forgets it when dropped.
struct Running {
    plans: Arc<Mutex<HashMap<String, bool>>>,
    plan_id: String,
    aborting: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut plans = lock(&self.plans);
        // One that was redirected is another's to forget.
        if plans.get(&self.plan_id) == Some(&self.aborting) {
            plans.remove(&self.plan_id);
        }
    }
}

fn lock(plans: &Mutex<HashMap<String, bool>>) -> std::sync::MutexGuard<'_, HashMap<String, bool>> {
    plans.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn forward(mut events: mpsc::Receiver<PlanEvent>, tell: impl Fn(PlanEvent)) {
    while let Some(event) = events.recv().await {
        tell(event);
    }
}

fn failed(plan_id: String, detail: String) -> v1::PlanProgress {
    v1::PlanProgress {
        plan_id,
        detail,
        outcome: Outcome::Failed.into(),
        ..v1::PlanProgress::default()
    }
}
