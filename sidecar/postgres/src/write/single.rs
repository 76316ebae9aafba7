//! One mutation, in one statement that commits by itself.

use dualwrite_core::side::Role;
use dualwrite_engine::store::{Image, Mutation, StoreError, WriteTx};
use tokio_postgres::Row;

use super::mutation::{bind_key, change};
use super::statements::replace;
use crate::conn::auto;
use crate::errors::{NOT_MATCHED, Stage};
use crate::fences::cell;
use crate::param::Param;
use crate::sql::{Sql, held_as, key_column, outbox};
use crate::store::PostgresStore;
use crate::text::{self, Cell};

pub(super) async fn run(
    store: &PostgresStore,
    tx: &WriteTx,
    mutation: &Mutation,
) -> Result<Vec<Image>, StoreError> {
    let sql = statement(tx, mutation)?;
    let conn = store.pools.main().await?;
    let rows = auto(conn, &sql, Stage::Decisive).await?;
    let (held, cells) = answer(&rows)?;
    if !held {
        return Err(StoreError::Stale);
    }
    // It is committed: that its image cannot be read does not undo it.
    let image = text::image(&mutation.table, cells)
        .map_err(|error| StoreError::UnknownOutcome(format!("it committed, but {error}")))?;
    Ok(vec![image])
}

/// Whether the fence was held, and what the mutation returned.
pub(super) fn answer(rows: &[Row]) -> Result<(bool, Option<Vec<Cell>>), StoreError> {
    let row = rows
        .first()
        .ok_or_else(|| StoreError::Other("a write answered no row".into()))?;
    Ok((cell::<i64>(row, 0)? > 0, cell(row, 1)?))
}

/// Fence, gate, marker, mutation and receipt in one.
///
/// The mutation selects from the marker, so the marker comes first; and from
/// nothing, when the fence refuses.
pub(super) fn statement(tx: &WriteTx, mutation: &Mutation) -> Result<Sql, StoreError> {
    let mut sql = Sql::new();
    let (service, epoch) = held_as(&mut sql, &tx.service, tx.epoch, Role::Primary)?;
    let key = bind_key(&mut sql, mutation)?;
    let source = match tx.token {
        Some(token) => {
            let token = sql.bind(Param::Long(token.0));
            let names: Vec<String> = (0..key.len()).map(key_column).collect();
            sql.push(&format!(
                ", m AS (INSERT INTO {} AS o ({}, token, epoch) \
                 SELECT {}, {token}, {epoch} FROM f{} RETURNING 1)",
                outbox(&tx.service, &mutation.table.entity)?,
                names.join(", "),
                key.join(", "),
                replace(&names)
            ));
            "m"
        }
        None => "f",
    };
    let change = change(&mut sql, mutation, &key, Some(source))?;
    sql.push(&format!(", w AS ({change})"));
    if let Some(draft) = &tx.receipt {
        let id = sql.bind(Param::text(&draft.request_id));
        let hash = sql.bind(Param::Long(draft.request_hash));
        sql.push(&format!(
            ", r AS (INSERT INTO dualwrite.receipt (service, request_id, request_hash, aborted, outcome) \
             SELECT {service}, {id}, {hash}, false, \
             COALESCE((SELECT image FROM w), ARRAY['x']) FROM f)"
        ));
    }
    sql.push(" SELECT (SELECT count(*) FROM f), (SELECT image FROM w)");
    if mutation.must_match {
        sql.push(&format!(
            ", (CASE WHEN EXISTS (SELECT FROM f) AND NOT EXISTS (SELECT FROM w) \
             THEN '{NOT_MATCHED}' ELSE '1' END)::int4"
        ));
    }
    Ok(sql)
}
