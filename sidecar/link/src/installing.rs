//! Whether our tables are created without being asked for.

use dualwrite_core::fence::{EpochSettings, FIRST_EPOCH, Seen};
use dualwrite_core::side::Side;
use dualwrite_core::snapshot::Snapshot;

/// Whether our tables, and fences where there are none, are created from a
/// snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Installing {
    /// Yes: nobody else looks after the databases.
    Auto,
    /// No: somebody with the right to do so runs `dualwrite-sidecar install`.
    Never,
}

/// The settings to install from a snapshot, by what the fences of the
/// configured sides say. `None` when nothing can be created now.
///
/// # Errors
/// A sentence for people when the databases ought to have fences already: a
/// fresh one would forget what a migration that is under way has agreed on.
pub(crate) fn settings(
    snapshot: &Snapshot,
    configured: &[(Side, Seen)],
) -> Result<Option<EpochSettings>, String> {
    let epochs = configured
        .iter()
        .filter_map(|(_, seen)| seen.at())
        .map(|at| at.epoch);
    let epoch = epochs.max().unwrap_or(0).max(snapshot.epoch);
    if epoch > FIRST_EPOCH {
        for (side, seen) in configured {
            match seen {
                Seen::Fence(_) => {}
                Seen::Unreachable => return Ok(None),
                Seen::Missing => return Err(lost(&snapshot.service, *side, epoch)),
            }
        }
    }
    let spec = &snapshot.spec;
    Ok(Some(EpochSettings::initial(
        &snapshot.service,
        snapshot.phase,
        spec.keep_markers,
        spec.entities.clone(),
    )))
}

fn lost(service: &str, side: Side, epoch: u64) -> String {
    format!(
        "{side} has no fence of `{service}` although its migration is at epoch {epoch}; check \
         that the URL is right, and if it is, run `dualwrite-sidecar install` and then a backfill"
    )
}

#[cfg(test)]
mod tests {
    use dualwrite_core::fence::Fence;
    use dualwrite_core::phase::Phase;
    use dualwrite_core::side::Role;
    use dualwrite_core::spec::Spec;

    use super::*;

    fn snapshot(epoch: u64) -> Snapshot {
        Snapshot {
            service: "cart".to_owned(),
            revision: 1,
            epoch,
            phase: Phase::LegacyOnly,
            marking: false,
            spec: Spec::default(),
            plan: None,
            retired: false,
        }
    }

    fn fence(epoch: u64) -> Seen {
        Seen::Fence(Fence {
            epoch,
            role: Role::Primary,
            phase: Phase::LegacyOnly,
            plan_id: String::new(),
            settings: String::new(),
        })
    }

    fn sides(legacy: Seen, new: Seen) -> [(Side, Seen); 2] {
        [(Side::Legacy, legacy), (Side::New, new)]
    }

    #[test]
    fn a_migration_that_has_not_begun_is_installed_in_its_phase() {
        let cases = [
            sides(Seen::Missing, Seen::Missing),
            sides(fence(1), Seen::Missing),
            sides(Seen::Unreachable, Seen::Missing),
            sides(fence(1), fence(1)),
        ];
        for case in cases {
            let settings = settings(&snapshot(1), &case).unwrap().unwrap();
            assert_eq!(settings.phase, Phase::LegacyOnly, "{case:?}");
        }
    }

    #[test]
    fn a_running_one_gets_no_fresh_fence() {
        let cases = [
            (sides(Seen::Missing, Seen::Missing), "legacy"),
            (sides(fence(3), Seen::Missing), "new"),
        ];
        for (case, side) in cases {
            let error = settings(&snapshot(3), &case).unwrap_err();
            assert!(
                error.contains("epoch 3") && error.starts_with(side),
                "{error}"
            );
        }
        // The fence knows more than a control plane that was set back.
        assert!(settings(&snapshot(1), &sides(fence(3), Seen::Missing)).is_err());
    }

    #[test]
    fn a_running_one_gets_outboxes_when_every_configured_side_answers() {
        let both = sides(fence(3), fence(3));
        assert!(settings(&snapshot(3), &both).unwrap().is_some());
        assert!(settings(&snapshot(3), &both[1..]).unwrap().is_some());
        let away = sides(Seen::Unreachable, fence(3));
        assert_eq!(settings(&snapshot(3), &away), Ok(None));
    }
}
