//! New identifiers.

use dualwrite_control_app::ports::Ids;
use uuid::Uuid;

/// Identifiers that grow with time, so that lists of them read in order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeOrderedIds;

impl Ids for TimeOrderedIds {
    fn next(&self) -> String {
        Uuid::now_v7().to_string()
    }
}
