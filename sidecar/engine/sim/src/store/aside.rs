//! Keys set aside.

use std::sync::Arc;

use dualwrite_core::mapping::Table;
use dualwrite_engine::store::{Quarantined, RowKey, StoreError};

use crate::server::{Data, Mode, Purpose, RecordId, Server};

/// Sets a key aside, or counts one more try.
pub(super) async fn set_aside(
    server: Arc<Server>,
    service: String,
    row: RowKey,
    error: String,
) -> Result<(), StoreError> {
    let tx = server.begin(Purpose::Other);
    let id = RecordId::aside(&service, &row.table.entity, &row.key);
    tx.lock_record(&id, Mode::Exclusive).await?;
    let tries = tx.seen(&id).map_or(0, |version| version.tries());
    tx.write(id, Some(Data::Aside(error, tries + 1)))?;
    tx.commit()
}

/// Takes keys out of quarantine.
pub(super) async fn release(
    server: Arc<Server>,
    service: String,
    rows: Vec<RowKey>,
) -> Result<u64, StoreError> {
    let tx = server.begin(Purpose::Other);
    let mut released = 0;
    for row in rows {
        let id = RecordId::aside(&service, &row.table.entity, &row.key);
        tx.lock_record(&id, Mode::Exclusive).await?;
        if tx.seen(&id).is_some() {
            tx.write(id, None)?;
            released += 1;
        }
    }
    tx.commit()?;
    Ok(released)
}

impl Server {
    /// The keys of these tables that are set aside.
    pub(crate) fn set_asides(
        &self,
        service: &str,
        tables: &[Arc<Table>],
        limit: u32,
    ) -> Vec<Quarantined> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut all = Vec::new();
        for table in tables {
            for (key, error, tries) in self.asides_of(service, &table.entity) {
                all.push(Quarantined {
                    entity: Arc::clone(&table.entity),
                    key,
                    error,
                    tries,
                });
            }
        }
        all.truncate(limit);
        all
    }
}
