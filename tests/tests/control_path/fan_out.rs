//! How a change reaches the fleet and those who watch.

use dualwrite_proto::v1::{self, Phase};
use dualwrite_tests::eventually::ends;
use dualwrite_tests::{Operator, Scene, eventually};

/// A change of one flag.
fn batch_size(size: u32, wait: bool) -> v1::UpdateFlagsRequest {
    v1::UpdateFlagsRequest {
        name: "cart".into(),
        flags: Some(v1::Flags {
            batch_size: size,
            ..v1::Flags::default()
        }),
        update_mask: Some(prost_types::FieldMask {
            paths: vec!["batch_size".into()],
        }),
        wait,
        ..v1::UpdateFlagsRequest::default()
    }
}

async fn set(operator: &Operator, size: u32, wait: bool) -> v1::Migration {
    let request = batch_size(size, wait);
    let answer = operator.api().update_flags(request).await.unwrap();
    answer.into_inner().migration.unwrap()
}

async fn sidecars(operator: &Operator) -> Vec<v1::Sidecar> {
    let request = v1::ListSidecarsRequest {
        name: "cart".into(),
    };
    let answer = operator.api().list_sidecars(request).await.unwrap();
    answer.into_inner().sidecars
}

/// The revision that each sidecar acknowledged.
async fn acked(operator: &Operator) -> Vec<u64> {
    let sidecars = sidecars(operator).await;
    assert!(sidecars.iter().all(|sidecar| sidecar.live), "{sidecars:?}");
    sidecars
        .iter()
        .map(|sidecar| sidecar.revision_acked)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_answered_when_all_live_sidecars_follow() {
    let scene = Scene::set(false, 2).await.unwrap();
    let operator = &scene.operator;
    for size in 1..=20 {
        let migration = set(operator, size, true).await;
        assert_eq!(
            acked(operator).await,
            [migration.revision; 2],
            "batch size {size}"
        );
        let health = migration.health.unwrap();
        assert_eq!((health.live_sidecars, health.acked_sidecars), (2, 2));
    }
    for to in [Phase::DualWrite, Phase::LegacyOnly, Phase::DualWrite] {
        operator.phase(to, "to and fro").await.unwrap();
        let revision = operator.migration().await.unwrap().revision;
        assert_eq!(acked(operator).await, [revision; 2], "{to:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_not_answered_while_a_live_sidecar_stays_behind() {
    let mut scene = Scene::set(false, 2).await.unwrap();
    let operator = scene.operator.clone();
    scene.fleet.sidecar(1).unwrap().sigstop().unwrap();
    let waiting = tokio::spawn({
        let operator = operator.clone();
        async move { set(&operator, 77, true).await }
    });
    eventually("the other one follows", async || {
        let sidecars = sidecars(&operator).await;
        let first = sidecars.iter().find(|one| one.instance == "sidecar-0");
        first.is_some_and(|one| one.revision_acked == 2)
    })
    .await;
    // Asked in this order: who is live afterwards was live before.
    let answered = waiting.is_finished();
    let fleet = sidecars(&operator).await;
    let behind = fleet
        .iter()
        .find(|one| one.instance == "sidecar-1")
        .unwrap();
    assert_eq!(behind.revision_acked, 1);
    assert!(!(answered && behind.live), "answered although {behind:?}");

    scene.fleet.sidecar(1).unwrap().sigcont().unwrap();
    let migration = ends("the wait", waiting).await.unwrap();
    assert_eq!(migration.revision, 2);
    operator.followed_by(2).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_comes_to_those_who_watch_without_being_asked_for() {
    let scene = Scene::set(false, 2).await.unwrap();
    let request = v1::WatchMigrationRequest {
        name: "cart".into(),
    };
    let watch = scene.operator.api().watch_migration(request).await;
    let mut looks = watch.unwrap().into_inner();
    let mut next = async |what: &str, holds: &dyn Fn(&v1::Migration) -> bool| {
        let told = async {
            loop {
                let look = looks.message().await.unwrap().unwrap();
                let migration = look.migration.unwrap();
                if holds(&migration) {
                    return migration;
                }
            }
        };
        ends(what, told).await
    };
    let first = next("the first look", &|_| true).await;
    assert_eq!(first.revision, 1, "it comes at once");

    set(&scene.operator, 88, false).await;
    let all_follow = |migration: &v1::Migration| {
        let acked = migration
            .health
            .as_ref()
            .map(|health| health.acked_sidecars);
        migration.revision == 2 && acked == Some(2)
    };
    let changed = next("a flag, and that all follow", &all_follow).await;
    assert_eq!(changed.spec.unwrap().flags.unwrap().batch_size, 88);

    let request = v1::TransitionMigrationRequest {
        name: "cart".into(),
        to: Phase::DualWrite.into(),
        ..v1::TransitionMigrationRequest::default()
    };
    scene
        .operator
        .api()
        .transition_migration(request)
        .await
        .unwrap();
    let there = |migration: &v1::Migration| {
        migration.phase() == Phase::DualWrite && migration.transition.is_none()
    };
    let moved = next("the phase", &there).await;
    assert!(moved.epoch > first.epoch);
}
