//! Markers: left by writers, taken away by the relay.

use std::sync::Arc;

use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_engine::store::{Marker, RowKey, StoreError, Token};
use sqlx::Row;

use crate::cells::{decode_key, encode_key, unsigned};
use crate::connections::Session;
use crate::errors::store_error;
use crate::names::outbox;
use crate::sql::{Sql, outbox_key_names};

/// Leaves a marker for each key, or gives the one that stands there this
/// token.
pub(super) async fn leave<'a>(
    session: &mut Session,
    service: &str,
    epoch: u64,
    token: Token,
    keys: impl Iterator<Item = (&'a Arc<Table>, &'a Key)>,
) -> Result<(), StoreError> {
    let epoch = unsigned("the epoch", epoch)?;
    for (table, key) in keys {
        let names = outbox_key_names(table);
        let sql = Sql::new("INSERT INTO ")
            .name(&outbox(service, table))
            .push(" (")
            .join(&names, ", ", |sql, name| sql.name(name))
            .push(", token, epoch) VALUES (")
            .join(encode_key(table, key)?, ", ", Sql::bind)
            .push(", ")
            .bind(token.0)
            .push(", ")
            .bind(epoch)
            .push(") ON CONFLICT (")
            .join(&names, ", ", |sql, name| sql.name(name))
            .push(") DO UPDATE SET token = excluded.token, epoch = excluded.epoch");
        session
            .run(sql)
            .await
            .map_err(|error| store_error(&error, None))?;
    }
    Ok(())
}

/// Removes each marker of which key and token match.
pub(super) async fn clear(
    session: &mut Session,
    service: &str,
    markers: &[Marker],
) -> Result<u64, StoreError> {
    let mut cleared = 0;
    for Marker { row, token } in markers {
        let sql = Sql::new("DELETE FROM ")
            .name(&outbox(service, &row.table))
            .push(" WHERE ")
            .key_is(
                &outbox_key_names(&row.table),
                encode_key(&row.table, &row.key)?,
            )
            .push(" AND token = ")
            .bind(token.0);
        cleared += session
            .run(sql)
            .await
            .map_err(|error| store_error(&error, None))?;
    }
    Ok(cleared)
}

/// Markers of one entity in key order.
pub(super) async fn list(
    session: &mut Session,
    service: &str,
    table: &Arc<Table>,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<Marker>, StoreError> {
    let names = outbox_key_names(table);
    let mut sql = Sql::new("SELECT ")
        .join(&names, ", ", |sql, name| sql.name(name))
        .push(", token FROM ")
        .name(&outbox(service, table));
    if let Some(after) = after {
        sql = sql
            .push(" WHERE ")
            .key_compares(&names, ">", encode_key(table, after)?);
    }
    let sql = sql
        .push(" ORDER BY ")
        .join(&names, ", ", |sql, name| sql.name(name))
        .push(" LIMIT ")
        .bind(limit);
    let rows = session
        .rows(sql)
        .await
        .map_err(|error| store_error(&error, None))?;
    rows.iter()
        .map(|row| {
            let key = decode_key(table, row, 0)?;
            let token = row
                .try_get(names.len())
                .map_err(|error| store_error(&error, None))?;
            Ok(Marker {
                row: RowKey {
                    table: Arc::clone(table),
                    key,
                },
                token: Token(token),
            })
        })
        .collect()
}
