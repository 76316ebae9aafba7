//! `dualwrite test NAME`: through the control plane and a sidecar to both
//! databases, in every phase; with a side down, and with the sidecar killed in
//! the middle.

use std::collections::BTreeSet;

use dualwrite_proto::v1::Phase;
use dualwrite_proto::v1::retirement::State;
use dualwrite_tests::cart::{Databases, ENTITIES, Which, manifest_of};
use dualwrite_tests::process::Program;
use dualwrite_tests::{Scene, eventually};
use serde_json::Value;

use crate::command_line::CommandLine;

/// The service's own tables, on each side.
const TABLES: [(Which, &[&str]); 2] = [
    (
        Which::Legacy,
        &[
            "shop_carts",
            "shop_cart_items",
            "shop_wishlists",
            "shop_user_cache",
        ],
    ),
    (
        Which::New,
        &["carts", "cart_items", "wishlist_items", "users"],
    ),
];

const PLAIN: [&str; 1] = ["plain"];
const BOTH: [&str; 3] = ["async", "sync", "strict"];

/// The keys of an object.
fn keys(object: &Value) -> BTreeSet<&str> {
    let object = object.as_object().unwrap();
    object.keys().map(String::as_str).collect()
}

/// The report, key for key, with the names of its tests.
fn names(report: &Value) -> Vec<&str> {
    assert_eq!(keys(report), BTreeSet::from(["summary", "test_results"]));
    let summary = [
        "failed_tests",
        "passed_tests",
        "success_rate",
        "total_tests",
    ];
    assert_eq!(keys(&report["summary"]), BTreeSet::from(summary));
    let results = report["test_results"].as_array().unwrap();
    let each = results.iter().map(|result| {
        let known = BTreeSet::from(["details", "success", "test_name"]);
        assert_eq!(keys(result), known);
        let mut details = keys(&result["details"]);
        let failed = details.remove("error");
        assert_eq!(failed, result["success"] == false, "{result}");
        let known = BTreeSet::from(["legacy_db_success", "new_db_success", "sync_validated"]);
        assert_eq!(details, known);
        result["test_name"].as_str().unwrap()
    });
    each.collect()
}

/// Every probe passed, in these modes, and held its row exactly where it should.
fn passed(report: &Value, modes: &[&str], legacy: bool, new: bool) {
    let expected: Vec<String> = ENTITIES
        .iter()
        .flat_map(|entity| {
            modes
                .iter()
                .map(move |mode| format!("cart_{entity}_{mode}"))
        })
        .collect();
    assert_eq!(names(report), expected);
    for result in report["test_results"].as_array().unwrap() {
        assert_eq!(result["success"], true, "{result}");
        assert_eq!(result["details"]["legacy_db_success"], legacy, "{result}");
        assert_eq!(result["details"]["new_db_success"], new, "{result}");
        assert_eq!(result["details"]["sync_validated"], true, "{result}");
    }
    assert_eq!(report["summary"]["failed_tests"], 0);
    assert_eq!(report["summary"]["success_rate"], 100.0);
    assert_eq!(report["summary"]["total_tests"], expected.len());
}

fn ours(scene: &Scene, kind: &str, entity: &str) -> String {
    match scene.databases {
        Databases::Postgres { .. } => format!("dualwrite.\"{kind}_cart_{entity}\""),
        Databases::Sqlite { .. } => format!("\"dualwrite_{kind}_cart_{entity}\""),
    }
}

async fn count(scene: &Scene, which: Which, table: &str) -> String {
    let query = format!("SELECT count(*) FROM {table}");
    let rows = scene.databases.query(which, &query).await.unwrap();
    rows[0][0].clone().unwrap()
}

/// Every row of the service, on both sides.
async fn rows(scene: &Scene) -> String {
    let mut all = Vec::new();
    for (which, tables) in TABLES {
        for table in tables {
            let query = format!("SELECT * FROM {table} ORDER BY 1, 2");
            let rows = scene.databases.query(which, &query).await.unwrap();
            all.push(format!("{table}: {rows:?}"));
        }
    }
    all.join("\n")
}

/// No probe's row is left, and no marker of one where the other side follows.
async fn nothing_is_left(scene: &Scene, markers: bool) {
    for entity in ENTITIES {
        nothing_of(scene, entity, markers).await;
    }
}

async fn nothing_of(scene: &Scene, entity: &str, markers: bool) {
    let rows = ours(scene, "probe", entity);
    let outbox = ours(scene, "outbox", &format!("probe-{entity}"));
    for which in [Which::Legacy, Which::New] {
        for table in [Some(&rows), markers.then_some(&outbox)]
            .into_iter()
            .flatten()
        {
            eventually(&format!("{table} on {which:?} is empty"), async || {
                let left = count(scene, which, table).await;
                if left == "0" { Ok(()) } else { Err(left) }
            })
            .await;
        }
    }
}

/// What `curl` prints.
async fn curl(arguments: &[&str]) -> String {
    let program = Program::of_the_system("curl").args(["--silent", "--show-error"]);
    let output = program.args(arguments.iter().copied()).run().await.unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn http_of(scene: &mut Scene, number: usize) -> String {
    let ready = scene.fleet.sidecar(number).unwrap().ready().clone();
    format!("http://{}", ready.http.unwrap())
}

async fn every_phase(postgres: bool) {
    let mut scene = Scene::set(postgres, 2).await.unwrap();
    let dualwrite = CommandLine::at(&scene.fleet.control_plane_url());
    for (phase, modes, legacy, new) in [
        (Phase::LegacyOnly, &PLAIN[..], true, false),
        (Phase::DualWrite, &BOTH, true, true),
        (Phase::NewPrimary, &BOTH, true, true),
        (Phase::NewOnly, &PLAIN, false, true),
    ] {
        if phase != Phase::LegacyOnly {
            scene.operator.phase(phase, "on to the next").await.unwrap();
        }
        if phase == Phase::DualWrite {
            scene.operator.backfill().await.unwrap();
            scene.converged().await.unwrap();
        }
        let before = rows(&scene).await;
        passed(&dualwrite.json("test cart").await, modes, legacy, new);

        // The same over HTTP, by a client that knows nothing of us.
        let http = http_of(&mut scene, 1);
        let operation = format!("{http}/dual-write/test-operation");
        let report = curl(&["--request", "POST", &operation]).await;
        passed(&serde_json::from_str(&report).unwrap(), modes, legacy, new);

        // Markers of the last phase are kept for the way back.
        nothing_is_left(&scene, phase != Phase::NewOnly).await;
        assert_eq!(rows(&scene).await, before, "the service's own rows");
    }
    // Nothing of it was counted: nobody else wrote anything.
    for number in 0..2 {
        let http = http_of(&mut scene, number);
        let figures = curl(&[&format!("{http}/metrics")]).await;
        assert!(!figures.contains("probe"), "{figures}");
        let written = figures.lines().filter(|line| {
            line.starts_with("dualwrite_operations_total") && line.contains(r#"side="legacy""#)
        });
        assert_eq!(written.count(), 0, "{figures}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_phase_on_postgresql_is_probed_by_command_and_over_http() {
    every_phase(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_phase_on_sqlite_is_probed_by_command_and_over_http() {
    every_phase(false).await;
}

/// With the secondary down, the primary holds each row and the other side is
/// still pending.
async fn fails_on(dualwrite: &CommandLine, down: &str) {
    let said = dualwrite.run("test cart -o json").await.ended(1);
    let report = said.data();
    assert_eq!(names(&report).len(), 3);
    assert_eq!(report["summary"]["passed_tests"], 0, "{report}");
    for result in report["test_results"].as_array().unwrap() {
        let details = &result["details"];
        let error = details["error"].as_str().unwrap();
        assert!(error.contains(down), "{result}");
        assert_eq!(details["sync_validated"], false, "{result}");
        assert_eq!(details[format!("{down}_db_success")], false, "{result}");
        let other = if down == "new" { "legacy" } else { "new" };
        let strict = result["test_name"].as_str().unwrap().ends_with("_strict");
        // Strict takes both back.
        assert_eq!(details[format!("{other}_db_success")], !strict, "{result}");
    }
}

async fn while_down(down: &'static str, phase: &'static str) {
    let databases = Databases::create(true).await.unwrap();
    // One entity: each of its probes waits in vain for as long as it may.
    let manifest = manifest_of("cart", phase, &["cart"]);
    let mut scene = Scene::of(&manifest, databases, 1).await.unwrap();
    let dualwrite = CommandLine::at(&scene.fleet.control_plane_url());
    passes(&dualwrite).await;
    let Databases::Postgres { legacy, new } = &mut scene.databases else {
        panic!("PostgreSQL")
    };
    let server = if down == "new" { new } else { legacy };
    server.kill9().await.unwrap();
    fails_on(&dualwrite, down).await;
    server.restart().await.unwrap();
    passes(&dualwrite).await;
    nothing_of(&scene, "cart", true).await;
}

async fn passes(dualwrite: &CommandLine) {
    eventually("every probe passes", async || {
        let said = dualwrite.run("test cart").await;
        if said.code == Some(0) {
            Ok(())
        } else {
            Err(said)
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_new_is_down_behind_legacy_its_probes_fail_and_name_it() {
    while_down("new", "dual_write").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_legacy_is_down_behind_new_its_probes_fail_and_name_it() {
    while_down("legacy", "new_primary").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_killed_in_a_probe_leaves_nothing_that_the_end_does_not_remove() {
    let mut scene = Scene::dual_write(true, 1).await.unwrap();
    let dualwrite = CommandLine::at(&scene.fleet.control_plane_url());
    let probe = ours(&scene, "probe", "cart");
    // The copy of the row waits for somebody who holds the table.
    let Databases::Postgres { new, .. } = &scene.databases else {
        panic!("PostgreSQL")
    };
    let holder = new.connect("cart").await.unwrap();
    let hold = format!("BEGIN; LOCK TABLE {probe} IN ACCESS EXCLUSIVE MODE");
    holder.batch_execute(&hold).await.unwrap();
    let mut testing = dualwrite.program("test cart").start().unwrap();
    eventually("the row is on legacy", async || {
        count(&scene, Which::Legacy, &probe).await == "1"
    })
    .await;
    scene.fleet.sidecar(0).unwrap().kill9().await.unwrap();
    holder.batch_execute("ROLLBACK").await.unwrap();
    let ended = testing.wait().await.unwrap();
    assert_eq!(ended.code(), Some(1), "{}", testing.log_tail());
    assert!(
        testing.log_tail().contains("no live sidecar"),
        "{}",
        testing.log_tail()
    );

    scene.fleet.restart_sidecar(0).await.unwrap();
    scene.operator.followed_by(1).await.unwrap();
    // It goes the way of every row whose writer died.
    eventually("the row is copied", async || {
        count(&scene, Which::New, &probe).await == "1"
    })
    .await;
    scene.converged().await.unwrap();
    // It stands in nobody's way. (A later run removes it, once it has been seen
    // standing for longer than any run takes.)
    passed(&dualwrite.json("test cart").await, &BOTH, true, true);
    assert_eq!(count(&scene, Which::Legacy, &probe).await, "1");
    for phase in [Phase::NewPrimary, Phase::NewOnly] {
        scene.operator.phase(phase, "to the end").await.unwrap();
    }
    let end = scene.operator.retire("the end").await.unwrap();
    assert_eq!(end.state(), State::Done, "{end:?}");
    for removal in &end.removals {
        assert_eq!(removal.left, Vec::<String>::new(), "{removal:?}");
        assert_eq!(removal.schema_before, removal.schema_after, "{removal:?}");
        assert!(
            removal
                .removed
                .iter()
                .any(|one| one.contains("probe_cart_cart")),
            "{removal:?}"
        );
    }
}
