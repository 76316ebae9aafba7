//! How a transition ends.

use dualwrite_core::fence::EpochSettings;

use crate::app::ControlPlane;
use crate::change::{Change, place};
use crate::model::{Author, EventKind, Transition, TransitionState};
use crate::reconcile::adopt::follow;
use crate::reconcile::reading::Reading;
use crate::reconcile::{ReconcileError, enter};

/// How a transition ends.
#[derive(Debug, Clone)]
pub(super) enum Ending {
    /// It reached its phase and its epoch.
    Done,
    /// Everything is as it was before.
    Aborted,
    /// Everything is in the phase it was in before, in a later epoch.
    AbortedAt(u64),
    /// The fences went another way.
    Resolved(Box<Reading>),
}

/// How the fences say that it ended, when they say so beyond doubt.
pub(super) fn ending_by_fences(running: &Transition, reading: &Reading) -> Option<Ending> {
    let (plan, said) = (&running.plan, &reading.authority);
    if said.epoch < plan.to_epoch || !reading.at_rest() {
        return None;
    }
    let ours = reading.plan_id == plan.plan_id;
    if ours && said.epoch == plan.to_epoch && said.phase == plan.to_phase {
        return Some(Ending::Done);
    }
    if ours && plan.aborting && said.phase == plan.from_phase {
        return Some(Ending::AbortedAt(said.epoch));
    }
    Some(Ending::Resolved(Box::new(reading.clone())))
}

/// Ends a transition: the migration enters the epoch that there is now, as a
/// new revision. One that has ended already stays as it is.
pub(super) async fn finish(
    plane: &ControlPlane,
    running: &Transition,
    ending: Ending,
) -> Result<(), ReconcileError> {
    let mut change = Change::open::<ReconcileError>(plane, &running.migration, None).await?;
    let Some(mut ended) = change
        .running
        .take()
        .filter(|now| now.plan.plan_id == running.plan.plan_id)
    else {
        return Ok(());
    };
    let author = Author::new(&ended.actor, &ended.reason);
    let before = place(&change.migration);
    arrive(&mut change, &ended, &ending).await?;
    change.revise::<ReconcileError>(&author).await?;
    ended.ended = Some(change.now);
    ended.state = state(&ending);
    if let Ending::Resolved(_) = &ending {
        let why = format!(
            "sidecars went to {} by themselves",
            place(&change.migration)
        );
        ended.outcome = if ended.outcome.is_empty() {
            why
        } else {
            format!("{why} ({})", ended.outcome)
        };
    }
    change.work.save_transition(&ended).await?;
    let after = match &*ended.outcome {
        "" => place(&change.migration),
        why => format!("{}: {why}", place(&change.migration)),
    };
    tracing::info!(
        plan_id = ended.plan.plan_id,
        before,
        after,
        "a transition ended"
    );
    change.note(kind(&ending), &author, before, after).await?;
    change.commit(plane).await?;
    Ok(())
}

/// Enters the epoch that there is now.
async fn arrive(
    change: &mut Change,
    ended: &Transition,
    ending: &Ending,
) -> Result<(), ReconcileError> {
    let now = change.migration.epoch_settings();
    match ending {
        Ending::Done => {
            let planned = EpochSettings::from_json(&ended.plan.settings);
            let settings = planned.unwrap_or_else(|_| now.moved_to(ended.plan.to_phase));
            enter(change, ended.plan.to_epoch, &settings).await?;
        }
        Ending::Aborted => {
            let (settled, epoch) = (change.migration.settled(), change.migration.epoch);
            enter(change, epoch, &now).await?;
            if !settled {
                change.migration.doubt();
            }
        }
        Ending::AbortedAt(epoch) => enter(change, *epoch, &now).await?,
        Ending::Resolved(reading) => follow(change, reading).await?,
    }
    Ok(())
}

const fn state(ending: &Ending) -> TransitionState {
    match ending {
        Ending::Done => TransitionState::Done,
        Ending::Aborted | Ending::AbortedAt(_) => TransitionState::Aborted,
        Ending::Resolved(_) => TransitionState::Resolved,
    }
}

const fn kind(ending: &Ending) -> EventKind {
    match ending {
        Ending::Done => EventKind::TransitionDone,
        Ending::Aborted | Ending::AbortedAt(_) => EventKind::TransitionAborted,
        Ending::Resolved(_) => EventKind::TransitionResolved,
    }
}
