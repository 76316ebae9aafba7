//! In which order keys stand, in SQL: the canonical one, which is bytewise for
//! text, whatever the column's collation.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::spec::TableName;
use dualwrite_core::value::Kind;
use dualwrite_engine::store::StoreError;

use crate::conn::auto;
use crate::errors::Stage;
use crate::fences::cell;
use crate::param::Param;
use crate::sql::{self, KeyedBy, Sql, ident, key_column, table_name};
use crate::store::PostgresStore;

/// How one key column is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sorted {
    /// As the column sorts by itself, so that its index serves.
    AsIs,
    /// By its bytes as text. An index on the column serves only if it was made
    /// with `COLLATE "C"`.
    Bytewise,
}

/// What was found out about the keys of tables.
#[derive(Debug, Default)]
pub(crate) struct KeyOrders {
    known: Mutex<HashMap<TableName, Arc<[Sorted]>>>,
}

/// The order of a table's keys.
#[derive(Debug, Clone)]
pub(crate) struct KeyOrder {
    sorted: Arc<[Sorted]>,
}

/// How the key of a table is sorted. Asks the catalog once a table, and only if
/// there is text in its key.
pub(crate) async fn key_order(
    store: &PostgresStore,
    table: &Table,
) -> Result<KeyOrder, StoreError> {
    let columns = sql::key_columns(table)?;
    if columns.iter().all(|column| column.kind != Kind::Text) {
        return Ok(KeyOrder {
            sorted: columns.iter().map(|_| Sorted::AsIs).collect(),
        });
    }
    let known = &store.orders.known;
    let found = known
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&table.name)
        .cloned();
    if let Some(sorted) = found {
        return Ok(KeyOrder { sorted });
    }
    let sorted: Arc<[Sorted]> = ask(store, table).await?.into();
    known
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(table.name.clone(), sorted.clone());
    Ok(KeyOrder { sorted })
}

async fn ask(store: &PostgresStore, table: &Table) -> Result<Vec<Sorted>, StoreError> {
    let mut sql = Sql::new();
    let name = sql.bind(Param::text(table_name(&table.name)?));
    // Only the collations that are bytewise by definition count; a database's
    // own is told by its locale and, on servers that have them, its provider.
    sql.push(&format!(
        "SELECT a.attname::text FROM pg_attribute AS a \
         JOIN pg_type AS ty ON ty.oid = a.atttypid \
         JOIN pg_collation AS c ON c.oid = a.attcollation \
         JOIN pg_database AS d ON d.datname = current_database() \
         WHERE a.attrelid = to_regclass({name}) AND ty.typname IN ('text', 'varchar') \
         AND (c.collname IN ('C', 'POSIX') OR (c.collname = 'default' AND d.datcollate IN ('C', 'POSIX') \
         AND COALESCE(to_jsonb(d)->>'datlocprovider', 'c') = 'c'))"
    ));
    let rows = auto(store.pools.control().await?, &sql, Stage::Harmless).await?;
    let bytewise: Result<Vec<String>, StoreError> = rows.iter().map(|row| cell(row, 0)).collect();
    let bytewise = bytewise?;
    let columns = sql::key_columns(table)?;
    let sorted = |column: &dualwrite_core::mapping::TableColumn| {
        if column.kind != Kind::Text || bytewise.contains(&column.name) {
            Sorted::AsIs
        } else {
            Sorted::Bytewise
        }
    };
    Ok(columns.into_iter().map(sorted).collect())
}

impl KeyOrder {
    /// What to `ORDER BY`.
    pub(crate) fn expressions(
        &self,
        table: &Table,
        alias: &str,
        keyed_by: KeyedBy,
    ) -> Result<String, StoreError> {
        let mut parts = Vec::new();
        for (place, column) in sql::key_columns(table)?.into_iter().enumerate() {
            let name = match keyed_by {
                KeyedBy::Own => ident(&column.name)?,
                KeyedBy::Place => key_column(place),
            };
            parts.push(self.sorted(place, &format!("{alias}.{name}")));
        }
        Ok(parts.join(", "))
    }

    /// That a key stands in some relation (`>`, `<=`) to another.
    pub(crate) fn compare(
        &self,
        sql: &mut Sql,
        table: &Table,
        (alias, keyed_by): (&str, KeyedBy),
        relation: &str,
        key: &Key,
    ) -> Result<String, StoreError> {
        sql::check_parts(table, key)?;
        let mut bounds = Vec::new();
        for (place, (column, part)) in sql::key_columns(table)?
            .into_iter()
            .zip(key.parts())
            .enumerate()
        {
            bounds.push(match self.sorted.get(place) {
                Some(Sorted::Bytewise) => {
                    let bound = sql.bind(Param::Text(part.to_text()));
                    format!("{bound} COLLATE \"C\"")
                }
                Some(Sorted::AsIs) | None => sql.bind_value(part, column),
            });
        }
        let own = self.expressions(table, alias, keyed_by)?;
        Ok(format!("({own}) {relation} ({})", bounds.join(", ")))
    }

    fn sorted(&self, place: usize, name: &str) -> String {
        match self.sorted.get(place) {
            Some(Sorted::Bytewise) => format!("{name}::text COLLATE \"C\""),
            Some(Sorted::AsIs) | None => name.to_owned(),
        }
    }

    #[cfg(test)]
    pub(crate) fn of(sorted: &[Sorted]) -> Self {
        Self {
            sorted: sorted.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use dualwrite_core::value::Value;

    use super::*;

    #[test]
    fn text_is_compared_by_its_bytes_and_the_rest_as_it_is() {
        let mut table = sql::tests::lines();
        table.key = vec![0, 2];
        let key = Key::new(vec![Value::Text("a".into()), Value::Int(2)]).unwrap();
        let order = KeyOrder::of(&[Sorted::Bytewise, Sorted::AsIs]);
        let mut sql = Sql::new();
        let after = order
            .compare(&mut sql, &table, ("t", KeyedBy::Own), ">", &key)
            .unwrap();
        assert_eq!(
            after,
            "(t.\"name\"::text COLLATE \"C\", t.\"no\") > ($1::text COLLATE \"C\", $2::text::smallint)"
        );
        let place = order.expressions(&table, "o", KeyedBy::Place).unwrap();
        assert_eq!(place, "o.k1::text COLLATE \"C\", o.k2");
    }
}
