//! Who may write when, and what a reader sees meanwhile.

use anyhow::Result;
use sqlx::Connection;

use crate::world::{BUSY, BUSY_SNAPSHOT, World};

const EPOCH: &str = "SELECT epoch FROM dualwrite_fence";

#[tokio::test]
async fn begin_immediate_excludes_a_second_writer() -> Result<()> {
    let world = World::new().await?;
    let (mut one, mut two) = (world.session().await?, world.session().await?);
    one.run("BEGIN IMMEDIATE").await?;
    assert_eq!(two.refused("BEGIN IMMEDIATE").await, BUSY);
    assert_eq!(
        two.refused("INSERT INTO items VALUES (1, 5, 'a')").await,
        BUSY
    );
    one.run("COMMIT").await?;
    two.run("BEGIN IMMEDIATE").await
}

#[tokio::test]
async fn a_writer_that_came_after_a_change_of_the_fence_sees_it() -> Result<()> {
    let world = World::new().await?;
    let (mut changer, mut writer) = (world.session().await?, world.session().await?);
    changer
        .run("BEGIN IMMEDIATE; UPDATE dualwrite_fence SET epoch = 2")
        .await?;
    assert_eq!(writer.refused("BEGIN IMMEDIATE").await, BUSY);
    changer.run("COMMIT").await?;
    writer.run("BEGIN IMMEDIATE").await?;
    assert_eq!(writer.value(EPOCH).await?, "2");
    Ok(())
}

/// Counter-example: this is why a write never begins as a read.
#[tokio::test]
async fn a_reader_cannot_become_a_writer_after_somebody_wrote() -> Result<()> {
    let world = World::new().await?;
    let (mut one, mut two) = (world.session().await?, world.session().await?);
    one.run("BEGIN").await?;
    assert_eq!(one.value(EPOCH).await?, "1");
    two.run("INSERT INTO items VALUES (1, 5, 'a')").await?;
    assert_eq!(
        one.refused("INSERT INTO items VALUES (2, 5, 'b')").await,
        BUSY_SNAPSHOT
    );
    Ok(())
}

#[tokio::test]
async fn readers_and_the_writer_do_not_wait_for_each_other_and_readers_keep_a_snapshot()
-> Result<()> {
    let world = World::new().await?;
    let (mut reader, mut writer) = (world.session().await?, world.session().await?);
    reader.run("BEGIN").await?;
    assert_eq!(reader.value(EPOCH).await?, "1");

    writer
        .run("BEGIN IMMEDIATE; UPDATE dualwrite_fence SET epoch = 2")
        .await?;
    assert_eq!(
        reader.value(EPOCH).await?,
        "1",
        "an uncommitted change is seen"
    );
    writer.run("COMMIT").await?;
    assert_eq!(reader.value(EPOCH).await?, "1", "the snapshot moved");

    reader.run("COMMIT").await?;
    assert_eq!(reader.value(EPOCH).await?, "2");
    Ok(())
}

/// Why fence and rows are read in one transaction, and nothing is read before.
#[tokio::test]
async fn a_readers_snapshot_is_taken_by_its_first_read_not_by_begin() -> Result<()> {
    let world = World::new().await?;
    let (mut reader, mut writer) = (world.session().await?, world.session().await?);
    reader.run("BEGIN").await?;
    writer.run("UPDATE dualwrite_fence SET epoch = 2").await?;
    assert_eq!(reader.value(EPOCH).await?, "2");
    Ok(())
}

#[tokio::test]
async fn durability_settings_read_back() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.session().await?;
    assert_eq!(session.value("PRAGMA synchronous").await?, "2", "2 is FULL");
    assert_eq!(session.value("PRAGMA journal_mode").await?, "wal");
    session.run("PRAGMA synchronous = NORMAL").await?;
    assert_eq!(session.value("PRAGMA synchronous").await?, "1");
    let mut other = world.session().await?;
    assert_eq!(
        other.value("PRAGMA synchronous").await?,
        "2",
        "it is a connection's own setting"
    );
    Ok(())
}

#[tokio::test]
async fn the_journal_mode_stays_with_the_file() -> Result<()> {
    let world = World::new().await?;
    let file = world.file.path();
    let mut plain = sqlx::SqliteConnection::connect(&file.display().to_string()).await?;
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(&mut plain)
        .await?;
    assert_eq!(mode, "wal");
    Ok(())
}
