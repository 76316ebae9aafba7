//! The other side starts to follow: first its own fence, then the primary's.
//! From the primary's new epoch on, every accepted write leaves a marker.

use crate::fence::Seen;
use crate::plan::Plan;
use crate::plan::step::{Cas, Step, StepName, tell};
use crate::side::Role;

pub(crate) fn next(plan: &Plan, primary: &Seen, other: &Seen) -> Step {
    let secondary = plan.primary.other();
    let (Some(primary_fence), Some(other_at)) = (primary.fence(), other.at()) else {
        let away = if primary.fence().is_none() {
            plan.primary
        } else {
            secondary
        };
        return Step::Wait {
            why: format!("the {away} database does not answer or has no fence"),
        };
    };
    let made = plan.to_epoch;
    let opened = other_at.role == Role::Secondary && other_at.epoch == made;
    if primary_fence.role != Role::Primary {
        return Step::Resolved {
            why: tell(plan, primary.at(), other.at()),
        };
    }
    if primary_fence.epoch == made && primary_fence.plan_id == plan.plan_id {
        return if opened {
            Step::Done
        } else {
            Step::Resolved {
                why: tell(plan, primary.at(), other.at()),
            }
        };
    }
    if primary_fence.epoch != plan.from_epoch {
        return Step::Resolved {
            why: tell(plan, primary.at(), other.at()),
        };
    }
    match (plan.aborting, opened) {
        (true, true) => {
            let to = (made, Role::Off);
            let cas = Cas::after(
                StepName::CloseSecondary,
                secondary,
                other_at,
                to,
                primary_fence,
            );
            Step::Change(cas)
        }
        (true, false) => Step::Aborted,
        (false, true) => {
            let to = (made, Role::Primary);
            Step::Change(Cas::planned(
                StepName::Advance,
                plan,
                plan.primary,
                primary_fence.at(),
                to,
            ))
        }
        (false, false) if other_at.epoch < made => {
            let to = (made, Role::Secondary);
            Step::Change(Cas::planned(
                StepName::OpenSecondary,
                plan,
                secondary,
                other_at,
                to,
            ))
        }
        (false, false) => Step::Resolved {
            why: tell(plan, primary.at(), other.at()),
        },
    }
}
