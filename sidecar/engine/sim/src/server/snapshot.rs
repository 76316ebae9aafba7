//! What a statement saw when it began.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{RecordId, Tx, Version};

/// The versions that a statement saw of the records it is about.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    versions: BTreeMap<RecordId, Arc<Version>>,
}

impl Snapshot {
    /// What a transaction sees now of these records.
    pub(crate) fn take<'a>(tx: &Tx, ids: impl IntoIterator<Item = &'a RecordId>) -> Self {
        let state = tx.server.state();
        let seen = |id: &RecordId| Some((id.clone(), state.seen(Some(tx.id), id)?));
        Self {
            versions: ids.into_iter().filter_map(seen).collect(),
        }
    }

    /// The version it saw.
    pub(crate) fn version(&self, id: &RecordId) -> Option<&Arc<Version>> {
        self.versions.get(id)
    }
}
