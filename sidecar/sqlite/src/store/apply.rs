//! Copies on the secondary.

use async_trait::async_trait;
use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{
    CommitError, Copy, Granted, LockMode, LockRequest, OpenApply, RowKey, Sought, StoreError,
};
use std::time::Duration;

use super::{fences, fetch};
use crate::cells::{decode_key, encode, encode_key};
use crate::connections::{Connections, Session};
use crate::errors::store_error;
use crate::sql::{Sql, own_key_names};

/// How long "take those that are free" waits. Every key lock is the one write
/// lock here, which other transactions hold for moments at a time; to give up
/// at the first of them would be never to have it.
const TRY: Duration = Duration::from_millis(50);

/// A transaction that holds the fence, and with the write lock every key.
#[derive(Debug)]
struct Open {
    session: Session,
    /// Set by the first error, after which only a rollback is left.
    failed: bool,
}

/// Takes the write lock and checks the fence.
pub(super) async fn begin(
    writer: &Connections,
    request: &LockRequest,
) -> Result<Box<dyn OpenApply>, StoreError> {
    let bound = match request.mode {
        LockMode::Wait(bound) => bound,
        LockMode::Try => TRY,
    };
    let mut session = writer.begin(bound).await?;
    fences::hold_secondary(&mut session, &request.service, request.epoch).await?;
    Ok(Box::new(Open {
        session,
        failed: false,
    }))
}

#[async_trait]
impl OpenApply for Open {
    fn granted(&self) -> &Granted {
        &Granted::All
    }

    async fn apply(&mut self, copies: &[Copy]) -> Result<(), StoreError> {
        if self.failed {
            return Err(after_error());
        }
        // Stays so if this future is dropped half way.
        self.failed = true;
        for copy in copies {
            let sql = match &copy.row {
                Some(row) => upsert(copy, row)?,
                None => delete(copy)?,
            };
            let done = self.session.run(sql).await;
            done.map_err(|error| store_error(&error, Some(&copy.table)))?;
        }
        self.failed = false;
        Ok(())
    }

    async fn read(&mut self, keys: &[RowKey]) -> Result<Vec<Option<Vec<Value>>>, StoreError> {
        fetch::rows(&mut self.session, keys).await
    }

    async fn holders(
        &mut self,
        sought: &[Sought],
        limit: u32,
    ) -> Result<Vec<Vec<Key>>, StoreError> {
        let mut holders = Vec::with_capacity(sought.len());
        for one in sought {
            let found = self.session.rows(holding(one, limit)?).await;
            let found = found.map_err(|error| store_error(&error, Some(&one.table)))?;
            let keys = found.iter().map(|row| decode_key(&one.table, row, 0));
            holders.push(keys.collect::<Result<_, _>>()?);
        }
        Ok(holders)
    }

    async fn commit(self: Box<Self>) -> Result<(), CommitError> {
        if self.failed {
            return Err(CommitError::Refused(after_error()));
        }
        self.session.commit().await
    }

    async fn rollback(self: Box<Self>) {
        self.session.rollback().await;
    }
}

fn after_error() -> StoreError {
    StoreError::Other("the transaction met an error before and can only be rolled back".to_owned())
}

/// `SELECT "id" FROM t WHERE "code" = ? LIMIT ?`
fn holding(sought: &Sought, limit: u32) -> Result<Sql, StoreError> {
    let table = &*sought.table;
    let mut cells = Vec::with_capacity(sought.columns.len());
    for (index, value) in sought.columns.iter().zip(&sought.values) {
        cells.push((
            table.columns[*index].name.as_str(),
            encode(table, *index, value)?,
        ));
    }
    Ok(Sql::new("SELECT ")
        .key_columns(table)
        .push(" FROM ")
        .table(&table.name)
        .push(" WHERE ")
        .join(cells, " AND ", |sql, (name, cell)| {
            sql.name(name).push(" = ").bind(cell)
        })
        .push(" LIMIT ")
        .bind(limit))
}

fn upsert(copy: &Copy, row: &[Value]) -> Result<Sql, StoreError> {
    let table = &*copy.table;
    if row.len() != table.columns.len() {
        return Err(StoreError::Schema(format!(
            "{}: expected a row of {} values, got {}",
            table.name,
            table.columns.len(),
            row.len()
        )));
    }
    let written = written(table);
    let cells = written
        .iter()
        .map(|index| encode(table, *index, &row[*index]));
    let cells = cells.collect::<Result<Vec<_>, _>>()?;
    let set: Vec<usize> = written
        .iter()
        .copied()
        .filter(|i| !table.key.contains(i))
        .collect();
    let name = |sql: Sql, index: &usize| sql.name(&table.columns[*index].name);
    let sql = Sql::new("INSERT INTO ")
        .table(&table.name)
        .push(" (")
        .join(&written, ", ", name)
        .push(") VALUES (")
        .join(cells, ", ", Sql::bind)
        .push(") ON CONFLICT (")
        .key_columns(table)
        .push(") DO ");
    Ok(if set.is_empty() {
        sql.push("NOTHING")
    } else {
        sql.push("UPDATE SET ").join(&set, ", ", |sql, index| {
            name(name(sql, index).push(" = excluded."), index)
        })
    })
}

/// The columns that can be written.
fn written(table: &Table) -> Vec<usize> {
    let columns = table.columns.iter().enumerate();
    columns
        .filter(|(_, column)| !column.generated)
        .map(|(index, _)| index)
        .collect()
}

fn delete(copy: &Copy) -> Result<Sql, StoreError> {
    let table = &*copy.table;
    let key = encode_key(table, &copy.key)?;
    let sql = Sql::new("DELETE FROM ").table(&table.name).push(" WHERE ");
    Ok(sql.key_is(&own_key_names(table), key))
}
