//! Tables of the application, in memory.

use std::collections::BTreeMap;

use dualwrite_core::catalog::{Action, ColumnInfo, ForeignKey, TableInfo};
use dualwrite_core::mapping::{Table, TableColumn};
use dualwrite_core::spec::TableName;
use dualwrite_core::value::{Kind, Value};

/// A table of the application, as its schema defines it.
#[derive(Debug, Clone)]
pub struct FakeTable {
    pub(super) info: TableInfo,
    pub(super) defaults: BTreeMap<String, Value>,
}

impl FakeTable {
    /// A table without columns.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let info = TableInfo {
            name: TableName::bare(name),
            columns: Vec::new(),
            primary_key: Vec::new(),
            uniques: Vec::new(),
            foreign_keys: Vec::new(),
            triggers: Vec::new(),
        };
        Self {
            info,
            defaults: BTreeMap::new(),
        }
    }

    /// Adds a column that may not be NULL.
    #[must_use]
    pub fn column(self, name: &str, kind: Kind) -> Self {
        self.add(name, kind, false)
    }

    /// Adds a column that may be NULL.
    #[must_use]
    pub fn nullable(self, name: &str, kind: Kind) -> Self {
        self.add(name, kind, true)
    }

    /// What the column of this name takes where an insert leaves it out.
    #[must_use]
    pub fn default_of(mut self, name: &str, value: Value) -> Self {
        for column in self
            .info
            .columns
            .iter_mut()
            .filter(|column| column.name == name)
        {
            column.has_default = true;
        }
        self.defaults.insert(name.to_owned(), value);
        self
    }

    /// Makes these columns the primary key.
    #[must_use]
    pub fn key(mut self, columns: &[&str]) -> Self {
        self.info.primary_key = owned(columns);
        self
    }

    /// Makes these columns unique together.
    #[must_use]
    pub fn unique(mut self, columns: &[&str]) -> Self {
        self.info.uniques.push(owned(columns));
        self
    }

    /// Makes these columns refer to columns of another table.
    #[must_use]
    pub fn references(mut self, columns: &[&str], table: &str, referenced: &[&str]) -> Self {
        self.info.foreign_keys.push(ForeignKey {
            name: format!("{}_{}_fkey", self.info.name, columns.join("_")),
            columns: owned(columns),
            references: TableName::bare(table),
            referenced_columns: owned(referenced),
            on_delete: Action::NoAction,
            on_update: Action::NoAction,
            deferrable: false,
        });
        self
    }

    /// What a catalog says of it.
    #[must_use]
    pub const fn info(&self) -> &TableInfo {
        &self.info
    }

    /// A row in the order of the columns as an insert finds it: defaults, and
    /// NULL where there is none.
    #[must_use]
    pub fn blank(&self) -> Vec<Value> {
        let default = |column: &ColumnInfo| self.defaults.get(&column.name).cloned();
        let columns = self.info.columns.iter();
        columns
            .map(|column| default(column).unwrap_or(Value::Null))
            .collect()
    }

    /// A table with the columns and the key that this one has.
    #[must_use]
    pub fn like(table: &Table) -> Self {
        let name = table.name.to_string();
        let with =
            |made: Self, column: &TableColumn| made.add(&column.name, column.kind, column.nullable);
        let made = table.columns.iter().fold(Self::new(&name), with);
        let key = table.key.iter();
        let key: Vec<&str> = key.map(|at| table.columns[*at].name.as_str()).collect();
        made.key(&key)
    }

    fn add(mut self, name: &str, kind: Kind, nullable: bool) -> Self {
        self.info.columns.push(ColumnInfo {
            name: name.to_owned(),
            native: kind.to_string(),
            kind: Some(kind),
            why: String::new(),
            nullable,
            has_default: false,
            generated: false,
            collation_unsafe: false,
        });
        self
    }

    /// Where the column of this name stands in a row.
    #[must_use]
    pub fn position(&self, column: &str) -> Option<usize> {
        self.info
            .columns
            .iter()
            .position(|other| other.name == column)
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
