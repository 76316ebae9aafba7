//! The statement of one mutation: as a part of a larger statement, or alone.

use dualwrite_core::mapping::Table;
use dualwrite_core::value::{Kind, Value};
use dualwrite_engine::store::{Change, Condition, Mutation, StoreError};

use crate::param::Param;
use crate::sql::{self, Sql, ident, table_name};

/// The key as expressions of the key columns' types, in the key's order.
pub(super) fn bind_key(sql: &mut Sql, mutation: &Mutation) -> Result<Vec<String>, StoreError> {
    sql::check_parts(&mutation.table, &mutation.key)?;
    let columns = sql::key_columns(&mutation.table)?;
    Ok(columns
        .into_iter()
        .zip(mutation.key.parts())
        .map(|(column, part)| sql.bind_value(part, column))
        .collect())
}

/// The mutation, returning the row's image as `image`. It happens once for each
/// row of `source`, if one is named: for none, then, when the fence refuses.
pub(super) fn change(
    sql: &mut Sql,
    mutation: &Mutation,
    key: &[String],
    source: Option<&str>,
) -> Result<String, StoreError> {
    let table = &*mutation.table;
    match &mutation.change {
        Change::Insert { values } => insert(sql, table, key, values, source, None),
        Change::Upsert { values } => {
            let update = on_conflict(table, values)?;
            insert(sql, table, key, values, source, Some(&update))
        }
        Change::Update { set, add, only_if } => {
            let set = assignments(sql, table, set, add)?;
            let found = found(sql, table, key, only_if)?;
            let from = source
                .map(|source| format!(" FROM {source}"))
                .unwrap_or_default();
            Ok(format!(
                "UPDATE {} AS t SET {set}{from} WHERE {found} RETURNING {} AS image",
                table_name(&table.name)?,
                sql::image(table, "t")?
            ))
        }
        Change::Delete { only_if } => {
            let found = found(sql, table, key, only_if)?;
            let using = source
                .map(|source| format!(" USING {source}"))
                .unwrap_or_default();
            Ok(format!(
                "DELETE FROM {} AS t{using} WHERE {found} RETURNING ARRAY['d'] AS image",
                table_name(&table.name)?
            ))
        }
    }
}

/// The key is always given, so a key that the database would generate is
/// overridden.
fn insert(
    sql: &mut Sql,
    table: &Table,
    key: &[String],
    values: &[(usize, Value)],
    source: Option<&str>,
    on_conflict: Option<&str>,
) -> Result<String, StoreError> {
    let mut names = sql::key_names(table)?;
    let mut expressions = key.to_vec();
    for (index, value) in values {
        let column = sql::column(table, *index)?;
        names.push(ident(&column.name)?);
        expressions.push(sql.bind_value(value, column));
    }
    let from = source
        .map(|source| format!(" FROM {source}"))
        .unwrap_or_default();
    Ok(format!(
        "INSERT INTO {} AS t ({}) OVERRIDING SYSTEM VALUE SELECT {}{from}{} RETURNING {} AS image",
        table_name(&table.name)?,
        names.join(", "),
        expressions.join(", "),
        on_conflict.unwrap_or_default(),
        sql::image(table, "t")?
    ))
}

fn on_conflict(table: &Table, values: &[(usize, Value)]) -> Result<String, StoreError> {
    let mut set = Vec::new();
    for (index, _) in values {
        let name = ident(&sql::column(table, *index)?.name)?;
        set.push(format!("{name} = EXCLUDED.{name}"));
    }
    if set.is_empty() {
        // The row must come back even where nothing is to be changed.
        set.push(sql::touch(table)?);
    }
    Ok(format!(
        " ON CONFLICT ({}) DO UPDATE SET {}",
        sql::key_names(table)?.join(", "),
        set.join(", ")
    ))
}

fn assignments(
    sql: &mut Sql,
    table: &Table,
    set: &[(usize, Value)],
    add: &[(usize, Value)],
) -> Result<String, StoreError> {
    let mut parts = Vec::new();
    for (index, value) in set {
        let column = sql::column(table, *index)?;
        let value = sql.bind_value(value, column);
        parts.push(format!("{} = {value}", ident(&column.name)?));
    }
    for (index, value) in add {
        let column = sql::column(table, *index)?;
        let name = ident(&column.name)?;
        let value = sql.bind_value(value, column);
        parts.push(format!("{name} = t.{name} + {value}"));
    }
    if parts.is_empty() {
        parts.push(sql::touch(table)?);
    }
    Ok(parts.join(", "))
}

/// The condition that finds the row.
fn found(
    sql: &mut Sql,
    table: &Table,
    key: &[String],
    only_if: &Condition,
) -> Result<String, StoreError> {
    let mut parts = Vec::new();
    for (name, value) in sql::key_names(table)?.into_iter().zip(key) {
        parts.push(format!("t.{name} = {value}"));
    }
    for (index, value) in &only_if.equal {
        parts.push(equals(sql, table, *index, value)?);
    }
    for (index, bound) in &only_if.at_least {
        parts.push(at_least(sql, table, *index, bound)?);
    }
    Ok(parts.join(" AND "))
}

/// That a column has a value; NULL equals NULL. JSON is compared as documents.
pub(crate) fn equals(
    sql: &mut Sql,
    table: &Table,
    index: usize,
    value: &Value,
) -> Result<String, StoreError> {
    let column = sql::column(table, index)?;
    let name = ident(&column.name)?;
    if value.is_null() {
        return Ok(format!("t.{name} IS NULL"));
    }
    if column.kind == Kind::Json {
        let value = sql.bind(Param::Text(value.to_text()));
        return Ok(format!("t.{name}::jsonb = {value}::jsonb"));
    }
    Ok(format!("t.{name} = {}", sql.bind_value(value, column)))
}

/// That a column is at least a value, which NULL never is. Numbers are compared
/// as `numeric`, so that a bound beyond the column's type is a bound that no
/// row reaches, and not an error.
fn at_least(
    sql: &mut Sql,
    table: &Table,
    index: usize,
    bound: &Value,
) -> Result<String, StoreError> {
    let column = sql::column(table, index)?;
    let name = ident(&column.name)?;
    let bound = match column.kind {
        Kind::Int | Kind::UInt | Kind::Decimal => {
            format!("{}::numeric", sql.bind(Param::Text(bound.to_text())))
        }
        Kind::Timestamp | Kind::DateTime | Kind::Date => sql.bind_value(bound, column),
        Kind::Bool
        | Kind::Float
        | Kind::Text
        | Kind::Bytes
        | Kind::Uuid
        | Kind::Time
        | Kind::Json => {
            return Err(StoreError::Value(format!(
                "{}.{}: {} has no order to be compared in",
                table.name, column.name, column.kind
            )));
        }
    };
    Ok(format!("t.{name} >= {bound}"))
}
