//! `dualwrite doctor` on fleets that are not well: the finding is there, in its
//! place, with what to do about it.

use dualwrite_proto::v1::Phase;
use dualwrite_tests::cart::{Databases, MANIFEST, Which};
use dualwrite_tests::{Fleet, Operator, Postgres, Scene, eventually};
use serde_json::Value;

use crate::command_line::{CommandLine, Said};

/// What is looked at on the way to the sidecars, in order.
const CHAIN: [&str; 12] = [
    "clock",
    "control_plane",
    "store",
    "streams",
    "last_heard",
    "versions",
    "revisions",
    "mapping_accepted",
    "fence_equals_phase",
    "fence_equals_phase",
    "markers",
    "quarantine",
];

/// What a sidecar looks at on PostgreSQL, side by side.
const ON_POSTGRES: [&str; 16] = [
    "database_reachable",
    "pool",
    "server_version",
    "primary_node",
    "synchronous_commit",
    "fsync",
    "full_page_writes",
    "encoding",
    "client_connection_check",
    "time_outs",
    "session_settings",
    "privileges",
    "tls",
    "leftover_tables",
    "fence",
    "probes",
];

/// The findings of `dualwrite doctor …`, each with what to do where it is not
/// well.
fn findings(said: &Said) -> Vec<Value> {
    let found = said.data().as_array().unwrap().clone();
    for one in &found {
        let settled =
            one["severity"] == "ok" || one["detail"].as_str().unwrap().starts_with("not looked");
        assert!(settled || one["remedy"].is_string(), "no remedy: {one}");
    }
    found
}

fn names(found: &[Value]) -> Vec<&str> {
    found
        .iter()
        .map(|one| one["check"].as_str().unwrap())
        .collect()
}

/// The finding of a check on a side (or of none).
fn of<'a>(found: &'a [Value], check: &str, side: Option<&str>) -> &'a Value {
    let side = side.map_or(Value::Null, Value::from);
    let one = found
        .iter()
        .find(|one| one["check"] == check && one["side"] == side);
    one.unwrap_or_else(|| panic!("no {check} of {side}: {found:#?}"))
}

/// Asks until a finding is as it should be; answers all of that time.
async fn until_found(
    dualwrite: &CommandLine,
    (check, side): (&str, Option<&str>),
    severity: &str,
    says: &str,
) -> Vec<Value> {
    let what = format!("{check} is a {severity}");
    let said = eventually(&what, async || {
        let said = dualwrite.run("doctor cart -o json").await;
        let found = findings(&said);
        let one = of(&found, check, side);
        if one["severity"] == severity && one["detail"].as_str().unwrap().contains(says) {
            Ok(said)
        } else {
            Err(one.clone())
        }
    })
    .await;
    let code = if severity == "problem" {
        1
    } else {
        said.code.unwrap()
    };
    findings(&said.ended(code))
}

fn server(scene: &mut Scene, which: Which) -> &mut Postgres {
    let Databases::Postgres { legacy, new } = &mut scene.databases else {
        panic!("PostgreSQL")
    };
    match which {
        Which::Legacy => legacy,
        Which::New => new,
    }
}

async fn on_new(scene: &mut Scene, sql: &str) {
    let client = server(scene, Which::New).connect("cart").await.unwrap();
    client.batch_execute(sql).await.unwrap();
}

/// Connections keep the defaults with which they were opened.
async fn reconnect(scene: &mut Scene) {
    scene.fleet.restart_sidecar(0).await.unwrap();
    scene.operator.followed_by(1).await.unwrap();
}

#[expect(clippy::too_many_lines, reason = "one finding after the other")]
#[tokio::test(flavor = "multi_thread")]
async fn databases_that_are_not_well_are_found_in_order_with_what_to_do() {
    let mut scene = Scene::dual_write(true, 1).await.unwrap();
    let dualwrite = CommandLine::at(&scene.fleet.control_plane_url());

    // All is well, but for a server that a test has told not to sync.
    let found = until_found(&dualwrite, ("sidecar_ready", None), "ok", "").await;
    let expected: Vec<&str> = CHAIN
        .into_iter()
        .chain(["sidecar_ready"])
        .chain(ON_POSTGRES)
        .chain(ON_POSTGRES)
        .collect();
    assert_eq!(names(&found), expected);
    let not_well: Vec<&Value> = found.iter().filter(|one| one["severity"] != "ok").collect();
    assert!(
        not_well.iter().all(|one| one["check"] == "fsync"),
        "{not_well:#?}"
    );
    let store = of(&found, "store", None)["detail"].as_str().unwrap();
    assert!(
        store.contains("SQLite, schema 2, ") && store.ends_with(" KiB"),
        "{store}"
    );
    let versions = of(&found, "versions", None)["detail"].as_str().unwrap();
    assert!(versions.contains(env!("CARGO_PKG_VERSION")), "{versions}");
    for side in ["legacy", "new"] {
        let tls = of(&found, "tls", Some(side))["detail"].as_str().unwrap();
        assert!(tls.contains("clear text"), "{tls}");
    }

    // Durability is off for whoever does not ask for it: our sessions do.
    on_new(
        &mut scene,
        "ALTER DATABASE cart SET synchronous_commit = off",
    )
    .await;
    reconnect(&mut scene).await;
    let note = ("synchronous_commit", Some("new"));
    until_found(&dualwrite, note, "note", "off for everybody else").await;

    // Tables of an entity that is no more, and a row that a probe left.
    let left = "CREATE TABLE dualwrite.probe_cart_old (id int); \
                INSERT INTO dualwrite.probe_cart_cart SELECT (jsonb_populate_record( \
                NULL::dualwrite.probe_cart_cart, to_jsonb(c))).* FROM carts AS c LIMIT 1";
    on_new(&mut scene, left).await;
    let leftover = ("leftover_tables", Some("new"));
    let found = until_found(&dualwrite, leftover, "note", "probe_cart_old").await;
    let rows = of(&found, "probes", Some("new"));
    assert_eq!(rows["severity"], "note", "{rows}");
    assert!(
        rows["detail"].as_str().unwrap().starts_with("1 rows"),
        "{rows}"
    );
    on_new(&mut scene, "DROP TABLE dualwrite.probe_cart_old").await;

    // A database that is read-only by default is none to our sessions.
    let read_only = "ALTER DATABASE cart SET default_transaction_read_only = on";
    on_new(&mut scene, read_only).await;
    reconnect(&mut scene).await;
    let node = ("primary_node", Some("new"));
    let found = until_found(&dualwrite, node, "ok", "").await;
    assert_eq!(
        of(&found, "session_settings", Some("new"))["severity"],
        "ok"
    );
    dualwrite.run("test cart").await.ended(0);

    // A replica.
    server(&mut scene, Which::New)
        .become_replica()
        .await
        .unwrap();
    let found = until_found(&dualwrite, node, "problem", "replica").await;
    let remedy = of(&found, "primary_node", Some("new"))["remedy"]
        .as_str()
        .unwrap();
    assert!(remedy.contains("URL of the primary"), "{remedy}");

    // A server that is down: what hangs on it is said to be not looked at, and
    // the other side is looked at all the same.
    server(&mut scene, Which::New).kill9().await.unwrap();
    let away = ("database_reachable", Some("new"));
    let found = until_found(&dualwrite, away, "problem", "").await;
    let unasked = of(&found, "database_settings", Some("new"));
    assert!(
        unasked["detail"]
            .as_str()
            .unwrap()
            .starts_with("not looked at")
    );
    assert_eq!(
        of(&found, "database_reachable", Some("legacy"))["severity"],
        "ok"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fence_at_another_epoch_than_the_phase_is_found() {
    let scene = Scene::dual_write(true, 1).await.unwrap();
    let dualwrite = CommandLine::at(&scene.fleet.control_plane_url());
    let Databases::Postgres { legacy, .. } = &scene.databases else {
        panic!("PostgreSQL")
    };
    // As if an older copy of the database had been put in place.
    let client = legacy.connect("shop").await.unwrap();
    let set_back = "UPDATE dualwrite.fence SET epoch = epoch - 1 WHERE service = 'cart'";
    client.batch_execute(set_back).await.unwrap();
    let equal = ("fence_equals_phase", Some("legacy"));
    let found = until_found(&dualwrite, equal, "problem", "should say `primary 2`").await;
    assert!(
        of(&found, "fence_equals_phase", Some("legacy"))["detail"]
            .as_str()
            .unwrap()
            .contains("the fence says `primary 1`")
    );
    let forward = "UPDATE dualwrite.fence SET epoch = epoch + 1 WHERE service = 'cart'";
    client.batch_execute(forward).await.unwrap();
    until_found(&dualwrite, equal, "ok", "primary 2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_not_use_our_tables_is_found() {
    let mut scene = Scene::dual_write(true, 1).await.unwrap();
    let dualwrite = CommandLine::at(&scene.fleet.control_plane_url());
    on_new(
        &mut scene,
        "CREATE ROLE app LOGIN; GRANT USAGE ON SCHEMA dualwrite TO app; \
         GRANT SELECT ON ALL TABLES IN SCHEMA dualwrite TO app",
    )
    .await;
    let [legacy, new] = [Which::Legacy, Which::New].map(|which| scene.databases.url(which));
    let new = new.replace("postgres://postgres@", "postgres://app@");
    let limited = Fleet::of("cart", legacy, new);
    scene.fleet.add_sidecar_of(&limited).await.unwrap();
    let refused = eventually("the second sidecar is asked", async || {
        let said = dualwrite.run("doctor cart -o json").await;
        let found = findings(&said);
        let one = found
            .iter()
            .find(|one| one["check"] == "privileges" && one["severity"] == "problem");
        one.cloned().ok_or_else(|| names(&found).join(" "))
    })
    .await;
    assert_eq!(refused["instance"], "sidecar-1", "{refused}");
    assert_eq!(refused["side"], "new", "{refused}");
    assert!(
        refused["detail"]
            .as_str()
            .unwrap()
            .contains("dualwrite.fence"),
        "{refused}"
    );
    assert!(
        refused["remedy"].as_str().unwrap().contains("grant"),
        "{refused}"
    );
}

/// The manifest with a mapping that the databases do not have.
fn wrong() -> String {
    let text = MANIFEST.replace("new: { table: carts }", "new: { table: cartons }");
    assert_ne!(text, MANIFEST);
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_that_refuses_the_first_settings_is_found() {
    let databases = Databases::create(false).await.unwrap();
    let (legacy, new) = (databases.url(Which::Legacy), databases.url(Which::New));
    let mut fleet = Fleet::of("cart", legacy, new).start().await.unwrap();
    let operator = Operator::of("cart", &fleet.control_plane_url()).unwrap();
    operator.apply(&wrong()).await.unwrap();
    fleet.add_sidecar().await.unwrap();
    let dualwrite = CommandLine::at(&fleet.control_plane_url());
    let refused = ("mapping_accepted", None);
    let found = until_found(&dualwrite, refused, "problem", "cartons").await;
    let revisions = of(&found, "revisions", None);
    assert_eq!(revisions["severity"], "warning", "{revisions}");
    let detail = revisions["detail"].as_str().unwrap();
    assert!(detail.contains("sidecar-0 holds 0"), "{detail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_are_refused_go_back_and_a_sidecar_that_is_gone_is_found() {
    let mut scene = Scene::set(false, 2).await.unwrap();
    let dualwrite = CommandLine::at(&scene.fleet.control_plane_url());
    let file = scene.fleet.folder().join("wrong.yaml");
    std::fs::write(&file, wrong()).unwrap();
    let line = format!("apply -f {} --reason wrong", file.display());
    dualwrite.run(&line).await.ended(0);
    eventually("the refused settings are taken back", async || {
        let said = dualwrite.run("history cart").await;
        let is_back = said.out.contains("transition_aborted") && said.out.contains("refused by si");
        if is_back { Ok(()) } else { Err(said.out) }
    })
    .await;
    until_found(&dualwrite, ("revisions", None), "ok", "").await;
    until_found(&dualwrite, ("mapping_accepted", None), "ok", "").await;

    // One is killed, then the other.
    scene.fleet.sidecar(1).unwrap().kill9().await.unwrap();
    let found = until_found(
        &dualwrite,
        ("last_heard", None),
        "ok",
        "any more: sidecar-1",
    )
    .await;
    assert_eq!(of(&found, "streams", None)["severity"], "ok");
    scene.fleet.sidecar(0).unwrap().kill9().await.unwrap();
    let found = until_found(&dualwrite, ("streams", None), "problem", "no sidecar").await;
    let expected = [
        "clock",
        "control_plane",
        "store",
        "streams",
        "last_heard",
        "databases",
    ];
    assert_eq!(names(&found), expected);
    let databases = of(&found, "databases", None);
    assert!(
        databases["remedy"].as_str().unwrap().contains("--sidecar"),
        "{databases}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_control_plane_the_command_says_so_and_one_sidecar_is_asked() {
    let mut scene = Scene::set(false, 1).await.unwrap();
    let dualwrite = CommandLine::at(&scene.fleet.control_plane_url());
    scene
        .operator
        .phase(Phase::DualWrite, "begin")
        .await
        .unwrap();
    scene.fleet.control_plane().unwrap().kill9().await.unwrap();
    let said = dualwrite.run("doctor cart -o json").await.ended(1);
    let found = findings(&said);
    assert_eq!(
        names(&found),
        ["control_plane", "store", "streams", "databases"]
    );
    assert_eq!(found[0]["severity"], "problem", "{found:?}");
    let remedy = found[0]["remedy"].as_str().unwrap();
    assert!(
        remedy.contains("--endpoint") && remedy.contains("--sidecar"),
        "{remedy}"
    );
    let people = dualwrite.run("doctor cart").await.ended(1);
    assert!(people.out.contains("control_plane"), "{people:#?}");

    let sidecar = scene.fleet.sidecar_url(0).unwrap();
    let line = format!("doctor --sidecar {sidecar} -o json");
    let found = findings(&dualwrite.run(&line).await.ended(0));
    let side = [
        "database_reachable",
        "pool",
        "server_version",
        "journal_mode",
        "synchronous_commit",
        "foreign_keys",
        "tls",
        "leftover_tables",
        "fence",
        "probes",
    ];
    let expected: Vec<&str> = ["sidecar", "sidecar_ready"]
        .into_iter()
        .chain(side)
        .chain(side)
        .collect();
    assert_eq!(names(&found), expected);
    assert!(
        found.iter().all(|one| one["severity"] == "ok"),
        "{found:#?}"
    );

    scene.fleet.sidecar(0).unwrap().kill9().await.unwrap();
    let found = findings(&dualwrite.run(&line).await.ended(1));
    assert_eq!(names(&found), ["sidecar", "databases"]);
    assert_eq!(found[0]["severity"], "problem", "{found:?}");
}
