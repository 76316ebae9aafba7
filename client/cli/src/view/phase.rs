//! Where a migration is, and where it can go.

use dualwrite_core::phase::Phase;
use dualwrite_proto::v1;
use serde::Serialize;

use super::migration::MigrationView;
use super::transition::TransitionView;
use super::words::known_phase;

/// Where a migration is, and where it can go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PhaseView {
    pub(crate) migration: String,
    pub(crate) phase: &'static str,
    pub(crate) primary: &'static str,
    pub(crate) secondary: Option<&'static str>,
    pub(crate) revision: u64,
    pub(crate) epoch: u64,
    pub(crate) next: Option<&'static str>,
    pub(crate) previous: Option<&'static str>,
    pub(crate) transition: Option<TransitionView>,
}

impl From<v1::Migration> for PhaseView {
    fn from(migration: v1::Migration) -> Self {
        let known = known_phase(migration.phase);
        let whole = MigrationView::from(migration);
        Self {
            migration: whole.name,
            phase: whole.phase,
            primary: whole.primary,
            secondary: whole.secondary,
            revision: whole.revision,
            epoch: whole.epoch,
            next: known.and_then(Phase::next).map(Phase::as_str),
            previous: known.and_then(Phase::previous).map(Phase::as_str),
            transition: whole.transition,
        }
    }
}
