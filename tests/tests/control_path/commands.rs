//! Every command on a real fleet: what machines read, what people read, and
//! where it is printed.

use dualwrite_tests::cart::{CARTS, ITEMS_PER_CART, USERS, WISHES};
use dualwrite_tests::{Scene, eventually};
use serde_json::{Value, json};

use crate::command_line::CommandLine;

/// The example's manifest, as operators give it.
const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/cart/cart.yaml");

/// All rows that legacy holds at the beginning.
const ROWS: u64 = CARTS + CARTS * ITEMS_PER_CART + WISHES + USERS;

#[tokio::test(flavor = "multi_thread")]
async fn machines_read_each_command_as_json_from_the_first_apply_to_new_primary() {
    let scene = Scene::set(false, 2).await.unwrap();
    let dualwrite = CommandLine::at(&scene.fleet.control_plane_url());
    look_around(&dualwrite).await;
    apply(&scene, &dualwrite).await;
    open_and_fill(&scene, &dualwrite).await;
    restore(&scene, &dualwrite).await;
    there_and_back(&dualwrite).await;
}

async fn look_around(dualwrite: &CommandLine) {
    let list = dualwrite.json("list").await;
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["name"], "cart");

    let status = dualwrite.json("status cart").await;
    assert_eq!(status["phase"], "legacy_only");
    assert_eq!(
        (&status["primary"], &status["secondary"]),
        (&json!("legacy"), &Value::Null)
    );
    assert_eq!(
        (&status["revision"], &status["epoch"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(status["health"]["live_sidecars"], 2);
    assert_eq!(
        status["entities"][0]["columns"][3]["convert"],
        "cents_to_decimal"
    );

    let phase = dualwrite.json("phase get cart").await;
    assert_eq!(
        (&phase["next"], &phase["previous"]),
        (&json!("dual_write"), &Value::Null)
    );

    let sidecars = dualwrite.json("sidecars cart").await;
    let names: Vec<&Value> = sidecars
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["instance"])
        .collect();
    assert_eq!(names, ["sidecar-0", "sidecar-1"]);
    for sidecar in sidecars.as_array().unwrap() {
        assert_eq!(
            (&sidecar["live"], &sidecar["revision_acked"]),
            (&json!(true), &json!(1))
        );
    }

    let history = dualwrite.json("history cart").await;
    assert_eq!(history[0]["kind"], "applied");
    assert_eq!(dualwrite.json("jobs cart").await, json!([]));
    assert_eq!(dualwrite.json("flags get cart").await["batch_size"], 100);
    let one = dualwrite.json("flags get cart secondary_timeout_ms").await;
    assert_eq!(one, json!({ "secondary_timeout_ms": "500" }));

    let checked = dualwrite.json(&format!("config check {MANIFEST}")).await;
    assert_eq!(
        (&checked["valid"], &checked["migration"]),
        (&json!(true), &json!("cart"))
    );
}

async fn apply(scene: &Scene, dualwrite: &CommandLine) {
    let again = dualwrite.json(&format!("apply -f {MANIFEST}")).await;
    assert_eq!(
        (&again["created"], &again["changed"]),
        (&json!(false), &json!(false))
    );

    let changed = scene.fleet.folder().join("changed.yaml");
    let text = std::fs::read_to_string(MANIFEST).unwrap();
    std::fs::write(&changed, text.replace("batch_size: 100", "batch_size: 150")).unwrap();
    let line = format!("apply -f {} --reason bigger", changed.display());
    let would = dualwrite.json(&format!("{line} --dry-run")).await;
    assert_eq!(
        (&would["dry_run"], &would["changed"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(
        dualwrite.json("status cart").await["revision"],
        1,
        "a dry run changes nothing"
    );
    let did = dualwrite.json(&line).await;
    assert_eq!(
        (&did["dry_run"], &did["changed"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(did["migration"]["flags"]["batch_size"], 150);
    scene.operator.followed_by(2).await.unwrap();
}

async fn open_and_fill(scene: &Scene, dualwrite: &CommandLine) {
    let opened = dualwrite
        .json("phase advance cart --wait --reason open")
        .await;
    assert_eq!(opened["transition"]["state"], "done");
    assert_eq!(opened["transition"]["reason"], "open");
    assert_eq!(
        (
            &opened["migration"]["phase"],
            &opened["migration"]["secondary"]
        ),
        (&json!("dual_write"), &json!("new"))
    );

    let flags = dualwrite
        .json("flags set cart batch_size=50 async_new=false --wait")
        .await;
    assert_eq!(
        (&flags["batch_size"], &flags["async_new"]),
        (&json!(50), &json!(false))
    );

    // Progress is no data: one document on standard output, lines on the other.
    let filled = dualwrite
        .run("backfill start cart --watch -o json")
        .await
        .ended(0);
    assert_eq!(filled.data()["state"], "done");
    assert_eq!(filled.data()["rows_done"], ROWS);
    assert!(filled.err.contains("backfill done"), "{filled:#?}");
    let jobs = dualwrite.json("jobs cart").await;
    assert_eq!(
        (&jobs[0]["kind"], &jobs[0]["state"]),
        (&json!("backfill"), &json!("done"))
    );
    let again = dualwrite.run("backfill pause cart").await;
    again.failed(1, "no backfill of cart is under way");

    scene.converged().await.unwrap();
    let checked = dualwrite.json("validate cart --key 7").await;
    assert_eq!(
        (&checked["entity"], &checked["verdict"]),
        (&json!("cart"), &json!("equal"))
    );
    let item = "validate cart --entity cart_item --key cart_id=1,product_id=100";
    assert_eq!(dualwrite.json(item).await["verdict"], "equal");
}

async fn restore(scene: &Scene, dualwrite: &CommandLine) {
    let restored = dualwrite.json("restore cart 1 --reason undo").await;
    assert_eq!(
        (
            &restored["flags"]["batch_size"],
            &restored["flags"]["async_new"]
        ),
        (&json!(100), &json!(true))
    );
    assert_eq!(
        restored["phase"], "dual_write",
        "a restore never changes the phase"
    );
    scene.operator.followed_by(2).await.unwrap();
}

async fn there_and_back(dualwrite: &CommandLine) {
    let there = dualwrite.json("phase set cart new_primary --wait").await;
    assert_eq!(
        (&there["migration"]["phase"], &there["migration"]["primary"]),
        (&json!("new_primary"), &json!("new"))
    );
    let steps = there["transition"]["steps"].as_array().unwrap();
    assert!(
        steps.iter().any(|step| step["name"] == "freeze"),
        "{steps:?}"
    );
    let back = dualwrite
        .json("phase rollback cart --wait --reason back")
        .await;
    assert_eq!(
        (&back["migration"]["phase"], &back["transition"]["reason"]),
        (&json!("dual_write"), &json!("back"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_tables_and_a_live_view_that_follows_each_change() {
    let scene = Scene::set(false, 1).await.unwrap();
    let dualwrite = CommandLine::at(&scene.fleet.control_plane_url());
    let tables = [
        ("list", "NAME"),
        ("status cart", "legacy_only"),
        ("phase get cart", "advance leads to dual_write"),
        ("sidecars cart", "sidecar-0"),
        ("history cart", "applied"),
        ("jobs cart", "There are no jobs"),
        ("flags get cart", "batch_size"),
        ("phase advance cart --dry-run", "1. open"),
        ("completions bash", "_dualwrite()"),
        ("completions zsh", "#compdef dualwrite"),
        ("completions fish", "complete -c dualwrite"),
        ("--help", "Exit codes: 0 done; 1 failed"),
        ("--version", "dualwrite "),
    ];
    for (line, shows) in tables {
        let said = dualwrite.run(line).await.ended(0);
        assert!(said.out.contains(shows), "{said:#?}");
        assert_eq!(said.err, "", "`{line}` has nothing to say but data");
    }
    let said = dualwrite
        .run("flags set cart batch_size=101")
        .await
        .ended(0);
    assert_eq!(
        said.err, "revision 2\n",
        "what is no data goes to standard error"
    );
    assert_eq!(
        dualwrite
            .run("flags set cart batch_size=102 -q")
            .await
            .ended(0)
            .err,
        ""
    );
    dualwrite.run("").await.ended(2);

    let view = dualwrite
        .program("status cart --watch -o json")
        .start()
        .unwrap();
    for revision in [3, 4] {
        eventually("the view shows the revision", async || {
            let lines = view.log_tail();
            let last = lines.lines().last().unwrap_or_default().to_owned();
            let look: Value = serde_json::from_str(&last).map_err(|_| last.clone())?;
            if look["migration"]["revision"] == revision {
                Ok(())
            } else {
                Err(last)
            }
        })
        .await;
        dualwrite
            .run(&format!("flags set cart batch_size={}", revision + 100))
            .await
            .ended(0);
    }
}
