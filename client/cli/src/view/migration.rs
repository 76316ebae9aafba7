//! A migration, whole.

mod health;
mod settings;

use dualwrite_core::phase::Phase;
use dualwrite_core::side::Side;
use dualwrite_proto::v1;
use serde::Serialize;

pub(crate) use health::{ComparisonsView, FenceView, HealthView};
pub(crate) use settings::SettingsView;

use super::flags::FlagsView;
use super::retirement::RetirementView;
use super::transition::TransitionView;
use super::words::{UNKNOWN, instant, known_phase, phase};

/// A migration, whole.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct MigrationView {
    pub(crate) name: String,
    pub(crate) phase: &'static str,
    pub(crate) primary: &'static str,
    pub(crate) secondary: Option<&'static str>,
    pub(crate) revision: u64,
    pub(crate) epoch: u64,
    pub(crate) transition: Option<TransitionView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retirement: Option<RetirementView>,
    pub(crate) health: HealthView,
    pub(crate) flags: FlagsView,
    #[serde(flatten)]
    pub(crate) settings: SettingsView,
    pub(crate) create_time: Option<String>,
    pub(crate) update_time: Option<String>,
}

impl From<v1::Migration> for MigrationView {
    fn from(migration: v1::Migration) -> Self {
        let known = known_phase(migration.phase);
        let mut spec = migration.spec.unwrap_or_default();
        let retirement = migration
            .retirement
            .map(|end| RetirementView::new(&migration.name, end));
        Self {
            retirement,
            name: migration.name,
            phase: phase(migration.phase),
            primary: known.map_or(UNKNOWN, |phase| phase.primary().as_str()),
            secondary: known.and_then(Phase::secondary).map(Side::as_str),
            revision: migration.revision,
            epoch: migration.epoch,
            transition: migration.transition.map(TransitionView::from),
            health: HealthView::from(migration.health.unwrap_or_default()),
            flags: FlagsView::from(spec.flags.take().unwrap_or_default()),
            settings: SettingsView::from(spec),
            create_time: instant(migration.create_time),
            update_time: instant(migration.update_time),
        }
    }
}
