//! Rows of one table in key order.

use dualwrite_core::value::Value;
use dualwrite_engine::store::{Listing, StoreError};

use crate::cells::{decode_row, encode, encode_key};
use crate::connections::Session;
use crate::errors::store_error;
use crate::open::by_value;
use crate::sql::{Sql, own_key_names};

/// One page.
pub(super) async fn list(
    session: &mut Session,
    listing: &Listing,
) -> Result<Vec<Vec<Value>>, StoreError> {
    let rows = session.rows(select(listing)?).await;
    let rows = rows.map_err(|error| store_error(&error, Some(&listing.table)))?;
    rows.iter()
        .map(|row| decode_row(&listing.table, row, 0))
        .collect()
}

fn select(listing: &Listing) -> Result<Sql, StoreError> {
    let table = &*listing.table;
    let mut sql = Sql::new("SELECT ")
        .columns(table, "")
        .push(" FROM ")
        .table(&table.name);
    let mut word = " WHERE ";
    for (index, value) in &listing.filter {
        let cell = encode(table, *index, value)?;
        sql = sql.push(word).name(&table.columns[*index].name);
        if let Some(collation) = by_value(table.columns[*index].kind) {
            sql = sql.push(" COLLATE ").name(&collation);
        }
        sql = sql.push(" IS ").bind(cell);
        word = " AND ";
    }
    if let Some(after) = &listing.after {
        let names = own_key_names(table);
        sql = sql
            .push(word)
            .key_compares(&names, ">", encode_key(table, after)?);
    }
    Ok(sql
        .push(" ORDER BY ")
        .key_columns(table)
        .push(" LIMIT ")
        .bind(listing.limit))
}
