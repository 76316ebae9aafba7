//! The end of a migration, under load and with everything killed in between.

use dualwrite_client::DualwriteClient;
use dualwrite_proto::v1::retirement::State;
use dualwrite_proto::v1::{Phase, Removal};
use dualwrite_tests::cart::Databases;
use dualwrite_tests::service::Which;
use dualwrite_tests::workload::Workload;
use dualwrite_tests::{Scene, eventually};

/// The whole schema of a database by its own means, nothing of ours involved.
async fn schema(databases: &Databases, which: Which) -> String {
    let url = databases.url(which);
    if matches!(databases, Databases::Postgres { .. }) {
        return dualwrite_tests::postgres::schema(&url).await.unwrap();
    }
    let query = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name";
    format!("{:?}", databases.query(which, query).await.unwrap())
}

/// A scene in `new_only` with the schemas from before anything was installed.
async fn at_the_end(postgres: bool, sidecars: u32) -> (Scene, [String; 2]) {
    let databases = Databases::create(postgres).await.unwrap();
    let before = [
        schema(&databases, Which::Legacy).await,
        schema(&databases, Which::New).await,
    ];
    let scene = Scene::over(databases, sidecars).await.unwrap();
    let operator = &scene.operator;
    let reason = "to the end";
    operator.phase(Phase::DualWrite, reason).await.unwrap();
    operator.backfill().await.unwrap();
    operator.phase(Phase::NewPrimary, reason).await.unwrap();
    operator.phase(Phase::NewOnly, reason).await.unwrap();
    (scene, before)
}

fn clean(removal: &Removal) -> bool {
    removal.left.is_empty() && removal.schema_before == removal.schema_after
}

async fn ends_under_writers(postgres: bool) {
    let (mut scene, before) = at_the_end(postgres, 2).await;
    let workload = Workload::start(4, &scene.sidecar_urls().unwrap()).unwrap();
    eventually("writes go on", async || workload.memory().acknowledged > 50).await;
    let end = scene
        .operator
        .retire("legacy is switched off")
        .await
        .unwrap();
    assert_eq!(end.state(), State::Done, "{end:?}");
    assert_eq!(end.removals.len(), 2);
    assert!(end.removals.iter().all(clean), "{end:?}");
    let told = workload.memory().acknowledged;
    eventually("writes go on", async || {
        workload.memory().acknowledged > told + 50
    })
    .await;
    let after = [
        schema(&scene.databases, Which::Legacy).await,
        schema(&scene.databases, Which::New).await,
    ];
    assert_eq!(after, before);

    // One after the other starts again, with no legacy database at all.
    for number in 0..2 {
        scene.fleet.forget_legacy(number).unwrap();
        scene.fleet.restart_sidecar(number).await.unwrap();
        let told = workload.memory().acknowledged;
        eventually("writes go on", async || {
            workload.memory().acknowledged > told + 50
        })
        .await;
    }
    let memory = workload.stop().await.unwrap();
    assert_eq!(memory.failures, Vec::<String>::new());
    memory.check_new(&scene.databases).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_on_postgresql_fails_no_write_and_leaves_both_schemas_as_they_were() {
    ends_under_writers(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_on_sqlite_fails_no_write_and_leaves_both_schemas_as_they_were() {
    ends_under_writers(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_waits_for_legacy_survives_every_kill_and_goes_on_by_itself() {
    let (mut scene, _) = at_the_end(true, 1).await;
    let Databases::Postgres { legacy, .. } = &mut scene.databases else {
        panic!("PostgreSQL")
    };
    legacy.kill9().await.unwrap();
    let end = scene.operator.retire("legacy is away").await.unwrap();
    assert_eq!(end.state(), State::Running, "{end:?}");
    assert!(end.waiting_for.contains("legacy"), "{end:?}");

    scene.fleet.control_plane().unwrap().kill9().await.unwrap();
    scene.fleet.sidecar(0).unwrap().kill9().await.unwrap();
    scene.fleet.restart_sidecar(0).await.unwrap();
    // From its disk alone it knows that the migration has ended.
    let client = DualwriteClient::connect(&scene.fleet.sidecar_url(0).unwrap()).unwrap();
    eventually("it reads without a control plane", async || {
        client.read("cart", [("id", 1_i64)]).send().await.is_ok()
    })
    .await;
    scene.fleet.restart_control_plane().await.unwrap();
    let again = scene.operator.phase(Phase::NewPrimary, "no way back");
    let refused = tokio::time::timeout(std::time::Duration::from_secs(1), again).await;
    assert!(
        !matches!(refused, Ok(Ok(_))),
        "a retired migration went back"
    );

    let Databases::Postgres { legacy, .. } = &mut scene.databases else {
        panic!("PostgreSQL")
    };
    legacy.restart().await.unwrap();
    let end = scene
        .operator
        .ended("it ends by itself", |end| end.state() == State::Done);
    let end = end.await.unwrap();
    assert!(end.removals.iter().all(clean), "{end:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_that_was_cut_off_is_refused_and_never_silently_without_fences() {
    let (mut scene, _) = at_the_end(true, 2).await;
    let url = scene.fleet.sidecar_url(1).unwrap();
    scene.fleet.sidecar(1).unwrap().sigstop().unwrap();
    let silent = scene
        .operator
        .reported("it is seen as silent", |health| health.live_sidecars == 1);
    silent.await.unwrap();
    let end = scene
        .operator
        .retire("while one of them sleeps")
        .await
        .unwrap();
    assert_eq!(end.state(), State::Done, "{end:?}");

    // It wakes up to a world without a control plane and without fences.
    scene.fleet.control_plane().unwrap().kill9().await.unwrap();
    scene.fleet.sidecar(1).unwrap().sigcont().unwrap();
    let client = DualwriteClient::connect(&url).unwrap();
    eventually("it is refused", async || {
        match client.read("cart", [("id", 1_i64)]).send().await {
            Ok(_) => Err("it reads".to_owned()),
            Err(error) => match error.to_string() {
                told if told.contains("no fence") => Ok(()),
                told => Err(told),
            },
        }
    })
    .await;

    // The control plane tells it of the end, and it serves.
    scene.fleet.restart_control_plane().await.unwrap();
    eventually("it reads", async || {
        client.read("cart", [("id", 1_i64)]).send().await.is_ok()
    })
    .await;
}
