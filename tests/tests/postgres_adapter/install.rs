//! Creating our own tables.

use std::sync::Arc;

use anyhow::Result;
use dualwrite_core::diagnosis::Severity;
use dualwrite_core::side::Role;
use dualwrite_engine::store::{InstallRequest, Store, StoreError};
use dualwrite_postgres::PostgresStore;
use dualwrite_tests::Postgres;

use crate::world::{SERVICE, World, config, fence, freeze, table};

#[tokio::test]
async fn installing_again_changes_nothing_and_several_may_at_once() -> Result<()> {
    let world = World::primary().await?;
    world.store.change_fence(SERVICE, &freeze(), None).await?;
    let tables = vec![world.items.clone(), world.lines.clone()];
    let fence = Some(fence(1, Role::Primary));
    let request = InstallRequest {
        service: SERVICE.into(),
        tables,
        probes: Vec::new(),
        fence,
    };
    let (one, two) = tokio::join!(world.store.install(&request), world.store.install(&request));
    one?;
    two?;
    assert_eq!(
        world
            .rows("SELECT epoch, role FROM dualwrite.fence")
            .await?,
        "2 frozen"
    );
    Ok(())
}

#[tokio::test]
async fn the_script_installs_the_same_and_a_role_without_ddl_rights_then_serves() -> Result<()> {
    let postgres = Postgres::start().await?;
    let url = postgres.create_database("cart").await?;
    let admin = postgres.connect("cart").await?;
    admin
        .batch_execute("CREATE TABLE items (id bigint PRIMARY KEY, qty integer)")
        .await?;
    let owner = PostgresStore::connect(&config(&url))?;
    let items = table(&owner, "items", "item").await?;
    let request = InstallRequest {
        service: SERVICE.into(),
        tables: vec![items],
        probes: Vec::new(),
        fence: Some(fence(1, Role::Primary)),
    };
    admin.batch_execute(&owner.install_sql(&request)).await?;
    admin
        .batch_execute(
            "CREATE ROLE app LOGIN; GRANT USAGE ON SCHEMA dualwrite TO app;
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA dualwrite, public TO app",
        )
        .await?;
    let app = PostgresStore::connect(&config(&url.replace("postgres@", "app@")))?;
    app.install(&request).await?;
    app.change_fence(SERVICE, &freeze(), None).await?;
    assert_eq!(app.fence(SERVICE).await?, Some(fence(2, Role::Frozen)));
    assert_eq!(refused(&app).await?, "");
    admin
        .batch_execute("REVOKE DELETE ON dualwrite.receipt FROM app")
        .await?;
    assert!(refused(&app).await?.contains("dualwrite.receipt"));
    Ok(())
}

/// What would keep a sidecar from starting.
async fn refused(store: &PostgresStore) -> Result<String> {
    let findings = store.diagnose(SERVICE).await?.into_iter();
    let refused = findings.filter(|finding| finding.severity == Severity::Problem);
    Ok(refused
        .map(|finding| finding.detail)
        .collect::<Vec<_>>()
        .join("; "))
}

#[tokio::test]
async fn tables_without_a_fence_are_refused() -> Result<()> {
    let world = World::primary().await?;
    world.run("DELETE FROM dualwrite.fence").await?;
    let request = InstallRequest {
        service: SERVICE.into(),
        tables: vec![world.items.clone()],
        probes: Vec::new(),
        fence: None,
    };
    let refused = world.store.install(&request).await;
    assert!(matches!(refused, Err(StoreError::Schema(_))), "{refused:?}");
    assert_eq!(world.store.fence(SERVICE).await?, None);
    Ok(())
}

#[tokio::test]
async fn where_nothing_is_installed_there_is_no_fence() -> Result<()> {
    let postgres = Postgres::start().await?;
    let url = postgres.create_database("cart").await?;
    let store = Arc::new(PostgresStore::connect(&config(&url))?);
    assert_eq!(store.fence(SERVICE).await?, None);
    postgres
        .connect("cart")
        .await?
        .batch_execute("CREATE SCHEMA dualwrite")
        .await?;
    assert_eq!(store.fence(SERVICE).await?, None);
    Ok(())
}
