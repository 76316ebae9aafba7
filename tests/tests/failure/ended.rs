//! What the end of a migration is to others: to a write at that very moment, to
//! a request that is repeated afterwards, to another service of the same
//! databases.

use std::time::Duration;

use dualwrite_client::{DualwriteClient, fields};
use dualwrite_proto::v1::retirement::State;
use dualwrite_tests::cart::{Databases, MANIFEST, Which, manifest_of};
use dualwrite_tests::{Fleet, Operator, Scene, eventually, until};

/// A scene over these databases whose migration begins in its last phase.
async fn at_the_end(databases: Databases, sidecars: u32) -> Scene {
    let manifest = MANIFEST.replace("phase: legacy_only", "phase: new_only");
    assert_ne!(manifest, MANIFEST);
    Scene::of(&manifest, databases, sidecars).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_under_way_while_the_fences_go_is_neither_lost_nor_failed() {
    let scene = at_the_end(Databases::create(true).await.unwrap(), 1).await;
    let Databases::Postgres { new, .. } = &scene.databases else {
        panic!("PostgreSQL")
    };
    let client = DualwriteClient::connect(&scene.fleet.sidecar_url(0).unwrap()).unwrap();
    let values = |state: &str| fields! { id: 7, user_id: "u", state: state };
    let first = client.write().upsert("cart", values("first")).send();
    first.await.unwrap();

    // Somebody holds the row: the write has passed the fence, holds the gate,
    // and waits.
    let holder = new.connect("cart").await.unwrap();
    holder
        .batch_execute("BEGIN; UPDATE carts SET state = 'held' WHERE id = 7")
        .await
        .unwrap();
    let writer = client.clone();
    let late = fields! { id: 7, user_id: "u", state: "late" };
    let write = tokio::spawn(async move {
        let late = writer.write().upsert("cart", late);
        late.timeout(Duration::from_secs(50)).send().await
    });
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    eventually("the write waits for the row", async || {
        // By another connection: a transaction sees one state of this view.
        let rows = scene.databases.query(Which::New, waits).await.unwrap();
        rows[0][0].as_deref() != Some("0")
    })
    .await;
    let decided = |end: &dualwrite_proto::v1::Retirement| !end.reason.is_empty();
    let (retired, ()) = tokio::join!(scene.operator.retire("under a write"), async {
        scene
            .operator
            .ended("it is decided", decided)
            .await
            .unwrap();
        holder.batch_execute("ROLLBACK").await.unwrap();
    });
    retired.unwrap();
    let reply = write.await.unwrap().unwrap();
    assert_eq!(reply.row().unwrap().get::<String>("state").unwrap(), "late");
    let ended = |end: &dualwrite_proto::v1::Retirement| end.state() == State::Done;
    scene.operator.ended("it ends", ended).await.unwrap();
    let rows = scene
        .databases
        .query(Which::New, "SELECT state FROM carts WHERE id = 7");
    assert_eq!(rows.await.unwrap(), [[Some("late".to_owned())]]);
}

/// As `docs/retire.md` says: with the receipts goes the memory of requests.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_repeated_after_the_end_is_executed_again() {
    let scene = at_the_end(Databases::create(true).await.unwrap(), 1).await;
    let Databases::Postgres { new, .. } = &scene.databases else {
        panic!("PostgreSQL")
    };
    let rows = new.connect("cart").await.unwrap();
    let insert = "INSERT INTO users (id, email, name, visits) VALUES ('user-9', 'e', 'n', 0)";
    rows.batch_execute(insert).await.unwrap();
    let client = DualwriteClient::connect(&scene.fleet.sidecar_url(0).unwrap()).unwrap();
    let visit = async || {
        let user = fields! { id: "user-9" };
        let write = client
            .write()
            .increment("user", user, fields! { visits: 1 });
        let reply = write.idempotency_key("visit").send().await.unwrap();
        let visits = reply.row().unwrap().get::<i64>("visits").unwrap();
        (reply.replayed, visits)
    };
    assert_eq!(visit().await, (false, 1));
    assert_eq!(
        visit().await,
        (true, 1),
        "before the end it is the same one"
    );
    let end = scene.operator.retire("the end").await.unwrap();
    assert_eq!(end.state(), State::Done, "{end:?}");
    assert_eq!(visit().await, (false, 2), "after it, it is executed");
    assert_eq!(visit().await, (false, 3), "each time");
}

#[expect(clippy::too_many_lines, reason = "one story, told whole")]
#[tokio::test(flavor = "multi_thread")]
async fn another_service_of_the_same_databases_goes_on_untouched() {
    let databases = Databases::create(true).await.unwrap();
    let [legacy, new] = [Which::Legacy, Which::New].map(|which| databases.url(which));
    let manifest = manifest_of("cart", "new_only", &["cart", "cart_item"]);
    let mut scene = Scene::of(&manifest, databases, 1).await.unwrap();
    // The other one writes both, over the other tables of the same databases.
    let shopper = Operator::of("shopper", &scene.fleet.control_plane_url()).unwrap();
    let manifest = manifest_of("shopper", "dual_write", &["wishlist_item", "user"]);
    shopper.apply(&manifest).await.unwrap();
    let plan = Fleet::of("shopper", legacy, new);
    let number = scene.fleet.add_sidecar_of(&plan).await.unwrap();
    shopper.followed_by(1).await.unwrap();
    let url = scene.fleet.sidecar_url(number).unwrap();
    let client = DualwriteClient::connect(&url).unwrap();
    let visit = async || {
        let user = fields! { id: "user-9" };
        let write = client
            .write()
            .increment("user", user, fields! { visits: 1 });
        write.send().await.unwrap();
    };
    eventually("it takes writes", async || {
        let user = fields! { id: "user-9" };
        client.read("user", user).send().await.is_ok()
    })
    .await;
    let tables = "SELECT relname::text FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace \
                  WHERE nspname = 'dualwrite' AND relkind = 'r' AND relname LIKE '%shopper%' ORDER BY 1";
    let before = scene.databases.query(Which::Legacy, tables).await.unwrap();
    assert!(before.len() >= 5, "{before:?}");

    let retiring = scene.operator.retire("cart is done");
    tokio::pin!(retiring);
    let mut visits = 0_u32;
    let end = loop {
        tokio::select! {
            biased;
            end = &mut retiring => break end.unwrap(),
            () = visit() => visits += 1,
        }
    };
    assert_eq!(end.state(), State::Done, "{end:?}");
    for removal in &end.removals {
        assert_eq!(removal.left, Vec::<String>::new(), "{removal:?}");
        assert_eq!(removal.schema_before, removal.schema_after, "{removal:?}");
        let kept = removal.kept.join("; ");
        assert!(kept.contains("fence: still used by shopper"), "{removal:?}");
    }
    visit().await;
    visits += 1;
    for which in [Which::Legacy, Which::New] {
        let after = scene.databases.query(which, tables).await.unwrap();
        assert_eq!(after, before, "{which:?}");
        let counted = match which {
            Which::Legacy => "SELECT visits FROM shop_user_cache WHERE user_ref = 'user-9'",
            Which::New => "SELECT visits FROM users WHERE id = 'user-9'",
        };
        let all = until("every visit is there", Duration::from_mins(1), async || {
            let rows = scene.databases.query(which, counted).await;
            let rows = rows.map_err(|error| error.to_string())?;
            // A select that was left may have committed one more.
            let found = rows.into_iter().flatten().flatten().next();
            let found: u32 = found.unwrap_or_default().parse().unwrap_or(0);
            if found == visits || found == visits + 1 {
                Ok(())
            } else {
                Err(format!("{found} of {visits}"))
            }
        });
        all.await.unwrap();
    }
    assert_eq!(
        shopper
            .migration()
            .await
            .unwrap()
            .health
            .unwrap()
            .quarantined,
        0
    );
}
