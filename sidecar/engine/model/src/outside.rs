//! A writer that knows no sidecar (psql, another service): one write of key 0
//! on legacy, with the trigger that captures and guards it.

use dualwrite_core::side::{Role, Side};

use crate::model::Protocol;
use crate::rules::Guarding;
use crate::state::{OutsideWriter, State};
use crate::step::{OutsideStep, Step};
use crate::transaction::{Kind, Transaction};

/// What it writes.
const CONTENT: u8 = 8;

/// The token of its marker.
const TOKEN: u8 = 7;

pub(crate) fn steps(protocol: &Protocol, state: &State, steps: &mut Vec<Step>) {
    let mut push = |step| steps.push(Step::Outside(step));
    match &state.outside {
        None if state.outside_begun < protocol.happenings.outside => push(OutsideStep::Begin),
        None => {}
        Some(OutsideWriter {
            transaction: None, ..
        }) => {
            push(OutsideStep::Write);
            push(OutsideStep::Refused);
        }
        Some(OutsideWriter {
            transaction: Some(_),
            ..
        }) => {
            push(OutsideStep::Commit);
            push(OutsideStep::RollBack);
        }
    }
}

pub(crate) fn after(protocol: &Protocol, state: &State, step: OutsideStep) -> Option<State> {
    let mut after = state.clone();
    match step {
        OutsideStep::Begin => {
            after.outside_begun += 1;
            after.outside = Some(OutsideWriter {
                snapshot: state.database(Side::Legacy).fence,
                transaction: None,
            });
        }
        OutsideStep::Write => {
            if !is_let_in(protocol, state) {
                return None;
            }
            let mut tx = Transaction::new(Side::Legacy, Kind::Outside, 1, 0);
            tx.rows[0] = Some(CONTENT);
            tx.token = TOKEN;
            tx.marking = true;
            let open = protocol.statements(state, tx).ok()?;
            after.outside.as_mut()?.transaction = Some(Transaction { sent: true, ..open });
        }
        OutsideStep::Refused => {
            if is_let_in(protocol, state) {
                return None;
            }
            after.outside = None;
        }
        OutsideStep::Commit => {
            let tx = after.outside.take()?.transaction?;
            after = protocol.run(&after, &tx).ok()?.0;
        }
        OutsideStep::RollBack => after.outside = None,
    }
    Some(after)
}

/// What the trigger reads of the fence.
fn is_let_in(protocol: &Protocol, state: &State) -> bool {
    let now = state.database(Side::Legacy).fence;
    let old = state.outside.as_ref().map_or(now, |one| one.snapshot);
    match protocol.rules.guarding {
        Guarding::MarkerOnly => true,
        Guarding::Guard | Guarding::Unlocked => now.role == Role::Primary,
        Guarding::OldSnapshot => old.role == Role::Primary,
    }
}
