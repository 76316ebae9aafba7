//! What sessions are set to, and what is found at the start.

use anyhow::Result;
use dualwrite_core::side::Role;
use dualwrite_engine::store::Store;
use dualwrite_postgres::{PostgresStore, Severity};
use dualwrite_tests::postgres::Settings;

use crate::world::{World, config};

#[tokio::test]
async fn a_sound_server_has_no_findings_and_a_weak_one_says_what_is_weak() -> Result<()> {
    let world = World::with(Settings::default().durable(), Role::Primary).await?;
    assert_eq!(world.store.startup_checks().await?, []);
    let world = World::primary().await?;
    let findings = world.store.startup_checks().await?;
    let found: Vec<(Severity, bool)> = findings
        .iter()
        .map(|finding| (finding.severity, finding.what.contains("fsync")))
        .collect();
    assert_eq!(found, [(Severity::Degraded, true)]);
    Ok(())
}

#[tokio::test]
async fn an_acknowledged_write_is_on_disk_whatever_the_database_says() -> Result<()> {
    let world = World::with(Settings::default().durable(), Role::Primary).await?;
    world
        .run(
            "ALTER DATABASE cart SET synchronous_commit = off;
              ALTER DATABASE cart SET default_transaction_isolation = 'serializable';
              ALTER DATABASE cart SET default_transaction_read_only = on",
        )
        .await?;
    let store = PostgresStore::connect(&config(&world.url))?;
    assert_eq!(store.startup_checks().await?, []);
    Ok(())
}

#[tokio::test]
async fn the_pool_says_how_busy_it_is() -> Result<()> {
    let world = World::primary().await?;
    world.store.ping().await?;
    let idle = world.store.pool();
    assert_eq!(idle.in_use, 0);
    assert!(idle.idle > 0 && idle.max == 16 + 8 + 4, "{idle:?}");
    Ok(())
}
