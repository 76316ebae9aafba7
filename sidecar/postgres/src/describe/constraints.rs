//! Keys: primary, unique, foreign.

use dualwrite_core::catalog::{Action, ForeignKey, TableInfo};
use dualwrite_core::spec::TableName;
use dualwrite_engine::store::StoreError;
use tokio_postgres::Row;

use crate::fences::cell;

/// Full unique indexes on columns: a partial one, or one on expressions, keeps
/// no two rows apart by their columns alone.
pub(super) const UNIQUE: &str = "SELECT i.indrelid, i.indisprimary, \
    array_agg(a.attname::text ORDER BY k.n) FROM wanted AS w \
    JOIN pg_index AS i ON i.indrelid = w.oid AND i.indisunique AND i.indisvalid \
    AND i.indpred IS NULL AND i.indexprs IS NULL \
    CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, n) \
    JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum \
    WHERE k.n <= i.indnkeyatts GROUP BY i.indrelid, i.indexrelid, i.indisprimary \
    ORDER BY i.indrelid, i.indexrelid";

/// Foreign keys, of the table to others.
pub(super) const FOREIGN: &str = "SELECT c.conrelid, c.conname::text, n.nspname::text, r.relname::text, \
    (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY AS k(attnum, n) \
    JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.attnum), \
    (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.confkey) WITH ORDINALITY AS k(attnum, n) \
    JOIN pg_attribute AS a ON a.attrelid = c.confrelid AND a.attnum = k.attnum), \
    c.confdeltype::text, c.confupdtype::text, c.condeferrable FROM wanted AS w \
    JOIN pg_constraint AS c ON c.conrelid = w.oid AND c.contype = 'f' \
    JOIN pg_class AS r ON r.oid = c.confrelid JOIN pg_namespace AS n ON n.oid = r.relnamespace \
    ORDER BY c.conrelid, c.conname";

/// Adds a primary key or a unique one.
pub(super) fn add_unique(table: &mut TableInfo, row: &Row) -> Result<(), StoreError> {
    let columns: Vec<String> = cell(row, 2)?;
    if cell(row, 1)? {
        table.primary_key = columns;
    } else {
        table.uniques.push(columns);
    }
    Ok(())
}

/// Adds a foreign key.
pub(super) fn add_foreign(table: &mut TableInfo, row: &Row) -> Result<(), StoreError> {
    table.foreign_keys.push(ForeignKey {
        name: cell(row, 1)?,
        references: TableName {
            schema: Some(cell(row, 2)?),
            name: cell(row, 3)?,
        },
        columns: cell(row, 4)?,
        referenced_columns: cell(row, 5)?,
        on_delete: action(&cell::<String>(row, 6)?)?,
        on_update: action(&cell::<String>(row, 7)?)?,
        deferrable: cell(row, 8)?,
    });
    Ok(())
}

fn action(letter: &str) -> Result<Action, StoreError> {
    Ok(match letter {
        "a" => Action::NoAction,
        "r" => Action::Restrict,
        "c" => Action::Cascade,
        "n" => Action::SetNull,
        "d" => Action::SetDefault,
        _ => {
            return Err(StoreError::Schema(format!(
                "`{letter}` is no action of a foreign key"
            )));
        }
    })
}
