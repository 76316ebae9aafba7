//! The control plane is killed in the middle of what it does.

use dualwrite_proto::v1::{self, JobState, Phase};
use dualwrite_tests::cart::{self, CARTS, ITEMS_PER_CART, USERS, WISHES};
use dualwrite_tests::workload::Workload;
use dualwrite_tests::{Operator, Scene, eventually};
use serde_json::Value;

use crate::command_line::{CommandLine, OPERATOR};

async fn only_job(operator: &Operator) -> Result<v1::Job, String> {
    let request = v1::ListJobsRequest {
        name: "cart".into(),
    };
    let answer = operator.api().list_jobs(request).await;
    let jobs = answer
        .map_err(|status| status.to_string())?
        .into_inner()
        .jobs;
    jobs.into_iter().next().ok_or_else(|| "no job".to_owned())
}

async fn kill_and_restart(scene: &mut Scene) {
    scene.fleet.control_plane().unwrap().kill9().await.unwrap();
    scene.fleet.restart_control_plane().await.unwrap();
}

/// Waits until no transition is under way any more.
async fn settled(operator: &Operator) -> v1::Migration {
    eventually("the transition ends", async || {
        let migration = operator
            .migration()
            .await
            .map_err(|error| error.to_string())?;
        match migration.transition {
            Some(transition) => Err(format!("{transition:?}")),
            None => Ok(migration),
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_goes_on_and_the_one_who_watches_it_sees_its_end() {
    let mut scene = Scene::set(false, 2).await.unwrap();
    let dualwrite = CommandLine::at(&scene.fleet.control_plane_url());
    dualwrite
        .run("phase advance cart --wait --reason opened")
        .await
        .ended(0);
    let line = "backfill start cart --watch --max-rows-per-second 2000 --reason filled";
    let mut watching = dualwrite.program(line).start().unwrap();
    eventually("some rows are copied", async || {
        let job = only_job(&scene.operator).await?;
        if job.rows_done > 0 {
            Ok(())
        } else {
            Err(format!("{job:?}"))
        }
    })
    .await;
    scene.fleet.control_plane().unwrap().kill9().await.unwrap();
    let rows = CARTS + CARTS * ITEMS_PER_CART + WISHES + USERS;
    let copied: u64 = count_new(&scene).await;
    assert!(
        copied < rows,
        "it was killed in the middle: {copied} of {rows}"
    );
    scene.fleet.restart_control_plane().await.unwrap();

    let ended = watching.wait().await.unwrap();
    let said = watching.log_tail();
    assert_eq!(ended.code(), Some(0), "{said}");
    assert!(said.contains("connection lost"), "{said}");
    let job = only_job(&scene.operator).await.unwrap();
    assert_eq!(job.state(), JobState::Done, "{job:?}");
    assert_eq!(
        (job.shards_done, job.actor.as_str()),
        (job.shards_total, OPERATOR)
    );
    for compared in cart::compare(&scene.databases).await.unwrap() {
        assert_eq!(compared.differences, 0, "{}", compared.report);
    }
    let health = scene.operator.migration().await.unwrap().health.unwrap();
    assert!(health.backfill_complete);
}

async fn count_new(scene: &Scene) -> u64 {
    let query = "SELECT (SELECT count(*) FROM carts) + (SELECT count(*) FROM cart_items) \
                 + (SELECT count(*) FROM wishlist_items) + (SELECT count(*) FROM users)";
    let rows = scene
        .databases
        .query(cart::Which::New, query)
        .await
        .unwrap();
    rows[0][0].as_deref().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transition_ends_as_it_was_meant_to() {
    let mut scene = Scene::dual_write(false, 2).await.unwrap();
    let dualwrite = CommandLine::at(&scene.fleet.control_plane_url());

    // Nobody could begin to execute it before the control plane is killed.
    for number in [0, 1] {
        scene.fleet.sidecar(number).unwrap().sigstop().unwrap();
    }
    let begun = dualwrite
        .run("phase advance cart --reason begun")
        .await
        .ended(0);
    assert!(begun.err.contains("begun"), "{begun:#?}");
    scene.fleet.control_plane().unwrap().kill9().await.unwrap();
    for number in [0, 1] {
        scene.fleet.sidecar(number).unwrap().sigcont().unwrap();
    }
    scene.fleet.restart_control_plane().await.unwrap();
    assert_eq!(settled(&scene.operator).await.phase(), Phase::NewPrimary);
    scene.operator.followed_by(2).await.unwrap();

    // Under writers, whoever executes it may be anywhere in it.
    let workload = Workload::start(4, &scene.sidecar_urls().unwrap()).unwrap();
    for (verb, phase) in [
        ("rollback", Phase::DualWrite),
        ("advance", Phase::NewPrimary),
    ] {
        let before = workload.memory().acknowledged;
        eventually("writes go on", async || {
            workload.memory().acknowledged > before + 50
        })
        .await;
        dualwrite
            .run(&format!("phase {verb} cart --reason meanwhile"))
            .await
            .ended(0);
        kill_and_restart(&mut scene).await;
        assert_eq!(settled(&scene.operator).await.phase(), phase);
        scene.operator.followed_by(2).await.unwrap();
    }
    let memory = workload.stop().await.unwrap();
    assert_eq!(memory.failures, Vec::<String>::new());
    scene.check(&memory).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn history_keeps_who_when_and_why_and_a_restore_brings_back_flags_alone() {
    let mut scene = Scene::set(false, 1).await.unwrap();
    let dualwrite = CommandLine::at(&scene.fleet.control_plane_url());
    dualwrite
        .run("flags set cart batch_size=33 read_new_percent=5 --wait --reason tuned")
        .await
        .ended(0);
    dualwrite
        .run("phase advance cart --wait --reason opened")
        .await
        .ended(0);
    dualwrite
        .run("backfill start cart --watch --reason filled")
        .await
        .ended(0);
    dualwrite
        .run("flags set cart batch_size=44 --wait --reason again")
        .await
        .ended(0);
    kill_and_restart(&mut scene).await;
    scene.operator.followed_by(1).await.unwrap();
    let restored = dualwrite.json("restore cart 2 --reason regretted").await;
    assert_eq!(
        (&restored["flags"]["batch_size"], &restored["phase"]),
        (&33.into(), &"dual_write".into())
    );
    scene.operator.followed_by(1).await.unwrap();
    kill_and_restart(&mut scene).await;

    check_history(&dualwrite).await;
    let flags = dualwrite.json("flags get cart").await;
    assert_eq!(
        (&flags["batch_size"], &flags["read_new_percent"]),
        (&33.into(), &5.into())
    );
    assert_eq!(dualwrite.json("status cart").await["phase"], "dual_write");
}

/// Every change, oldest first: who, when and why.
async fn check_history(dualwrite: &CommandLine) {
    let history = dualwrite.json("history cart").await;
    let events: Vec<&Value> = history.as_array().unwrap().iter().rev().collect();
    let told: Vec<(&str, &str)> = events
        .iter()
        .map(|event| {
            (
                event["kind"].as_str().unwrap(),
                event["reason"].as_str().unwrap_or_default(),
            )
        })
        .collect();
    let expected = [
        ("applied", ""),
        ("flags_changed", "tuned"),
        ("transition_started", "opened"),
        ("transition_done", "opened"),
        ("job_started", "filled"),
        ("job_done", "filled"),
        ("flags_changed", "again"),
        ("restored", "regretted"),
    ];
    assert_eq!(told, expected);
    let times: Vec<&str> = events
        .iter()
        .map(|event| event["time"].as_str().unwrap())
        .collect();
    assert!(
        times.is_sorted() && times.iter().all(|time| time.starts_with("20")),
        "{times:?}"
    );
    let revisions: Vec<u64> = events
        .iter()
        .map(|event| event["revision"].as_u64().unwrap())
        .collect();
    assert!(revisions.is_sorted(), "{revisions:?}");
    for event in events.iter().skip(1) {
        assert_eq!(event["actor"], OPERATOR, "{event}");
    }
}
