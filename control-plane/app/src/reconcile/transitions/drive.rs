//! One look at one transition under way.

use dualwrite_core::plan::PlanKind;

use super::begin::take_back;
use super::choose::{Choice, choose};
use super::desk::Named;
use super::finish::{Ending, ending_by_fences, finish};
use crate::app::ControlPlane;
use crate::change::Change;
use crate::error::refusals;
use crate::fleet::{Command, LiveSession};
use crate::model::{Author, Transition, TransitionState};
use crate::reconcile::ReconcileError;
use crate::reconcile::reading::Reading;

/// Does what is to be done about a transition now.
pub(super) async fn drive(
    plane: &ControlPlane,
    running: &Transition,
) -> Result<(), ReconcileError> {
    let Some(service) = plane.service(&running.migration) else {
        return Ok(());
    };
    let at = plane.at();
    let aborting = running.state == TransitionState::Aborting;
    let live = service.live(at.steady);
    if !works(plane, running, &live) {
        // Nobody is about to say how it ends: perhaps the fences do.
        let reading = Reading::of(&service, at.steady);
        if let Some(ending) = reading.and_then(|reading| ending_by_fences(running, &reading)) {
            return finish(plane, running, ending).await;
        }
    }
    if !aborting && at.now >= running.deadline {
        let limit = plane.transition_limit().as_secs();
        return back(plane, running, &format!("it did not end within {limit} s")).await;
    }
    if !aborting && running.plan.kind == PlanKind::Bump {
        match accepted(plane, running, &live) {
            Accepted::All => {}
            Accepted::NotYet => return Ok(()),
            Accepted::Refused(why) => return back(plane, running, &why).await,
        }
    }
    if aborting && running.executor.is_none() {
        // Nobody was ever told, so nothing has changed.
        return finish(plane, running, Ending::Aborted).await;
    }
    execute(plane, running, &live).await
}

/// Whether an executor is connected and was told or heard a moment ago.
fn works(plane: &ControlPlane, running: &Transition, live: &[LiveSession]) -> bool {
    let desk = plane.desk();
    let Some(dispatch) = desk.transitions.dispatches.get(&running.plan.plan_id) else {
        return false;
    };
    let alive = |named: &Named| live.iter().any(|one| one.session == named.session);
    dispatch.current.as_ref().is_some_and(alive)
        && dispatch.works(running.plan.aborting, plane.at().steady)
}

enum Accepted {
    All,
    NotYet,
    Refused(String),
}

/// Whether every live sidecar has accepted the mapping that is to come into
/// force.
fn accepted(plane: &ControlPlane, running: &Transition, live: &[LiveSession]) -> Accepted {
    let published = plane
        .service(&running.migration)
        .and_then(|service| service.published());
    let Some(published) = published else {
        return Accepted::NotYet;
    };
    let refused = live.iter().filter_map(|one| {
        let nack = one
            .nack
            .as_ref()
            .filter(|nack| nack.revision >= published.revision)?;
        Some((&*one.instance, nack))
    });
    let refused = refusals(refused);
    if !refused.is_empty() {
        return Accepted::Refused(format!("refused by {}", refused.join("; ")));
    }
    let all = live.iter().all(|one| one.acked >= published.revision);
    if all && !live.is_empty() {
        Accepted::All
    } else {
        Accepted::NotYet
    }
}

async fn back(plane: &ControlPlane, running: &Transition, why: &str) -> Result<(), ReconcileError> {
    let mut change = Change::open::<ReconcileError>(plane, &running.migration, None).await?;
    let same = change.running.as_ref().is_some_and(|now| {
        now.plan.plan_id == running.plan.plan_id && now.state == TransitionState::Running
    });
    if same {
        tracing::warn!(
            plan_id = running.plan.plan_id,
            why,
            "a transition is taken back"
        );
        take_back::<ReconcileError>(&mut change, &Author::ourselves(why), why).await?;
        change.commit(plane).await?;
    }
    Ok(())
}

/// Sees to it that somebody executes the plan. Who it is is stored before it
/// is told: a transition without an executor has changed nothing.
async fn execute(
    plane: &ControlPlane,
    running: &Transition,
    live: &[LiveSession],
) -> Result<(), ReconcileError> {
    let steady = plane.at().steady;
    let aborting = running.plan.aborting;
    let choice = {
        let mut desk = plane.desk();
        let dispatch = desk
            .transitions
            .dispatches
            .entry(running.plan.plan_id.clone())
            .or_default();
        choose(
            dispatch,
            live,
            running.executor.as_deref(),
            aborting,
            steady,
        )
    };
    let Choice::Tell { session, instance } = choice else {
        return Ok(());
    };
    if running.executor.as_deref() != Some(&*instance) {
        name(plane, running, &instance).await?;
    }
    let told = plane
        .service(&running.migration)
        .is_some_and(|service| service.send(&session, Command::Execute(running.plan.clone())));
    let mut desk = plane.desk();
    if told {
        tracing::info!(
            plan_id = running.plan.plan_id,
            instance,
            aborting,
            "named an executor"
        );
        let dispatch = desk
            .transitions
            .dispatches
            .entry(running.plan.plan_id.clone())
            .or_default();
        dispatch.current = Some(Named {
            session,
            aborting,
            since: steady,
        });
    } else {
        desk.transitions
            .failed(&running.plan.plan_id, &session, steady);
    }
    Ok(())
}

async fn name(
    plane: &ControlPlane,
    running: &Transition,
    instance: &str,
) -> Result<(), ReconcileError> {
    let mut work = plane.store().begin().await?;
    let stored = work.transition(&running.plan.plan_id).await?;
    if let Some(mut stored) = stored.filter(|stored| !stored.state.ended()) {
        stored.executor = Some(instance.to_owned());
        work.save_transition(&stored).await?;
        work.commit().await?;
        if let Some(service) = plane.service(&running.migration) {
            service.touch_stored();
        }
    }
    Ok(())
}
