//! The control plane is never in the data path.

use dualwrite_client::{DualwriteClient, fields};
use dualwrite_proto::v1::Phase;
use dualwrite_tests::proxy::Proxy;
use dualwrite_tests::workload::Workload;
use dualwrite_tests::{Scene, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_that_is_cut_off_keeps_serving_and_follows_a_flip_by_the_fences() {
    for postgres in [true, false] {
        let mut scene = Scene::dual_write(postgres, 1).await.unwrap();
        let target = scene.fleet.control_plane_url().replace("http://", "");
        let proxy = Proxy::to(&target).await.unwrap();
        let cut_off = scene.fleet.add_sidecar_via(&proxy.url()).await.unwrap();
        scene.operator.followed_by(2).await.unwrap();
        proxy.cut();
        scene
            .operator
            .reported("it is seen as gone", |health| health.live_sidecars == 1)
            .await
            .unwrap();

        let url = scene.fleet.sidecar_url(cut_off).unwrap();
        let workload = Workload::start(2, &[url]).unwrap();
        eventually("it serves", async || workload.memory().acknowledged > 20).await;
        scene
            .operator
            .phase(Phase::NewPrimary, "it does not hear of this")
            .await
            .unwrap();
        let before = workload.memory().acknowledged;
        eventually("it goes on", async || {
            workload.memory().acknowledged > before + 50
        })
        .await;
        let memory = workload.stop().await.unwrap();
        assert_eq!(memory.failures, Vec::<String>::new());
        scene.check(&memory).await.unwrap();

        proxy.heal();
        scene.operator.followed_by(2).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_sidecar_with_no_disk_starts_while_the_control_plane_is_down() {
    for postgres in [true, false] {
        let mut scene = Scene::dual_write(postgres, 1).await.unwrap();
        scene.fleet.control_plane().unwrap().kill9().await.unwrap();
        let new = scene.fleet.add_sidecar().await.unwrap();
        let client = DualwriteClient::connect(&scene.fleet.sidecar_url(new).unwrap()).unwrap();
        let values =
            fields! { id: 9_100_000, user_id: "user-1", state: "open", total: "2", gift: false };
        client.write().insert("cart", values).send().await.unwrap();
        let read = client
            .read("cart", fields! { id: 9_100_000 })
            .send()
            .await
            .unwrap();
        assert!(read.row.is_some());
        scene.converged().await.unwrap();
        scene.fleet.restart_control_plane().await.unwrap();
        scene.operator.followed_by(2).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_restarts_from_its_disk_while_the_control_plane_is_down() {
    let mut scene = Scene::dual_write(true, 2).await.unwrap();
    let workload = Workload::start(4, &scene.sidecar_urls().unwrap()).unwrap();
    eventually("writes go on", async || workload.memory().acknowledged > 50).await;
    scene.fleet.control_plane().unwrap().kill9().await.unwrap();
    for number in [0, 1] {
        scene.fleet.sidecar(number).unwrap().kill9().await.unwrap();
        scene.fleet.restart_sidecar(number).await.unwrap();
        let before = workload.memory().acknowledged;
        eventually("writes go on", async || {
            workload.memory().acknowledged > before + 50
        })
        .await;
    }
    let memory = workload.stop().await.unwrap();
    assert_eq!(memory.failures, Vec::<String>::new());
    scene.check(&memory).await.unwrap();
}
