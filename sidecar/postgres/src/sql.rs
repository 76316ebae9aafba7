//! Building statements: names, casts, parameters. Pure functions; nothing here
//! talks to a server.
//!
//! A statement's text depends on the tables and on which columns are given,
//! never on values or on how many rows there are, so that each is prepared once
//! a connection.

mod by_key;
mod cast;
mod fence;
mod ident;
mod rows;

#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use dualwrite_core::mapping::{Table, TableColumn};
use dualwrite_core::value::Value;
use dualwrite_engine::store::StoreError;

use crate::param::Param;

pub(crate) use by_key::{KeyedBy, by_key, check_parts, key_texts};
pub(crate) use cast::cast;
pub(crate) use fence::{FENCE_COLUMNS, epoch_param, fence_columns, held_as};
pub(crate) use ident::{gate, ident, key_column, outbox, table_name};
pub(crate) use rows::rows_by_key;

/// A statement with its parameters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sql {
    pub(crate) text: String,
    pub(crate) params: Vec<Param>,
}

impl Sql {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Appends text.
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Binds a parameter and answers its placeholder, with the cast that fixes
    /// its type.
    pub(crate) fn bind(&mut self, param: Param) -> String {
        let cast = match &param {
            Param::Text(_) => "text",
            Param::Texts(_) => "text[]",
            Param::Long(_) => "int8",
            Param::Longs(_) => "int8[]",
            Param::Int(_) => "int4",
            Param::Ints(_) => "int4[]",
        };
        self.params.push(param);
        format!("${}::{cast}", self.params.len())
    }

    /// Binds a value and answers an expression of the column's own type.
    pub(crate) fn bind_value(&mut self, value: &Value, column: &TableColumn) -> String {
        let placeholder = self.bind(Param::Text(value.to_text()));
        cast(&placeholder, column)
    }

    /// Binds several rows' values of some columns; answers what to `FROM`: a
    /// set of text columns `c1, c2, …, n`, `n` being the place of the row.
    pub(crate) fn bind_rows(&mut self, columns: Vec<Vec<Option<String>>>, alias: &str) -> String {
        let names: Vec<String> = (1..=columns.len())
            .map(|place| format!("c{place}"))
            .collect();
        let arrays: Vec<String> = columns
            .into_iter()
            .map(|column| self.bind(Param::Texts(column)))
            .collect();
        format!(
            "unnest({}) WITH ORDINALITY AS {alias}({}, n)",
            arrays.join(", "),
            names.join(", ")
        )
    }
}

/// The column at a place, or an error that says which place there is not.
pub(crate) fn column(table: &Table, index: usize) -> Result<&TableColumn, StoreError> {
    table.columns.get(index).ok_or_else(|| {
        StoreError::Schema(format!(
            "{} has no mapped column number {index}",
            table.name
        ))
    })
}

/// The key's columns, in the key's order.
pub(crate) fn key_columns(table: &Table) -> Result<Vec<&TableColumn>, StoreError> {
    table
        .key
        .iter()
        .map(|index| column(table, *index))
        .collect()
}

/// The quoted names of the key's columns, in the key's order.
pub(crate) fn key_names(table: &Table) -> Result<Vec<String>, StoreError> {
    key_columns(table)?
        .into_iter()
        .map(|column| ident(&column.name))
        .collect()
}

/// An array of the row's columns as text, preceded by how many there are:
/// `ARRAY['r2', t."id"::text, t."qty"::text]`.
pub(crate) fn image(table: &Table, alias: &str) -> Result<String, StoreError> {
    let mut parts = vec![format!("'r{}'", table.columns.len())];
    for column in &table.columns {
        parts.push(format!("{alias}.{}::text", ident(&column.name)?));
    }
    Ok(format!("ARRAY[{}]", parts.join(", ")))
}

/// An assignment that changes nothing, for statements that must return the row
/// they met: of a column that may be written, since a key may not.
pub(crate) fn touch(table: &Table) -> Result<String, StoreError> {
    let free = table
        .columns
        .iter()
        .enumerate()
        .find(|(index, column)| !table.key.contains(index) && !column.generated)
        .map(|(_, column)| column);
    let column = match free {
        Some(column) => column,
        None => column_of_key(table)?,
    };
    let name = ident(&column.name)?;
    Ok(format!("{name} = t.{name}"))
}

fn column_of_key(table: &Table) -> Result<&TableColumn, StoreError> {
    let first = table.key.first().copied().unwrap_or_default();
    column(table, first)
}

/// A table, and items of it with their places in a list.
pub(crate) type Group<'a, T> = (&'a Arc<Table>, Vec<(usize, &'a T)>);

/// Items grouped by table, tables in the order of their entities' names; with
/// each item its place in the list.
pub(crate) fn by_table<'a, T>(
    items: &'a [T],
    table: impl Fn(&'a T) -> &'a Arc<Table>,
) -> Vec<Group<'a, T>> {
    let mut groups: Vec<Group<'a, T>> = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let own = table(item);
        match groups
            .iter_mut()
            .find(|(known, _)| known.entity == own.entity)
        {
            Some((_, group)) => group.push((place, item)),
            None => groups.push((own, vec![(place, item)])),
        }
    }
    groups.sort_by(|(a, _), (b, _)| a.entity.cmp(&b.entity));
    groups
}
