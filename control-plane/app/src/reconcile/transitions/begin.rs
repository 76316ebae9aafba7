//! How a transition begins, and how it begins to be taken back.

use dualwrite_core::fence::EpochSettings;
use dualwrite_core::plan::{Plan, PlanKind};

use crate::app::ControlPlane;
use crate::change::{Change, place};
use crate::error::{MigrationNotFound, StaleRevision};
use crate::model::{Author, EventKind, Transition, TransitionState};
use crate::ports::StoreError;
use crate::reconcile::jobs::give_up_jobs;

/// What a transition is to bring into force.
#[derive(Debug, Clone)]
pub(crate) struct Intent {
    pub(crate) kind: PlanKind,
    /// The settings of the epoch that it makes.
    pub(crate) settings: EpochSettings,
    /// Whether guards were overridden.
    pub(crate) forced: bool,
}

/// Stores the plan and makes the next revision, which announces it.
pub(crate) async fn begin<E>(
    plane: &ControlPlane,
    change: &mut Change,
    intent: Intent,
    author: &Author,
) -> Result<(), E>
where
    E: From<StaleRevision> + From<StoreError>,
{
    let Intent {
        kind,
        settings,
        forced,
    } = intent;
    let plan = plan(plane, change, kind, &settings);
    let transition = Transition {
        migration: change.migration.name.clone(),
        state: TransitionState::Running,
        executor: None,
        steps: Vec::new(),
        started: change.now,
        deadline: change.now.after(plane.transition_limit()),
        ended: None,
        reason: author.reason.clone(),
        actor: author.actor.clone(),
        forced,
        outcome: String::new(),
        plan,
    };
    change.work.insert_transition(&transition).await?;
    if moves_roles(kind) {
        give_up_jobs(change, "a transition was forced past it").await?;
    }
    let after = format!(
        "to {}, epoch {}",
        transition.plan.to_phase, transition.plan.to_epoch
    );
    let before = place(&change.migration);
    change.running = Some(transition);
    change.revise::<E>(author).await?;
    change
        .note(EventKind::TransitionStarted, author, before, after)
        .await?;
    Ok(())
}

/// Marks the transition under way as being taken back, and makes the next
/// revision, which announces it.
pub(crate) async fn take_back<E>(change: &mut Change, author: &Author, why: &str) -> Result<(), E>
where
    E: From<MigrationNotFound> + From<StaleRevision> + From<StoreError>,
{
    let Some(running) = change.running.as_mut() else {
        return Ok(());
    };
    running.state = TransitionState::Aborting;
    running.plan.aborting = true;
    why.clone_into(&mut running.outcome);
    let running = running.clone();
    change.work.save_transition(&running).await?;
    change.revise::<E>(author).await
}

/// A flip makes exactly the next epoch, for its steps name both. All others
/// make one above whatever stands in a fence, for an aborted change may have
/// left one side ahead.
fn plan(plane: &ControlPlane, change: &Change, kind: PlanKind, settings: &EpochSettings) -> Plan {
    let migration = &change.migration;
    let reported = plane.service(&migration.name).map(|service| {
        let health = service.health(plane.at().steady, 0);
        let fences = [health.legacy_fence, health.new_fence];
        fences
            .into_iter()
            .flatten()
            .map(|fence| fence.epoch)
            .max()
            .unwrap_or(0)
    });
    let to_epoch = match kind {
        PlanKind::Flip => migration.epoch + 1,
        PlanKind::Open | PlanKind::Close | PlanKind::Bump => {
            migration.epoch.max(reported.unwrap_or(0)) + 1
        }
    };
    Plan {
        plan_id: plane.new_id(),
        kind,
        from_phase: migration.phase,
        to_phase: settings.phase,
        from_epoch: migration.epoch,
        to_epoch,
        primary: migration.phase.primary(),
        settings: settings.to_json(),
        aborting: false,
    }
}

const fn moves_roles(kind: PlanKind) -> bool {
    match kind {
        PlanKind::Flip | PlanKind::Open | PlanKind::Close => true,
        PlanKind::Bump => false,
    }
}
