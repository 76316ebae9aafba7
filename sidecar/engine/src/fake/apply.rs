//! Copies on the secondary.

use async_trait::async_trait;
use dualwrite_core::key::Key;
use dualwrite_core::value::Value;

use super::database::Database;
use super::faults::Call;
use super::mutate::fitting;
use super::open::Transaction;
use crate::store::{CommitError, Copy, Granted, OpenApply, RowKey, Sought, StoreError};

/// A transaction that holds the fence, and with the write lock every key.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) transaction: Transaction,
    pub(super) granted: Granted,
    pub(super) failed: bool,
}

#[async_trait]
impl OpenApply for Open {
    fn granted(&self) -> &Granted {
        &self.granted
    }

    async fn apply(&mut self, copies: &[Copy]) -> Result<(), StoreError> {
        if self.failed {
            return Err(after_error());
        }
        self.failed = true;
        tokio::task::yield_now().await;
        self.transaction.shared.faults.before_read(Call::Apply)?;
        for copy in copies {
            let table = &copy.table.name.name;
            self.transaction
                .shared
                .faults
                .before_copy(table, &copy.key)?;
            match &copy.row {
                Some(row) => self.transaction.database.copy(copy, row)?,
                None => {
                    self.transaction.database.remove(&copy.table, &copy.key)?;
                }
            }
        }
        self.failed = false;
        Ok(())
    }

    async fn read(&mut self, keys: &[RowKey]) -> Result<Vec<Option<Vec<Value>>>, StoreError> {
        tokio::task::yield_now().await;
        self.transaction
            .shared
            .faults
            .before_read(Call::ReadApply)?;
        let database = &self.transaction.database;
        keys.iter()
            .map(|row| database.row(&row.table, &row.key))
            .collect()
    }

    async fn holders(
        &mut self,
        sought: &[Sought],
        limit: u32,
    ) -> Result<Vec<Vec<Key>>, StoreError> {
        tokio::task::yield_now().await;
        self.transaction
            .shared
            .faults
            .before_read(Call::ReadApply)?;
        let database = &self.transaction.database;
        sought
            .iter()
            .map(|one| database.holding(one, limit))
            .collect()
    }

    async fn commit(self: Box<Self>) -> Result<(), CommitError> {
        tokio::task::yield_now().await;
        if self.failed {
            return Err(CommitError::Refused(after_error()));
        }
        self.transaction.commit_as(Call::CommitApply)
    }

    async fn rollback(self: Box<Self>) {
        tokio::task::yield_now().await;
    }
}

impl Database {
    fn copy(&mut self, copy: &Copy, values: &[Value]) -> Result<(), StoreError> {
        let table = &*copy.table;
        if values.len() != table.columns.len() {
            return Err(StoreError::Schema(format!(
                "{}: a row of another length",
                table.name
            )));
        }
        let rows = self.rows_of(table)?;
        let places = rows.places(table)?;
        let blank = || vec![Value::Null; rows.definition.info.columns.len()];
        let mut row = rows.rows.get(&copy.key).cloned().unwrap_or_else(blank);
        for (index, value) in values.iter().enumerate() {
            row[places[index]] = fitting(table, index, value)?;
        }
        self.put(table, &copy.key, row)
    }
}

fn after_error() -> StoreError {
    StoreError::Other("the transaction met an error before and can only be rolled back".to_owned())
}
