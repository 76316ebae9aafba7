//! One mutation, and the row that it leaves.
//!
//! Where a mutation depends on the row (conditions, increments), the row is
//! read first and judged here: under the write lock it cannot change in
//! between, and values are then compared and added as values. SQLite itself
//! would compare `1.50` and `1.5` as texts, and turn an integer that overflows
//! into a float.

use std::sync::Arc;

use dualwrite_core::value::Value;
use dualwrite_engine::store::{Change, Condition, Image, Mutation, RowKey, StoreError, added};

use crate::cells::{decode_row, encode, encode_key, misfit};
use crate::connections::Session;
use crate::errors::store_error;
use crate::sql::{Sql, own_key_names, quote};
use crate::store::fetch;

type Given = [(usize, Value)];

/// Applies one mutation.
pub(super) async fn mutate(session: &mut Session, to: &Mutation) -> Result<Image, StoreError> {
    match &to.change {
        Change::Insert { values } => write(session, to, insert(to, values)?).await,
        Change::Upsert { values } => write(session, to, upsert(to, values)?).await,
        Change::Update { set, add, only_if } => update(session, to, set, add, only_if).await,
        Change::Delete { only_if } => delete(session, to, only_if).await,
    }
}

async fn update(
    session: &mut Session,
    to: &Mutation,
    set: &Given,
    add: &Given,
    only_if: &Condition,
) -> Result<Image, StoreError> {
    if add.is_empty() && only_if.is_empty() && !set.is_empty() {
        return write(session, to, set_columns(to, set)?).await;
    }
    let Some(row) = matching(session, to, only_if).await? else {
        return Ok(NO_MATCH);
    };
    let mut columns = set.to_vec();
    for (index, delta) in add {
        let sum = added(&row[*index], delta);
        let sum = sum.map_err(|why| misfit(&to.table, &to.table.columns[*index], &why))?;
        columns.push((*index, sum));
    }
    if columns.is_empty() {
        return Ok(Image {
            matched: true,
            row: Some(row),
        });
    }
    write(session, to, set_columns(to, &columns)?).await
}

async fn delete(
    session: &mut Session,
    to: &Mutation,
    only_if: &Condition,
) -> Result<Image, StoreError> {
    if !only_if.is_empty() && matching(session, to, only_if).await?.is_none() {
        return Ok(NO_MATCH);
    }
    let sql = Sql::new("DELETE FROM ")
        .table(&to.table.name)
        .push(" WHERE ");
    let sql = sql.key_is(&own_key_names(&to.table), encode_key(&to.table, &to.key)?);
    let deleted = session
        .run(sql)
        .await
        .map_err(|error| store_error(&error, Some(&to.table)))?;
    Ok(Image {
        matched: deleted > 0,
        row: None,
    })
}

const NO_MATCH: Image = Image {
    matched: false,
    row: None,
};

/// The row of the mutation, if it is there and as the conditions say.
async fn matching(
    session: &mut Session,
    to: &Mutation,
    only_if: &Condition,
) -> Result<Option<Vec<Value>>, StoreError> {
    let key = RowKey {
        table: Arc::clone(&to.table),
        key: to.key.clone(),
    };
    let row = fetch::rows(session, &[key]).await?.pop().flatten();
    Ok(row.filter(|row| only_if.holds(row)))
}

/// Runs a statement that returns the row.
async fn write(session: &mut Session, to: &Mutation, sql: Sql) -> Result<Image, StoreError> {
    let sql = sql.push(" RETURNING ").columns(&to.table, "");
    let rows = session
        .rows(sql)
        .await
        .map_err(|error| store_error(&error, Some(&to.table)))?;
    let Some(row) = rows.first() else {
        return Ok(NO_MATCH);
    };
    Ok(Image {
        matched: true,
        row: Some(decode_row(&to.table, row, 0)?),
    })
}

fn insert(to: &Mutation, values: &Given) -> Result<Sql, StoreError> {
    let table = &*to.table;
    let mut cells = encode_key(table, &to.key)?;
    for (index, value) in values {
        cells.push(encode(table, *index, value)?);
    }
    let columns = table
        .key
        .iter()
        .chain(values.iter().map(|(index, _)| index));
    Ok(Sql::new("INSERT INTO ")
        .table(&table.name)
        .push(" (")
        .join(columns, ", ", |sql, index| {
            sql.name(&table.columns[*index].name)
        })
        .push(") VALUES (")
        .join(cells, ", ", Sql::bind)
        .push(")"))
}

fn upsert(to: &Mutation, values: &Given) -> Result<Sql, StoreError> {
    let table = &*to.table;
    let mut columns: Vec<usize> = values.iter().map(|(index, _)| *index).collect();
    if columns.is_empty() {
        // `DO NOTHING` would return no row; to set the key to itself does.
        columns.extend(table.key.first());
    }
    let sql = insert(to, values)?
        .push(" ON CONFLICT (")
        .key_columns(table);
    Ok(sql
        .push(") DO UPDATE SET ")
        .join(columns, ", ", |sql, index| {
            let name = quote(&table.columns[index].name);
            sql.push(&name).push(" = excluded.").push(&name)
        }))
}

fn set_columns(to: &Mutation, columns: &Given) -> Result<Sql, StoreError> {
    let table = &*to.table;
    let mut sql = Sql::new("UPDATE ").table(&table.name).push(" SET ");
    for (place, (index, value)) in columns.iter().enumerate() {
        let cell = encode(table, *index, value)?;
        let separator = if place > 0 { ", " } else { "" };
        sql = sql
            .push(separator)
            .name(&table.columns[*index].name)
            .push(" = ")
            .bind(cell);
    }
    Ok(sql
        .push(" WHERE ")
        .key_is(&own_key_names(table), encode_key(table, &to.key)?))
}
