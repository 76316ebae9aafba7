//! The other side stops to follow: first the primary's fence, then its own.
//! The other database may be away: somebody closes it when it comes back.

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
    if primary_fence.role == Role::Primary && primary_fence.epoch == plan.from_epoch {
        if plan.aborting {
            return Step::Aborted;
        }
        let to = (made, Role::Primary);
        let at = primary_fence.at();
        return Step::Change(Cas::planned(StepName::Advance, plan, plan.primary, at, to));
    }
    let ours = primary_fence.plan_id == plan.plan_id;
    if primary_fence.role != Role::Primary || primary_fence.epoch != made || !ours {
        return Step::Resolved {
            why: tell(plan, primary.at(), other.at()),
        };
    }
    match other.at() {
        Some(at) if at.role == Role::Off || at.epoch > made => Step::Done,
        Some(at) => Step::Change(Cas::after(
            StepName::CloseSecondary,
            plan.primary.other(),
            at,
            (made, Role::Off),
            primary_fence,
        )),
        None => Step::Done,
    }
}
