//! The protocol under some rules and happenings, as a model that a checker
//! can walk through.

use dualwrite_core::phase::Phase;
use dualwrite_core::side::Side;
use stateright::{Model, Property};

use crate::authority;
use crate::properties::PROPERTIES;
use crate::rules::{ALL_KEYS, Happenings, Rules};
use crate::state::{
    Database, Executor, Fence, Ghost, KEYS, ReadTask, Receipt, RelayTask, Sidecar, State,
    WriteTask, Wrongs,
};
use crate::step::Step;
use crate::{executor, outside, plan, read, relay, server, watcher, write};

/// The protocol under some rules, and what happens.
#[derive(Debug, Clone)]
pub struct Protocol {
    /// The rules.
    pub rules: Rules,
    /// What happens.
    pub happenings: Happenings,
}

impl Protocol {
    /// Where everything begins: installed, at epoch 1, both sides equal.
    #[must_use]
    pub fn start(&self) -> State {
        let happenings = &self.happenings;
        let phase = happenings.start;
        let marking = authority::marking_at_start(phase, happenings.keep_markers);
        let rows = [u8::from(happenings.row_at_start) * AT_START, 0];
        let database = |side| Database {
            rows,
            markers: [0; KEYS],
            versions: [0; KEYS],
            receipts: [Receipt::None; 3],
            fence: Fence {
                epoch: 1,
                role: phase.role(side),
                phase,
                plan: 0,
                marking,
            },
        };
        let databases = [database(Side::Legacy), database(Side::New)];
        let sidecar = Sidecar {
            seen: [databases[0].fence, databases[1].fence],
            told: None,
            write: WriteTask::default(),
            relay: RelayTask::default(),
            read: ReadTask::default(),
        };
        State {
            databases,
            sidecars: vec![sidecar; happenings.sidecars],
            orphans: Vec::new(),
            executors: vec![Executor::Idle; happenings.executors],
            outside: None,
            plan: None,
            plans: 0,
            reached: 0,
            aborts: 0,
            asked: 0,
            reads: 0,
            outside_begun: 0,
            drawn: 0,
            told: false,
            pulled: if marking { ALL_KEYS } else { 0 },
            pulled_since: 1,
            ghost: Ghost {
                authority: phase.primary(),
                last: rows,
                history: vec![rows[0]],
                floor: 0,
                lineage: 0,
                acknowledged: 0,
                effects: [0; 3],
                told_committed: 0,
                told_aborted: 0,
                wrongs: Wrongs::default(),
            },
        }
    }

    /// Every step that may be possible now.
    #[must_use]
    pub fn steps(&self, state: &State) -> Vec<Step> {
        let mut steps = Vec::new();
        for (number, sidecar) in state.sidecars.iter().enumerate() {
            // Sidecars are alike: of two in the same state one is enough.
            if number > 0 && state.sidecars[number - 1] == *sidecar {
                continue;
            }
            watcher::steps(self, state, sidecar, number, &mut steps);
            write::steps(self, state, sidecar, number, &mut steps);
            relay::steps(sidecar, number, &mut steps);
            read::steps(self, state, sidecar, number, &mut steps);
        }
        server::steps(state, &mut steps);
        executor::steps(self, state, &mut steps);
        plan::steps(self, state, &mut steps);
        outside::steps(self, state, &mut steps);
        steps
    }

    /// The state after a step; `None` when it is not possible.
    #[must_use]
    pub fn after(&self, state: &State, step: Step) -> Option<State> {
        let after = match step {
            Step::Look(sidecar, side) => watcher::look(self, state, sidecar, side),
            Step::Told(sidecar) => watcher::told(self, state, sidecar),
            Step::Crash(sidecar) => Some(watcher::crash(self, state, sidecar)),
            Step::Write(sidecar, step) => write::after(self, state, sidecar, step),
            Step::Relay(sidecar, step) => relay::after(self, state, sidecar, step),
            Step::Read(sidecar, step) => read::after(self, state, sidecar, step),
            Step::Execute(executor, step) => executor::after(self, state, executor, step),
            Step::Plan(step) => plan::after(self, state, step),
            Step::Outside(step) => outside::after(self, state, step),
            Step::Server(orphan, step) => server::after(self, state, orphan, step),
        };
        after.map(State::ordered)
    }

    /// Whether everything ended well: at rest, drained, equal, one primary, and
    /// every sidecar knows it.
    #[must_use]
    pub fn is_converged(&self, state: &State) -> bool {
        let primary = state.ghost.authority;
        let fence = state.database(primary).fence;
        let other = state.database(primary.other()).fence;
        let as_the_phase_says = Side::BOTH
            .into_iter()
            .all(|side| state.database(side).fence.role == fence.phase.role(side));
        let followed = fence.phase.secondary().is_none()
            || (state.pulled == ALL_KEYS && state.databases[0].rows == state.databases[1].rows);
        let truth = authority::view(state.fences(), self.happenings.keep_markers);
        let knows = |sidecar: &Sidecar| self.view(sidecar) == truth;
        state.at_rest_but_kept_markers(fence.phase)
            && as_the_phase_says
            && fence.epoch == other.epoch
            && followed
            && state.sidecars.iter().all(knows)
    }
}

/// What key 0 holds at the start, where it is there.
const AT_START: u8 = 9;

impl State {
    /// At rest; markers that are kept while nobody follows may stand.
    fn at_rest_but_kept_markers(&self, phase: Phase) -> bool {
        if phase.secondary().is_some() {
            return self.at_rest();
        }
        let mut without = self.clone();
        for database in &mut without.databases {
            database.markers = [0; KEYS];
        }
        without.at_rest()
    }
}

impl Model for Protocol {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        vec![self.start()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Step>) {
        actions.extend(self.steps(state));
    }

    fn next_state(&self, state: &State, step: Step) -> Option<State> {
        self.after(state, step)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        PROPERTIES
            .iter()
            .map(|(name, holds)| Property::always(name, *holds))
            .collect()
    }
}
