//! Statements in the making: text with quoted names, and the cells to bind.

use dualwrite_core::mapping::Table;
use dualwrite_core::spec::TableName;

use crate::cells::Cell;

/// One statement and what it binds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sql {
    /// The text, with a `?` for each cell.
    pub(crate) text: String,
    /// What the marks stand for.
    pub(crate) cells: Vec<Cell>,
}

impl Sql {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            cells: Vec::new(),
        }
    }

    /// Appends text as it is. Never anything that came from outside.
    pub(crate) fn push(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self
    }

    /// Appends a quoted name.
    pub(crate) fn name(self, name: &str) -> Self {
        self.push(&quote(name))
    }

    /// Appends the quoted name of a table.
    pub(crate) fn table(self, name: &TableName) -> Self {
        match &name.schema {
            Some(schema) => self.name(schema).push(".").name(&name.name),
            None => self.name(&name.name),
        }
    }

    /// Appends a `?` that stands for this cell.
    pub(crate) fn bind(mut self, cell: impl Into<Cell>) -> Self {
        self.text.push('?');
        self.cells.push(cell.into());
        self
    }

    /// Appends what `each` makes of every item, with `separator` in between.
    pub(crate) fn join<T>(
        mut self,
        items: impl IntoIterator<Item = T>,
        separator: &str,
        mut each: impl FnMut(Self, T) -> Self,
    ) -> Self {
        for (place, item) in items.into_iter().enumerate() {
            if place > 0 {
                self.text.push_str(separator);
            }
            self = each(self, item);
        }
        self
    }

    /// Appends all columns of a table, in its order, each behind `prefix`.
    pub(crate) fn columns(self, table: &Table, prefix: &str) -> Self {
        self.join(&table.columns, ", ", |sql, column| {
            sql.push(prefix).name(&column.name)
        })
    }

    /// Appends the key columns of a table, in the key's order.
    pub(crate) fn key_columns(self, table: &Table) -> Self {
        self.join(key_names(table), ", ", Self::name)
    }

    /// Appends `"a" = ? AND "b" = ?` for a key in these columns.
    pub(crate) fn key_is(self, names: &[String], key: Vec<Cell>) -> Self {
        self.join(names.iter().zip(key), " AND ", |sql, (name, cell)| {
            sql.name(name).push(" = ").bind(cell)
        })
    }

    /// Appends `("a", "b") > (?, ?)` or another comparison of the whole key.
    pub(crate) fn key_compares(self, names: &[String], operator: &str, key: Vec<Cell>) -> Self {
        self.push("(")
            .join(names, ", ", |sql, name| sql.name(name))
            .push(") ")
            .push(operator)
            .push(" (")
            .join(key, ", ", Self::bind)
            .push(")")
    }
}

/// The names of the key columns of a table, in the key's order.
pub(crate) fn key_names(table: &Table) -> impl Iterator<Item = &str> {
    table
        .key
        .iter()
        .map(|index| table.columns[*index].name.as_str())
}

/// The names of the key columns, to be kept.
pub(crate) fn own_key_names(table: &Table) -> Vec<String> {
    key_names(table).map(str::to_owned).collect()
}

/// The names under which an outbox holds the key columns.
pub(crate) fn outbox_key_names(table: &Table) -> Vec<String> {
    key_names(table).map(crate::names::key_column).collect()
}

/// A name as SQL takes it, whatever is in it.
pub(crate) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL takes it, for statements that a person runs.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
