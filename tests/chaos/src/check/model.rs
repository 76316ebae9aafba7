//! A row as a correct database keeps it.

use super::operation::Fate;
use crate::history::{Seen, Step, Value};

/// What a row holds; `None` when it is not there.
pub(super) type State = Option<Value>;

/// The row after a step that came to this, if from this state it could have.
pub(super) fn after(state: &State, step: &Step, fate: &Fate) -> Option<State> {
    let (seen, next) = run(state, step);
    match fate {
        Fate::Saw(told) => (seen.as_ref() == Some(told)).then_some(next),
        Fate::Happened | Fate::Open => seen.map(|_| next),
        Fate::FoundARow => seen.is_none().then(|| state.clone()),
    }
}

/// What a step sees and leaves behind; it sees nothing where it is refused.
fn run(state: &State, step: &Step) -> (Option<Seen>, State) {
    let changed = |to: State| {
        let seen = Seen {
            matched: true,
            row: to.clone(),
        };
        (Some(seen), to)
    };
    let nothing = Seen {
        matched: false,
        row: None,
    };
    match (step, state) {
        (Step::Insert(_), Some(_)) => (None, state.clone()),
        (Step::Insert(value), None) | (Step::Put(value), _) => changed(Some(value.clone())),
        (Step::Add(by), Some(Value::Number(number))) => {
            changed(Some(Value::Number(number.wrapping_add(*by))))
        }
        (Step::Exchange(from, to), Some(held)) if held == from => changed(Some(to.clone())),
        (Step::Delete, Some(_)) => changed(None),
        (Step::Read, Some(_)) => changed(state.clone()),
        (Step::Add(_) | Step::Exchange(..) | Step::Delete | Step::Read, _) => {
            (Some(nothing), state.clone())
        }
    }
}
