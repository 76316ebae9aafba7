//! A process to be killed in the middle of a SQLite transaction: it commits one row, leaves a large
//! transaction open, says so in its ready file and waits for its end.
//!
//! `dualwrite-open-writer DATABASE --ready-file FILE`

use std::path::Path;

use anyhow::{Context, Result};
use dualwrite_tests::sqlite;

/// A cache of one page makes the open transaction spill into the log, as a big one would.
const OPEN_TRANSACTION: &str = "
    PRAGMA cache_size = 1;
    CREATE TABLE items (id INTEGER PRIMARY KEY, amount INTEGER);
    INSERT INTO items VALUES (1, 5);
    BEGIN IMMEDIATE;
    UPDATE items SET amount = 6;
    WITH RECURSIVE k (id) AS (SELECT 2 UNION ALL SELECT id + 1 FROM k WHERE id < 20000)
    INSERT INTO items SELECT id, 7 FROM k;";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [database, _, ready_file] = arguments.as_slice() else {
        anyhow::bail!("usage: dualwrite-open-writer DATABASE --ready-file FILE");
    };
    let mut connection = sqlite::connect(Path::new(database)).await?;
    sqlite::execute(&mut connection, OPEN_TRANSACTION).await?;
    // Complete or not there: the reader does not look twice.
    let draft = format!("{ready_file}.draft");
    std::fs::write(&draft, "{}").context("write the ready file")?;
    std::fs::rename(&draft, ready_file).context("put the ready file in place")?;
    std::future::pending().await
}
