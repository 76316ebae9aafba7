//! Calls that only read: each sees what is committed at one instant.

use std::sync::Arc;

use dualwrite_core::fence::Fence;
use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{
    Backlog, KeyPage, ListPage, Listing, Marker, Pulled, ReadRows, ReceiptLookup, RowKey, Sought,
    StoreError,
};

use crate::server::{RecordId, Server, Space, State, Tx, TxId, Version, mapped, places, row_id};

impl State {
    fn mapped_rows(
        &self,
        tx: Option<TxId>,
        keys: &[RowKey],
    ) -> Result<Vec<Option<Vec<Value>>>, StoreError> {
        let rows = keys.iter().map(|row| {
            let definition = self.schema.table(&row.table.name.to_string())?;
            let places = places(definition, &row.table)?;
            let version = self.seen(tx, &row_id(&row.table, &row.key));
            let image = |version: Arc<Version>| mapped(&places, version.row().unwrap_or_default());
            Ok(version.map(image))
        });
        rows.collect()
    }

    fn fence_of(&self, service: &str) -> Option<Fence> {
        let version = self.committed(&RecordId::fence(service))?;
        version.fence().cloned()
    }
}

impl Server {
    pub(crate) fn read(&self, service: &str, keys: &[RowKey]) -> Result<ReadRows, StoreError> {
        let state = self.state();
        Ok(ReadRows {
            fence: state.fence_of(service),
            rows: state.mapped_rows(None, keys)?,
        })
    }

    pub(crate) fn pull(&self, service: &str, keys: &[RowKey]) -> Result<Vec<Pulled>, StoreError> {
        let state = self.state();
        let rows = state.mapped_rows(None, keys)?;
        let pulled = keys.iter().zip(rows).map(|(row, image)| {
            state.schema.expect_outbox(service, &row.table)?;
            let id = RecordId::marker(service, &row.table.entity, &row.key);
            Ok(Pulled {
                token: state.committed(&id).and_then(|version| version.token()),
                row: image,
            })
        });
        pulled.collect()
    }

    pub(crate) fn list_page(
        &self,
        service: &str,
        listing: &Listing,
    ) -> Result<ListPage, StoreError> {
        let state = self.state();
        Ok(ListPage {
            fence: state.fence_of(service),
            rows: state.listed(listing)?,
        })
    }

    /// The receipt of a request, with the fence row of the same instant.
    pub(crate) fn look_up(&self, service: &str, id: &str, with_images: bool) -> ReceiptLookup {
        let state = self.state();
        let version = state.committed(&RecordId::receipt(service, id));
        let mut receipt = version.and_then(|v| v.receipt().map(|s| s.receipt.clone()));
        if let Some(receipt) = receipt.as_mut().filter(|_| !with_images) {
            receipt.images.clear();
        }
        ReceiptLookup {
            fence: state.fence_of(service),
            receipt,
        }
    }
}

impl State {
    fn listed(&self, listing: &Listing) -> Result<Vec<Vec<Value>>, StoreError> {
        let name = listing.table.name.to_string();
        let places = places(self.schema.table(&name)?, &listing.table)?;
        let limit = usize::try_from(listing.limit).unwrap_or(usize::MAX);
        let space = Space::Row(Arc::from(name));
        let rows = self
            .all_in(&space, None)
            .filter(|(key, _)| listing.after.as_ref().is_none_or(|after| *key > after))
            .map(|(_, version)| mapped(&places, version.row().unwrap_or_default()))
            .filter(|row| {
                let mut wanted = listing.filter.iter();
                wanted.all(|(index, value)| row.get(*index) == Some(value))
            });
        Ok(rows.take(limit).collect())
    }
}

impl Server {
    pub(crate) fn listed(&self, listing: &Listing) -> Result<Vec<Vec<Value>>, StoreError> {
        self.state().listed(listing)
    }

    pub(crate) fn mapped_rows(
        &self,
        keys: &[RowKey],
    ) -> Result<Vec<Option<Vec<Value>>>, StoreError> {
        self.state().mapped_rows(None, keys)
    }

    pub(crate) fn keys_between(
        &self,
        table: &Table,
        after: Option<&Key>,
        until: Option<&Key>,
        limit: u32,
    ) -> Result<KeyPage, StoreError> {
        self.definition(table)?;
        let within = |key: &Key| {
            after.is_none_or(|after| key > after) && until.is_none_or(|until| key <= until)
        };
        let keys = self.rows(&table.name.to_string()).into_iter();
        let mut keys: Vec<Key> = keys.map(|(key, _)| key).filter(within).collect();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = keys.len() > limit;
        keys.truncate(limit);
        Ok(KeyPage { keys, more })
    }

    pub(crate) fn split(&self, table: &Table, parts: u32) -> Result<(Vec<Key>, u64), StoreError> {
        self.definition(table)?;
        let rows = self.rows(&table.name.to_string());
        let parts = usize::try_from(parts.max(1)).unwrap_or(1);
        let size = rows.len().div_ceil(parts).max(1);
        // The last part has no end, so that it takes what comes behind.
        let ends = rows.chunks(size).filter_map(<[_]>::last);
        let mut ends: Vec<Key> = ends.map(|(key, _)| key.clone()).collect();
        ends.pop();
        Ok((ends, u64::try_from(rows.len()).unwrap_or(u64::MAX)))
    }

    pub(crate) fn markers_after(
        &self,
        service: &str,
        table: &Arc<Table>,
        after: Option<&Key>,
        limit: u32,
    ) -> Result<Vec<Marker>, StoreError> {
        self.expect_outbox(service, table)?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let markers = self.markers_of_entity(service, &table.entity).into_iter();
        let markers = markers.filter(|(key, _)| after.is_none_or(|after| key > after));
        let markers = markers.map(|(key, token)| Marker {
            row: RowKey {
                table: Arc::clone(table),
                key,
            },
            token,
        });
        Ok(markers.take(limit).collect())
    }

    pub(crate) fn backlog(
        &self,
        service: &str,
        tables: &[Arc<Table>],
    ) -> Result<Vec<Backlog>, StoreError> {
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let backlog = tables.iter().map(|table| {
            self.expect_outbox(service, table)?;
            Ok(Backlog {
                entity: Arc::clone(&table.entity),
                markers: count(self.markers_of_entity(service, &table.entity).len()),
                quarantined: count(self.asides_of(service, &table.entity).len()),
            })
        });
        backlog.collect()
    }

    pub(crate) fn has_markers(&self, service: &str, entity: &str) -> bool {
        !self.markers_of_entity(service, entity).is_empty()
    }
}

/// A pull in two statements, as a mutant has it: rows first, tokens later.
pub(super) async fn pull_twice(
    server: Arc<Server>,
    service: String,
    keys: Vec<RowKey>,
) -> Result<Vec<Pulled>, StoreError> {
    let rows = server.pull(&service, &keys)?;
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    let tokens = server.pull(&service, &keys)?;
    let both = rows.into_iter().zip(tokens);
    let both = both.map(|(Pulled { row, .. }, Pulled { token, .. })| Pulled { token, row });
    Ok(both.collect())
}

impl Tx {
    /// Rows as this transaction sees them.
    pub(crate) fn mapped_rows(
        &self,
        keys: &[RowKey],
    ) -> Result<Vec<Option<Vec<Value>>>, StoreError> {
        self.server().state().mapped_rows(Some(self.id()), keys)
    }

    /// The keys of the rows that hold these values, as this transaction sees
    /// them.
    pub(crate) fn holders(
        &self,
        sought: &[Sought],
        limit: u32,
    ) -> Result<Vec<Vec<Key>>, StoreError> {
        let state = self.server().state();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let each = sought.iter().map(|one| {
            let name = one.table.name.to_string();
            let places = places(state.schema.table(&name)?, &one.table)?;
            let holds = |row: &[Value]| {
                let mut pairs = one.columns.iter().zip(&one.values);
                pairs.all(|(index, value)| row[places[*index]] == *value)
            };
            let space = Space::Row(Arc::from(name));
            let rows = state.all_in(&space, Some(self.id()));
            let holding = rows.filter(|(_, version)| holds(version.row().unwrap_or_default()));
            Ok(holding.map(|(key, _)| key.clone()).take(limit).collect())
        });
        each.collect()
    }
}
