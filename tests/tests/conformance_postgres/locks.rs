//! What waits for what: rows, keys that are not there, advisory locks, time-outs.

use anyhow::Result;
use dualwrite_tests::eventually::ends;

use crate::world::{LOCK_GATE, World, table};

/// Counter-example: this is why the key's lock on the secondary is a statement of its own.
#[tokio::test]
async fn a_delete_does_not_wait_for_an_uncommitted_insert() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.session().await?, world.session().await?);
    one.run("BEGIN; INSERT INTO items VALUES (1, 10)").await?;

    for statement in [
        "DELETE FROM items WHERE id = 1 RETURNING id",
        "UPDATE items SET amount = 11 WHERE id = 1 RETURNING id",
        "SELECT id FROM items WHERE id = 1 FOR UPDATE",
    ] {
        let rows = ends(statement, two.rows(statement)).await?;
        assert_eq!(rows, table(&[]), "{statement}");
    }

    one.run("COMMIT").await?;
    assert_eq!(
        world.rows("SELECT * FROM items").await?,
        table(&[&[1, 10]]),
        "the ghost"
    );
    Ok(())
}

#[tokio::test]
async fn an_insert_waits_for_an_uncommitted_insert_of_the_same_key() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.session().await?, world.session().await?);
    one.run("BEGIN; INSERT INTO items VALUES (1, 10)").await?;
    let upsert = "INSERT INTO items VALUES (1, 20)
                  ON CONFLICT (id) DO UPDATE SET amount = EXCLUDED.amount RETURNING amount";
    let waiting = two.start(upsert);
    world.waits(&two, &one, "transactionid").await;
    one.run("COMMIT").await?;
    assert_eq!(waiting.await??, table(&[&[20]]));
    Ok(())
}

#[tokio::test]
async fn for_share_conflicts_with_update_and_for_key_share_does_not() -> Result<()> {
    let world = World::new().await?;
    let (reader, changer) = (world.session().await?, world.session().await?);
    let change = "UPDATE dualwrite.fence SET epoch = epoch + 1 RETURNING epoch";

    reader
        .run("BEGIN; SELECT 1 FROM dualwrite.fence FOR KEY SHARE")
        .await?;
    let rows = ends("an update beside FOR KEY SHARE", changer.rows(change)).await?;
    assert_eq!(rows, table(&[&[2]]));
    reader.run("COMMIT").await?;

    reader
        .run("BEGIN; SELECT 1 FROM dualwrite.fence FOR SHARE")
        .await?;
    let waiting = changer.start(change);
    world.waits(&changer, &reader, "transactionid").await;
    reader.run("COMMIT").await?;
    assert_eq!(waiting.await??, table(&[&[3]]));
    Ok(())
}

/// Counter-example: the snapshot is taken before the statement waits for the advisory lock.
#[tokio::test]
async fn an_advisory_lock_in_the_same_statement_protects_nothing() -> Result<()> {
    let world = World::new().await?;
    let (holder, late) = (world.session().await?, world.session().await?);
    holder.run("BEGIN; SELECT pg_advisory_xact_lock(1)").await?;
    holder.run("UPDATE dualwrite.fence SET epoch = 2").await?;
    late.run("BEGIN").await?;
    let read = late.start(
        "WITH l AS MATERIALIZED (SELECT pg_advisory_xact_lock(1))
         SELECT epoch FROM l, dualwrite.fence",
    );
    world.waits(&late, &holder, "advisory").await;
    holder.run("COMMIT").await?;
    assert_eq!(
        read.await??,
        table(&[&[1]]),
        "the epoch from before the wait"
    );
    Ok(())
}

#[tokio::test]
async fn an_advisory_lock_in_an_earlier_statement_protects() -> Result<()> {
    let world = World::new().await?;
    let (holder, late) = (world.session().await?, world.session().await?);
    holder.run("BEGIN; SELECT pg_advisory_xact_lock(1)").await?;
    holder.run("UPDATE dualwrite.fence SET epoch = 2").await?;
    late.run("BEGIN").await?;
    let lock = late.start("SELECT pg_advisory_xact_lock(1)");
    world.waits(&late, &holder, "advisory").await;
    holder.run("COMMIT").await?;
    lock.await??;
    assert_eq!(late.value("SELECT epoch FROM dualwrite.fence").await?, "2");
    Ok(())
}

#[tokio::test]
async fn an_advisory_transaction_lock_ends_with_its_transaction() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.session().await?, world.session().await?);
    let take = "SELECT pg_try_advisory_xact_lock(1)";
    for end in ["COMMIT", "ROLLBACK"] {
        one.run("BEGIN").await?;
        assert_eq!(one.value(take).await?, "t");
        assert_eq!(two.value(take).await?, "f", "taken twice");
        one.run(end).await?;
        // Outside a transaction it is gone with its statement.
        assert_eq!(two.value(take).await?, "t", "not free after {end}");
        assert_eq!(one.value(take).await?, "t", "not free after its statement");
    }
    Ok(())
}

#[tokio::test]
async fn an_advisory_transaction_lock_ends_with_its_session() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.session().await?, world.session().await?);
    one.run("BEGIN; SELECT pg_advisory_xact_lock(1)").await?;
    two.run("BEGIN").await?;
    let lock = two.start("SELECT pg_advisory_xact_lock(1)");
    world.waits(&two, &one, "advisory").await;
    world
        .run(&format!("SELECT pg_terminate_backend({})", one.pid))
        .await?;
    lock.await??;
    Ok(())
}

/// Counter-example: this is why keys are locked by bucket.
#[tokio::test]
async fn one_advisory_lock_per_key_exhausts_the_lock_table() -> Result<()> {
    let world = World::new().await?;
    let greedy = world.session().await?;
    let lock = "SELECT pg_advisory_xact_lock(key) FROM generate_series(1, 100000) key";
    assert_eq!(greedy.refused(lock).await, "53200");
    // A lock for each of the buckets fits, but only a few such transactions would.
    greedy
        .run("SELECT pg_advisory_xact_lock(key) FROM generate_series(1, 1024) key")
        .await
}

#[tokio::test]
async fn a_lock_time_out_aborts_the_whole_transaction() -> Result<()> {
    let world = World::new().await?;
    let (holder, hasty) = (world.session().await?, world.session().await?);
    holder.run("BEGIN").await?;
    holder.run(LOCK_GATE).await?;
    hasty.run("BEGIN; SET LOCAL lock_timeout = '20ms'").await?;
    hasty.run("INSERT INTO items VALUES (1, 10)").await?;
    assert_eq!(hasty.refused(LOCK_GATE).await, "55P03");
    assert_eq!(
        hasty.refused("SELECT 1").await,
        "25P02",
        "the transaction went on"
    );
    hasty.run("ROLLBACK").await?;
    assert_eq!(world.rows("SELECT * FROM items").await?, table(&[]));
    assert_eq!(
        hasty.value("SHOW lock_timeout").await?,
        "0",
        "SET LOCAL outlived the transaction"
    );
    Ok(())
}

/// What a change of the fence says when it gives up: who is in its way, and since when.
#[tokio::test]
async fn the_server_names_who_holds_the_gate_and_since_when() -> Result<()> {
    let world = World::new().await?;
    let (holder, changer) = (world.session().await?, world.session().await?);
    holder
        .run("BEGIN; SET LOCAL application_name = 'old job'")
        .await?;
    holder
        .run("INSERT INTO dualwrite.gate_cart SELECT 1 WHERE false")
        .await?;
    changer.run("BEGIN").await?;
    let lock = changer.start(LOCK_GATE);
    world.waits(&changer, &holder, "relation").await;
    let who = format!(
        "SELECT application_name FROM pg_stat_activity
         WHERE pid = ANY (pg_blocking_pids({})) AND xact_start IS NOT NULL",
        changer.pid
    );
    assert_eq!(world.value(&who).await?, "old job");
    holder.run("ROLLBACK").await?;
    lock.await??;
    Ok(())
}
