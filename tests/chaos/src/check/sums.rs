//! Counters that are only ever added to: the end is the exact sum.

use super::Violation;
use super::operation::{Fate, Operation};
use crate::history::{Entity, Key, Step, Value};

const PROMISE: &str = "counters are exact";

/// Checks a counter: from what was surely added, to what may have been added besides.
pub(super) fn check(
    key: Key,
    operations: &[Operation],
    found: [Option<&Value>; 2],
) -> Option<Violation> {
    if key.entity != Entity::Counter {
        return None;
    }
    let (mut least, mut most) = (0_i64, 0_i64);
    for (step, fate) in operations.iter().flat_map(|operation| &operation.steps) {
        let by = match step {
            Step::Add(by) => *by,
            Step::Insert(Value::Number(begin)) | Step::Put(Value::Number(begin)) => *begin,
            Step::Insert(_) | Step::Put(_) | Step::Exchange(..) | Step::Delete | Step::Read => 0,
        };
        let happened = match fate {
            Fate::Saw(seen) => seen.matched,
            Fate::Happened => true,
            Fate::FoundARow => false,
            Fate::Open => {
                least += by.min(0);
                most += by.max(0);
                false
            }
        };
        if happened {
            least += by;
            most += by;
        }
    }
    let wrong = found.into_iter().find_map(|row| match row {
        Some(Value::Number(number)) if (least..=most).contains(number) => None,
        Some(other) => Some(other.to_string()),
        None if operations.iter().all(Operation::is_open) => None,
        None => Some("not there".to_owned()),
    })?;
    let what = format!("it is {wrong}; {least} to {most} was added");
    Some(Violation::of(PROMISE, Some(key), what))
}
