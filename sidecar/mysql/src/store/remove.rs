//! Taking everything of ours out.
//!
//! Statements that drop tables commit by themselves. So the fence row goes
//! first, in a transaction that waits for whoever holds it: from then on every
//! write under it is refused, and a removal that is cut short goes on where it
//! was when it is asked for again.

use dualwrite_core::diagnosis::schema_fingerprint;
use dualwrite_engine::store::{Belongings, Removed, SHARED_TABLES, StoreError, may_be_removed};

use super::{fences, install};
use crate::cells::text;
use crate::errors::store_error;
use crate::names::{FENCE, PREFIX};
use crate::pool::{Conn, Lane};
use crate::sql::{Sql, literal, quote};

/// Removes all of a service.
pub(super) async fn remove(lane: &Lane, service: &str) -> Result<Removed, StoreError> {
    let mut conn = install::alone(lane).await?;
    let mut done = Removed {
        schema_before: fingerprint(&mut conn).await?,
        ..Removed::default()
    };
    let (settings, gone) = unfence(lane, service).await?;
    let services = services(&mut conn).await?;
    let ours = Belongings::of(service, &settings, services.iter().map(String::as_str));
    for table in tables(&mut conn).await? {
        let short = table.strip_prefix(PREFIX).unwrap_or(&table);
        if ours.include(short) || (ours.alone() && SHARED_TABLES.contains(&short)) {
            run(&mut conn, format!("DROP TABLE {}", quote(&table))).await?;
            done.removed.push(format!("table {table}"));
        } else if SHARED_TABLES.contains(&short) {
            let rows = if table == FENCE {
                gone
            } else {
                rows_of(&mut conn, &table, service).await?
            };
            if rows > 0 {
                let what = format!("{rows} rows of {service} in {table}");
                done.removed.push(what);
            }
            done.kept.push(format!("table {table}: {}", ours.reason()));
        }
    }
    for table in tables(&mut conn).await? {
        let short = table.strip_prefix(PREFIX).unwrap_or(&table);
        if ours.include(short) || ours.alone() {
            done.left.push(format!("table {table}"));
        }
    }
    done.schema_after = fingerprint(&mut conn).await?;
    Ok(done)
}

/// Takes the fence row away, and answers the settings that stood beside it and
/// how many rows went.
async fn unfence(lane: &Lane, service: &str) -> Result<(String, u64), StoreError> {
    let (mut conn, fence) = fences::lock(lane, service).await?;
    let Some(fence) = fence else {
        return Ok((String::new(), 0));
    };
    if !may_be_removed(&fence) {
        return Err(StoreError::Stale);
    }
    let gone = rows_of(&mut conn, FENCE, service).await?;
    conn.finish().await?;
    Ok((fence.settings, gone))
}

async fn rows_of(conn: &mut Conn, table: &str, service: &str) -> Result<u64, StoreError> {
    let sql = Sql::new("DELETE FROM ").name(table);
    let done = conn.run(sql.push(" WHERE service = ").bind(service)).await;
    done.map_err(|error| store_error(&error, None))
}

/// The services that have a fence here.
async fn services(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    if !tables(conn).await?.iter().any(|table| table == FENCE) {
        return Ok(Vec::new());
    }
    texts(conn, format!("SELECT service FROM {FENCE}")).await
}

/// All tables of ours.
async fn tables(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    let sql = format!(
        "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() \
         AND LEFT(TABLE_NAME, {}) = {} ORDER BY BINARY TABLE_NAME",
        PREFIX.len(),
        literal(PREFIX)
    );
    texts(conn, sql).await
}

/// The schema without anything of ours. How many rows there are, and when the
/// statistics were made, is no part of it.
async fn fingerprint(conn: &mut Conn) -> Result<String, StoreError> {
    let not_ours = |column: &str| {
        let length = PREFIX.len();
        format!("LEFT({column}, {length}) <> {}", literal(PREFIX))
    };
    let queries = [
        format!(
            "SELECT CONCAT_WS(' ', 'table', TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_COLLATION) AS line \
             FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND {} ORDER BY line",
            not_ours("TABLE_NAME")
        ),
        format!(
            "SELECT CONCAT_WS(' ', 'column', TABLE_NAME, ORDINAL_POSITION, COLUMN_NAME, COLUMN_TYPE, \
             IS_NULLABLE, COALESCE(COLUMN_DEFAULT, 'no default'), COLLATION_NAME, EXTRA) AS line \
             FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND {} ORDER BY line",
            not_ours("TABLE_NAME")
        ),
        format!(
            "SELECT CONCAT_WS(' ', 'index', TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX, COLUMN_NAME, \
             NON_UNIQUE, SUB_PART) AS line \
             FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND {} ORDER BY line",
            not_ours("TABLE_NAME")
        ),
        format!(
            "SELECT CONCAT_WS(' ', 'reference', TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, \
             REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME) AS line \
             FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND {} \
             ORDER BY line",
            not_ours("TABLE_NAME")
        ),
        format!(
            "SELECT CONCAT_WS(' ', 'trigger', TRIGGER_NAME, EVENT_OBJECT_TABLE, ACTION_TIMING, \
             EVENT_MANIPULATION, ACTION_STATEMENT) AS line \
             FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() AND {} ORDER BY line",
            not_ours("TRIGGER_NAME")
        ),
    ];
    let mut lines = Vec::new();
    for query in queries {
        lines.extend(texts(conn, query).await?);
    }
    Ok(schema_fingerprint(lines.iter().map(String::as_str)))
}

async fn texts(conn: &mut Conn, sql: String) -> Result<Vec<String>, StoreError> {
    let rows = run(conn, sql).await?;
    let texts = rows.iter().map(|row| Ok(text(row, 0)?.unwrap_or_default()));
    texts.collect()
}

async fn run(conn: &mut Conn, sql: String) -> Result<Vec<sqlx::mysql::MySqlRow>, StoreError> {
    let done = conn.text(sql).await;
    done.map_err(|error| store_error(&error, None))
}
