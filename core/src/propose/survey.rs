//! What is known of both databases.

use crate::catalog::{Catalog, Form, Relation, TableInfo};
use crate::side::Side;
use crate::spec::TableName;

/// All tables of one database.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// The tables that this user may read.
    pub catalog: Catalog,
    /// What there is besides, such as views.
    pub others: Vec<Relation>,
    /// Whether the database keeps to declared lengths and widths.
    pub bounded: bool,
}

/// Both databases.
#[derive(Debug, Clone, Default)]
pub struct SurveyedSides {
    /// The legacy one.
    pub legacy: Survey,
    /// The new one.
    pub new: Survey,
}

impl SurveyedSides {
    pub(super) const fn of(&self, side: Side) -> &Survey {
        match side {
            Side::Legacy => &self.legacy,
            Side::New => &self.new,
        }
    }
}

impl Survey {
    /// The name by which a manifest would call a table: without its schema
    /// where the database finds it so.
    pub(super) fn short(&self, info: &TableInfo) -> TableName {
        let bare = TableName::bare(info.name.name.as_str());
        match self.catalog.table(&bare) {
            Some(found) if found.name == info.name => bare,
            Some(_) | None => info.name.clone(),
        }
    }
}

/// What a relation is, for people, when it is no table to map.
pub(super) const fn why_no_table(form: Form) -> &'static str {
    match form {
        Form::Table => "a table",
        Form::Unreadable => "a table that the user of this URL may not read",
        Form::View => "a view, which has no rows of its own",
        Form::Foreign => "a foreign or virtual table, whose rows are kept elsewhere",
    }
}

/// Tables in which tools of schema changes keep their books.
const BOOKS: [&str; 16] = [
    "__diesel_schema_migrations",
    "__efmigrationshistory",
    "_prisma_migrations",
    "_sqlx_migrations",
    "alembic_version",
    "ar_internal_metadata",
    "databasechangelog",
    "databasechangeloglock",
    "django_migrations",
    "flyway_schema_history",
    "goose_db_version",
    "knex_migrations",
    "knex_migrations_lock",
    "refinery_schema_history",
    "schema_migrations",
    "sequelizemeta",
];

/// Whether a table holds the books of a tool: each database has its own, and
/// they are never copied.
pub(super) fn keeps_books(name: &str) -> bool {
    BOOKS.contains(&name.to_ascii_lowercase().as_str())
}
