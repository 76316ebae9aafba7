//! The relay with one key, as `relay::copy::pull` does it.

use crate::model::Protocol;
use crate::rules::{Relaying, SecondaryFencing};
use crate::state::{KEYS, RelayStage, RelayTask, Sidecar, State, has};
use crate::step::{RelayStep, Step};
use crate::transaction::{Kind, Transaction};

pub(crate) fn steps(sidecar: &Sidecar, number: usize, steps: &mut Vec<Step>) {
    let mut push = |step| steps.push(Step::Relay(number, step));
    match sidecar.relay.stage {
        RelayStage::Idle => (0..KEYS).for_each(|key| push(RelayStep::Begin(key))),
        RelayStage::Locked | RelayStage::HalfPulled => push(RelayStep::Pull),
        RelayStage::Pulled => push(RelayStep::Apply),
        RelayStage::Committing => {
            push(RelayStep::Committed);
            push(RelayStep::Unknown);
        }
        RelayStage::Clearing => push(RelayStep::Cleared),
    }
}

pub(crate) fn after(
    protocol: &Protocol,
    state: &State,
    number: usize,
    step: RelayStep,
) -> Option<State> {
    match step {
        RelayStep::Begin(key) => begin(protocol, state, number, key),
        RelayStep::Pull => pull(protocol, state, number),
        RelayStep::Apply => apply(protocol, state, number),
        RelayStep::Committed => committed(protocol, state, number),
        RelayStep::Unknown => Some(unknown(state, number)),
        RelayStep::Cleared => cleared(protocol, state, number),
    }
}

fn begin(protocol: &Protocol, state: &State, number: usize, key: usize) -> Option<State> {
    let view = protocol.view(&state.sidecars[number])?;
    let marked = state.database(view.primary).markers[key] != 0;
    // A backfill takes up what was not copied yet since markers began.
    let backfilled = view.marking && !has(state.pulled, key);
    if !view.relays || !(marked || backfilled) {
        return None;
    }
    let secondary = view.primary.other();
    let mut task = RelayTask {
        key,
        epoch: view.epoch,
        ..RelayTask::default()
    };
    let primary = state.database(view.primary);
    match protocol.rules.relaying {
        Relaying::None => return None,
        Relaying::LockedPull | Relaying::RowThenToken | Relaying::TokenThenRow => {
            let mut tx = Transaction::new(secondary, Kind::Copy, 1 << key, view.epoch);
            tx.key_lock = true;
            task.secondary = Some(protocol.statements(state, tx).ok()?);
            task.stage = RelayStage::Locked;
        }
        Relaying::Unlocked => {
            read(&mut task, primary, true, true);
            task.stage = RelayStage::Pulled;
        }
        Relaying::HoldsPrimaryRow => {
            read(&mut task, primary, true, true);
            task.stage = RelayStage::Pulled;
            // FOR UPDATE of a row that is not there locks nothing.
            if task.row != 0 {
                if state.row_is_locked(view.primary, key) {
                    return None;
                }
                let mut hold = Transaction::new(view.primary, Kind::HoldRow, 1 << key, view.epoch);
                hold.open = true;
                task.primary = Some(hold);
            } else {
                let mut hold = Transaction::new(view.primary, Kind::HoldRow, 0, view.epoch);
                hold.open = true;
                task.primary = Some(hold);
            }
        }
    }
    let mut after = state.clone();
    after.sidecars[number].relay = task;
    Some(after)
}

fn read(task: &mut RelayTask, from: &crate::state::Database, row: bool, token: bool) {
    if row {
        task.row = from.rows[task.key];
        task.version = from.versions[task.key];
    }
    if token {
        task.token = from.markers[task.key];
    }
}

fn pull(protocol: &Protocol, state: &State, number: usize) -> Option<State> {
    let view = protocol.view(&state.sidecars[number])?;
    let mut after = state.clone();
    let task = &mut after.sidecars[number].relay;
    let second = task.stage == RelayStage::HalfPulled;
    let (row, token, ends) = match (protocol.rules.relaying, second) {
        (Relaying::RowThenToken, false) | (Relaying::TokenThenRow, true) => (true, false, second),
        (Relaying::RowThenToken, true) | (Relaying::TokenThenRow, false) => (false, true, second),
        (
            Relaying::None | Relaying::LockedPull | Relaying::Unlocked | Relaying::HoldsPrimaryRow,
            _,
        ) => (true, true, true),
    };
    read(task, state.database(view.primary), row, token);
    task.stage = if ends {
        RelayStage::Pulled
    } else {
        RelayStage::HalfPulled
    };
    Some(after)
}

fn apply(protocol: &Protocol, state: &State, number: usize) -> Option<State> {
    let view = protocol.view(&state.sidecars[number])?;
    let mut after = state.clone();
    let task = &mut after.sidecars[number].relay;
    let secondary = view.primary.other();
    let own = task.secondary.take();
    let mut tx =
        own.unwrap_or_else(|| Transaction::new(secondary, Kind::Copy, 1 << task.key, task.epoch));
    tx.rows[task.key] = Some(task.row);
    tx.version = task.version;
    let written = if protocol.rules.relaying == Relaying::Unlocked {
        tx
    } else {
        // Its own locks do not stand in its way: it is not in this state.
        protocol.statements(&after, tx).ok()?
    };
    let task = &mut after.sidecars[number].relay;
    task.secondary = Some(Transaction {
        sent: true,
        gate: written.gate && protocol.rules.secondary_fencing != SecondaryFencing::None,
        ..written
    });
    task.stage = RelayStage::Committing;
    Some(after)
}

fn committed(protocol: &Protocol, state: &State, number: usize) -> Option<State> {
    let view = protocol.view(&state.sidecars[number])?;
    let mut without = state.clone();
    let tx = without.sidecars[number].relay.secondary.take()?;
    let (mut after, _) = protocol.run(&without, &tx).ok()?;
    let task = after.sidecars[number].relay.clone();
    if task.epoch >= after.pulled_since || !protocol.rules.backfill_is_bound {
        after.pulled |= 1 << task.key;
    }
    let held = &mut after.sidecars[number].relay;
    if let Some(hold) = &mut held.primary {
        hold.keys = 1 << task.key;
        hold.token = task.token;
        hold.sent = true;
        held.stage = RelayStage::Clearing;
        return Some(after);
    }
    *held = RelayTask::default();
    if task.token != 0 {
        after.orphan(Some(Transaction::clear(view.primary, task.key, task.token)));
    }
    Some(after)
}

fn unknown(state: &State, number: usize) -> State {
    let mut after = state.clone();
    let RelayTask {
        primary, secondary, ..
    } = std::mem::take(&mut after.sidecars[number].relay);
    after.orphan(primary);
    after.orphan(secondary);
    after
}

fn cleared(protocol: &Protocol, state: &State, number: usize) -> Option<State> {
    let mut without = state.clone();
    let tx = without.sidecars[number].relay.primary.take()?;
    let (mut after, _) = protocol.run(&without, &tx).ok()?;
    after.sidecars[number].relay = RelayTask::default();
    Some(after)
}
