//! The end of a migration.

use dualwrite_core::diagnosis::Removal;
use dualwrite_core::side::Side;
use serde::{Deserialize, Serialize};

use super::Millis;

/// The end of a migration. There is no way back from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retirement {
    /// Who decided it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// When it was decided.
    pub started: Millis,
    /// When everything of ours was gone.
    pub ended: Option<Millis>,
    /// What was removed, one entry a side.
    pub removals: Vec<Removal>,
    /// Why it has not ended yet; empty when nothing is known to stand in its
    /// way.
    pub waiting_for: String,
}

impl Retirement {
    /// Whether everything of ours is known to be gone from this side.
    #[must_use]
    pub fn is_clean(&self, side: Side) -> bool {
        self.removals
            .iter()
            .any(|removal| removal.side == side && removal.is_clean())
    }

    /// Whether everything of ours is known to be gone from both sides.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        Side::BOTH.into_iter().all(|side| self.is_clean(side))
    }

    /// Takes in what a removal did. What an earlier one removed on that side
    /// stays told; what is there now is as the later one says.
    pub fn take_in(&mut self, removal: Removal) {
        let known = self.removals.iter_mut();
        let Some(known) = known.into_iter().find(|one| one.side == removal.side) else {
            self.removals.push(removal);
            self.removals.sort_by_key(|one| one.side == Side::New);
            return;
        };
        let mut removed = std::mem::take(&mut known.removed);
        for object in removal.removed {
            if !removed.contains(&object) {
                removed.push(object);
            }
        }
        *known = Removal { removed, ..removal };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn removal(side: Side, removed: &[&str], left: &[&str]) -> Removal {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Removal {
            side,
            removed: owned(removed),
            kept: Vec::new(),
            left: owned(left),
            schema_before: "a".to_owned(),
            schema_after: "a".to_owned(),
        }
    }

    #[test]
    fn it_is_complete_when_both_sides_are_clean_and_forgets_nothing_that_was_removed() {
        let mut retirement = Retirement {
            actor: "ada".to_owned(),
            reason: "done".to_owned(),
            started: Millis(1),
            ended: None,
            removals: Vec::new(),
            waiting_for: String::new(),
        };
        assert!(!retirement.is_complete());
        retirement.take_in(removal(Side::New, &["table fence"], &[]));
        assert!(!retirement.is_complete());
        retirement.take_in(removal(Side::Legacy, &["table gate"], &["table fence"]));
        assert!(!retirement.is_complete());
        retirement.take_in(removal(Side::Legacy, &["table fence"], &[]));
        assert!(retirement.is_complete());
        let sides: Vec<Side> = retirement.removals.iter().map(|one| one.side).collect();
        assert_eq!(sides, [Side::Legacy, Side::New]);
        assert_eq!(
            retirement.removals[0].removed,
            ["table gate", "table fence"]
        );
        retirement.take_in(removal(Side::Legacy, &[], &[]));
        assert_eq!(
            retirement.removals[0].removed,
            ["table gate", "table fence"]
        );
    }
}
