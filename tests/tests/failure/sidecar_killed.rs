//! Sidecars and databases that are killed under load.

use dualwrite_proto::v1::Phase;
use dualwrite_tests::cart::Databases;
use dualwrite_tests::workload::Workload;
use dualwrite_tests::{Scene, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn sidecars_killed_again_and_again_lose_nothing_that_was_acknowledged() {
    let mut scene = Scene::dual_write(true, 2).await.unwrap();
    let workload = Workload::start(8, &scene.sidecar_urls().unwrap()).unwrap();
    for turn in 0..6 {
        let before = workload.memory().acknowledged;
        eventually("writes go on", async || {
            workload.memory().acknowledged > before + 50
        })
        .await;
        scene
            .fleet
            .sidecar(turn % 2)
            .unwrap()
            .kill9()
            .await
            .unwrap();
        scene.fleet.restart_sidecar(turn % 2).await.unwrap();
        if turn == 3 {
            scene.operator.followed_by(2).await.unwrap();
            scene
                .operator
                .phase(Phase::NewPrimary, "between two kills")
                .await
                .unwrap();
        }
    }
    let memory = workload.stop().await.unwrap();
    assert_eq!(memory.failures, Vec::<String>::new());
    scene.check(&memory).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secondary_that_dies_fails_no_write_and_catches_up() {
    let mut scene = Scene::dual_write(true, 2).await.unwrap();
    let workload = Workload::start(4, &scene.sidecar_urls().unwrap()).unwrap();
    for _ in 0..3 {
        let before = workload.memory().acknowledged;
        eventually("writes go on", async || {
            workload.memory().acknowledged > before + 50
        })
        .await;
        let Databases::Postgres { new, .. } = &mut scene.databases else {
            panic!("PostgreSQL")
        };
        new.kill9().await.unwrap();
        let before = workload.memory().acknowledged;
        eventually("writes go on alone", async || {
            workload.memory().acknowledged > before + 100
        })
        .await;
        let Databases::Postgres { new, .. } = &mut scene.databases else {
            panic!("PostgreSQL")
        };
        new.restart().await.unwrap();
    }
    let memory = workload.stop().await.unwrap();
    assert_eq!(memory.failures, Vec::<String>::new());
    scene.check(&memory).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_paused_through_a_flip_is_refused_and_follows() {
    let mut scene = Scene::dual_write(true, 2).await.unwrap();
    let urls = scene.sidecar_urls().unwrap();
    let workload = Workload::start(4, &urls).unwrap();
    eventually("writes go on", async || workload.memory().acknowledged > 50).await;
    scene.fleet.sidecar(1).unwrap().sigstop().unwrap();
    scene
        .operator
        .reported("it is seen as silent", |health| health.live_sidecars == 1)
        .await
        .unwrap();
    scene
        .operator
        .phase(Phase::NewPrimary, "while one of them sleeps")
        .await
        .unwrap();
    scene.fleet.sidecar(1).unwrap().sigcont().unwrap();
    scene.operator.followed_by(2).await.unwrap();
    let before = workload.memory().acknowledged;
    eventually("writes go on", async || {
        workload.memory().acknowledged > before + 50
    })
    .await;
    let memory = workload.stop().await.unwrap();
    assert_eq!(memory.failures, Vec::<String>::new());
    scene.check(&memory).await.unwrap();
}
