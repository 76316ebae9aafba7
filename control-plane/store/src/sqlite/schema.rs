//! The tables, and how they grow.
//!
//! Each file in `schema/sqlite/` is applied once, in order, each in a
//! transaction of its own. A file only adds (expand); what is no longer used is
//! dropped by a later version, when no program that used it can be running
//! (contract). Each version says which older ones can still work on its
//! tables, so that a program can be rolled back by one version.

use sqlx::{Row, SqliteConnection};

use super::OpenError;

/// One version of the tables.
struct Version {
    number: i64,
    file: &'static str,
    /// The oldest program, by the newest version it knows, that can still work
    /// on these tables.
    oldest_program: i64,
    sql: &'static str,
}

const VERSIONS: [Version; 2] = [
    Version {
        number: 1,
        file: "0001_begin.sql",
        oldest_program: 1,
        sql: include_str!("../../schema/sqlite/0001_begin.sql"),
    },
    // A program that knows nothing of the end would let a retired migration
    // go back to a phase whose fences are gone.
    Version {
        number: 2,
        file: "0002_retirement.sql",
        oldest_program: 2,
        sql: include_str!("../../schema/sqlite/0002_retirement.sql"),
    },
];

/// The newest version that this program knows.
pub(super) const KNOWN: i64 = VERSIONS[VERSIONS.len() - 1].number;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_version (
    version        INTEGER PRIMARY KEY,
    file           TEXT NOT NULL,
    oldest_program INTEGER NOT NULL,
    applied        TEXT NOT NULL
) STRICT";

/// Brings the tables to the newest version that this program knows.
pub(super) async fn apply(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    let schema = |file: &'static str| move |cause: sqlx::Error| OpenError::Schema { file, cause };
    sqlx::raw_sql(TABLE)
        .execute(&mut *connection)
        .await
        .map_err(schema("schema_version"))?;
    let row = sqlx::query(
        "SELECT coalesce(max(version), 0), coalesce(max(oldest_program), 0) FROM schema_version",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(schema("schema_version"))?;
    let (applied, oldest_program): (i64, i64) = (row.get(0), row.get(1));
    if oldest_program > KNOWN {
        return Err(OpenError::TooNew {
            found: applied,
            known: KNOWN,
        });
    }
    for version in VERSIONS.iter().filter(|version| version.number > applied) {
        step(connection, version)
            .await
            .map_err(schema(version.file))?;
    }
    Ok(())
}

async fn step(connection: &mut SqliteConnection, version: &Version) -> Result<(), sqlx::Error> {
    use sqlx::Connection;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::raw_sql(version.sql)
        .execute(&mut *transaction)
        .await?;
    sqlx::query("INSERT INTO schema_version VALUES (?, ?, ?, datetime('now'))")
        .bind(version.number)
        .bind(version.file)
        .bind(version.oldest_program)
        .execute(&mut *transaction)
        .await?;
    tracing::info!(file = version.file, "applied a schema file");
    transaction.commit().await
}
