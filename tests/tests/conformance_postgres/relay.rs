//! What the relay does: pull in one snapshot, write set-wise, remove what it has covered.

use anyhow::Result;
use dualwrite_tests::eventually::ends;

use crate::world::{World, table};

/// Removes the markers (1, 10), (2, 20) and (3, 30), as far as they are still the same.
const CLEAR: &str = "
    DELETE FROM dualwrite.outbox_cart o USING (
        SELECT o.id, o.token
        FROM dualwrite.outbox_cart o
        JOIN (VALUES (1, 10), (2, 20), (3, 30)) k (id, token) ON o.id = k.id AND o.token = k.token
        ORDER BY o.id FOR UPDATE OF o SKIP LOCKED) covered
    WHERE o.id = covered.id AND o.token = covered.token
    RETURNING o.id";

const MARKERS: &str = "SELECT id, token FROM dualwrite.outbox_cart ORDER BY id";

async fn marked() -> Result<World> {
    let world = World::new().await?;
    world
        .run("INSERT INTO dualwrite.outbox_cart VALUES (1, 10, 1), (2, 20, 1), (3, 30, 1)")
        .await?;
    Ok(world)
}

#[tokio::test]
async fn clearing_skips_a_marker_that_is_being_replaced() -> Result<()> {
    let world = marked().await?;
    let (writer, relay) = (world.session().await?, world.session().await?);
    writer
        .run("BEGIN; UPDATE dualwrite.outbox_cart SET token = 21 WHERE id = 2")
        .await?;
    let cleared = ends("clearing beside an open writer", relay.rows(CLEAR)).await?;
    assert_eq!(cleared, table(&[&[1], &[3]]));
    writer.run("COMMIT").await?;
    assert_eq!(world.rows(MARKERS).await?, table(&[&[2, 21]]));
    Ok(())
}

#[tokio::test]
async fn clearing_leaves_a_marker_with_another_token() -> Result<()> {
    let world = marked().await?;
    world
        .run("UPDATE dualwrite.outbox_cart SET token = 31 WHERE id = 3")
        .await?;
    assert_eq!(world.rows(CLEAR).await?, table(&[&[1], &[2]]));
    assert_eq!(world.rows(MARKERS).await?, table(&[&[3, 31]]));
    assert_eq!(
        world.rows(CLEAR).await?,
        table(&[]),
        "a second time it finds nothing"
    );
    Ok(())
}

#[tokio::test]
async fn an_application_does_not_wait_for_the_pull() -> Result<()> {
    let world = marked().await?;
    let (relay, writer) = (world.session().await?, world.session().await?);
    relay
        .run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .await?;
    relay.rows("SELECT o.id, o.token, i.amount FROM dualwrite.outbox_cart o LEFT JOIN items i USING (id)").await?;
    let write = "INSERT INTO items VALUES (1, 5);
                 UPDATE dualwrite.outbox_cart SET token = 11 WHERE id = 1";
    ends("a write beside an open pull", writer.run(write)).await?;
    relay.run("COMMIT").await
}

#[tokio::test]
async fn a_set_of_rows_is_upserted_and_deleted_by_two_statements() -> Result<()> {
    let world = World::new().await?;
    world
        .run("INSERT INTO items VALUES (1, 5), (2, 5), (9, 9)")
        .await?;
    world
        .run(
            "INSERT INTO items SELECT * FROM unnest('{1,3}'::bigint[], '{50,30}'::bigint[])
             ON CONFLICT (id) DO UPDATE SET amount = EXCLUDED.amount;
             DELETE FROM items USING unnest('{2,4}'::bigint[]) k (id) WHERE items.id = k.id",
        )
        .await?;
    let rows = world.rows("SELECT * FROM items ORDER BY id").await?;
    assert_eq!(rows, table(&[&[1, 50], &[3, 30], &[9, 9]]));
    Ok(())
}

#[tokio::test]
async fn an_identity_column_takes_the_primarys_value_only_when_told_so() -> Result<()> {
    let world = World::new().await?;
    let session = world.session().await?;
    session
        .run("CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)")
        .await?;
    assert_eq!(
        session.refused("INSERT INTO t (id) VALUES (7)").await,
        "428C9"
    );
    session
        .run("INSERT INTO t (id) OVERRIDING SYSTEM VALUE VALUES (7)")
        .await?;
    assert_eq!(world.rows("SELECT id FROM t").await?, table(&[&[7]]));
    Ok(())
}

#[tokio::test]
async fn a_generated_column_cannot_be_written_and_computes_the_same() -> Result<()> {
    let world = World::new().await?;
    let session = world.session().await?;
    session
        .run("CREATE TABLE t (id bigint PRIMARY KEY, d bigint GENERATED ALWAYS AS (id * 2) STORED)")
        .await?;
    assert_eq!(
        session
            .refused("INSERT INTO t (id, d) VALUES (7, 14)")
            .await,
        "428C9"
    );
    session.run("INSERT INTO t (id) VALUES (7)").await?;
    assert_eq!(world.rows("SELECT id, d FROM t").await?, table(&[&[7, 14]]));
    Ok(())
}
