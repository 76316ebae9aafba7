//! What the server does by itself with what a dead or hanging client left behind.

use anyhow::Result;
use dualwrite_tests::eventually;

use crate::world::{LOCK_GATE, World, fence_held, table};

async fn is_gone(world: &World, session: i32) {
    let query = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {session}");
    eventually("the end of the backend", async || {
        world.value(&query).await.is_ok_and(|count| count == "0")
    })
    .await;
}

#[tokio::test]
async fn a_transaction_left_idle_is_ended_and_gives_its_locks_back() -> Result<()> {
    let world = World::new().await?;
    let (idle, changer) = (world.session().await?, world.session().await?);
    idle.run("SET idle_in_transaction_session_timeout = '20ms'")
        .await?;
    idle.run("BEGIN; INSERT INTO items VALUES (1, 5)").await?;
    drop(idle.value(&fence_held(1)).await);
    changer.run("BEGIN").await?;
    changer.run(LOCK_GATE).await?;
    is_gone(&world, idle.pid).await;
    assert_eq!(world.rows("SELECT * FROM items").await?, table(&[]));
    Ok(())
}

#[tokio::test]
async fn a_blocked_backend_notices_that_its_client_is_gone() -> Result<()> {
    let world = World::new().await?;
    let (holder, waiter) = (world.session().await?, world.session().await?);
    holder.run("BEGIN").await?;
    holder.run(LOCK_GATE).await?;
    waiter
        .run("SET client_connection_check_interval = '20ms'")
        .await?;
    let waiting = waiter.start(&fence_held(1));
    world.waits(&waiter, &holder, "relation").await;

    waiter.socket.abort();
    is_gone(&world, waiter.pid).await;
    assert!(waiting.await?.is_err());
    holder.run("COMMIT").await
}

#[tokio::test]
async fn a_killed_client_leaves_nothing_of_its_open_transaction() -> Result<()> {
    let world = World::new().await?;
    let session = world.session().await?;
    session
        .run("BEGIN; INSERT INTO items VALUES (1, 5)")
        .await?;
    session.socket.abort();
    is_gone(&world, session.pid).await;
    assert_eq!(world.rows("SELECT * FROM items").await?, table(&[]));
    Ok(())
}

#[tokio::test]
async fn a_deadlock_ends_one_of_the_two_as_a_whole() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.session().await?, world.session().await?);
    world.run("INSERT INTO items VALUES (1, 5), (2, 5)").await?;
    one.run("BEGIN; UPDATE items SET amount = 10 WHERE id = 1")
        .await?;
    two.run(
        "BEGIN; SET LOCAL deadlock_timeout = '10ms'; UPDATE items SET amount = 20 WHERE id = 2",
    )
    .await?;
    one.run("SET LOCAL deadlock_timeout = '1min'").await?;
    let waiting = one.start("UPDATE items SET amount = 10 WHERE id = 2");
    world.waits(&one, &two, "transactionid").await;
    assert_eq!(
        two.refused("UPDATE items SET amount = 20 WHERE id = 1")
            .await,
        "40P01"
    );
    waiting.await??;
    one.run("COMMIT").await?;
    let rows = world.rows("SELECT * FROM items ORDER BY id").await?;
    assert_eq!(rows, table(&[&[1, 10], &[2, 10]]));
    Ok(())
}

#[tokio::test]
async fn isolation_and_durability_can_be_read_back() -> Result<()> {
    let world = World::new().await?;
    let session = world.session().await?;
    session
        .run("SET default_transaction_isolation = 'read committed'")
        .await?;
    for (name, expected) in [
        ("transaction_isolation", "read committed"),
        ("synchronous_commit", "on"),
        ("transaction_read_only", "off"),
    ] {
        assert_eq!(
            session.value(&format!("SHOW {name}")).await?,
            expected,
            "{name}"
        );
    }
    assert_eq!(session.value("SELECT pg_is_in_recovery()").await?, "f");
    Ok(())
}
