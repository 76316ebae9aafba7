//! What is left of a transaction whose process was killed.

use anyhow::Result;
use dualwrite_tests::process::Program;
use dualwrite_tests::{SqliteFile, sqlite};

use crate::world::{BUSY, Session};

#[tokio::test]
async fn a_killed_writers_transaction_rolls_back_and_its_lock_is_free() -> Result<()> {
    let file = SqliteFile::create()?;
    let mut writer = Program::named("dualwrite-open-writer")?
        .arg(file.path())
        .serve()
        .await?;
    let mut session = Session(sqlite::connect(&file.path()).await?);
    assert_eq!(
        session.refused("BEGIN IMMEDIATE").await,
        BUSY,
        "nothing is open: nothing tested"
    );
    let log = std::fs::metadata(format!("{}-wal", file.path().display()))?.len();
    assert!(
        log > 100_000,
        "nothing has spilled into the log: {log} bytes"
    );

    writer.kill9().await?;

    session.run("BEGIN IMMEDIATE").await?;
    let rows = session.rows("SELECT id, amount FROM items").await?;
    assert_eq!(rows, [vec![Some("1".to_owned()), Some("5".to_owned())]]);
    assert_eq!(session.value("PRAGMA integrity_check").await?, "ok");
    session.run("UPDATE items SET amount = 8; COMMIT").await
}
