//! Who holds a unique value, or refers to a row.

use dualwrite_core::key::Key;
use dualwrite_engine::store::{Sought, StoreError};

use crate::cells::{decode_key, encode};
use crate::errors::store_error;
use crate::pool::Conn;
use crate::sql::{Sql, key_names};

/// The keys of the rows that hold what is sought, by the server's own equality,
/// which is the one that its unique indexes and references go by.
pub(super) async fn holders(
    conn: &mut Conn,
    sought: &[Sought],
    limit: u32,
) -> Result<Vec<Vec<Key>>, StoreError> {
    let mut answers = Vec::with_capacity(sought.len());
    for one in sought {
        let rows = conn.rows(holding(one, limit)?).await;
        let rows = rows.map_err(|error| store_error(&error, Some(&one.table)))?;
        let keys = rows.iter().map(|row| decode_key(&one.table, row, 0));
        answers.push(keys.collect::<Result<_, _>>()?);
    }
    Ok(answers)
}

fn holding(sought: &Sought, limit: u32) -> Result<Sql, StoreError> {
    let table = &*sought.table;
    let mut sql = Sql::new("SELECT ")
        .names(&key_names(table))
        .push(" FROM ")
        .table(&table.name);
    let mut word = " WHERE ";
    for (index, value) in sought.columns.iter().zip(&sought.values) {
        let cell = encode(table, *index, value)?;
        let name = &table.columns[*index].name;
        sql = sql.push(word).name(name).push(" = ").bind(cell);
        word = " AND ";
    }
    Ok(sql.push(" LIMIT ").bind(limit))
}
