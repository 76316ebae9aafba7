//! What the store is, and how large.

use dualwrite_control_app::ports::{About, StoreError};
use sqlx::SqlitePool;

use super::failure;
use super::schema::KNOWN;

/// Asks the file.
pub(super) async fn about(readers: &SqlitePool) -> Result<About, StoreError> {
    let sql = "SELECT (SELECT max(version) FROM schema_version), \
               (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)";
    let asked = sqlx::query_as(sql).fetch_one(readers).await;
    let (schema, bytes): (i64, i64) =
        asked.map_err(|error| failure::of("say what it is", &error))?;
    let number = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(About {
        kind: "SQLite",
        schema: number(schema),
        known: number(KNOWN),
        bytes: number(bytes),
    })
}
