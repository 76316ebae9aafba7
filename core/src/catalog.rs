//! What an adapter reads from a real database about its tables: plain data,
//! for [`crate::mapping::check`] to judge.

use crate::spec::TableName;
use crate::value::Kind;

/// The tables of one database, or those of them that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalog {
    /// The tables.
    pub tables: Vec<TableInfo>,
    /// Schemas in which a name without one is looked up, in this order; empty
    /// on engines without schemas.
    pub search_path: Vec<String>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableInfo {
    /// Its name; with a schema on engines that have them.
    pub name: TableName,
    /// Its columns, in the table's order.
    pub columns: Vec<ColumnInfo>,
    /// The columns of its primary key, in the key's order; empty without one.
    pub primary_key: Vec<String>,
    /// The columns of each other unique constraint or full unique index.
    pub uniques: Vec<Vec<String>>,
    /// Its foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// Its triggers, without ours.
    pub triggers: Vec<TriggerInfo>,
}

/// One column.
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent facts of a schema"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Its name.
    pub name: String,
    /// Its type as the engine writes it, for casts.
    pub native: String,
    /// What its values become between databases; `None` when they cannot be
    /// carried (then `why` says why).
    pub kind: Option<Kind>,
    /// Why it cannot be carried; empty when it can.
    pub why: String,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// Whether an insert may leave it out: it has a default or is an identity.
    pub has_default: bool,
    /// Whether the database computes it from other columns, so that it can
    /// never be written.
    pub generated: bool,
    /// Whether its collation takes different texts as equal (ignores case or
    /// trailing spaces), so that it must not be in a key.
    pub collation_unsafe: bool,
}

/// One foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// Its name, or one made of its columns.
    pub name: String,
    /// The referencing columns.
    pub columns: Vec<String>,
    /// The table they refer to.
    pub references: TableName,
    /// The columns they refer to, in the same order.
    pub referenced_columns: Vec<String>,
    /// What happens to referencing rows when a row is deleted.
    pub on_delete: Action,
    /// What happens to referencing rows when a key changes.
    pub on_update: Action,
    /// Whether a transaction can put its check off to its end.
    pub deferrable: bool,
}

/// What a database does to referencing rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Action {
    /// Refuses, at the latest at commit.
    #[default]
    NoAction,
    /// Refuses at once.
    Restrict,
    /// Changes them too.
    Cascade,
    /// Sets their columns to NULL.
    SetNull,
    /// Sets their columns to the defaults.
    SetDefault,
}

impl Action {
    /// The words of SQL.
    #[must_use]
    pub const fn as_sql(self) -> &'static str {
        match self {
            Self::NoAction => "NO ACTION",
            Self::Restrict => "RESTRICT",
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
        }
    }

    /// The action that the words of SQL stand for.
    #[must_use]
    pub fn parse(words: &str) -> Option<Self> {
        [
            Self::NoAction,
            Self::Restrict,
            Self::Cascade,
            Self::SetNull,
            Self::SetDefault,
        ]
        .into_iter()
        .find(|action| action.as_sql().eq_ignore_ascii_case(words))
    }

    /// Whether it changes rows that no statement of ours named, and so without
    /// markers.
    #[must_use]
    pub const fn changes_rows(self) -> bool {
        match self {
            Self::NoAction | Self::Restrict => false,
            Self::Cascade | Self::SetNull | Self::SetDefault => true,
        }
    }
}

/// One trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriggerInfo {
    /// Its name.
    pub name: String,
    /// Whether it may change rows (of this or of other tables); true when that
    /// cannot be known.
    pub changes_rows: bool,
}

/// One thing of a database that holds rows, or looks as if it did.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Relation {
    /// Its name; with a schema on engines that have them.
    pub name: TableName,
    /// What it is.
    pub form: Form,
}

/// What a [`Relation`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    /// A table, partitioned or not, that this user may read.
    Table,
    /// A table that this user may not read.
    Unreadable,
    /// A view, materialized or not: it has no rows of its own.
    View,
    /// A table whose rows are kept outside the database, or by a module.
    Foreign,
}

impl Catalog {
    /// The table of this name: by its full name, or the first in the search
    /// path for a name without a schema.
    #[must_use]
    pub fn table(&self, name: &TableName) -> Option<&TableInfo> {
        let exact = |wanted: &TableName| self.tables.iter().find(|table| table.name == *wanted);
        if let Some(table) = exact(name) {
            return Some(table);
        }
        if name.schema.is_some() {
            return None;
        }
        self.search_path.iter().find_map(|schema| {
            exact(&TableName {
                schema: Some(schema.clone()),
                name: name.name.clone(),
            })
        })
    }
}

impl TableInfo {
    /// The column of this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnInfo> {
        self.columns.iter().find(|column| column.name == name)
    }
}
