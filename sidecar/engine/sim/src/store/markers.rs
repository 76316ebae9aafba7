//! Leaving, listing and removing markers.

use std::collections::BTreeMap;
use std::sync::Arc;

use dualwrite_core::fence::FenceAt;
use dualwrite_core::key::Key;
use dualwrite_core::side::Role;
use dualwrite_engine::store::{Marker, RowKey, StoreError, Token};

use super::fence;
use crate::mutant::Mutant;
use crate::server::LOCK_TIMEOUT;
use crate::server::{Data, Lock, Mode, Purpose, RecordId, Server, Tx, Version};

/// Leaves a marker, or gives the one that stands a new token.
pub(super) async fn leave(
    tx: &Tx,
    service: &str,
    entity: &str,
    key: &Key,
    token: Token,
) -> Result<(), StoreError> {
    let id = RecordId::marker(service, entity, key);
    tx.lock_record(&id, Mode::Exclusive).await?;
    tx.write(id, Some(Data::Marker(token)))
}

/// Leaves markers under the fence, and commits.
pub(super) async fn mark(
    server: Arc<Server>,
    service: String,
    epoch: u64,
    token: Token,
    rows: Vec<RowKey>,
) -> Result<(), StoreError> {
    let tx = server.begin(Purpose::Foreground {
        epoch,
        token: Some(token),
        request: None,
    });
    let at = FenceAt {
        epoch,
        role: Role::Primary,
    };
    fence::hold(&tx, &service, at, LOCK_TIMEOUT, None).await?;
    let mut sorted: BTreeMap<(&str, &Key), &RowKey> = BTreeMap::new();
    for row in &rows {
        server.expect_outbox(&service, &row.table)?;
        sorted.insert((&row.table.entity, &row.key), row);
    }
    for (entity, key) in sorted.keys() {
        leave(&tx, &service, entity, key, token).await?;
    }
    tx.commit()
}

/// Removes each marker whose entity, key and token all match, and skips those
/// that somebody holds locked.
pub(super) async fn clear(
    server: Arc<Server>,
    service: String,
    markers: Vec<Marker>,
    broken: Option<Mutant>,
) -> Result<u64, StoreError> {
    let tx = server.begin(Purpose::Clearing);
    let mut cleared = 0;
    for Marker { row, token } in &markers {
        server.expect_outbox(&service, &row.table)?;
        let id = RecordId::marker(&service, &row.table.entity, &row.key);
        let by_key = broken == Some(Mutant::NoTokenCompare);
        let stands = |version: Arc<Version>| by_key || version.token() == Some(*token);
        if !tx.seen(&id).is_some_and(stands) {
            continue;
        }
        let lock = Lock::Record(id.clone());
        if tx.try_lock(&lock, Mode::Exclusive)? {
            tx.write(id, None)?;
            cleared += 1;
        }
    }
    tx.commit()?;
    std::future::ready(Ok(cleared)).await
}
