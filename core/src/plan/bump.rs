//! The roles stay and the epoch moves on, because what writers must leave
//! behind changes (entities, mapping, kept markers).

use crate::fence::Seen;
use crate::plan::Plan;
use crate::plan::step::{Cas, Step, StepName, tell};
use crate::side::Role;

pub(crate) fn next(plan: &Plan, primary: &Seen, other: &Seen) -> Step {
    let Some(primary_fence) = primary.fence() else {
        return Step::Wait {
            why: format!("the {} database does not answer", plan.primary),
        };
    };
    let made = plan.to_epoch;
    let secondary = plan.primary.other();
    let has_secondary = plan.to_phase.secondary().is_some();
    if primary_fence.role != Role::Primary {
        return Step::Resolved {
            why: tell(plan, primary.at(), other.at()),
        };
    }
    if primary_fence.epoch == made && primary_fence.plan_id == plan.plan_id {
        return Step::Done;
    }
    if primary_fence.epoch != plan.from_epoch {
        return Step::Resolved {
            why: tell(plan, primary.at(), other.at()),
        };
    }
    // An abort before the primary moved leaves the secondary ahead at worst;
    // `mend` brings the primary after it only through the next plan.
    if plan.aborting {
        return Step::Aborted;
    }
    match other.at() {
        Some(at) if has_secondary && at.role == Role::Secondary && at.epoch < made => {
            let to = (made, Role::Secondary);
            Step::Change(Cas::planned(StepName::Raise, plan, secondary, at, to))
        }
        None if has_secondary => Step::Wait {
            why: format!("the {secondary} database does not answer"),
        },
        Some(_) | None => {
            let to = (made, Role::Primary);
            Step::Change(Cas::planned(
                StepName::Advance,
                plan,
                plan.primary,
                primary_fence.at(),
                to,
            ))
        }
    }
}
