//! The flip: the primary changes and no write is lost or refused.
//!
//! The only point of decision is the old primary's row at the hand-over.
//! Before it an abort takes everything back; after it everybody goes forward.

use crate::authority::flipped_from;
use crate::fence::Seen;
use crate::plan::Plan;
use crate::plan::step::{Cas, Step, StepName, tell};
use crate::side::Role;

pub(crate) fn next(plan: &Plan, old: &Seen, other: &Seen) -> Step {
    let Some(old_fence) = old.fence() else {
        return Step::Wait {
            why: format!("the {} database does not answer", plan.primary),
        };
    };
    let (e, made) = (plan.from_epoch, plan.to_epoch);
    match (old_fence.role, old_fence.epoch) {
        (Role::Primary, epoch) if epoch == e => before_freeze(plan, old, other),
        (Role::Frozen, epoch) if epoch == made && old_fence.plan_id == plan.plan_id => {
            let at = old_fence.at();
            if plan.aborting {
                let to = (made + 1, Role::Primary);
                let back = Cas::after(StepName::Abort, plan.primary, at, to, old_fence);
                return Step::Change(back.in_phase(flipped_from(plan.to_phase)));
            }
            let to = (made, Role::Handed);
            Step::HandOver(Cas::after(
                StepName::HandOver,
                plan.primary,
                at,
                to,
                old_fence,
            ))
        }
        (Role::Handed, epoch) if epoch == made => after_hand_over(plan, old, other),
        (Role::Secondary, epoch) if epoch == made => match other.at() {
            Some(at) if at.role == Role::Primary && at.epoch == made => Step::Done,
            None => Step::Wait {
                why: format!("the {} database does not answer", plan.primary.other()),
            },
            Some(_) => resolved(plan, old, other),
        },
        // Taken back: the secondary follows to the epoch that the abort made.
        (Role::Primary, epoch) if epoch == made + 1 => match other.at() {
            Some(at) if at.role == Role::Secondary && at.epoch < epoch => Step::Change(Cas::after(
                StepName::Raise,
                plan.primary.other(),
                at,
                (epoch, Role::Secondary),
                old_fence,
            )),
            Some(_) | None => Step::Aborted,
        },
        (Role::Primary | Role::Secondary | Role::Frozen | Role::Handed | Role::Off, _) => {
            resolved(plan, old, other)
        }
    }
}

/// A freeze needs both fences at the epoch it starts from.
fn before_freeze(plan: &Plan, old: &Seen, other: &Seen) -> Step {
    if plan.aborting {
        return Step::Aborted;
    }
    let (Some(old_fence), Some(other_at)) = (old.fence(), other.at()) else {
        return Step::Wait {
            why: format!("the {} database does not answer", plan.primary.other()),
        };
    };
    let side = plan.primary.other();
    match other_at.role {
        Role::Secondary if other_at.epoch == plan.from_epoch => Step::Change(Cas::planned(
            StepName::Freeze,
            plan,
            plan.primary,
            old_fence.at(),
            (plan.to_epoch, Role::Frozen),
        )),
        Role::Secondary | Role::Handed if other_at.epoch <= plan.from_epoch => {
            let to = (plan.from_epoch, Role::Secondary);
            Step::Change(Cas::after(StepName::Raise, side, other_at, to, old_fence))
        }
        Role::Primary | Role::Secondary | Role::Frozen | Role::Handed | Role::Off => {
            resolved(plan, old, other)
        }
    }
}

fn after_hand_over(plan: &Plan, old: &Seen, other: &Seen) -> Step {
    let (Some(old_fence), Some(other_at)) = (old.fence(), other.at()) else {
        return Step::Wait {
            why: format!("the {} database does not answer", plan.primary.other()),
        };
    };
    let made = plan.to_epoch;
    match other_at.role {
        Role::Secondary if other_at.epoch < made => Step::Change(Cas::after(
            StepName::Activate,
            plan.primary.other(),
            other_at,
            (made, Role::Primary),
            old_fence,
        )),
        Role::Primary if other_at.epoch >= made => Step::Change(Cas::after(
            StepName::Follow,
            plan.primary,
            old_fence.at(),
            (made, Role::Secondary),
            old_fence,
        )),
        Role::Primary | Role::Secondary | Role::Frozen | Role::Handed | Role::Off => {
            resolved(plan, old, other)
        }
    }
}

fn resolved(plan: &Plan, old: &Seen, other: &Seen) -> Step {
    Step::Resolved {
        why: tell(plan, old.at(), other.at()),
    }
}
