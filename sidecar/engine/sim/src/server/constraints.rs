//! The constraints of a table, judged when a row is put in place or removed,
//! with the locks that keep others from changing the answer meanwhile.

use std::sync::Arc;

use dualwrite_core::catalog::ForeignKey;
use dualwrite_core::key::Key;
use dualwrite_core::spec::TableName;
use dualwrite_core::value::Value;
use dualwrite_engine::fake::FakeTable;
use dualwrite_engine::store::{ConstraintKind, StoreError};

use super::tx::LOCK_TIMEOUT;
use super::{Data, Flavour, Lock, Mode, RecordId, Space, Tx};

impl Tx {
    /// Puts a whole row in place. The lock on the record is held.
    pub(crate) async fn put(
        &self,
        definition: &FakeTable,
        key: &Key,
        row: Vec<Value>,
    ) -> Result<(), StoreError> {
        let info = definition.info();
        for (column, value) in info.columns.iter().zip(&row) {
            if value.is_null() && !column.nullable {
                return Err(self.refuse(definition, ConstraintKind::NotNull, &column.name));
            }
        }
        let id = RecordId::row(&info.name.to_string(), key);
        let before = self.seen(&id);
        self.claim(
            definition,
            before.as_ref().and_then(|version| version.row()),
        )
        .await?;
        self.claim(definition, Some(&row)).await?;
        for unique in &info.uniques {
            let values = picked(definition, unique, &row);
            if self.holds(definition, unique, &values, Some(key)) {
                return Err(self.refuse(definition, ConstraintKind::Unique, &unique.join(", ")));
            }
        }
        for foreign in &info.foreign_keys {
            if !self.refers(definition, foreign, &row).await? {
                return Err(self.refuse(definition, ConstraintKind::ForeignKey, &foreign.name));
            }
        }
        self.write(id, Some(Data::Row(row)))
    }

    /// Removes a row that is there. The lock on the record is held.
    pub(crate) async fn take_away(
        &self,
        definition: &FakeTable,
        key: &Key,
        row: &[Value],
    ) -> Result<(), StoreError> {
        self.claim(definition, Some(row)).await?;
        let name = &definition.info().name;
        for child in self.children_of(name) {
            for foreign in &child.info().foreign_keys {
                let referenced = picked(definition, &foreign.referenced_columns, row);
                if foreign.references == *name
                    && self.holds(&child, &foreign.columns, &referenced, None)
                {
                    return Err(self.refuse(&child, ConstraintKind::ForeignKey, &foreign.name));
                }
            }
        }
        self.write(RecordId::row(&name.to_string(), key), None)
    }

    /// Locks the values of a row under unique constraints, so that whoever
    /// wants the same waits for what becomes of it.
    async fn claim(&self, definition: &FakeTable, row: Option<&[Value]>) -> Result<(), StoreError> {
        let Some(row) = row else { return Ok(()) };
        let info = definition.info();
        for (place, unique) in info.uniques.iter().enumerate() {
            let values = picked(definition, unique, row);
            if values.iter().any(Value::is_null) {
                continue;
            }
            let table = Arc::from(info.name.to_string());
            let lock = Lock::Unique(table, place, format!("{values:?}"));
            self.lock(&lock, Mode::Exclusive, LOCK_TIMEOUT).await?;
        }
        Ok(())
    }

    /// Whether the row that this one refers to is there, and stays.
    async fn refers(
        &self,
        definition: &FakeTable,
        foreign: &ForeignKey,
        row: &[Value],
    ) -> Result<bool, StoreError> {
        let values = picked(definition, &foreign.columns, row);
        if values.iter().any(Value::is_null) {
            return Ok(true);
        }
        let Ok(parent) = self.definition_named(&foreign.references) else {
            return Ok(false);
        };
        // Referenced by its key: the lock is on that row. Else only looked at.
        if foreign.referenced_columns == parent.info().primary_key
            && let Ok(key) = Key::new(values.clone())
        {
            let mode = match self.server.flavour {
                Flavour::Postgres => Mode::KeyShare,
                Flavour::InnoDb => Mode::Share,
            };
            let id = RecordId::row(&parent.info().name.to_string(), &key);
            self.lock_record(&id, mode).await?;
            return Ok(self.seen(&id).is_some());
        }
        Ok(self.holds(&parent, &foreign.referenced_columns, &values, None))
    }

    /// Whether another row has these values in these columns; NULL is no value.
    fn holds(
        &self,
        definition: &FakeTable,
        columns: &[String],
        values: &[Value],
        but: Option<&Key>,
    ) -> bool {
        if values.iter().any(Value::is_null) {
            return false;
        }
        let state = self.server.state();
        let space = Space::Row(Arc::from(definition.info().name.to_string()));
        state.all_in(&space, Some(self.id)).any(|(key, version)| {
            let row = version.row().unwrap_or_default();
            Some(key) != but && picked(definition, columns, row) == values
        })
    }

    fn children_of(&self, parent: &TableName) -> Vec<Arc<FakeTable>> {
        let state = self.server.state();
        let refers = |table: &&Arc<FakeTable>| {
            let mut keys = table.info().foreign_keys.iter();
            keys.any(|foreign| foreign.references == *parent)
        };
        state.schema.tables().filter(refers).cloned().collect()
    }

    fn definition_named(&self, name: &TableName) -> Result<Arc<FakeTable>, StoreError> {
        self.server.state().schema.table(&name.to_string()).cloned()
    }

    /// The error of a constraint; only a rollback is possible after it.
    pub(crate) fn refuse(
        &self,
        definition: &FakeTable,
        kind: ConstraintKind,
        constraint: &str,
    ) -> StoreError {
        self.fail(StoreError::Constraint {
            kind,
            table: definition.info().name.to_string(),
            constraint: constraint.to_owned(),
        })
    }
}

fn picked(definition: &FakeTable, columns: &[String], row: &[Value]) -> Vec<Value> {
    let places = columns
        .iter()
        .filter_map(|column| definition.position(column));
    places.filter_map(|place| row.get(place).cloned()).collect()
}
