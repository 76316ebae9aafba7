//! Keys set aside.

use std::sync::Arc;

use dualwrite_core::mapping::Table;

use super::database::Database;
use crate::store::{Quarantined, RowKey};

impl Database {
    pub(super) fn set_aside(&mut self, service: &str, row: &RowKey, error: &str) {
        let place = (
            service.to_owned(),
            row.table.entity.to_string(),
            row.key.clone(),
        );
        let entry = self.aside.entry(place).or_default();
        *entry = (error.to_owned(), entry.1 + 1);
    }

    pub(super) fn release(&mut self, service: &str, keys: &[RowKey]) -> u64 {
        let place = |row: &RowKey| {
            (
                service.to_owned(),
                row.table.entity.to_string(),
                row.key.clone(),
            )
        };
        let released = keys
            .iter()
            .filter(|row| self.aside.remove(&place(row)).is_some())
            .count();
        u64::try_from(released).unwrap_or(u64::MAX)
    }

    pub(super) fn quarantined(
        &self,
        service: &str,
        tables: &[Arc<Table>],
        limit: u32,
    ) -> Vec<Quarantined> {
        let own = self.aside.iter().filter(|((s, ..), _)| s == service);
        let found = own.filter_map(|((_, entity, key), (error, tries))| {
            let table = tables.iter().find(|table| *table.entity == **entity)?;
            let entity = Arc::clone(&table.entity);
            Some(Quarantined {
                entity,
                key: key.clone(),
                error: error.clone(),
                tries: *tries,
            })
        });
        found
            .take(usize::try_from(limit).unwrap_or(usize::MAX))
            .collect()
    }
}
