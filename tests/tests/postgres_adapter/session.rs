//! What sessions are set to, and what is found at the start.

use anyhow::Result;
use dualwrite_core::diagnosis::Severity;
use dualwrite_core::side::Role;
use dualwrite_engine::store::Store;
use dualwrite_postgres::PostgresStore;
use dualwrite_tests::postgres::Settings;

use crate::world::{SERVICE, World, config};

#[tokio::test]
async fn a_sound_server_has_no_findings_and_a_weak_one_says_what_is_weak() -> Result<()> {
    let world = World::with(Settings::default().durable(), Role::Primary).await?;
    assert_eq!(weak(&world.store).await?, []);
    let world = World::primary().await?;
    let found = weak(&world.store).await?;
    assert!(
        found.contains(&("fsync".to_owned(), Severity::Warning)),
        "{found:?}"
    );
    assert!(
        found
            .iter()
            .all(|(_, severity)| *severity != Severity::Problem),
        "{found:?}"
    );
    Ok(())
}

/// What is not as it should be.
async fn weak(store: &PostgresStore) -> Result<Vec<(String, Severity)>> {
    let findings = store.diagnose(SERVICE).await?.into_iter();
    let weak = findings.filter(|finding| finding.severity != Severity::Ok);
    Ok(weak
        .map(|finding| (finding.check, finding.severity))
        .collect())
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
    // Our own sessions raise it; that everybody else's do not is worth a note.
    let expected = [("synchronous_commit".to_owned(), Severity::Note)];
    assert_eq!(weak(&store).await?, expected);
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
