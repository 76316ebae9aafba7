//! Looking into the database directly, past the port.

use std::sync::Arc;

use dualwrite_core::fence::Fence;
use dualwrite_core::key::Key;
use dualwrite_core::value::Value;

use super::FakeStore;
use crate::store::Token;

impl FakeStore {
    /// The committed rows of a table, in key order and in the columns of its
    /// definition; none where there is no such table.
    #[must_use]
    pub fn rows(&self, table: &str) -> Vec<Vec<Value>> {
        let committed = self.shared.lock();
        let rows = committed.tables.get(table);
        rows.map_or_else(Vec::new, |rows| rows.rows.values().cloned().collect())
    }

    /// Puts a row in, in the columns of its table's definition, as a writer
    /// would that knows nothing of us.
    pub fn put(&self, table: &str, row: Vec<Value>) {
        let mut committed = self.shared.lock();
        let Some(rows) = Arc::make_mut(&mut committed).tables.get_mut(table) else {
            return;
        };
        let rows = Arc::make_mut(rows);
        let key = rows.definition.info.primary_key.iter();
        let key = key.filter_map(|name| Some(row[rows.definition.position(name)?].clone()));
        if let Ok(key) = Key::new(key.collect()) {
            rows.rows.insert(key, row);
        }
    }

    /// The committed markers of all services: entity, key and token.
    #[must_use]
    pub fn markers(&self) -> Vec<(String, Key, Token)> {
        let committed = self.shared.lock();
        let outboxes = committed.outboxes.iter();
        outboxes
            .flat_map(|((_, entity), markers)| {
                markers
                    .iter()
                    .map(|(key, token)| (entity.clone(), key.clone(), *token))
            })
            .collect()
    }

    /// The committed fence row of a service.
    #[must_use]
    pub fn fence_row(&self, service: &str) -> Option<Fence> {
        self.shared.lock().fence(service)
    }
}
