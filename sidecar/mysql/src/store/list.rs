//! Rows of one table in key order.

use dualwrite_core::key::Key;
use dualwrite_core::value::{Kind, Value};
use dualwrite_engine::store::{Condition, Listing, StoreError};

use super::range::{Bound, beyond, ordered};
use crate::cells::{decode_row, encode};
use crate::errors::store_error;
use crate::pool::Conn;
use crate::sql::{Sql, key_names};

/// Rows that are looked at in one statement where the server cannot tell by
/// itself which ones match.
const LOOK: u32 = 1_000;

/// One page. The server's equality may be wider than ours (it ignores case, or
/// compares JSON as text): it only makes a choice, and what it chose is
/// compared as values here, until the page is full.
pub(super) async fn list(
    conn: &mut Conn,
    listing: &Listing,
) -> Result<Vec<Vec<Value>>, StoreError> {
    let table = &*listing.table;
    let wanted = Condition::equal(listing.filter.clone());
    let most = usize::try_from(listing.limit).unwrap_or(usize::MAX);
    let look = if listing.filter.is_empty() {
        listing.limit
    } else {
        listing.limit.max(LOOK)
    };
    let mut after = listing.after.clone();
    let mut page = Vec::new();
    loop {
        let rows = conn.rows(select(listing, after.as_ref(), look)?).await;
        let rows = rows.map_err(|error| store_error(&error, Some(table)))?;
        for row in &rows {
            let row = decode_row(table, row, 0)?;
            let parts = table.key.iter().map(|index| row[*index].clone());
            after = Some(
                Key::new(parts.collect())
                    .map_err(|error| StoreError::Value(format!("{}: {error}", table.name)))?,
            );
            if page.len() < most && wanted.holds(&row) {
                page.push(row);
            }
        }
        let ended = rows.len() < usize::try_from(look).unwrap_or(usize::MAX);
        if ended || page.len() >= most {
            return Ok(page);
        }
    }
}

fn select(listing: &Listing, after: Option<&Key>, limit: u32) -> Result<Sql, StoreError> {
    let table = &*listing.table;
    let names = key_names(table);
    let mut sql = Sql::new("SELECT ")
        .columns(table)
        .push(" FROM ")
        .table(&table.name);
    let mut word = " WHERE ";
    for (index, value) in &listing.filter {
        let column = &table.columns[*index];
        // Equal JSON is written in many ways, and no text of it is wider than
        // its value.
        if column.kind == Kind::Json && !value.is_null() {
            continue;
        }
        let cell = encode(table, *index, value)?;
        sql = sql.push(word).name(&column.name).push(" <=> ").bind(cell);
        word = " AND ";
    }
    if let Some(after) = after {
        sql = beyond(sql.push(word), table, &names, Bound::After, after)?;
    }
    Ok(ordered(sql, table, &names).push(" LIMIT ").bind(limit))
}
