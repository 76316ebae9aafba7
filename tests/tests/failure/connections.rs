//! What processes do with their connections: a database that goes and comes back, more callers than
//! connections, and roles that may do no more than `docs/security.md` says.

use anyhow::{Context as _, Result};
use dualwrite_client::{DualwriteClient, ErrorReason, Outcome, WriteReply, fields};
use dualwrite_proto::v1::Phase;
use dualwrite_tests::cart::{Databases, Which};
use dualwrite_tests::process::Program;
use dualwrite_tests::{Fleet, Operator, Postgres, Scene, eventually};

/// Longer than anything here takes, on whatever machine.
const PATIENCE: std::time::Duration = std::time::Duration::from_mins(1);

fn client(scene: &Scene) -> DualwriteClient {
    let builder = DualwriteClient::builder().endpoint(&scene.sidecar_urls().unwrap()[0]);
    builder.timeout(PATIENCE).connect().unwrap()
}

async fn visit(client: DualwriteClient, user: &str) -> Result<WriteReply, dualwrite_client::Error> {
    let key = fields! { id: user };
    let write = client.write().increment("user", key, fields! { visits: 1 });
    write.send().await
}

fn server(scene: &mut Scene, which: Which) -> &mut Postgres {
    let Databases::Postgres { legacy, new } = &mut scene.databases else {
        panic!("PostgreSQL was asked for")
    };
    match which {
        Which::Legacy => legacy,
        Which::New => new,
    }
}

/// Waits until `GET /dual-write/health` says this word, and this of one database.
async fn healthy(scene: &mut Scene, word: &str, side: &str, connected: bool) {
    eventually("its health is told", async || {
        let health = scene.page("/dual-write/health").await;
        let health = health.map_err(|error| error.to_string())?;
        let told = health["status"] == word && health["databases"][side]["connected"] == connected;
        if told {
            Ok(())
        } else {
            Err(health.to_string())
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_waits_for_a_primary_that_comes_back_and_happens_once() {
    let mut scene = Scene::dual_write(true, 1).await.unwrap();
    let client = client(&scene);
    server(&mut scene, Which::Legacy).kill9().await.unwrap();
    healthy(&mut scene, "unhealthy", "legacy", false).await;
    let waiting = tokio::spawn(visit(client.clone(), "user-9"));
    // It has met nobody at least once before the database is back.
    eventually("a failure is counted", async || {
        let page = scene.page("/dual-write/metrics").await.unwrap();
        page["entities"]["user"]["legacy"]["failures"].as_u64() > Some(0)
    })
    .await;
    server(&mut scene, Which::Legacy).restart().await.unwrap();
    let reply = waiting.await.unwrap().unwrap();
    assert_eq!(reply.row().unwrap().get::<i64>("visits").unwrap(), 1);
    healthy(&mut scene, "healthy", "legacy", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secondary_that_is_away_degrades_health_and_fails_nothing() {
    let mut scene = Scene::dual_write(true, 1).await.unwrap();
    let client = client(&scene);
    server(&mut scene, Which::New).kill9().await.unwrap();
    healthy(&mut scene, "degraded", "new", false).await;
    let reply = visit(client.clone(), "user-9").await.unwrap();
    assert_eq!(
        (reply.legacy, reply.new),
        (Outcome::Committed, Outcome::Pending)
    );
    server(&mut scene, Which::New).restart().await.unwrap();
    healthy(&mut scene, "healthy", "new", true).await;
    scene.converged().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_callers_share_few_connections_and_those_who_wait_are_told_of() {
    const CALLERS: usize = 24;
    let databases = Databases::create(true).await.unwrap();
    let few = [("DUALWRITE_MAX_CONNECTIONS", "2")];
    let mut scene = Scene::over_with(databases, 1, &few).await.unwrap();
    let client = client(&scene);
    let pool =
        scene.page("/dual-write/health").await.unwrap()["databases"]["legacy"]["pool"].clone();
    let max = pool["max"].as_i64().unwrap();
    assert!((2..=8).contains(&max), "{pool}");

    // Whoever holds this row holds up all of them.
    let mut beside = scene.beside(Which::Legacy).await.unwrap();
    let holder = beside.transaction().await.unwrap();
    let take = "SELECT 1 FROM shop_user_cache WHERE user_ref = 'user-9' FOR UPDATE";
    holder.batch_execute(take).await.unwrap();
    let calls: Vec<_> = (0..CALLERS)
        .map(|_| tokio::spawn(visit(client.clone(), "user-9")))
        .collect();
    eventually("callers wait for a connection", async || {
        let page = scene.page("/dual-write/health").await.unwrap();
        let pool = &page["databases"]["legacy"]["pool"];
        pool["waiting"].as_u64() > Some(0) && pool["in_use"].as_u64() >= Some(2)
    })
    .await;
    let watcher = scene.beside(Which::Legacy).await.unwrap();
    let open = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'dualwrite%'";
    let open: i64 = watcher.query_one(open, &[]).await.unwrap().get(0);
    assert!(open <= max, "{open} connections of {max}");
    holder.rollback().await.unwrap();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let visits = "SELECT visits FROM shop_user_cache WHERE user_ref = 'user-9'";
    let visits: i64 = watcher.query_one(visits, &[]).await.unwrap().get(0);
    assert_eq!(visits, i64::try_from(CALLERS).unwrap());
}

const SECURITY: &str = include_str!("../../../docs/security.md");

/// The statements of `docs/security.md` under this comment, for these tables.
fn grants(title: &str, tables: &str) -> String {
    let blocks = SECURITY.split("```sql\n");
    let mut found = blocks.filter(|block| block.starts_with(&format!("-- {title}")));
    let block = found.next().and_then(|block| block.split("```").next());
    let block = block.unwrap_or_else(|| panic!("docs/security.md has no block `{title}`"));
    block.replace("ON items ", &format!("ON {tables} "))
}

const TABLES: [(Which, &str, &str); 2] = [
    (
        Which::Legacy,
        "shop",
        "shop_carts, shop_cart_items, shop_wishlists, shop_user_cache",
    ),
    (
        Which::New,
        "cart",
        "carts, cart_items, wishlist_items, users",
    ),
];

/// The two databases with our tables in them and a role each that may do what the document says.
async fn under_roles() -> Result<Scene> {
    let databases = Databases::create(true).await?;
    for (which, database, _) in TABLES {
        let admin = dualwrite_tests::postgres::connect(&databases.url(which)).await?;
        let roles = format!(
            "CREATE ROLE cart_installer LOGIN; CREATE ROLE cart_sidecar LOGIN;
             REVOKE ALL ON SCHEMA public FROM public; REVOKE ALL ON DATABASE {database} FROM public;
             GRANT CONNECT ON DATABASE {database} TO cart_installer, cart_sidecar"
        );
        admin.batch_execute(&roles).await?;
        let install =
            grants("to install", "").replace("DATABASE cart", &format!("DATABASE {database}"));
        admin.batch_execute(&install).await?;
    }
    let url = |which, role: &str| {
        databases
            .url(which)
            .replace("postgres@", &format!("{role}@"))
    };
    let folder = tempfile::tempdir()?;
    let manifest = folder.path().join("cart.yaml");
    std::fs::write(&manifest, dualwrite_tests::cart::MANIFEST)?;
    let installed = Program::named("dualwrite-sidecar")?
        .args(["install", "--service", "cart", "--manifest"])
        .arg(manifest.as_os_str())
        .env("LEGACY_DATABASE_URL", url(Which::Legacy, "cart_installer"))
        .env("NEW_DATABASE_URL", url(Which::New, "cart_installer"))
        .run()
        .await?;
    let said = String::from_utf8_lossy(&installed.stderr).into_owned();
    anyhow::ensure!(installed.status.success(), "{said}");
    for (which, _, tables) in TABLES {
        let admin = dualwrite_tests::postgres::connect(&databases.url(which)).await?;
        admin.batch_execute(&grants("to run", tables)).await?;
    }
    let roles = [Which::Legacy, Which::New].map(|which| url(which, "cart_sidecar"));
    let [legacy, new] = roles;
    let fleet = Fleet::of("cart", legacy, new).start().await?;
    let operator = Operator::of("cart", &fleet.control_plane_url())?;
    operator.apply(dualwrite_tests::cart::MANIFEST).await?;
    let mut scene = Scene {
        fleet,
        operator,
        databases,
    };
    scene.fleet.add_sidecar().await?;
    scene.operator.followed_by(1).await?;
    Ok(scene)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_grants_carry_a_whole_migration() {
    let scene = under_roles().await.unwrap();
    let client = client(&scene);
    let path = [
        Phase::DualWrite,
        Phase::NewPrimary,
        Phase::NewOnly,
        Phase::NewPrimary,
    ];
    for (turn, to) in path.into_iter().enumerate() {
        scene.operator.phase(to, "with these grants").await.unwrap();
        visit(client.clone(), "user-9").await.unwrap();
        if turn == 0 {
            scene.operator.backfill().await.unwrap();
            scene
                .flags(&["async_new=false", "read_new_percent=50"])
                .await
                .unwrap();
            visit(client.clone(), "user-9").await.unwrap();
        }
        scene
            .operator
            .reported("few markers", |health| health.markers < 1_000)
            .await
            .unwrap();
    }
    scene.converged().await.unwrap();
    let tested = scene
        .dualwrite(&["test", "cart"])
        .unwrap()
        .run()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&tested.stdout).into_owned();
    assert!(tested.status.success(), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_is_missing_is_said_with_its_side_and_what_was_refused() {
    let scene = under_roles().await.unwrap();
    scene
        .operator
        .phase(Phase::DualWrite, "to see what is missing")
        .await
        .unwrap();
    scene.operator.backfill().await.unwrap();
    scene.flags(&["fail_on_new_error=true"]).await.unwrap();
    let client = client(&scene);
    for (which, table) in [(Which::Legacy, "shop_user_cache"), (Which::New, "users")] {
        let admin = scene.beside(which).await.unwrap();
        for missing in [
            format!("UPDATE ON {table}"),
            format!("SELECT ON {table}"),
            "INSERT ON dualwrite.receipt".to_owned(),
        ] {
            if which == Which::New && missing.contains("receipt") {
                continue; // A secondary keeps no receipts.
            }
            let revoke = format!("REVOKE {missing} FROM cart_sidecar");
            admin.batch_execute(&revoke).await.unwrap();
            let error = visit(client.clone(), "user-9").await.unwrap_err();
            assert_eq!(
                error.reason(),
                Some(ErrorReason::PermissionDenied),
                "{missing}: {error}"
            );
            let side = match which {
                Which::Legacy => dualwrite_client::Side::Legacy,
                Which::New => dualwrite_client::Side::New,
            };
            assert_eq!(error.side(), Some(side), "{missing}");
            let name = missing
                .rsplit(['.', ' '])
                .next()
                .context("a table")
                .unwrap();
            assert!(error.to_string().contains(name), "{missing}: {error}");
            assert!(!error.is_retryable(), "{missing}");
            admin
                .batch_execute(&format!("GRANT {missing} TO cart_sidecar"))
                .await
                .unwrap();
            visit(client.clone(), "user-9").await.unwrap();
        }
    }
    // What the doctor looks at are the tables of ours.
    let admin = scene.beside(Which::New).await.unwrap();
    let revoke = "REVOKE DELETE ON ALL TABLES IN SCHEMA dualwrite FROM cart_sidecar";
    admin.batch_execute(revoke).await.unwrap();
    let doctor = scene
        .dualwrite(&["doctor", "cart"])
        .unwrap()
        .run()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(
        said.contains("privileges") && said.contains("fence"),
        "{said}"
    );
    assert!(!doctor.status.success());
}
