//! Writes and reads of a service whose migration has ended: its own tables and
//! nothing of ours.

use dualwrite_core::value::Value;
use dualwrite_engine::store::{Image, Listing, Mutation, RowKey, StoreError};

use crate::conn::auto;
use crate::errors::Stage;
use crate::list;
use crate::order::key_order;
use crate::reads::{by_key, image, snapshot};
use crate::sql;
use crate::store::PostgresStore;
use crate::write;

/// Rows by key, in the order of the keys, in one snapshot.
pub(crate) async fn read(
    store: &PostgresStore,
    keys: &[RowKey],
) -> Result<Vec<Option<Vec<Value>>>, StoreError> {
    let groups = sql::by_table(keys, |row| &row.table);
    let mut statements = Vec::with_capacity(groups.len());
    for (table, group) in &groups {
        statements.push(by_key(table, group)?);
    }
    let conn = store.pools.main().await?;
    let answers = match statements.as_slice() {
        [only] => vec![auto(conn, only, Stage::Harmless).await?],
        several => snapshot(conn, several).await?,
    };
    let mut rows = vec![None; keys.len()];
    for ((table, group), answer) in groups.iter().zip(answers) {
        for ((place, _), row) in group.iter().zip(&answer) {
            rows[*place] = image(table, row, 0)?;
        }
    }
    Ok(rows)
}

/// Rows of one table in key order.
pub(crate) async fn list(
    store: &PostgresStore,
    listing: &Listing,
) -> Result<Vec<Vec<Value>>, StoreError> {
    let order = key_order(store, &listing.table).await?;
    let sql = list::plain_statement(listing, &order)?;
    let rows = auto(store.pools.main().await?, &sql, Stage::Harmless).await?;
    let mut page = Vec::with_capacity(rows.len());
    for row in &rows {
        page.extend(image(&listing.table, row, 0)?);
    }
    Ok(page)
}

/// Mutations in one transaction, committed.
pub(crate) async fn write(
    store: &PostgresStore,
    mutations: &[Mutation],
) -> Result<Vec<Image>, StoreError> {
    write::plain(store, mutations).await
}
