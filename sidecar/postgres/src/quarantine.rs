//! Keys that the other side refuses. They are kept as the hexadecimal digits
//! of their canonical bytes: one table for keys of every shape.

use std::sync::Arc;

use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::value::{Kind, Value};
use dualwrite_engine::store::{Quarantined, RowKey, StoreError};
use tokio_postgres::Row;

use crate::conn::auto;
use crate::errors::Stage;
use crate::fences::cell;
use crate::param::Param;
use crate::sql::{self, Sql};
use crate::store::PostgresStore;

/// Sets a key aside, or counts one more try.
pub(crate) async fn quarantine(
    store: &PostgresStore,
    service: &str,
    key: &RowKey,
    error: &str,
) -> Result<(), StoreError> {
    let mut sql = Sql::new();
    let service = sql.bind(Param::text(service));
    let entity = sql.bind(Param::text(&*key.table.entity));
    let digits = sql.bind(Param::text(digits(&key.key)));
    let error = sql.bind(Param::text(error.replace('\0', "")));
    sql.push(&format!(
        "INSERT INTO dualwrite.quarantine AS q (service, entity, key, error, tries) \
         VALUES ({service}, {entity}, {digits}, {error}, 1) \
         ON CONFLICT (service, entity, key) \
         DO UPDATE SET error = EXCLUDED.error, tries = q.tries + 1, at = now()"
    ));
    auto(store.pools.control().await?, &sql, Stage::Decisive)
        .await
        .map(drop)
}

/// Takes keys out; answers how many were there.
pub(crate) async fn release(
    store: &PostgresStore,
    service: &str,
    keys: &[RowKey],
) -> Result<u64, StoreError> {
    let mut sql = Sql::new();
    let service = sql.bind(Param::text(service));
    let entities = keys
        .iter()
        .map(|key| Some(key.table.entity.to_string()))
        .collect();
    let set = sql.bind_rows(
        vec![
            entities,
            keys.iter().map(|key| Some(digits(&key.key))).collect(),
        ],
        "u",
    );
    sql.push(&format!(
        "WITH gone AS (DELETE FROM dualwrite.quarantine AS q USING {set} \
         WHERE q.service = {service} AND q.entity = u.c1 AND q.key = u.c2 RETURNING 1) \
         SELECT count(*) FROM gone"
    ));
    let rows = auto(store.pools.control().await?, &sql, Stage::Decisive).await?;
    rows.first()
        .map_or(Ok(0), |row| cell::<i64>(row, 0).map(i64::unsigned_abs))
}

/// The keys set aside.
pub(crate) async fn quarantined(
    store: &PostgresStore,
    service: &str,
    tables: &[Arc<Table>],
    limit: u32,
) -> Result<Vec<Quarantined>, StoreError> {
    let mut sql = Sql::new();
    let service = sql.bind(Param::text(service));
    let entities = tables
        .iter()
        .map(|table| Some(table.entity.to_string()))
        .collect();
    let entities = sql.bind(Param::Texts(entities));
    let limit = sql.bind(Param::Long(i64::from(limit)));
    sql.push(&format!(
        "SELECT q.entity, q.key, q.error, q.tries FROM dualwrite.quarantine AS q \
         WHERE q.service = {service} AND q.entity = ANY ({entities}) \
         ORDER BY q.entity, q.key LIMIT {limit}"
    ));
    let rows = auto(store.pools.control().await?, &sql, Stage::Harmless).await?;
    rows.iter().map(|row| read(tables, row)).collect()
}

fn read(tables: &[Arc<Table>], row: &Row) -> Result<Quarantined, StoreError> {
    let entity: String = cell(row, 0)?;
    let table = tables.iter().find(|table| *table.entity == *entity);
    let table =
        table.ok_or_else(|| StoreError::Schema(format!("no entity {entity} was asked for")))?;
    let tries: i32 = cell(row, 3)?;
    Ok(Quarantined {
        entity: table.entity.clone(),
        key: key(table, &cell::<String>(row, 1)?)?,
        error: cell(row, 2)?,
        tries: tries.unsigned_abs(),
    })
}

fn digits(key: &Key) -> String {
    let text = Value::Bytes(key.encode()).to_text().unwrap_or_default();
    text.trim_start_matches("\\x").to_owned()
}

fn key(table: &Table, digits: &str) -> Result<Key, StoreError> {
    let wrong =
        |why: String| StoreError::Schema(format!("a quarantined key of {}: {why}", table.name));
    let kinds: Vec<Kind> = sql::key_columns(table)?
        .iter()
        .map(|column| column.kind)
        .collect();
    // The digits are in the text form of bytes.
    match Value::from_text(Kind::Bytes, &format!("\\x{digits}")) {
        Ok(Value::Bytes(bytes)) => {
            Key::decode(&bytes, &kinds).map_err(|error| wrong(error.to_string()))
        }
        Ok(_) => Err(wrong("it is not bytes".into())),
        Err(error) => Err(wrong(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::tests::lines;

    #[test]
    fn a_key_survives_its_digits() {
        let original = Key::new(vec![Value::Uuid([7; 16]), Value::Int(-3)]).unwrap();
        assert_eq!(key(&lines(), &digits(&original)), Ok(original));
        assert!(key(&lines(), "00ff").is_err());
    }
}
