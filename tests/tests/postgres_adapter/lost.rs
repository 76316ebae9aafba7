//! Futures that are dropped, backends and servers that die.

use std::sync::Arc;

use anyhow::Result;
use dualwrite_core::side::Role;
use dualwrite_engine::store::{CommitError, Store, StoreError};
use dualwrite_postgres::{PostgresConfig, PostgresStore};
use dualwrite_tests::eventually;
use dualwrite_tests::postgres::Settings;

use crate::world::{SERVICE, World, config, insert, tx};

const HOLD_GATE: &str = "BEGIN; LOCK TABLE dualwrite.gate_cart IN SHARE ROW EXCLUSIVE MODE";
const OURS: &str = "application_name LIKE 'dualwrite%'";

/// One connection of each kind, so that a dirty one would be met again.
fn narrow(world: &World) -> Result<Arc<PostgresStore>> {
    let config = PostgresConfig {
        max_connections: 1,
        ..config(&world.url)
    };
    Ok(Arc::new(PostgresStore::connect(&config)?))
}

#[tokio::test]
async fn a_dropped_write_leaves_the_pool_clean() -> Result<()> {
    let world = World::primary().await?;
    let store = narrow(&world)?;
    let holder = world.holding(HOLD_GATE).await?;
    for mutations in [
        vec![world.item(1, insert(&[]))],
        vec![world.item(1, insert(&[])), world.item(2, insert(&[]))],
    ] {
        let (store, tx) = (store.clone(), tx(mutations));
        let write = tokio::spawn(async move { store.write(&tx).await });
        world.until_waiting("relation", 1).await;
        write.abort();
        assert!(write.await.unwrap_err().is_cancelled());
        // The server notices by itself and ends what waits.
        world.until_waiting("relation", 0).await;
    }
    holder.batch_execute("ROLLBACK").await?;
    store.write(&tx(vec![world.item(3, insert(&[]))])).await?;
    assert_eq!(world.rows("SELECT id FROM items").await?, "3");
    assert_eq!(store.pool().in_use, 0);
    Ok(())
}

#[tokio::test]
async fn a_dropped_transaction_is_rolled_back_and_its_connection_not_used_again() -> Result<()> {
    let world = World::primary().await?;
    let store = narrow(&world)?;
    drop(
        store
            .begin_write(&tx(vec![world.item(1, insert(&[]))]))
            .await?,
    );
    let open = store
        .begin_write(&tx(vec![world.item(1, insert(&[]))]))
        .await?;
    open.commit().await?;
    assert_eq!(world.rows("SELECT id FROM items").await?, "1");
    Ok(())
}

#[tokio::test]
async fn a_write_whose_backend_is_killed_has_an_unknown_outcome() -> Result<()> {
    let world = World::primary().await?;
    // Once before, so that the statement is prepared: preparing it waits for the gate as well, and
    // what dies there was never sent.
    world
        .store
        .write(&tx(vec![world.item(9, insert(&[]))]))
        .await?;
    let _holder = world.holding(HOLD_GATE).await?;
    let (store, tx) = (world.store.clone(), tx(vec![world.item(1, insert(&[]))]));
    let write = tokio::spawn(async move { store.write(&tx).await });
    world.until_waiting("relation", 1).await;
    world
        .run(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {OURS} AND wait_event_type = 'Lock'"))
        .await?;
    let outcome = write.await?;
    assert!(
        matches!(outcome, Err(StoreError::UnknownOutcome(_))),
        "{outcome:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_transaction_whose_backend_is_killed_before_the_commit_is_refused() -> Result<()> {
    let world = World::primary().await?;
    let open = world
        .store
        .begin_write(&tx(vec![world.item(1, insert(&[]))]))
        .await?;
    world
        .run(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {OURS} AND state = 'idle in transaction'"))
        .await?;
    world.until_quiet().await;
    // Whether the client has seen it by now is a race; that it did not commit is not.
    match open.commit().await {
        Err(CommitError::Refused(StoreError::Unavailable(_)) | CommitError::Unknown(_)) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(world.rows("SELECT count(*) FROM items").await?, "0");
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_away_is_unavailable_and_comes_back() -> Result<()> {
    let mut world = World::with(Settings::default(), Role::Primary).await?;
    world
        .store
        .write(&tx(vec![world.item(1, insert(&[]))]))
        .await?;
    world.postgres.kill9().await?;
    eventually("the store says that the server is away", async || {
        let fence = world.store.fence(SERVICE).await;
        let write = world
            .store
            .write(&tx(vec![world.item(2, insert(&[]))]))
            .await;
        matches!(
            (&fence, &write),
            (
                Err(StoreError::Unavailable(_)),
                Err(StoreError::Unavailable(_))
            )
        )
        .then_some(())
        .ok_or((fence, write))
    })
    .await;
    world.postgres.restart().await?;
    world.bystander = world.postgres.connect("cart").await?;
    world
        .store
        .write(&tx(vec![world.item(3, insert(&[]))]))
        .await?;
    assert_eq!(
        world.rows("SELECT id FROM items ORDER BY id").await?,
        "1; 3"
    );
    Ok(())
}

#[tokio::test]
async fn a_place_where_nothing_listens_is_unavailable_and_shows_no_password() -> Result<()> {
    let port = dualwrite_tests::ports::free_port()?;
    let url = format!("postgres://cart:secret@127.0.0.1:{port}/cart");
    let store = PostgresStore::connect(&config(&url))?;
    let error = store.ping().await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    assert!(
        !format!("{error} {error:?} {store:?}").contains("secret"),
        "{error:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_database_that_is_not_there_is_named() -> Result<()> {
    let world = World::primary().await?;
    let store = PostgresStore::connect(&config(&world.postgres.url("basket")))?;
    let error = store.ping().await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Schema(said) if said.contains("basket")),
        "{error}"
    );
    Ok(())
}
