//! Agreeing with the fences before anything is served without a control plane.
//!
//! The environment says a phase, and the databases decide who may write. Where
//! there are no fences yet they are created from it; where they say the same,
//! serving begins; where they say anything else, the process ends and names
//! both. It never moves a fence to make them agree: that would be a flip
//! without drain. Once it serves it does what every sidecar does, which
//! includes following a flip that others began and finishing one that stands
//! still: without that rule a flip whose executor died would stop all writes.

use dualwrite_core::fence::{EpochSettings, FIRST_EPOCH, Fence, Seen};
use dualwrite_core::side::Side;
use dualwrite_engine::Engine;
use dualwrite_engine::InstallError;

use crate::config::Standalone;

/// Why serving does not begin.
#[derive(Debug, thiserror::Error)]
pub(super) enum StandaloneError {
    /// Another phase, or a flip is under way.
    #[error(
        "the environment says phase {said}, and the fence of {side} says {found}; a sidecar never \
         changes the phase by itself: set the variables as the fence says, or leave --standalone \
         out and change the phase through the control plane"
    )]
    Phase {
        side: Side,
        said: String,
        found: String,
    },
    /// Another mapping.
    #[error(
        "the manifest has other entities than the fence of {side} at epoch {epoch}; a mapping \
         changes through the control plane alone"
    )]
    Mapping { side: Side, epoch: u64 },
    /// The settings beside a fence cannot be read.
    #[error("{side}: {error}")]
    Settings {
        side: Side,
        error: dualwrite_core::fence::SettingsError,
    },
    /// A fence is gone that was there.
    #[error(
        "{side} has no fence although the other database is at epoch {epoch}; a fresh one would \
         forget what was agreed on: check that this is the right database"
    )]
    Lost { side: Side, epoch: u64 },
    /// Our tables cannot be created.
    #[error("our tables cannot be created: {0}")]
    Install(#[from] InstallError),
}

/// What follows from the fences as they are now.
#[derive(Debug, PartialEq, Eq)]
enum Judgement {
    /// They say the same.
    Agreed,
    /// A database has none, and may be given one.
    Absent,
    /// A database does not answer yet.
    Wait,
}

/// Waits until both databases answer, creates the fences where there are none,
/// and returns when they say what the environment says.
pub(super) async fn settle(
    engine: &Engine,
    standalone: &Standalone,
    configured: &[Side],
) -> Result<(), StandaloneError> {
    let mut changes = engine.fence_changes();
    loop {
        changes.mark_unchanged();
        let (legacy, new) = engine.fences();
        let seen = [(Side::Legacy, &legacy), (Side::New, &new)];
        let seen = seen
            .into_iter()
            .filter(|(side, _)| configured.contains(side));
        match judge(&standalone.settings, seen.collect())? {
            Judgement::Agreed => return Ok(()),
            Judgement::Absent => engine.install(&standalone.settings).await?,
            Judgement::Wait => {
                // The engine looks again by itself; a sender that is gone
                // means that it ended, and so does this process.
                if changes.changed().await.is_err() {
                    return Ok(());
                }
            }
        }
    }
}

fn judge(said: &EpochSettings, seen: Vec<(Side, &Seen)>) -> Result<Judgement, StandaloneError> {
    let mut judgement = Judgement::Agreed;
    let mut epoch = FIRST_EPOCH;
    for (side, seen) in &seen {
        match seen {
            Seen::Fence(fence) => {
                agree(said, *side, fence)?;
                epoch = epoch.max(fence.epoch);
            }
            Seen::Missing if judgement == Judgement::Agreed => judgement = Judgement::Absent,
            Seen::Missing => {}
            Seen::Unreachable => judgement = Judgement::Wait,
        }
    }
    let lost = seen.iter().find(|(_, seen)| matches!(seen, Seen::Missing));
    match lost {
        Some((side, _)) if epoch > FIRST_EPOCH => Err(StandaloneError::Lost { side: *side, epoch }),
        Some(_) | None => Ok(judgement),
    }
}

fn agree(said: &EpochSettings, side: Side, fence: &Fence) -> Result<(), StandaloneError> {
    if fence.phase != said.phase || fence.role != said.phase.role(side) {
        let Fence { phase, role, .. } = fence;
        return Err(StandaloneError::Phase {
            side,
            said: said.phase.to_string(),
            found: format!("{phase} ({role}, epoch {})", fence.epoch),
        });
    }
    let held = EpochSettings::from_json(&fence.settings)
        .map_err(|error| StandaloneError::Settings { side, error })?;
    if held.entities == said.entities {
        Ok(())
    } else {
        let epoch = fence.epoch;
        Err(StandaloneError::Mapping { side, epoch })
    }
}

#[cfg(test)]
mod tests {
    use dualwrite_core::phase::Phase;
    use dualwrite_core::side::Role;

    use super::*;

    fn said() -> EpochSettings {
        EpochSettings::initial("cart", Phase::DualWrite, true, Vec::new())
    }

    fn fence(side: Side, epoch: u64) -> Fence {
        Fence {
            epoch,
            role: Phase::DualWrite.role(side),
            phase: Phase::DualWrite,
            plan_id: String::new(),
            settings: said().to_json(),
        }
    }

    fn judged(legacy: Seen, new: Seen) -> Result<Judgement, String> {
        let seen = vec![(Side::Legacy, &legacy), (Side::New, &new)];
        judge(&said(), seen).map_err(|error| error.to_string())
    }

    #[test]
    fn fences_that_say_the_same_are_agreed_with_at_any_epoch() {
        let both = |epoch| [Side::Legacy, Side::New].map(|side| Seen::Fence(fence(side, epoch)));
        for epoch in [1, 7] {
            let [legacy, new] = both(epoch);
            assert_eq!(judged(legacy, new), Ok(Judgement::Agreed));
        }
    }

    #[test]
    fn absent_fences_are_created_at_the_beginning_only() {
        let legacy = |epoch| Seen::Fence(fence(Side::Legacy, epoch));
        let absent = Ok(Judgement::Absent);
        assert_eq!(judged(Seen::Missing, Seen::Missing), absent);
        assert_eq!(judged(legacy(1), Seen::Missing), absent);
        assert!(
            judged(legacy(2), Seen::Missing)
                .unwrap_err()
                .contains("epoch 2")
        );
        let wait = Ok(Judgement::Wait);
        assert_eq!(judged(Seen::Missing, Seen::Unreachable), wait);
        assert_eq!(judged(Seen::Unreachable, Seen::Missing), wait);
    }

    #[test]
    fn another_phase_a_flip_and_another_mapping_are_refused() {
        let new = || Seen::Fence(fence(Side::New, 1));
        let other = |change: &dyn Fn(&mut Fence)| {
            let mut legacy = fence(Side::Legacy, 1);
            change(&mut legacy);
            judged(Seen::Fence(legacy), new()).unwrap_err()
        };
        let error = other(&|fence| fence.phase = Phase::NewPrimary);
        assert!(
            error.contains("dual_write") && error.contains("new_primary"),
            "{error}"
        );
        let error = other(&|fence| fence.role = Role::Frozen);
        assert!(error.contains("frozen"), "{error}");
        let error = other(&|fence| fence.settings = "{}".to_owned());
        assert!(error.contains("cannot be read"), "{error}");
        let entity = dualwrite_core::spec::Entity {
            name: "cart".to_owned(),
            root: true,
            key: vec!["id".to_owned()],
            capture: dualwrite_core::spec::Capture::None,
            legacy_table: dualwrite_core::spec::TableName::parse("carts").unwrap(),
            new_table: dualwrite_core::spec::TableName::parse("cart").unwrap(),
            columns: Vec::new(),
        };
        let mapped = EpochSettings {
            entities: vec![entity],
            ..said()
        };
        let error = other(&|fence| fence.settings = mapped.to_json());
        assert!(error.contains("other entities"), "{error}");
    }
}
