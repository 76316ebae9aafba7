//! Independent comparison of two databases.
//!
//! It knows nothing of the code under test: two queries, written by hand for the two schemas, give
//! rows of text, and the rows are compared one by one. The order in which a database returns them
//! does not matter; the key's columns, which come first, do.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, Result, bail};
use sqlx::mysql::{MySqlConnection, MySqlRow};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Column, Row, TypeInfo, ValueRef};
use tokio_postgres::{Client, SimpleQueryMessage};

/// One row as text; `None` is NULL.
pub type TextRow = Vec<Option<String>>;

/// How many differences are spelled out.
const SHOWN: usize = 10;

/// What two result sets have and have not in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Rows on the left.
    pub left: usize,
    /// Rows on the right.
    pub right: usize,
    /// What differs, in key order.
    pub differences: Vec<Difference>,
}

/// How one key differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Only the right has it.
    MissingLeft(TextRow),
    /// Only the left has it.
    MissingRight(TextRow),
    /// Both have it, with other values in these columns (0 is the first after the key).
    Values(TextRow, Vec<usize>),
}

impl Comparison {
    /// Whether both have the very same rows.
    pub fn is_equal(&self) -> bool {
        self.differences.is_empty()
    }

    /// Nothing, or an error that lists the first differences.
    pub fn ensure_equal(&self) -> Result<()> {
        if self.is_equal() {
            Ok(())
        } else {
            bail!("{self}")
        }
    }
}

/// Names keys and columns, never a value beside the key: the demo prints it.
impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            left,
            right,
            differences,
        } = self;
        write!(
            f,
            "{left} rows and {right} rows, {} differences",
            differences.len()
        )?;
        for difference in differences.iter().take(SHOWN) {
            match difference {
                Difference::MissingLeft(key) => write!(f, "\n  {key:?}: only on the right")?,
                Difference::MissingRight(key) => write!(f, "\n  {key:?}: only on the left")?,
                Difference::Values(key, columns) => {
                    write!(
                        f,
                        "\n  {key:?}: other values in columns {columns:?} after the key"
                    )?;
                }
            }
        }
        Ok(())
    }
}

/// Compares two result sets whose first `key_columns` columns are the key. An error when a key
/// comes twice on one side: such a query cannot be compared.
pub fn compare(left: Vec<TextRow>, right: Vec<TextRow>, key_columns: usize) -> Result<Comparison> {
    let (left, mut right) = (by_key(left, key_columns)?, by_key(right, key_columns)?);
    let mut comparison = Comparison {
        left: left.len(),
        right: right.len(),
        differences: Vec::new(),
    };
    for (key, values) in left {
        match right.remove(&key) {
            None => comparison.differences.push(Difference::MissingRight(key)),
            Some(other) if other == values => {}
            Some(other) => {
                let columns = differing(&values, &other);
                comparison
                    .differences
                    .push(Difference::Values(key, columns));
            }
        }
    }
    comparison
        .differences
        .extend(right.into_keys().map(Difference::MissingLeft));
    Ok(comparison)
}

fn by_key(rows: Vec<TextRow>, key_columns: usize) -> Result<BTreeMap<TextRow, TextRow>> {
    let mut map = BTreeMap::new();
    for mut key in rows {
        let values = key.split_off(key_columns.min(key.len()));
        if map.insert(key.clone(), values).is_some() {
            bail!("the key {key:?} comes twice: the query does not start with the key's columns");
        }
    }
    Ok(map)
}

fn differing(left: &TextRow, right: &TextRow) -> Vec<usize> {
    let longest = left.len().max(right.len());
    (0..longest)
        .filter(|column| left.get(*column) != right.get(*column))
        .collect()
}

/// Rows of a query on PostgreSQL, as its own text form.
pub async fn postgres(client: &Client, query: &str) -> Result<Vec<TextRow>> {
    let messages = client
        .simple_query(query)
        .await
        .with_context(|| format!("run {query}"))?;
    let rows = messages.iter().filter_map(|message| {
        let SimpleQueryMessage::Row(row) = message else {
            return None;
        };
        Some(
            (0..row.len())
                .map(|column| row.get(column).map(str::to_owned))
                .collect(),
        )
    });
    Ok(rows.collect())
}

/// Rows of a query on SQLite. Integers and text are as they are written, blobs as PostgreSQL
/// writes them (`\x00ff`); how a real number should read is for the query to say.
pub async fn sqlite(connection: &mut SqliteConnection, query: &str) -> Result<Vec<TextRow>> {
    let rows = sqlx::query(AssertSqlSafe(query.to_owned()))
        .fetch_all(connection)
        .await
        .with_context(|| format!("run {query}"))?;
    rows.iter().map(sqlite_row).collect()
}

fn sqlite_row(row: &SqliteRow) -> Result<TextRow> {
    let cells = row.columns().iter().map(|column| {
        let index = column.ordinal();
        let value = row.try_get_raw(index)?;
        if value.is_null() {
            return Ok(None);
        }
        let kind = value.type_info().name().to_owned();
        Ok(Some(match kind.as_str() {
            "INTEGER" => row.try_get_unchecked::<i64, _>(index)?.to_string(),
            "REAL" => row.try_get_unchecked::<f64, _>(index)?.to_string(),
            "BLOB" => hex(&row.try_get_unchecked::<Vec<u8>, _>(index)?),
            _ => row.try_get_unchecked::<String, _>(index)?,
        }))
    });
    cells.collect()
}

/// Rows of a query on MariaDB, in its own text form; bytes as PostgreSQL writes them (`\x00ff`).
pub async fn mariadb(connection: &mut MySqlConnection, query: &str) -> Result<Vec<TextRow>> {
    let rows = sqlx::raw_sql(AssertSqlSafe(query.to_owned()))
        .fetch_all(connection)
        .await
        .with_context(|| format!("run {query}"))?;
    rows.iter().map(mariadb_row).collect()
}

fn mariadb_row(row: &MySqlRow) -> Result<TextRow> {
    let cells = row.columns().iter().map(|column| {
        let index = column.ordinal();
        // A zero date counts as NULL to the driver, and is none.
        let bytes: &[u8] = match row.try_get_unchecked(index) {
            Ok(bytes) => bytes,
            Err(_) if row.try_get_raw(index)?.is_null() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        Ok(Some(match column.type_info().name() {
            "BINARY" | "VARBINARY" | "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB" | "BIT" => {
                hex(bytes)
            }
            _ => String::from_utf8_lossy(bytes).into_owned(),
        }))
    });
    cells.collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold("\\x".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[&str]]) -> Vec<TextRow> {
        let cell = |cell: &&str| (*cell != "NULL").then(|| (*cell).to_owned());
        rows.iter()
            .map(|row| row.iter().map(cell).collect())
            .collect()
    }

    #[test]
    fn order_does_not_matter() {
        let left = rows(&[&["1", "a"], &["2", "NULL"]]);
        let right = rows(&[&["2", "NULL"], &["1", "a"]]);
        assert!(compare(left, right, 1).unwrap().is_equal());
    }

    #[test]
    fn finds_missing_extra_and_different_rows() {
        let left = rows(&[&["1", "a", "x"], &["2", "b", "y"]]);
        let right = rows(&[&["2", "b", "NULL"], &["3", "c", "z"]]);
        let comparison = compare(left, right, 1).unwrap();
        let key = |key: &str| vec![Some(key.to_owned())];
        assert_eq!(
            comparison.differences,
            [
                Difference::MissingRight(key("1")),
                Difference::Values(key("2"), vec![1]),
                Difference::MissingLeft(key("3")),
            ]
        );
        assert!(
            comparison
                .ensure_equal()
                .unwrap_err()
                .to_string()
                .contains("3 differences")
        );
    }

    #[test]
    fn a_key_that_comes_twice_is_an_error() {
        let left = rows(&[&["1", "a"], &["1", "b"]]);
        assert!(compare(left, Vec::new(), 1).is_err());
    }

    #[test]
    fn the_report_shows_no_values() {
        let left = rows(&[&["1", "secret"]]);
        let right = rows(&[&["1", "hidden"]]);
        let report = compare(left, right, 1).unwrap().to_string();
        assert!(
            !report.contains("secret") && !report.contains("hidden"),
            "{report}"
        );
    }
}
