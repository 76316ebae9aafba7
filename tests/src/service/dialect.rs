//! The same facts as the same text, on either engine.

/// Whose SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite's.
    Sqlite,
    /// PostgreSQL's.
    Postgres,
}

impl Dialect {
    /// `n` from 1 to `count`, to select from.
    pub(super) fn numbers(self, count: u64) -> String {
        match self {
            Self::Postgres => format!("generate_series(1, {count}) AS s(n)"),
            Self::Sqlite => format!(
                "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) \
                 SELECT n FROM s)"
            ),
        }
    }

    /// Money as cents.
    pub(super) fn cents(self, column: &str) -> String {
        match self {
            Self::Postgres => format!("({column} * 100)::bigint"),
            Self::Sqlite => format!("CAST(round({column} * 100) AS INTEGER)"),
        }
    }

    /// An instant as seconds since 1970.
    pub(super) fn seconds(self, column: &str) -> String {
        match self {
            Self::Postgres => format!("extract(epoch FROM {column})::bigint"),
            Self::Sqlite => format!("CAST(strftime('%s', {column}) AS INTEGER)"),
        }
    }

    /// An instant as milliseconds since 1970.
    pub(super) fn millis(self, column: &str) -> String {
        match self {
            Self::Postgres => format!("(extract(epoch FROM {column}) * 1000)::bigint"),
            Self::Sqlite => format!(
                "CAST(strftime('%s', {column}) AS INTEGER) * 1000 \
                 + CAST(substr(strftime('%f', {column}), 4) AS INTEGER)"
            ),
        }
    }

    /// Truth as 0 and 1.
    pub(super) fn bit(self, column: &str) -> String {
        match self {
            Self::Postgres => format!("{column}::int"),
            Self::Sqlite => column.to_owned(),
        }
    }

    /// JSON in the form that the engine gives it.
    pub(super) fn json(self, column: &str) -> String {
        match self {
            Self::Postgres => format!("{column}::jsonb::text"),
            Self::Sqlite => format!("json({column})"),
        }
    }

    /// Anything as text.
    pub(super) fn text(self, column: &str) -> String {
        match self {
            Self::Postgres => format!("{column}::text"),
            Self::Sqlite => format!("CAST({column} AS TEXT)"),
        }
    }
}
