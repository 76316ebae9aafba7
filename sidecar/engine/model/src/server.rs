//! What a server does with a transaction whose client is gone.

use crate::model::Protocol;
use crate::state::State;
use crate::step::{ServerStep, Step};

pub(crate) fn steps(state: &State, steps: &mut Vec<Step>) {
    for (number, orphan) in state.orphans.iter().enumerate() {
        if orphan.sent {
            steps.push(Step::Server(number, ServerStep::Late));
        }
        steps.push(Step::Server(number, ServerStep::Drop));
    }
}

pub(crate) fn after(
    protocol: &Protocol,
    state: &State,
    number: usize,
    step: ServerStep,
) -> Option<State> {
    let mut without = state.clone();
    if number >= without.orphans.len() {
        return None;
    }
    let orphan = without.orphans.remove(number);
    match step {
        ServerStep::Late => protocol.run(&without, &orphan).ok().map(|(after, _)| after),
        ServerStep::Drop => Some(without),
    }
}
