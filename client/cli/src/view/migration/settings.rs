//! What a manifest says besides flags.

use dualwrite_proto::v1;
use serde::Serialize;

use crate::view::words::{millis, some};

/// What a manifest says besides flags.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct SettingsView {
    pub(crate) guards: GuardsView,
    pub(crate) keep_markers: bool,
    pub(crate) entities: Vec<EntityView>,
}

/// The limits that a transition must keep.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct GuardsView {
    max_markers: u64,
    max_marker_age_ms: u64,
    max_secondary_error_percent: f64,
    error_window_ms: u64,
    require_backfill: bool,
    max_validation_age_ms: u64,
    min_sidecars: u32,
}

/// One kind of row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct EntityView {
    pub(crate) name: String,
    pub(crate) root: bool,
    pub(crate) key: Vec<String>,
    pub(crate) capture: String,
    pub(crate) legacy_table: String,
    pub(crate) new_table: String,
    pub(crate) columns: Vec<ColumnView>,
}

/// One column on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ColumnView {
    legacy: String,
    new: String,
    convert: Option<String>,
    sensitive: bool,
}

impl From<v1::MigrationSpec> for SettingsView {
    fn from(spec: v1::MigrationSpec) -> Self {
        Self {
            guards: GuardsView::from(spec.guards.unwrap_or_default()),
            keep_markers: spec.keep_markers,
            entities: spec.entities.into_iter().map(EntityView::from).collect(),
        }
    }
}

impl From<v1::Guards> for GuardsView {
    fn from(guards: v1::Guards) -> Self {
        Self {
            max_markers: guards.max_markers,
            max_marker_age_ms: millis(guards.max_marker_age).unwrap_or_default(),
            max_secondary_error_percent: guards.max_secondary_error_percent,
            error_window_ms: millis(guards.error_window).unwrap_or_default(),
            require_backfill: guards.require_backfill,
            max_validation_age_ms: millis(guards.max_validation_age).unwrap_or_default(),
            min_sidecars: guards.min_sidecars,
        }
    }
}

impl From<v1::Entity> for EntityView {
    fn from(entity: v1::Entity) -> Self {
        Self {
            name: entity.name,
            root: entity.root,
            key: entity.key,
            capture: some(entity.capture).unwrap_or_else(|| "none".to_owned()),
            legacy_table: entity.legacy_table,
            new_table: entity.new_table,
            columns: entity.columns.into_iter().map(ColumnView::from).collect(),
        }
    }
}

impl From<v1::Column> for ColumnView {
    fn from(column: v1::Column) -> Self {
        Self {
            legacy: column.legacy,
            new: column.new,
            convert: some(column.convert),
            sensitive: column.sensitive,
        }
    }
}
