//! Making rows equal.
//!
//! Upserts are an UPDATE by key and, for keys that are not there, an INSERT:
//! `REPLACE` and `ON DUPLICATE KEY UPDATE` mean *any* unique key and would
//! change another row than the one that was meant. Rows that follow each other
//! in one table go together: one look at which keys are there, one statement
//! for all that are not, one for all that go.

use std::collections::HashSet;

use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{Copy, StoreError};

use crate::cells::{Cell, decode_key, encode, encode_key};
use crate::errors::store_error;
use crate::pool::Conn;
use crate::sql::{Sql, key_names};
use crate::store::fetch::in_batches;

/// Cells that one INSERT binds at most; the protocol ends at 65,535.
const CELLS_MAX: usize = 4_096;

/// Writes the copies in their order.
pub(super) async fn write(conn: &mut Conn, copies: &[Copy]) -> Result<(), StoreError> {
    let alike = |one: &Copy, other: &Copy| {
        one.table == other.table && one.row.is_some() == other.row.is_some()
    };
    for group in copies.chunk_by(alike) {
        let Some(Copy { table, row, .. }) = group.first() else {
            continue;
        };
        if row.is_some() {
            upsert(conn, table, group).await?;
        } else {
            delete(conn, table, group).await?;
        }
    }
    Ok(())
}

async fn delete(conn: &mut Conn, table: &Table, copies: &[Copy]) -> Result<(), StoreError> {
    for batch in in_batches(keys(table, copies)?) {
        let sql = Sql::new("DELETE FROM ")
            .table(&table.name)
            .push(" WHERE ")
            .key_is_one_of(&key_names(table), batch);
        run(conn, table, sql).await?;
    }
    Ok(())
}

async fn upsert(conn: &mut Conn, table: &Table, copies: &[Copy]) -> Result<(), StoreError> {
    let written = written(table);
    let mut there = present(conn, table, copies).await?;
    let mut missing: Vec<Vec<Cell>> = Vec::new();
    for copy in copies {
        let cells = cells(table, &written, copy)?;
        if there.contains(&copy.key) {
            // Those before it first: a value may move from one row to another.
            insert(conn, table, &written, std::mem::take(&mut missing)).await?;
            update(conn, table, &written, copy, cells).await?;
        } else {
            there.insert(copy.key.clone());
            missing.push(cells);
        }
    }
    insert(conn, table, &written, missing).await
}

/// Which of the keys are there. The key locks keep it so.
async fn present(
    conn: &mut Conn,
    table: &Table,
    copies: &[Copy],
) -> Result<HashSet<Key>, StoreError> {
    let names = key_names(table);
    let mut there = HashSet::new();
    for batch in in_batches(keys(table, copies)?) {
        let sql = Sql::new("SELECT ")
            .names(&names)
            .push(" FROM ")
            .table(&table.name)
            .push(" WHERE ")
            .key_is_one_of(&names, batch);
        let rows = conn.rows(sql).await;
        for row in &rows.map_err(|error| store_error(&error, Some(table)))? {
            there.insert(decode_key(table, row, 0)?);
        }
    }
    Ok(there)
}

async fn update(
    conn: &mut Conn,
    table: &Table,
    written: &[usize],
    copy: &Copy,
    cells: Vec<Cell>,
) -> Result<(), StoreError> {
    let set: Vec<(usize, Cell)> = written
        .iter()
        .copied()
        .zip(cells)
        .filter(|(index, _)| !table.key.contains(index))
        .collect();
    if set.is_empty() {
        return Ok(());
    }
    let sql = Sql::new("UPDATE ")
        .table(&table.name)
        .push(" SET ")
        .join(set, ", ", |sql, (index, cell)| {
            sql.name(&table.columns[index].name).push(" = ").bind(cell)
        })
        .push(" WHERE ")
        .key_is(&key_names(table), encode_key(table, &copy.key)?);
    run(conn, table, sql).await
}

async fn insert(
    conn: &mut Conn,
    table: &Table,
    written: &[usize],
    mut rows: Vec<Vec<Cell>>,
) -> Result<(), StoreError> {
    let most = (CELLS_MAX / written.len().max(1)).max(1);
    while !rows.is_empty() {
        // Powers of two, so that the prepared statements are few.
        let size = 1 << rows.len().min(most).ilog2();
        let later = rows.split_off(size);
        let sql = Sql::new("INSERT INTO ")
            .table(&table.name)
            .push(" (")
            .join(written, ", ", |sql, index| {
                sql.name(&table.columns[*index].name)
            })
            .push(") VALUES ")
            .join(std::mem::replace(&mut rows, later), ", ", |sql, row| {
                sql.push("(").join(row, ", ", Sql::bind).push(")")
            });
        run(conn, table, sql).await?;
    }
    Ok(())
}

async fn run(conn: &mut Conn, table: &Table, sql: Sql) -> Result<(), StoreError> {
    let done = conn.run(sql).await;
    done.map(|_| ())
        .map_err(|error| store_error(&error, Some(table)))
}

fn keys(table: &Table, copies: &[Copy]) -> Result<Vec<Vec<Cell>>, StoreError> {
    copies
        .iter()
        .map(|copy| encode_key(table, &copy.key))
        .collect()
}

/// The columns that can be written.
fn written(table: &Table) -> Vec<usize> {
    let columns = table.columns.iter().enumerate();
    columns
        .filter(|(_, column)| !column.generated)
        .map(|(index, _)| index)
        .collect()
}

fn cells(table: &Table, written: &[usize], copy: &Copy) -> Result<Vec<Cell>, StoreError> {
    let row: &[Value] = copy.row.as_deref().unwrap_or_default();
    if row.len() != table.columns.len() {
        return Err(StoreError::Schema(format!(
            "{}: expected a row of {} values, got {}",
            table.name,
            table.columns.len(),
            row.len()
        )));
    }
    written
        .iter()
        .map(|index| encode(table, *index, &row[*index]))
        .collect()
}
