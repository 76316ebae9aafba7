//! The end of a migration.

use dualwrite_proto::v1;
use dualwrite_proto::v1::retirement::State;
use serde::Serialize;

use super::words::{UNKNOWN, instant, side, some};

/// The end of a migration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RetirementView {
    pub(crate) migration: String,
    pub(crate) state: &'static str,
    pub(crate) actor: String,
    pub(crate) reason: String,
    pub(crate) start_time: Option<String>,
    pub(crate) end_time: Option<String>,
    pub(crate) waiting_for: Option<String>,
    pub(crate) removals: Vec<RemovalView>,
}

/// What was removed on one side, and the proof that nothing else was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RemovalView {
    pub(crate) side: &'static str,
    pub(crate) removed: Vec<String>,
    pub(crate) kept: Vec<String>,
    pub(crate) left: Vec<String>,
    pub(crate) schema_before: String,
    pub(crate) schema_after: String,
}

impl RetirementView {
    pub(crate) fn new(migration: &str, wire: v1::Retirement) -> Self {
        let state = match wire.state() {
            State::Done => "done",
            State::Running => "running",
            State::Unspecified => UNKNOWN,
        };
        Self {
            migration: migration.to_owned(),
            state,
            actor: wire.actor,
            reason: wire.reason,
            start_time: instant(wire.start_time),
            end_time: instant(wire.end_time),
            waiting_for: some(wire.waiting_for),
            removals: wire.removals.into_iter().map(RemovalView::from).collect(),
        }
    }
}

impl From<v1::Removal> for RemovalView {
    fn from(wire: v1::Removal) -> Self {
        Self {
            side: side(wire.side),
            removed: wire.removed,
            kept: wire.kept,
            left: wire.left,
            schema_before: wire.schema_before,
            schema_after: wire.schema_after,
        }
    }
}
