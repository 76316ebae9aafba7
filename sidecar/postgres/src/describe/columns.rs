//! Columns.

use dualwrite_core::catalog::{ColumnInfo, TableInfo};
use dualwrite_engine::store::StoreError;
use tokio_postgres::Row;

use super::kinds::{NativeType, kind};
use crate::fences::cell;

/// Domains are followed to the type that they are made of; a domain may refuse
/// NULL and have a default by itself.
pub(super) const QUERY: &str = "SELECT a.attrelid, a.attname::text, \
    format_type(a.atttypid, a.atttypmod), n.nspname::text, ty.typname::text, ty.typtype::text, \
    NOT (a.attnotnull OR base.not_null), \
    a.attgenerated = '' AND (a.atthasdef OR a.attidentity <> '' OR base.has_default), \
    a.attgenerated <> '', COALESCE(co.collisdeterministic, true) \
    FROM wanted AS w JOIN pg_attribute AS a ON a.attrelid = w.oid AND a.attnum > 0 AND NOT a.attisdropped \
    CROSS JOIN LATERAL (WITH RECURSIVE up AS (\
    SELECT t.oid, t.typtype, t.typbasetype, t.typnotnull, t.typdefault IS NOT NULL AS has_default, 1 AS depth \
    FROM pg_type AS t WHERE t.oid = a.atttypid UNION ALL \
    SELECT t.oid, t.typtype, t.typbasetype, t.typnotnull, t.typdefault IS NOT NULL, up.depth + 1 \
    FROM up JOIN pg_type AS t ON up.typtype = 'd' AND t.oid = up.typbasetype) \
    SELECT (array_agg(up.oid ORDER BY up.depth DESC))[1] AS oid, \
    bool_or(up.typtype = 'd' AND up.typnotnull) AS not_null, \
    bool_or(up.typtype = 'd' AND up.has_default) AS has_default FROM up) AS base \
    JOIN pg_type AS ty ON ty.oid = base.oid JOIN pg_namespace AS n ON n.oid = ty.typnamespace \
    LEFT JOIN pg_collation AS co ON co.oid = a.attcollation \
    ORDER BY a.attrelid, a.attnum";

/// Adds one column.
pub(super) fn add(table: &mut TableInfo, row: &Row) -> Result<(), StoreError> {
    let native: String = cell(row, 2)?;
    let native_type = NativeType {
        schema: cell(row, 3)?,
        name: cell(row, 4)?,
        class: cell(row, 5)?,
    };
    let (kind, why) = match kind(&native_type) {
        Ok(kind) => (Some(kind), String::new()),
        Err(why) => (None, why),
    };
    table.columns.push(ColumnInfo {
        name: cell(row, 1)?,
        native,
        kind,
        why,
        nullable: cell(row, 6)?,
        has_default: cell(row, 7)?,
        generated: cell(row, 8)?,
        collation_unsafe: native_type.ignores_differences() || !cell::<bool>(row, 9)?,
    });
    Ok(())
}
