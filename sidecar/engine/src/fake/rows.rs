//! Rows of the application's tables: reading them, and putting them in place
//! under the constraints.

use std::collections::BTreeMap;
use std::sync::Arc;

use dualwrite_core::catalog::ForeignKey;
use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::value::Value;

use super::database::Database;
use super::definition::FakeTable;
use crate::store::{ConstraintKind, KeyPage, Listing, Pulled, RowKey, Sought, StoreError};

/// One table and its rows, in the columns of its definition.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    pub(super) definition: FakeTable,
    pub(super) rows: BTreeMap<Key, Vec<Value>>,
}

impl Rows {
    pub(super) const fn new(definition: FakeTable) -> Self {
        Self {
            definition,
            rows: BTreeMap::new(),
        }
    }

    /// Where the mapped columns of a table stand in a row.
    pub(super) fn places(&self, table: &Table) -> Result<Vec<usize>, StoreError> {
        let places = table.columns.iter().map(|column| {
            self.definition.position(&column.name).ok_or_else(|| {
                StoreError::Schema(format!("no such column: {}.{}", table.name, column.name))
            })
        });
        places.collect()
    }

    fn mapped(&self, table: &Table, row: &[Value]) -> Result<Vec<Value>, StoreError> {
        Ok(self
            .places(table)?
            .into_iter()
            .map(|place| row[place].clone())
            .collect())
    }

    fn picked(&self, columns: &[String], row: &[Value]) -> Vec<Value> {
        let places = columns
            .iter()
            .filter_map(|column| self.definition.position(column));
        places.map(|place| row[place].clone()).collect()
    }

    /// Whether another row has these values in these columns; NULL is no
    /// value.
    fn holds(&self, columns: &[String], values: &[Value], but: Option<&Key>) -> bool {
        !values.iter().any(Value::is_null)
            && self
                .rows
                .iter()
                .any(|(key, row)| Some(key) != but && self.picked(columns, row) == values)
    }

    fn constraint(&self, kind: ConstraintKind, constraint: &str) -> StoreError {
        StoreError::Constraint {
            kind,
            table: self.definition.info.name.to_string(),
            constraint: constraint.to_owned(),
        }
    }
}

// === reading ===

impl Database {
    pub(super) fn rows_of(&self, table: &Table) -> Result<&Rows, StoreError> {
        let rows = self.tables.get(&table.name.to_string());
        rows.map(|rows| &**rows).ok_or_else(|| no_table(table))
    }

    pub(super) fn row(&self, table: &Table, key: &Key) -> Result<Option<Vec<Value>>, StoreError> {
        let rows = self.rows_of(table)?;
        rows.rows
            .get(key)
            .map(|row| rows.mapped(table, row))
            .transpose()
    }

    /// The keys of the rows that hold these values.
    pub(super) fn holding(&self, sought: &Sought, limit: u32) -> Result<Vec<Key>, StoreError> {
        let rows = self.rows_of(&sought.table)?;
        let names = sought.columns.iter();
        let names: Vec<String> = names
            .map(|index| sought.table.columns[*index].name.clone())
            .collect();
        let holding = rows
            .rows
            .iter()
            .filter(|(_, row)| rows.picked(&names, row) == sought.values);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(holding.map(|(key, _)| key.clone()).take(limit).collect())
    }

    pub(super) fn pull(&self, service: &str, keys: &[RowKey]) -> Result<Vec<Pulled>, StoreError> {
        let pulled = keys.iter().map(|RowKey { table, key }| {
            let token = self.outbox(service, table)?.get(key).copied();
            Ok(Pulled {
                token,
                row: self.row(table, key)?,
            })
        });
        pulled.collect()
    }

    pub(super) fn list(&self, listing: &Listing) -> Result<Vec<Vec<Value>>, StoreError> {
        let rows = self.rows_of(&listing.table)?;
        let after = |key: &Key| listing.after.as_ref().is_none_or(|after| key > after);
        let mut page = Vec::new();
        for row in rows
            .rows
            .iter()
            .filter(|(key, _)| after(key))
            .map(|(_, row)| row)
        {
            let row = rows.mapped(&listing.table, row)?;
            if listing
                .filter
                .iter()
                .all(|(index, value)| row.get(*index) == Some(value))
            {
                page.push(row);
            }
        }
        page.truncate(usize::try_from(listing.limit).unwrap_or(usize::MAX));
        Ok(page)
    }

    pub(super) fn keys(
        &self,
        table: &Table,
        after: Option<&Key>,
        until: Option<&Key>,
        limit: u32,
    ) -> Result<KeyPage, StoreError> {
        let within = |key: &&Key| {
            after.is_none_or(|after| *key > after) && until.is_none_or(|until| *key <= until)
        };
        let mut keys: Vec<Key> = self
            .rows_of(table)?
            .rows
            .keys()
            .filter(within)
            .cloned()
            .collect();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = keys.len() > limit;
        keys.truncate(limit);
        Ok(KeyPage { keys, more })
    }

    pub(super) fn split(&self, table: &Table, parts: u32) -> Result<(Vec<Key>, u64), StoreError> {
        let keys: Vec<&Key> = self.rows_of(table)?.rows.keys().collect();
        let size = keys
            .len()
            .div_ceil(usize::try_from(parts.max(1)).unwrap_or(1))
            .max(1);
        // The last part has no end, so that it takes what comes behind.
        let ends = keys.chunks(size).filter_map(<[&Key]>::last);
        let mut ends: Vec<Key> = ends.map(|key| (*key).clone()).collect();
        ends.pop();
        Ok((ends, u64::try_from(keys.len()).unwrap_or(u64::MAX)))
    }
}

// === writing ===

impl Database {
    /// Puts a whole row in place, of the definition's columns.
    pub(super) fn put(
        &mut self,
        table: &Table,
        key: &Key,
        row: Vec<Value>,
    ) -> Result<(), StoreError> {
        let rows = self.rows_of(table)?;
        let info = &rows.definition.info;
        for (column, value) in info.columns.iter().zip(&row) {
            if value.is_null() && !column.nullable {
                return Err(rows.constraint(ConstraintKind::NotNull, &column.name));
            }
        }
        for unique in &info.uniques {
            if rows.holds(unique, &rows.picked(unique, &row), Some(key)) {
                return Err(rows.constraint(ConstraintKind::Unique, &unique.join(", ")));
            }
        }
        for foreign in &info.foreign_keys {
            if !self.refers(rows, foreign, &row) && !refers_to_itself(rows, foreign, &row) {
                return Err(rows.constraint(ConstraintKind::ForeignKey, &foreign.name));
            }
        }
        self.rows_mut(table)?.rows.insert(key.clone(), row);
        Ok(())
    }

    /// Removes a row; answers whether it was there.
    pub(super) fn remove(&mut self, table: &Table, key: &Key) -> Result<bool, StoreError> {
        let rows = self.rows_of(table)?;
        let Some(row) = rows.rows.get(key) else {
            return Ok(false);
        };
        for child in self.tables.values() {
            for foreign in &child.definition.info.foreign_keys {
                let referenced = rows.picked(&foreign.referenced_columns, row);
                let is_own = child.definition.info.name == rows.definition.info.name;
                if foreign.references == rows.definition.info.name
                    && child.holds(&foreign.columns, &referenced, is_own.then_some(key))
                {
                    return Err(child.constraint(ConstraintKind::ForeignKey, &foreign.name));
                }
            }
        }
        self.rows_mut(table)?.rows.remove(key);
        Ok(true)
    }

    fn refers(&self, rows: &Rows, foreign: &ForeignKey, row: &[Value]) -> bool {
        let values = rows.picked(&foreign.columns, row);
        values.iter().any(Value::is_null)
            || self
                .tables
                .get(&foreign.references.to_string())
                .is_some_and(|parent| parent.holds(&foreign.referenced_columns, &values, None))
    }

    fn rows_mut(&mut self, table: &Table) -> Result<&mut Rows, StoreError> {
        let rows = self.tables.get_mut(&table.name.to_string());
        rows.map(Arc::make_mut).ok_or_else(|| no_table(table))
    }
}

/// A row may be its own parent: it is there as soon as it is checked.
fn refers_to_itself(rows: &Rows, foreign: &ForeignKey, row: &[Value]) -> bool {
    foreign.references == rows.definition.info.name
        && rows.picked(&foreign.columns, row) == rows.picked(&foreign.referenced_columns, row)
}

fn no_table(table: &Table) -> StoreError {
    StoreError::Schema(format!("no such table: {}", table.name))
}
