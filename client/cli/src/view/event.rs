//! One entry of a history.

use dualwrite_proto::v1;
use serde::Serialize;

use super::words::{instant, some};

/// One entry of a history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct EventView {
    pub(crate) id: u64,
    pub(crate) revision: u64,
    pub(crate) time: Option<String>,
    pub(crate) actor: String,
    pub(crate) kind: String,
    pub(crate) reason: Option<String>,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

impl From<v1::Event> for EventView {
    fn from(event: v1::Event) -> Self {
        Self {
            id: event.id,
            revision: event.revision,
            time: instant(event.time),
            actor: event.actor,
            kind: event.kind,
            reason: some(event.reason),
            before: some(event.before),
            after: some(event.after),
        }
    }
}
