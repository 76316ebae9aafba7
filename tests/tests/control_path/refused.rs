//! What guards refuse, what a dry run tells, and differences that are found:
//! exit codes 3 and 4.

use dualwrite_proto::v1::Phase;
use dualwrite_tests::Scene;
use dualwrite_tests::cart::{Databases, MANIFEST};
use serde_json::{Value, json};

use crate::command_line::CommandLine;

/// What must be the same after a command that changes nothing. (What the fleet
/// reports may change at any time.)
async fn decided(dualwrite: &CommandLine) -> Value {
    let mut status = dualwrite.json("status cart").await;
    status.as_object_mut().unwrap().remove("health");
    let history = dualwrite.json("history cart").await;
    json!([status, history])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_ends_with_3_and_tells_guard_by_guard_what_to_do() {
    let scene = Scene::set(false, 2).await.unwrap();
    let dualwrite = CommandLine::at(&scene.fleet.control_plane_url());
    dualwrite.run("phase advance cart --wait").await.ended(0);
    scene.operator.measured(Phase::NewPrimary).await.unwrap();

    dry_run(&dualwrite).await;
    let refused = dualwrite.run("phase advance cart --reason early").await;
    refused.failed(3, "backfill_complete: measured not complete");
    let failure = dualwrite
        .run("phase advance cart --reason early -o json")
        .await
        .ended(3)
        .failure();
    assert_eq!(
        (&failure["reason"], &failure["exit_code"]),
        (&json!("GUARD_REFUSED"), &json!(3))
    );
    assert_eq!(failure["details"].as_array().unwrap().len(), 1);
    let status = dualwrite.json("status cart").await;
    assert_eq!(
        (&status["phase"], &status["transition"]),
        (&json!("dual_write"), &Value::Null)
    );
    let history = dualwrite.json("history cart").await;
    assert_eq!(
        (&history[0]["kind"], &history[0]["reason"]),
        (&json!("transition_refused"), &json!("early"))
    );
}

/// Every guard and every step, and nothing is changed.
async fn dry_run(dualwrite: &CommandLine) {
    let before = decided(dualwrite).await;
    let verdict = dualwrite
        .run("phase advance cart --dry-run -o json")
        .await
        .ended(3)
        .data();
    assert_eq!(verdict["permitted"], false);
    let guards = verdict["guards"].as_array().unwrap();
    let names: Vec<&str> = guards
        .iter()
        .map(|guard| guard["guard"].as_str().unwrap())
        .collect();
    let expected = [
        "no_other_transition",
        "no_running_job",
        "sidecars_live",
        "mapping_accepted",
        "revision_acked",
        "backfill_complete",
        "validation_clean",
        "markers_outstanding",
        "oldest_marker_age",
        "secondary_error_rate",
        "quarantine_empty",
    ];
    assert_eq!(names, expected, "a dry run tells every guard");
    let refusing: Vec<&Value> = guards
        .iter()
        .filter(|guard| guard["passed"] == false)
        .collect();
    assert_eq!(refusing.len(), 1, "{refusing:?}");
    assert_eq!(refusing[0]["guard"], "backfill_complete");
    assert!(
        refusing[0]["remedy"]
            .as_str()
            .unwrap()
            .contains("dualwrite backfill start")
    );
    assert_eq!(
        verdict["steps"],
        json!([
            "freeze",
            "drain",
            "sequences",
            "hand_over",
            "activate",
            "follow"
        ])
    );
    assert_eq!(
        decided(dualwrite).await,
        before,
        "a dry run changes nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_ends_with_4_and_names_the_columns() {
    let scene = Scene::dual_write(false, 2).await.unwrap();
    let dualwrite = CommandLine::at(&scene.fleet.control_plane_url());
    scene.converged().await.unwrap();
    let Databases::Sqlite { new, .. } = &scene.databases else {
        panic!("SQLite was asked for");
    };
    // Behind everybody's back, so that no marker stands.
    new.execute("UPDATE carts SET state = 'stolen', gift = 1 - gift WHERE id = 7")
        .await
        .unwrap();
    new.execute("DELETE FROM cart_items WHERE cart_id = 8")
        .await
        .unwrap();
    new.execute("INSERT INTO wishlist_items (user_id, product_id) VALUES ('nobody', 1)")
        .await
        .unwrap();
    let cases = [
        ("--key 7", "different", json!(["state", "gift"])),
        (
            "--entity cart_item --key cart_id=8,product_id=100",
            "missing_on_secondary",
            json!([]),
        ),
        (
            "--entity wishlist_item --key user_id=nobody,product_id=1",
            "extra_on_secondary",
            json!([]),
        ),
    ];
    for (key, verdict, columns) in cases {
        let found = dualwrite
            .run(&format!("validate cart {key} -o json"))
            .await
            .ended(4)
            .data();
        assert_eq!(
            (&found["verdict"], &found["columns"]),
            (&json!(verdict), &columns),
            "{key}"
        );
    }
    let said = dualwrite.run("validate cart --key 7").await.ended(4);
    assert_eq!(
        said.out,
        "cart  different: the rows differ in state, gift\n"
    );
    assert!(!said.out.contains("stolen"), "no value travels");
    for key in ["--key 9", "--key 999999999"] {
        dualwrite
            .run(&format!("validate cart {key}"))
            .await
            .ended(0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn force_with_a_reason_overrides_a_guard_and_is_in_the_history() {
    let scene = Scene::dual_write(false, 1).await.unwrap();
    let dualwrite = CommandLine::at(&scene.fleet.control_plane_url());
    let strict = scene.fleet.folder().join("strict.yaml");
    let guards = "  guards: { minSidecars: 3 }\n  entities:";
    std::fs::write(&strict, MANIFEST.replace("  entities:", guards)).unwrap();
    dualwrite
        .run(&format!("apply -f {}", strict.display()))
        .await
        .ended(0);
    scene.operator.followed_by(1).await.unwrap();

    let refused = dualwrite.run("phase advance cart").await;
    refused.failed(3, "sidecars_live: measured 1, expected at least 3");
    let forced = dualwrite
        .json("phase advance cart --wait --force --reason night")
        .await;
    assert_eq!(
        (
            &forced["transition"]["forced"],
            &forced["migration"]["phase"]
        ),
        (&json!(true), &json!("new_primary"))
    );
    let history = dualwrite.json("history cart").await;
    let events = history.as_array().unwrap();
    assert!(
        events
            .iter()
            .any(|event| event["kind"] == "transition_done" && event["reason"] == "night"),
        "{events:#?}"
    );
}
