//! Operations of one row, put together from the events.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Violation;
use crate::history::{End, Event, Intent, Key, Outcome, Seen, Step};

/// What became of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It took effect and saw this.
    Saw(Seen),
    /// It took effect.
    Happened,
    /// It found the row there, and had no effect.
    FoundARow,
    /// It may have taken effect at any time since it began, or not at all.
    Open,
}

/// What one operation did to one row: its steps, all at once. What had no effect and saw nothing
/// is left out: nothing may depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its number in the history.
    pub number: u64,
    /// When it was sent.
    pub from: u64,
    /// When it was answered; an open one never is.
    pub to: u64,
    /// Its steps on this row, in order.
    pub steps: Vec<(Step, Fate)>,
}

impl Operation {
    /// Whether it may have had no effect.
    pub(crate) fn is_open(&self) -> bool {
        self.steps.iter().any(|(_, fate)| *fate == Fate::Open)
    }
}

impl Step {
    /// Whether it changes nothing.
    pub(crate) fn reads(&self) -> bool {
        match self {
            Self::Read => true,
            Self::Insert(_) | Self::Put(_) | Self::Add(_) | Self::Exchange(..) | Self::Delete => {
                false
            }
        }
    }
}

/// The operations of every row, in the order in which they were sent.
pub(super) fn by_key(
    events: &[Event],
    violations: &mut Vec<Violation>,
) -> BTreeMap<Key, Vec<Operation>> {
    let mut ends: HashMap<u64, &End> = HashMap::new();
    for event in events {
        if let Event::End(end) = event {
            ends.insert(end.operation, end);
        }
    }
    let mut rows: BTreeMap<Key, Vec<Operation>> = BTreeMap::new();
    let mut numbers = HashSet::new();
    for event in events {
        let Event::Intent(intent) = event else {
            continue;
        };
        if !numbers.insert(intent.operation) {
            let what = format!("operation {} begins twice", intent.operation);
            violations.push(Violation::of("the history is well formed", None, what));
        }
        let end = ends.get(&intent.operation).copied();
        if let Err(what) = add(intent, end, &mut rows) {
            violations.push(Violation::of("the history is well formed", None, what));
        }
    }
    for operations in rows.values_mut() {
        operations.sort_by_key(|operation| operation.from);
    }
    rows
}

fn add(
    intent: &Intent,
    end: Option<&End>,
    rows: &mut BTreeMap<Key, Vec<Operation>>,
) -> Result<(), String> {
    let fates = match end.map(|end| &end.outcome) {
        Some(Outcome::Acknowledged(seen)) if seen.len() != intent.steps.len() => {
            return Err(format!("operation {} saw too little", intent.operation));
        }
        Some(Outcome::Acknowledged(seen)) => seen.iter().cloned().map(Fate::Saw).collect(),
        Some(Outcome::Committed) => vec![Fate::Happened; intent.steps.len()],
        // Which of several rows it was is not told, so it is only known of one.
        Some(Outcome::RowExists) if intent.steps.len() == 1 => vec![Fate::FoundARow],
        Some(Outcome::RowExists | Outcome::Refused(_)) => return Ok(()),
        // What nobody saw of a read tells nothing.
        Some(Outcome::Unknown(_)) | None if intent.steps.iter().all(|(_, s)| s.reads()) => {
            return Ok(());
        }
        Some(Outcome::Unknown(_)) | None => vec![Fate::Open; intent.steps.len()],
    };
    let open = fates.contains(&Fate::Open);
    let to = end.filter(|_| !open).map_or(u64::MAX, |end| end.at);
    let mut parts: BTreeMap<Key, Vec<(Step, Fate)>> = BTreeMap::new();
    for ((key, step), fate) in intent.steps.iter().cloned().zip(fates) {
        parts.entry(key).or_default().push((step, fate));
    }
    for (key, steps) in parts {
        rows.entry(key).or_default().push(Operation {
            number: intent.operation,
            from: intent.at,
            to,
            steps,
        });
    }
    Ok(())
}
