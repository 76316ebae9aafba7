//! Conditions and increments.

use dualwrite_core::side::Role;
use dualwrite_core::value::{Kind, Value};
use dualwrite_engine::store::{Change, Condition, Image, Mutation, Store, StoreError};

use super::bench::Bench;
use super::ddl::Draft;
use super::prelude::*;

const NO_MATCH: Image = Image {
    matched: false,
    row: None,
};

type Given<'a> = &'a [(usize, Value)];

fn delete_if(
    table: &std::sync::Arc<dualwrite_core::mapping::Table>,
    only_if: Given<'_>,
) -> Mutation {
    mutation(
        table,
        id_key(1),
        Change::Delete {
            only_if: Condition::equal(only_if.to_vec()),
        },
    )
}

pub(crate) async fn conditions_are_compared_as_values(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    write_one(
        &*store,
        insert(&table, 1, &[(NAME, text("a")), (PRICE, decimal("1.50"))]),
    )
    .await;
    let set = [(QTY, Value::Int(2))];
    let refusing: [Given<'_>; 3] = [
        &[(NAME, text("A"))],
        &[(NAME, text("a")), (PRICE, decimal("1.51"))],
        &[(PRICE, Value::Null)],
    ];
    for only_if in refusing {
        assert_eq!(
            write_one(&*store, update_if(&table, 1, &set, only_if)).await,
            NO_MATCH
        );
        assert_eq!(
            write_one(&*store, delete_if(&table, only_if)).await,
            NO_MATCH
        );
    }
    let holds = [
        (NAME, text("a")),
        (PRICE, decimal("1.5")),
        (QTY, Value::Int(1)),
    ];
    let image = write_one(&*store, update_if(&table, 1, &set, &holds)).await;
    assert_eq!(image.row.unwrap()[QTY], Value::Int(2));
    let must = must(update_if(&table, 1, &set, &holds));
    assert_eq!(
        refused(&*store, vec![must]).await,
        StoreError::NotMatched { index: 0 }
    );
    let image = write_one(&*store, delete_if(&table, &[(QTY, Value::Int(2))])).await;
    assert_eq!(
        image,
        Image {
            matched: true,
            row: None
        }
    );
}

pub(crate) async fn null_equals_null_in_conditions(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    write_one(&*store, insert(&table, 1, &[])).await;
    let set = [(NAME, text("named"))];
    let image = write_one(&*store, update_if(&table, 1, &set, &[(NAME, Value::Null)])).await;
    assert!(image.matched);
    let image = write_one(&*store, update_if(&table, 1, &set, &[(NAME, Value::Null)])).await;
    assert_eq!(image, NO_MATCH);
    let image = write_one(&*store, delete_if(&table, &[(CODE, Value::Null)])).await;
    assert!(image.matched);
}

pub(crate) async fn increments_are_exact(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let large = i64::MAX - 5;
    let given = [(QTY, Value::Int(large)), (PRICE, decimal("0.1"))];
    write_one(&*store, insert(&table, 1, &given)).await;
    let image = write_one(&*store, add(&table, 1, &[(QTY, Value::Int(5))])).await;
    assert_eq!(image.row.unwrap()[QTY], Value::Int(i64::MAX));
    write_one(&*store, add(&table, 1, &[(QTY, Value::Int(-10))])).await;
    let image = write_one(&*store, add(&table, 1, &[(PRICE, decimal("0.2"))])).await;
    let row = image.row.unwrap();
    assert_eq!(
        (&row[QTY], &row[PRICE]),
        (&Value::Int(i64::MAX - 10), &decimal("0.3"))
    );
    assert_eq!(
        write_one(&*store, add(&table, 2, &[(QTY, Value::Int(1))])).await,
        NO_MATCH
    );
    floats(bench).await;
}

async fn floats(bench: &dyn Bench) {
    let draft = Draft::new("gauge", "gauges")
        .column("id", Kind::Int)
        .column("level", Kind::Float)
        .key(&["id"]);
    let (store, table) = (bench.store(), created(bench, &draft).await);
    store
        .install(&install_request(&[&table], None))
        .await
        .unwrap();
    write_one(&*store, insert(&table, 1, &[(1, Value::Float(0.25))])).await;
    let image = write_one(&*store, add(&table, 1, &[(1, Value::Float(0.5))])).await;
    assert_eq!(image.row.unwrap()[1], Value::Float(0.75));
}

pub(crate) async fn an_increment_of_null_stays_null(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    write_one(&*store, insert(&table, 1, &[])).await;
    let image = write_one(&*store, add(&table, 1, &[(PRICE, decimal("1"))])).await;
    assert_eq!(
        (image.matched, &image.row.unwrap()[PRICE]),
        (true, &Value::Null)
    );
}

pub(crate) async fn an_increment_out_of_range_is_refused(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    write_one(&*store, insert(&table, 1, &[(QTY, Value::Int(i64::MAX))])).await;
    let error = refused(&*store, vec![add(&table, 1, &[(QTY, Value::Int(1))])]).await;
    assert!(matches!(error, StoreError::Value(_)), "{error:?}");
    assert_eq!(
        row(&*store, &table, id_key(1)).await.unwrap()[QTY],
        Value::Int(i64::MAX)
    );
}

pub(crate) async fn set_add_and_condition_go_together(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    write_one(&*store, insert(&table, 1, &[(NAME, text("old"))])).await;
    let change = |only_if: Given<'_>| Change::Update {
        set: vec![(NAME, text("new"))],
        add: vec![(QTY, Value::Int(4))],
        only_if: Condition::equal(only_if.to_vec()),
    };
    let wrong = mutation(&table, id_key(1), change(&[(NAME, text("new"))]));
    assert_eq!(write_one(&*store, wrong).await, NO_MATCH);
    let right = mutation(&table, id_key(1), change(&[(NAME, text("old"))]));
    assert_eq!(write_one(&*store, right).await.row, Some(item(1, "new", 5)));
}

pub(crate) async fn increments_from_two_sidecars_all_count(bench: &dyn Bench) {
    const EACH: i64 = 10;
    let table = created(bench, &item_draft()).await;
    let (one, two) = (bench.store(), bench.another().await);
    install(&*one, &[&table], Role::Primary).await;
    write_one(&*one, insert(&table, 1, &[(QTY, Value::Int(0))])).await;
    let run = async |store: &dyn Store| {
        for _ in 0..EACH {
            let once = tx(vec![add(&table, 1, &[(QTY, Value::Int(1))])]);
            patiently(async || store.write(&once).await).await;
        }
    };
    tokio::join!(run(&*one), run(&*two), run(&*one), run(&*two));
    let row = row(&*two, &table, id_key(1)).await.unwrap();
    assert_eq!(row[QTY], Value::Int(4 * EACH));
}
