//! The rules that the engine takes from `dualwrite-core`, called here as the
//! engine calls them. The answers are kept: there are few different questions,
//! and the checker asks them millions of times.

use std::cell::RefCell;
use std::collections::HashMap;

use dualwrite_core::authority::{Following, Outlook, Standing, observe};
use dualwrite_core::fence::{self, EpochSettings, Seen};
use dualwrite_core::plan::{self, Cas, Patience, Plan, Step, StepName};
use dualwrite_core::side::{Role, Side};

use crate::state::{Fence, StoredPlan};

/// The service of the model.
const SERVICE: &str = "model";

/// What a sidecar makes of both fences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct View {
    /// The epoch that its transactions carry.
    pub epoch: u8,
    /// The side that it takes for the primary.
    pub primary: Side,
    /// Whether foreground writes may begin.
    pub admits: bool,
    /// Whether its relay may copy.
    pub relays: bool,
    /// Whether writes leave markers.
    pub marking: bool,
}

/// Who asks what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// The executor of the plan.
    Plan,
    /// Any sidecar, while a frozen row is left to its executor.
    Mending,
    /// Any sidecar, once its patience is over: it tries the hand-over.
    TakingOver,
    /// Any sidecar that found markers left: it takes the flip back.
    TakingBack,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// This change of one fence.
    Change(Change),
    /// This change, with every marker gone.
    HandOver(Change),
    /// Nothing more: the plan has ended.
    Ended,
    /// Nothing now.
    Nothing,
}

/// A compare-and-set of a fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Change {
    /// What the step is called.
    pub name: StepName,
    /// The side.
    pub side: Side,
    /// What epoch and role must still be.
    pub from: (u8, Role),
    /// What stands there then.
    pub to: Fence,
}

type Views = HashMap<([Fence; 2], bool), Option<View>>;

type Question = (By, Option<StoredPlan>, [Fence; 2], bool);

thread_local! {
    static VIEWS: RefCell<Views> = RefCell::default();
    static DECISIONS: RefCell<HashMap<Question, Decision>> = RefCell::default();
}

/// What both fences mean; `None` where nobody can act on them.
#[must_use]
pub fn view(fences: [Fence; 2], keep_markers: bool) -> Option<View> {
    VIEWS.with_borrow_mut(|known| {
        *known
            .entry((fences, keep_markers))
            .or_insert_with(|| look(fences, keep_markers))
    })
}

fn look([legacy, new]: [Fence; 2], keep_markers: bool) -> Option<View> {
    let Outlook::Settled(authority) =
        observe(&seen(legacy, keep_markers), &seen(new, keep_markers))
    else {
        return None;
    };
    let settings = EpochSettings::from_json(&authority.settings).ok()?;
    Some(View {
        epoch: u8::try_from(authority.epoch).ok()?,
        primary: authority.primary,
        admits: authority.standing == Standing::Open,
        relays: authority.following == Following::Open,
        marking: settings.marking,
    })
}

/// What comes next, for whoever asks and has read these fences.
#[must_use]
pub fn decide(by: By, plan: Option<StoredPlan>, fences: [Fence; 2], keep: bool) -> Decision {
    DECISIONS.with_borrow_mut(|known| {
        *known
            .entry((by, plan, fences, keep))
            .or_insert_with(|| ask(by, plan, fences, keep))
    })
}

fn ask(by: By, plan: Option<StoredPlan>, [legacy, new]: [Fence; 2], keep: bool) -> Decision {
    let (legacy, new) = (seen(legacy, keep), seen(new, keep));
    let step = match (by, plan) {
        (By::Plan, Some(plan)) => Some(plan::next_step(&stored(plan, keep), &legacy, &new)),
        (By::Plan, None) => None,
        (By::Mending, _) => plan::mend(&legacy, &new, Patience::Left),
        (By::TakingOver, _) => plan::mend(&legacy, &new, Patience::Over),
        (By::TakingBack, _) => plan::mend(&legacy, &new, Patience::Exhausted),
    };
    let decision = match step {
        Some(Step::Change(cas)) => change(&cas).map(Decision::Change),
        Some(Step::HandOver(cas)) => change(&cas).map(Decision::HandOver),
        Some(Step::Done | Step::Aborted | Step::Resolved { .. }) => Some(Decision::Ended),
        Some(Step::Wait { .. }) | None => None,
    };
    decision.unwrap_or(Decision::Nothing)
}

/// Whether writes leave markers after a step to the plan's phase.
#[must_use]
pub fn marking_after(from: Fence, to: dualwrite_core::phase::Phase, keep_markers: bool) -> bool {
    settings(from, keep_markers).moved_to(to).marking
}

/// Whether writes leave markers right after an installation.
#[must_use]
pub fn marking_at_start(phase: dualwrite_core::phase::Phase, keep_markers: bool) -> bool {
    EpochSettings::initial(SERVICE, phase, keep_markers, Vec::new()).marking
}

fn settings(fence: Fence, keep_markers: bool) -> EpochSettings {
    let initial = EpochSettings::initial(SERVICE, fence.phase, keep_markers, Vec::new());
    EpochSettings {
        marking: fence.marking,
        ..initial
    }
}

fn seen(fence: Fence, keep_markers: bool) -> Seen {
    Seen::Fence(fence::Fence {
        epoch: u64::from(fence.epoch),
        role: fence.role,
        phase: fence.phase,
        plan_id: plan_id(fence.plan),
        settings: settings(fence, keep_markers).to_json(),
    })
}

fn plan_id(plan: u8) -> String {
    match plan {
        0 => String::new(),
        number => number.to_string(),
    }
}

fn stored(plan: StoredPlan, keep_markers: bool) -> Plan {
    let before = EpochSettings::initial(SERVICE, plan.from, keep_markers, Vec::new());
    let settings = EpochSettings {
        phase: plan.to,
        marking: plan.marking,
        ..before
    };
    Plan {
        plan_id: plan_id(plan.id),
        kind: plan.kind.kind(),
        from_phase: plan.from,
        to_phase: plan.to,
        from_epoch: u64::from(plan.epoch),
        to_epoch: u64::from(plan.epoch) + 1,
        primary: plan.primary,
        settings: settings.to_json(),
        aborting: plan.aborting,
    }
}

fn change(cas: &Cas) -> Option<Change> {
    let settings = EpochSettings::from_json(&cas.to.settings).ok()?;
    Some(Change {
        name: cas.name,
        side: cas.side,
        from: (u8::try_from(cas.from.epoch).ok()?, cas.from.role),
        to: Fence {
            epoch: u8::try_from(cas.to.epoch).ok()?,
            role: cas.to.role,
            phase: cas.to.phase,
            plan: cas.to.plan_id.parse().unwrap_or(0),
            marking: settings.marking,
        },
    })
}
