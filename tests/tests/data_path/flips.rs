//! Changes of primary under load.

use dualwrite_proto::v1::Phase;
use dualwrite_tests::workload::Workload;
use dualwrite_tests::{Scene, eventually};

/// Flips `times` times back and forth under so many writers; no write may
/// fail and nothing acknowledged may be missing.
async fn flip_under_writers(postgres: bool, writers: u64, times: u32) {
    let scene = Scene::dual_write(postgres, 2).await.unwrap();
    let workload = Workload::start(writers, &scene.sidecar_urls().unwrap()).unwrap();
    for turn in 0..times {
        let before = workload.memory().acknowledged;
        // Each flip happens in the middle of writes, not before the first.
        eventually("writes go on", async || {
            workload.memory().acknowledged > before + 50
        })
        .await;
        let to = if turn % 2 == 0 {
            Phase::NewPrimary
        } else {
            Phase::DualWrite
        };
        scene.operator.phase(to, "back and forth").await.unwrap();
    }
    let memory = workload.stop().await.unwrap();
    assert_eq!(memory.failures, Vec::<String>::new());
    scene.check(&memory).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_flips_under_sixteen_writers_on_postgresql_lose_and_fail_nothing() {
    flip_under_writers(true, 16, 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn six_flips_under_four_writers_on_sqlite_lose_and_fail_nothing() {
    flip_under_writers(false, 4, 6).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_see_every_phase_forward_and_back_and_notice_nothing() {
    let scene = Scene::set(true, 2).await.unwrap();
    let workload = Workload::start(4, &scene.sidecar_urls().unwrap()).unwrap();
    scene
        .operator
        .phase(Phase::DualWrite, "forward")
        .await
        .unwrap();
    scene.operator.backfill().await.unwrap();
    let path = [
        Phase::NewPrimary,
        Phase::NewOnly,
        Phase::NewPrimary,
        Phase::DualWrite,
        Phase::LegacyOnly,
        Phase::DualWrite,
    ];
    for to in path {
        let before = workload.memory().acknowledged;
        eventually("writes go on", async || {
            workload.memory().acknowledged > before + 20
        })
        .await;
        scene
            .operator
            .reported("few markers are left", |health| health.markers < 1_000)
            .await
            .unwrap();
        scene.operator.phase(to, "every phase").await.unwrap();
    }
    let memory = workload.stop().await.unwrap();
    assert_eq!(memory.failures, Vec::<String>::new());
    scene.check(&memory).await.unwrap();
}
