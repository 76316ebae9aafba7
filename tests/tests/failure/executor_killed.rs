//! A flip whose executor is killed ends by itself.

use dualwrite_proto::v1::{Phase, TransitionMigrationRequest, TransitionState};
use dualwrite_tests::workload::Workload;
use dualwrite_tests::{Scene, eventually};

/// Starts a flip and kills whoever executes it, `after` so many of its steps
/// were reported.
async fn kill_the_executor(postgres: bool, after: usize, control_plane_too: bool) {
    let mut scene = Scene::dual_write(postgres, 2).await.unwrap();
    let workload = Workload::start(4, &scene.sidecar_urls().unwrap()).unwrap();
    eventually("writes go on", async || workload.memory().acknowledged > 50).await;
    let request = TransitionMigrationRequest {
        name: "cart".into(),
        to: Phase::NewPrimary.into(),
        reason: "its executor will be killed".into(),
        ..TransitionMigrationRequest::default()
    };
    scene
        .operator
        .api()
        .transition_migration(request)
        .await
        .unwrap();
    let executor = eventually("a step is reported, or all of them", async || {
        let migration = scene
            .operator
            .migration()
            .await
            .map_err(|error| error.to_string())?;
        match migration.transition {
            Some(transition)
                if transition.steps.len() >= after && !transition.executor.is_empty() =>
            {
                Ok(Some(transition.executor))
            }
            Some(transition) => Err(format!("{transition:?}")),
            None => Ok(None),
        }
    })
    .await;
    if control_plane_too {
        scene.fleet.control_plane().unwrap().kill9().await.unwrap();
    }
    let number = scene
        .fleet
        .sidecar_named(executor.as_deref().unwrap_or_default())
        .unwrap_or(0);
    scene.fleet.sidecar(number).unwrap().kill9().await.unwrap();
    scene.fleet.restart_sidecar(number).await.unwrap();
    if control_plane_too {
        scene.fleet.restart_control_plane().await.unwrap();
    }
    eventually("the flip ends one way or the other", async || {
        let migration = scene
            .operator
            .migration()
            .await
            .map_err(|error| error.to_string())?;
        let running = |state| matches!(state, TransitionState::Running | TransitionState::Aborting);
        match &migration.transition {
            Some(transition) if running(transition.state()) => Err(format!("{transition:?}")),
            Some(_) | None => Ok(()),
        }
    })
    .await;
    let before = workload.memory().acknowledged;
    eventually("writes go on", async || {
        workload.memory().acknowledged > before + 50
    })
    .await;
    let memory = workload.stop().await.unwrap();
    assert_eq!(memory.failures, Vec::<String>::new());
    scene.check(&memory).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flip_on_postgresql_whose_executor_is_killed_ends_by_itself() {
    for after in 0..3 {
        kill_the_executor(true, after, false).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flip_on_sqlite_whose_executor_is_killed_ends_by_itself() {
    kill_the_executor(false, 1, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flip_ends_by_itself_also_when_the_control_plane_is_killed_with_it() {
    kill_the_executor(true, 1, true).await;
}
