//! One mutation, and the row that it leaves.
//!
//! Where a mutation depends on the row (conditions, increments), the row is
//! locked, read and judged here, where values are compared and added as values.
//! The server itself would take `a` for `A`, and compare a decimal with a text
//! as floats.

use dualwrite_core::value::Value;
use dualwrite_engine::store::{Change, Condition, Image, Mutation, StoreError, added};

use crate::cells::{Cell, encode, encode_key, misfit};
use crate::errors::{is_taken, store_error};
use crate::pool::Conn;
use crate::sql::{Sql, key_names};
use crate::store::fetch;

type Given = [(usize, Value)];

/// How often an upsert may find its row gone and there by turns.
const UPSERT_TRIES: u32 = 3;

const NO_MATCH: Image = Image {
    matched: false,
    row: None,
};

/// Applies one mutation.
pub(super) async fn mutate(conn: &mut Conn, to: &Mutation) -> Result<Image, StoreError> {
    match &to.change {
        Change::Insert { values } => {
            let done = conn.run(insert(to, values)?).await;
            done.map_err(|error| store_error(&error, Some(&to.table)))?;
            image(conn, to).await
        }
        Change::Upsert { values } => upsert(conn, to, values).await,
        Change::Update { set, add, only_if } => update(conn, to, set, add, only_if).await,
        Change::Delete { only_if } => delete(conn, to, only_if).await,
    }
}

async fn upsert(conn: &mut Conn, to: &Mutation, values: &Given) -> Result<Image, StoreError> {
    for _ in 0..UPSERT_TRIES {
        let found = if values.is_empty() {
            fetch::locked(conn, &to.table, &to.key).await?.is_some()
        } else {
            set_columns(conn, to, values).await?
        };
        if found {
            return image(conn, to).await;
        }
        match conn.run(insert(to, values)?).await {
            Ok(_) => return image(conn, to).await,
            // Somebody else inserted it meanwhile; only the statement is undone.
            Err(error) if is_taken(&error) => {}
            Err(error) => return Err(store_error(&error, Some(&to.table))),
        }
    }
    Err(StoreError::Conflict(format!(
        "{}: a row comes and goes under an upsert",
        to.table.name
    )))
}

async fn update(
    conn: &mut Conn,
    to: &Mutation,
    set: &Given,
    add: &Given,
    only_if: &Condition,
) -> Result<Image, StoreError> {
    if add.is_empty() && only_if.is_empty() && !set.is_empty() {
        return if set_columns(conn, to, set).await? {
            image(conn, to).await
        } else {
            Ok(NO_MATCH)
        };
    }
    let Some(row) = matching(conn, to, only_if).await? else {
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
    set_columns(conn, to, &columns).await?;
    image(conn, to).await
}

async fn delete(conn: &mut Conn, to: &Mutation, only_if: &Condition) -> Result<Image, StoreError> {
    if !only_if.is_empty() && matching(conn, to, only_if).await?.is_none() {
        return Ok(NO_MATCH);
    }
    let sql = Sql::new("DELETE FROM ")
        .table(&to.table.name)
        .push(" WHERE ")
        .key_is(&key_names(&to.table), encode_key(&to.table, &to.key)?);
    let deleted = conn.run(sql).await;
    let deleted = deleted.map_err(|error| store_error(&error, Some(&to.table)))?;
    Ok(Image {
        matched: deleted > 0,
        row: None,
    })
}

/// The row of the mutation, locked, if it is there and as the conditions say.
async fn matching(
    conn: &mut Conn,
    to: &Mutation,
    only_if: &Condition,
) -> Result<Option<Vec<Value>>, StoreError> {
    let row = fetch::locked(conn, &to.table, &to.key).await?;
    Ok(row.filter(|row| only_if.holds(row)))
}

/// The row as it stands after the change. (A trigger may have changed it too.)
async fn image(conn: &mut Conn, to: &Mutation) -> Result<Image, StoreError> {
    let row = fetch::row(conn, &to.table, &to.key).await?;
    Ok(Image { matched: true, row })
}

fn insert(to: &Mutation, values: &Given) -> Result<Sql, StoreError> {
    let table = &*to.table;
    let mut cells = encode_key(table, &to.key)?;
    for (index, value) in values {
        cells.push(encode(table, *index, value)?);
    }
    let given = values.iter().map(|(index, _)| index);
    Ok(Sql::new("INSERT INTO ")
        .table(&table.name)
        .push(" (")
        .join(table.key.iter().chain(given), ", ", |sql, index| {
            sql.name(&table.columns[*index].name)
        })
        .push(") VALUES (")
        .join(cells, ", ", Sql::bind)
        .push(")"))
}

/// Sets columns, and answers whether there is such a row: the server counts
/// those that it found, also where nothing changed.
async fn set_columns(conn: &mut Conn, to: &Mutation, columns: &Given) -> Result<bool, StoreError> {
    let table = &*to.table;
    let set = columns
        .iter()
        .map(|(index, value)| Ok((*index, encode(table, *index, value)?)));
    let set: Vec<(usize, Cell)> = set.collect::<Result<_, StoreError>>()?;
    let sql = Sql::new("UPDATE ")
        .table(&table.name)
        .push(" SET ")
        .join(set, ", ", |sql, (index, cell)| {
            sql.name(&table.columns[index].name).push(" = ").bind(cell)
        })
        .push(" WHERE ")
        .key_is(&key_names(table), encode_key(table, &to.key)?);
    let found = conn.run(sql).await;
    found
        .map(|found| found > 0)
        .map_err(|error| store_error(&error, Some(table)))
}
