//! Which unique constraint a violation speaks of: that of the entity's key, or
//! another.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use dualwrite_core::mapping::Table;
use dualwrite_engine::store::{ConstraintKind, StoreError};

use crate::conn::auto;
use crate::errors::{self, Stage};
use crate::fences::cell;
use crate::param::Param;
use crate::sql::{self, Sql, table_name};
use crate::store::PostgresStore;

/// The columns of unique indexes, by table and name, as they were found.
#[derive(Debug, Default)]
pub(crate) struct UniqueIndexes {
    known: Mutex<HashMap<(String, String), BTreeSet<String>>>,
}

impl UniqueIndexes {
    /// Says [`ConstraintKind::Key`] of a unique violation on exactly the key
    /// columns of one of these tables.
    pub(crate) async fn say_key(
        &self,
        store: &PostgresStore,
        error: StoreError,
        tables: &[&Table],
    ) -> StoreError {
        let StoreError::Constraint {
            kind: ConstraintKind::Unique,
            table: said,
            constraint,
        } = &error
        else {
            return error;
        };
        let Some(table) = tables.iter().find(|table| errors::names(table, said)) else {
            return error;
        };
        if self.is_key(store, table, constraint).await {
            let (table, constraint) = (said.clone(), constraint.clone());
            return StoreError::Constraint {
                kind: ConstraintKind::Key,
                table,
                constraint,
            };
        }
        error
    }

    async fn is_key(&self, store: &PostgresStore, table: &Table, constraint: &str) -> bool {
        let place = (table.name.to_string(), constraint.to_owned());
        let known = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&place)
            .cloned();
        let columns = match known {
            Some(columns) => columns,
            None => match ask(store, table, constraint).await {
                Ok(columns) => {
                    let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                    known.insert(place, columns.clone());
                    columns
                }
                // The violation is certain; only its kind is not. By custom.
                Err(_) => return constraint.ends_with("_pkey"),
            },
        };
        sql::key_columns(table).is_ok_and(|key| {
            columns
                == key
                    .into_iter()
                    .map(|column| column.name.clone())
                    .collect::<BTreeSet<_>>()
        })
    }
}

async fn ask(
    store: &PostgresStore,
    table: &Table,
    constraint: &str,
) -> Result<BTreeSet<String>, StoreError> {
    let mut sql = Sql::new();
    let name = sql.bind(Param::text(table_name(&table.name)?));
    let index = sql.bind(Param::text(constraint));
    sql.push(&format!(
        "SELECT a.attname::text FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid \
         CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, n) \
         JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum \
         WHERE i.indrelid = to_regclass({name}) AND c.relname = {index} \
         AND i.indexprs IS NULL AND i.indpred IS NULL AND k.n <= i.indnkeyatts"
    ));
    let rows = auto(store.pools.control().await?, &sql, Stage::Harmless).await?;
    rows.iter().map(|row| cell(row, 0)).collect()
}
