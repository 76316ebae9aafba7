//! Each flag is changed with `dualwrite flags set` while everything runs, and what is looked at is
//! what it does: not that somebody acknowledged it.

use anyhow::{Context as _, Result};
use dualwrite_client::{DualwriteClient, Error, ErrorReason, Outcome, Row, Side, Write, fields};
use dualwrite_proto::v1::Phase;
use dualwrite_tests::cart::Which;
use dualwrite_tests::{Scene, eventually};
use serde_json::Value;

/// A cart that legacy held before anything began, so that no sidecar has written it.
const OLD: i64 = 7;

fn client(scene: &Scene) -> DualwriteClient {
    DualwriteClient::connect(&scene.sidecar_urls().unwrap()[0]).unwrap()
}

async fn state_of(client: &DualwriteClient, id: i64) -> (String, Side) {
    let read = client
        .read("cart", fields! { id: id })
        .send()
        .await
        .unwrap();
    let state = read.row.as_ref().map(|row: &Row| row.get("state").unwrap());
    (state.unwrap_or_default(), read.served_by)
}

fn cart(client: &DualwriteClient, id: i64, state: &str) -> Write {
    let values = fields! { id: id, user_id: "user-1", state: state, total: "1.25", gift: false };
    client.write().upsert("cart", values)
}

/// What the sidecar says of the compared reads of carts.
async fn compared(scene: &mut Scene, outcome: &str) -> u64 {
    let page = scene.page("/dual-write/metrics").await.unwrap();
    page["entities"]["cart"]["compared_reads"][outcome]
        .as_u64()
        .unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_move_to_new_and_differences_are_counted_and_told() {
    let mut scene = Scene::dual_write(true, 1).await.unwrap();
    scene.converged().await.unwrap();
    let client = client(&scene);
    let new = scene.beside(Which::New).await.unwrap();
    let differ = format!("UPDATE carts SET state = 'elsewhere' WHERE id = {OLD}");
    new.batch_execute(&differ).await.unwrap();

    let (here, by) = state_of(&client, OLD).await;
    assert_eq!(by, Side::Legacy);
    assert_ne!(here, "elsewhere");
    scene.flags(&["read_new_percent=100"]).await.unwrap();
    let there = ("elsewhere".to_owned(), Side::New);
    assert_eq!(state_of(&client, OLD).await, there);
    scene.flags(&["read_new_percent=0"]).await.unwrap();
    assert_eq!(state_of(&client, OLD).await, (here, Side::Legacy));

    assert_eq!(compared(&mut scene, "mismatch").await, 0);
    scene.flags(&["compare_reads_percent=100"]).await.unwrap();
    state_of(&client, OLD).await;
    state_of(&client, OLD + 1).await;
    eventually("one differs, one does not", async || {
        let (differ, equal) = (
            compared(&mut scene, "mismatch").await,
            compared(&mut scene, "match").await,
        );
        (differ, equal) == (1, 1)
    })
    .await;
    let log = scene.fleet.sidecar(0).unwrap().log();
    assert!(log.contains("a read differs between the two databases"));
    eventually("the operator is told", async || {
        let status = status(&scene).await.unwrap_or_default();
        let told = &status["health"]["comparisons"][0];
        told["mismatches"] == 1 && told["matches"] == 1
    })
    .await;

    scene.flags(&["compare_reads_percent=0"]).await.unwrap();
    for _ in 0..20 {
        state_of(&client, OLD).await;
    }
    // Comparisons are taken in their order: after this one, those before would have been.
    scene.flags(&["compare_reads_percent=100"]).await.unwrap();
    state_of(&client, OLD + 1).await;
    eventually("the last read is compared", async || {
        compared(&mut scene, "match").await == 2
    })
    .await;
    assert_eq!(compared(&mut scene, "mismatch").await, 1);
}

/// `dualwrite status cart -o json`
async fn status(scene: &Scene) -> Result<Value> {
    let output = scene
        .dualwrite(&["status", "cart", "-o", "json"])?
        .run()
        .await?;
    serde_json::from_slice(&output.stdout).context("no status")
}

/// A write that is refused: its row is not there.
async fn refused(client: &DualwriteClient) -> Error {
    let nobody = fields! { id: -1 };
    let change = fields! { state: "x" };
    let write = client.write().update("cart", nobody, change).must_match();
    write.send().await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn log_lines_and_figures_appear_and_stop() {
    let mut scene = Scene::dual_write(true, 1).await.unwrap();
    let client = client(&scene);
    let lines = |scene: &mut Scene| {
        let log = scene.fleet.sidecar(0).unwrap().log();
        log.matches("dualwrite::operation").count()
    };
    // As it comes, what fails is logged and what succeeds is not.
    state_of(&client, OLD).await;
    refused(&client).await;
    eventually("a failure is logged", async || lines(&mut scene) == 1).await;
    for (flags, of_one_each) in [
        (["log_all=true", "log_errors_only=true"], 2),
        (["log_all=false", "log_errors_only=false"], 0),
        (["log_all=true", "log_errors_only=false"], 2),
        (["log_all=false", "log_errors_only=true"], 1),
    ] {
        let before = lines(&mut scene);
        scene.flags(&flags).await.unwrap();
        state_of(&client, OLD).await;
        refused(&client).await;
        // One more that is surely logged comes after whatever these two logged.
        scene.flags(&["log_all=true"]).await.unwrap();
        state_of(&client, OLD).await;
        eventually("the last one is logged", async || {
            lines(&mut scene) > before + of_one_each
        })
        .await;
        assert_eq!(lines(&mut scene), before + of_one_each + 1, "{flags:?}");
    }

    let successes = async |scene: &mut Scene| {
        let page = scene.page("/dual-write/metrics").await.unwrap();
        let legacy = &page["entities"]["cart"]["legacy"]["successes"];
        (legacy.as_u64().unwrap(), page["metrics_enabled"].clone())
    };
    let (before, enabled) = successes(&mut scene).await;
    assert!(before > 0 && enabled == true);
    scene.flags(&["metrics_enabled=false"]).await.unwrap();
    for _ in 0..10 {
        state_of(&client, OLD).await;
    }
    assert_eq!(successes(&mut scene).await, (before, Value::Bool(false)));
    scene.flags(&["metrics_enabled=true"]).await.unwrap();
    state_of(&client, OLD).await;
    assert_eq!(successes(&mut scene).await, (before + 1, Value::Bool(true)));
}

/// Both sides in one phase each: who follows, its flags, its table, and what a row of it is called.
struct Follower {
    phase: Phase,
    which: Which,
    side: Side,
    relayed: &'static str,
    strict: &'static str,
    table: &'static str,
    key: &'static str,
    state: &'static str,
}

const FOLLOWERS: [Follower; 2] = [
    Follower {
        phase: Phase::DualWrite,
        which: Which::New,
        side: Side::New,
        relayed: "async_new",
        strict: "fail_on_new_error",
        table: "carts",
        key: "id",
        state: "state",
    },
    Follower {
        phase: Phase::NewPrimary,
        which: Which::Legacy,
        side: Side::Legacy,
        relayed: "async_legacy",
        strict: "fail_on_legacy_error",
        table: "shop_carts",
        key: "cart_id",
        state: "status",
    },
];

impl Follower {
    /// What became of a write on this side.
    async fn outcome(&self, write: Write) -> Outcome {
        let reply = write.send().await.unwrap();
        match self.side {
            Side::Legacy => reply.legacy,
            Side::New => reply.new,
        }
    }
}

/// A scene in the phase in which this side follows.
async fn following(follower: &Follower) {
    let scene = Scene::dual_write(true, 1).await.unwrap();
    scene.converged().await.unwrap();
    if follower.phase == Phase::NewPrimary {
        let why = "legacy is to follow";
        scene.operator.phase(follower.phase, why).await.unwrap();
    }
    waited_for(&scene, follower).await;
    as_fatal_as_told(&scene, follower).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_is_waited_for_as_long_as_told_and_its_failure_is_as_fatal_as_told() {
    following(&FOLLOWERS[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn legacy_is_waited_for_as_long_as_told_and_its_failure_is_as_fatal_as_told() {
    following(&FOLLOWERS[1]).await;
}

/// `async_*` and `secondary_timeout_ms`.
async fn waited_for(scene: &Scene, follower: &Follower) {
    let client = client(scene);
    assert_eq!(
        follower.outcome(cart(&client, OLD, "relayed")).await,
        Outcome::Pending
    );
    let sync = format!("{}=false", follower.relayed);
    scene
        .flags(&[&sync, "secondary_timeout_ms=30s"])
        .await
        .unwrap();
    assert_eq!(
        follower.outcome(cart(&client, OLD, "inside")).await,
        Outcome::Committed
    );

    // Somebody holds the row on the secondary: a short time-out gives the write to the relay …
    let mut beside = scene.beside(follower.which).await.unwrap();
    let Follower { table, key, .. } = follower;
    let take = format!("SELECT 1 FROM {table} WHERE {key} = {OLD} FOR UPDATE");
    let holder = beside.transaction().await.unwrap();
    holder.batch_execute(&take).await.unwrap();
    scene.flags(&["secondary_timeout_ms=50"]).await.unwrap();
    assert_eq!(
        follower.outcome(cart(&client, OLD, "given up")).await,
        Outcome::Pending
    );
    holder.rollback().await.unwrap();
    scene.converged().await.unwrap();

    // … and a long one waits until it is let go.
    let holder = beside.transaction().await.unwrap();
    holder.batch_execute(&take).await.unwrap();
    scene.flags(&["secondary_timeout_ms=30s"]).await.unwrap();
    let write = cart(&client, OLD, "waited for");
    let waiting = tokio::spawn(async move { write.send().await });
    let watcher = scene.beside(follower.which).await.unwrap();
    eventually("the write waits for the row", async || {
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
        let row = watcher.query_one(waits, &[]).await.unwrap();
        row.get::<_, i64>(0) > 0
    })
    .await;
    holder.rollback().await.unwrap();
    let reply = waiting.await.unwrap().unwrap();
    let outcomes = (reply.legacy, reply.new);
    assert_eq!(outcomes, (Outcome::Committed, Outcome::Committed));
}

/// `fail_on_*`.
async fn as_fatal_as_told(scene: &Scene, follower: &Follower) {
    let client = client(scene);
    let beside = scene.beside(follower.which).await.unwrap();
    let Follower { table, state, .. } = follower;
    let refuse =
        format!("ALTER TABLE {table} ADD CONSTRAINT never CHECK ({state} <> 'never') NOT VALID");
    beside.batch_execute(&refuse).await.unwrap();
    assert_eq!(
        follower.outcome(cart(&client, OLD, "never")).await,
        Outcome::Pending
    );
    cart(&client, OLD, "open").send().await.unwrap();
    let strict = format!("{}=true", follower.strict);
    scene.flags(&[&strict]).await.unwrap();
    let error = cart(&client, OLD, "never").send().await.unwrap_err();
    assert_eq!(error.reason(), Some(ErrorReason::SecondaryConstraint));
    assert_eq!(error.side(), Some(follower.side));
    assert!(matches!(error, Error::Secondary(_)), "{error}");
    let (now, by) = state_of(&client, OLD).await;
    assert_eq!((now.as_str(), by), ("open", follower.side.other()));
    assert_eq!(
        follower.outcome(cart(&client, OLD, "again")).await,
        Outcome::Committed
    );
    let allow = format!("ALTER TABLE {table} DROP CONSTRAINT never");
    beside.batch_execute(&allow).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_begin_with_as_many_rows_as_told() {
    let scene = Scene::dual_write(true, 1).await.unwrap();
    scene.converged().await.unwrap();
    let new = scene.beside(Which::New).await.unwrap();
    // The database itself notes how many rows each statement brings.
    let note = "CREATE TABLE statements (number serial PRIMARY KEY, rows bigint NOT NULL);
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO public.statements (rows) SELECT count(*) FROM added;
            RETURN NULL;
        END $$;
        CREATE TRIGGER note AFTER INSERT ON wishlist_items
            REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note()";
    new.batch_execute(note).await.unwrap();
    let mut first = Vec::new();
    for size in ["batch_size=1", "batch_size=64"] {
        let empty = "TRUNCATE wishlist_items; TRUNCATE statements RESTART IDENTITY";
        new.batch_execute(empty).await.unwrap();
        scene.flags(&[size]).await.unwrap();
        let arguments = [
            "backfill",
            "start",
            "cart",
            "--entity",
            "wishlist_item",
            "--watch",
        ];
        let backfill = scene.dualwrite(&arguments).unwrap().run().await.unwrap();
        assert!(backfill.status.success(), "{backfill:?}");
        let told = "SELECT rows FROM statements ORDER BY number LIMIT 1";
        first.push(new.query_one(told, &[]).await.unwrap().get::<_, i64>(0));
    }
    assert_eq!(first, [1, 64]);
}
