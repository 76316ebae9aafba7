//! Connections that run out, end, grow old, or need another password.

use std::time::Duration;

use anyhow::Result;
use dualwrite_engine::store::{Store, StoreError};
use dualwrite_postgres::{PostgresConfig, PostgresStore};
use dualwrite_tests::postgres::Settings;
use dualwrite_tests::{Postgres, eventually};

use crate::world::{World, config, insert, tx};

const OURS: &str = "FROM pg_stat_activity WHERE application_name LIKE 'dualwrite%'";

/// Ends all sessions of the adapter, and waits until they are gone.
async fn cut_all(postgres: &Postgres) -> Result<()> {
    let client = postgres.connect("cart").await?;
    let cut = format!("SELECT pg_terminate_backend(pid) {OURS}");
    client.batch_execute(&cut).await?;
    eventually("the sessions are gone", async || {
        let left = client
            .query_one(&format!("SELECT count(*) {OURS}"), &[])
            .await;
        left.is_ok_and(|row| row.get::<_, i64>(0) == 0)
    })
    .await;
    Ok(())
}

#[tokio::test]
async fn a_pool_that_is_exhausted_says_which_and_recovers() -> Result<()> {
    let world = World::primary().await?;
    let store = PostgresStore::connect(&PostgresConfig {
        max_connections: 1,
        connect_timeout: Duration::from_secs(1),
        ..config(&world.url)
    })?;
    let open = store
        .begin_write(&tx(vec![world.item(1, insert(&[]))]))
        .await?;
    let error = store.write(&tx(vec![world.item(2, insert(&[]))])).await;
    let error = error.expect_err("the only connection is in use");
    assert!(matches!(error, StoreError::Exhausted(_)), "{error}");
    let said = error.to_string();
    assert!(
        said.contains("all 1 connections for foreground writes and reads")
            && said.contains("--max-connections"),
        "{said}"
    );
    assert_eq!(store.pool().last_error, Some(said));
    // Nobody else is starved by it.
    store.ping().await?;
    open.commit().await?;
    store.write(&tx(vec![world.item(2, insert(&[]))])).await?;
    let after = store.pool();
    assert_eq!(
        (after.last_error, after.waiting, after.in_use),
        (None, 0, 0)
    );
    Ok(())
}

#[tokio::test]
async fn sessions_that_the_server_ended_are_replaced() -> Result<()> {
    let world = World::primary().await?;
    for turn in 0..3 {
        world
            .store
            .write(&tx(vec![world.item(turn, insert(&[]))]))
            .await?;
        cut_all(&world.postgres).await?;
        eventually("the store answers again", async || {
            world.store.ping().await.is_ok()
        })
        .await;
    }
    Ok(())
}

#[tokio::test]
async fn a_connection_ends_with_its_life() -> Result<()> {
    let world = World::primary().await?;
    let pids = format!("SELECT pid {OURS} ORDER BY pid");
    cut_all(&world.postgres).await?;
    let kept = PostgresStore::connect(&config(&world.url))?;
    kept.ping().await?;
    let first = world.rows(&pids).await?;
    kept.ping().await?;
    assert_eq!(world.rows(&pids).await?, first);
    drop(kept);
    cut_all(&world.postgres).await?;
    let brief = PostgresStore::connect(&PostgresConfig {
        connection_lifetime: Duration::ZERO,
        ..config(&world.url)
    })?;
    brief.ping().await?;
    let first = world.rows(&pids).await?;
    brief.ping().await?;
    eventually("another connection is used", async || {
        world.rows(&pids).await.is_ok_and(|now| now != first)
    })
    .await;
    Ok(())
}

#[tokio::test]
async fn a_rotated_password_is_read_from_the_file_for_new_connections() -> Result<()> {
    let settings = Settings::default()
        .tcp()
        .admitting("host all all 127.0.0.1/32 scram-sha-256");
    let postgres = Postgres::with(settings).await?;
    postgres.create_database("cart").await?;
    let admin = postgres.connect("cart").await?;
    admin
        .batch_execute("CREATE ROLE cart LOGIN PASSWORD 'first'")
        .await?;
    let port = postgres.port().unwrap_or_default();
    let url = |password: &str| format!("postgresql://cart:{password}@127.0.0.1:{port}/cart");
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("url");
    std::fs::write(&file, format!("{}\n", url("first")))?;
    let given = url("first");
    let following = PostgresStore::connect(&PostgresConfig {
        url_file: Some(file.clone()),
        ..config(&given)
    })?;
    let fixed = PostgresStore::connect(&config(&given))?;
    following.ping().await?;
    fixed.ping().await?;

    admin
        .batch_execute("ALTER ROLE cart PASSWORD 'second'")
        .await?;
    std::fs::write(&file, format!("{}\n", url("second")))?;
    // Those that are open live on.
    following.ping().await?;
    fixed.ping().await?;
    cut_all(&postgres).await?;
    eventually("a new connection has the new password", async || {
        following.ping().await.is_ok()
    })
    .await;
    eventually("without a file the old one is refused", async || {
        matches!(fixed.ping().await, Err(StoreError::Denied(_)))
    })
    .await;
    // A file that is away for a moment, or names another place, changes nothing.
    std::fs::write(&file, "postgresql://cart:second@127.0.0.1:1/other")?;
    cut_all(&postgres).await?;
    eventually("the place stays the same", async || {
        matches!(following.ping().await, Err(StoreError::Denied(_)))
    })
    .await;
    Ok(())
}

#[tokio::test]
async fn a_server_without_a_free_connection_is_away_until_it_has_one() -> Result<()> {
    let postgres = Postgres::with(Settings::default().max_connections(6)).await?;
    let url = postgres.create_database("cart").await?;
    let admin = postgres.connect("cart").await?;
    admin.batch_execute("CREATE ROLE cart LOGIN").await?;
    let url = url.replace("postgres@", "cart@");
    let mut others = Vec::new();
    while let Ok(client) = dualwrite_tests::postgres::connect(&url).await {
        others.push(client);
    }
    assert!(!others.is_empty());
    let store = PostgresStore::connect(&config(&url))?;
    let error = store.ping().await.expect_err("no connection is free");
    assert!(
        matches!(&error, StoreError::Unavailable(said) if said.contains("53300")),
        "{error}"
    );
    others.clear();
    eventually("the store answers", async || store.ping().await.is_ok()).await;
    Ok(())
}

#[tokio::test]
async fn a_connection_to_a_server_that_became_a_replica_is_not_used_again() -> Result<()> {
    let world = World::primary().await?;
    // What a server says of itself that takes no writes any more.
    world
        .run(
            "CREATE FUNCTION demoted() RETURNS trigger LANGUAGE plpgsql AS
              $$ BEGIN RAISE EXCEPTION 'read-only' USING ERRCODE = '25006'; END $$;
              CREATE TRIGGER demoted BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION demoted()",
        )
        .await?;
    cut_all(&world.postgres).await?;
    let store = PostgresStore::connect(&config(&world.url))?;
    let error = store.write(&tx(vec![world.item(1, insert(&[]))])).await;
    assert!(matches!(error, Err(StoreError::Denied(_))), "{error:?}");
    world.until(&format!("SELECT count(*) {OURS}"), "0").await;
    Ok(())
}
