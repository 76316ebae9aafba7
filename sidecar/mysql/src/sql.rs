//! Statements in the making: text with quoted names, and the cells to bind.

use dualwrite_core::mapping::Table;
use dualwrite_core::spec::TableName;

use crate::cells::Cell;
use crate::names;

/// One statement and what it binds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sql {
    /// The text, with a mark for each cell.
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

    /// Appends a mark that stands for this cell.
    pub(crate) fn bind(mut self, cell: impl Into<Cell>) -> Self {
        let cell = cell.into();
        // A text beside a decimal would make both floats.
        match &cell {
            Cell::Decimal { scale, .. } => {
                let cast = format!("CAST(? AS DECIMAL(65,{scale}))");
                self.text.push_str(&cast);
            }
            Cell::Null
            | Cell::Int(_)
            | Cell::UInt(_)
            | Cell::Double(_)
            | Cell::Text(_)
            | Cell::Bytes(_) => self.text.push('?'),
        }
        self.cells.push(cell);
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

    /// Appends names, separated by commas.
    pub(crate) fn names(self, names: &[String]) -> Self {
        self.join(names, ", ", |sql, name| sql.name(name))
    }

    /// Appends all columns of a table, in its order.
    pub(crate) fn columns(self, table: &Table) -> Self {
        self.join(&table.columns, ", ", |sql, column| sql.name(&column.name))
    }

    /// Appends `` `a` = ? AND `b` = ? `` for a key in these columns.
    pub(crate) fn key_is(self, names: &[String], key: Vec<Cell>) -> Self {
        self.join(names.iter().zip(key), " AND ", |sql, (name, cell)| {
            sql.name(name).push(" = ").bind(cell)
        })
    }

    /// Appends that a key in these columns is one of these. A list where there
    /// is one column, and alternatives where there are several: of those, and
    /// not of tuples, the server makes ranges of the index.
    pub(crate) fn key_is_one_of(self, names: &[String], keys: Vec<Vec<Cell>>) -> Self {
        match names {
            [name] => self
                .name(name)
                .push(" IN (")
                .join(keys.into_iter().flatten(), ", ", Self::bind)
                .push(")"),
            names => self
                .push("(")
                .join(keys, " OR ", |sql, key| {
                    sql.push("(").key_is(names, key).push(")")
                })
                .push(")"),
        }
    }
}

/// The names of the key columns of a table, in the key's order.
pub(crate) fn key_names(table: &Table) -> Vec<String> {
    let places = table.key.iter();
    places
        .map(|index| table.columns[*index].name.clone())
        .collect()
}

/// The names under which an outbox holds the key columns.
pub(crate) fn outbox_key_names(table: &Table) -> Vec<String> {
    (0..table.key.len()).map(names::key_column).collect()
}

/// A name as SQL takes it, whatever is in it.
pub(crate) fn quote(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// A text as SQL takes it, where nothing can be bound.
pub(crate) fn literal(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('\'', "''");
    format!("'{text}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_cannot_end_their_quotes() {
        assert_eq!(quote("a`b"), "`a``b`");
        assert_eq!(literal(r"it's \'"), r"'it''s \\'''");
    }

    #[test]
    fn a_key_of_one_column_is_a_list_and_one_of_several_alternatives() {
        let text = |names: &[&str], keys: Vec<Vec<Cell>>| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            Sql::default().key_is_one_of(&names, keys).text
        };
        let one = || vec![Cell::Int(1)];
        assert_eq!(text(&["a"], vec![one(), one()]), "`a` IN (?, ?)");
        let two = || vec![Cell::Int(1), Cell::Int(2)];
        assert_eq!(
            text(&["a", "b"], vec![two(), two()]),
            "((`a` = ? AND `b` = ?) OR (`a` = ? AND `b` = ?))"
        );
    }
}
