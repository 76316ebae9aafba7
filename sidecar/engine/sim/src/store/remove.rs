//! Taking everything of ours out.

use std::sync::Arc;

use dualwrite_engine::store::{Removed, StoreError, may_be_removed};

use super::fence;
use crate::server::{Purpose, RecordId, Server};

/// Removes all of a service.
pub(super) async fn remove(server: Arc<Server>, service: String) -> Result<Removed, StoreError> {
    let tx = fence::locked(&server, &service, Purpose::Other).await?;
    let id = RecordId::fence(&service);
    let fence = tx.seen(&id).and_then(|version| version.fence().cloned());
    if !fence.as_ref().is_none_or(may_be_removed) {
        return Err(StoreError::Stale);
    }
    let mut removed = Vec::new();
    if fence.is_some() {
        removed.push(format!("rows of {service} in fence"));
        tx.write(id, None)?;
    }
    tx.commit()?;
    removed.extend(server.drop_outboxes(&service));
    removed.extend(server.drop_probes(&service));
    server.drop_own_records(&service);
    let schema = server.table_names();
    Ok(Removed {
        removed,
        kept: Vec::new(),
        left: Vec::new(),
        schema_before: schema.clone(),
        schema_after: schema,
    })
}
