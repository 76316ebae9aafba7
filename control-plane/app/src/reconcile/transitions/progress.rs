//! What an executor says of its plan.

use dualwrite_core::plan::StepName;
use dualwrite_core::side::Side;

use super::finish::{Ending, finish};
use crate::app::ControlPlane;
use crate::fleet::{PlanOutcome, PlanProgress, Service};
use crate::model::{StepRecord, Transition};
use crate::reconcile::ReconcileError;

/// Steps that are kept of one transition at most: a plan has six, and an
/// executor that fails over and over must not fill the store.
const STEPS: usize = 64;

/// Takes in how far a plan has come. Said of a plan that has ended, it changes
/// nothing: the fences were read already.
pub(crate) async fn progressed(
    plane: &ControlPlane,
    service: &Service,
    session: &str,
    progress: PlanProgress,
) -> Result<(), ReconcileError> {
    let at = plane.at();
    service.read_fences(
        session,
        progress.legacy.as_ref(),
        progress.new.as_ref(),
        at.now,
    );
    let running = record(plane, service, &progress).await?;
    let Some(running) = running else {
        return Ok(());
    };
    let plan_id = &progress.plan_id;
    match progress.outcome {
        PlanOutcome::Running => plane.desk().transitions.heard(plan_id, session, at.steady),
        PlanOutcome::Done => finish(plane, &running, Ending::Done).await?,
        PlanOutcome::Aborted => finish(plane, &running, aborted(&running, &progress)).await?,
        PlanOutcome::Failed => {
            let detail = &progress.detail;
            tracing::warn!(plan_id, session, detail, "an executor cannot go on");
            plane.desk().transitions.failed(plan_id, session, at.steady);
        }
    }
    plane.wake();
    Ok(())
}

/// Appends the step to the transition; answers it while it is under way.
async fn record(
    plane: &ControlPlane,
    service: &Service,
    progress: &PlanProgress,
) -> Result<Option<Transition>, ReconcileError> {
    let mut work = plane.store().begin().await?;
    let found = work.transition(&progress.plan_id).await?;
    let found = found.filter(|one| one.migration == service.name() && !one.state.ended());
    let Some(mut running) = found else {
        return Ok(None);
    };
    let said = StepRecord {
        name: progress.step.clone(),
        detail: progress.detail.clone(),
        at: plane.at().now,
    };
    let same = |last: &StepRecord| last.name == said.name && last.detail == said.detail;
    let fresh = !said.name.is_empty() && !running.steps.last().is_some_and(same);
    if fresh && running.steps.len() < STEPS {
        running.steps.push(said);
        work.save_transition(&running).await?;
        work.commit().await?;
        service.touch_stored();
    }
    Ok(Some(running))
}

/// A flip that was frozen is taken back into an epoch of its own. The old
/// primary's fence says so, or the executor's step, which may be heard before
/// the fence is read again.
fn aborted(running: &Transition, progress: &PlanProgress) -> Ending {
    let plan = &running.plan;
    let fence = match plan.primary {
        Side::Legacy => &progress.legacy,
        Side::New => &progress.new,
    };
    let read = fence.as_ref().map_or(plan.from_epoch, |fence| fence.epoch);
    let thawed = running
        .steps
        .iter()
        .any(|step| step.name == StepName::Abort.as_str());
    let made = if thawed {
        plan.to_epoch + 1
    } else {
        plan.from_epoch
    };
    let epoch = read.max(made);
    if epoch > plan.from_epoch {
        Ending::AbortedAt(epoch)
    } else {
        Ending::Aborted
    }
}
