//! Mutations that only happen where a column is large enough.

use std::sync::Arc;

use dualwrite_core::mapping::Table;
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

fn take(table: &Arc<Table>, by: i64, at_least: Given<'_>) -> Mutation {
    let change = Change::Update {
        set: Vec::new(),
        add: vec![(QTY, Value::Int(-by))],
        only_if: Condition::at_least(at_least.to_vec()),
    };
    mutation(table, id_key(1), change)
}

pub(crate) async fn a_bound_is_compared_as_a_value_and_null_is_at_least_nothing(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let given = [(QTY, Value::Int(10)), (PRICE, decimal("9.50"))];
    write_one(&*store, insert(&table, 1, &given)).await;
    let short: [Given<'_>; 5] = [
        &[(QTY, Value::Int(11))],
        &[(QTY, Value::Int(i64::MAX))],
        &[(PRICE, decimal("10"))],
        &[(PRICE, decimal("9.501"))],
        &[(QTY, Value::Int(10)), (PRICE, decimal("9.51"))],
    ];
    for bound in short {
        let image = write_one(&*store, take(&table, 1, bound)).await;
        assert_eq!(image, NO_MATCH, "{bound:?}");
    }
    let refusal = refused(&*store, vec![must(take(&table, 11, short[0]))]).await;
    assert_eq!(refusal, StoreError::NotMatched { index: 0 });
    let enough = [(QTY, Value::Int(9)), (PRICE, decimal("9.5"))];
    let image = write_one(&*store, take(&table, 9, &enough)).await;
    assert_eq!(image.row.unwrap()[QTY], Value::Int(1));

    write_one(&*store, update(&table, 1, &[(PRICE, Value::Null)])).await;
    let never = [(PRICE, decimal("-1000000"))];
    let image = write_one(&*store, take(&table, 1, &never)).await;
    assert_eq!(image, NO_MATCH);
    let delete = |at_least: Given<'_>| Change::Delete {
        only_if: Condition::at_least(at_least.to_vec()),
    };
    let image = write_one(&*store, mutation(&table, id_key(1), delete(&never))).await;
    assert_eq!(image, NO_MATCH);
    let one = [(QTY, Value::Int(1))];
    let image = write_one(&*store, mutation(&table, id_key(1), delete(&one))).await;
    assert!(image.matched);
}

pub(crate) async fn every_ordered_kind_can_be_bounded(bench: &dyn Bench) {
    let table = created(bench, &ordered_kinds()).await;
    let store = bench.store();
    install(&*store, &[&table], Role::Primary).await;
    let values = |texts: &[&str]| -> Vec<(usize, Value)> {
        let each = texts.iter().enumerate().map(|(place, text)| {
            let kind = table.columns[place + 1].kind;
            (place + 1, Value::from_text(kind, text).unwrap())
        });
        each.collect()
    };
    let row = ["-9", "-9.75", "2026-02-03T04:05:06.000007Z"];
    let row = [&row[..], &["2026-02-03T04:05:06.000007", "2026-02-03"]].concat();
    let above = ["-8", "-9.749", "2026-02-03T04:05:06.000008Z"];
    let above = [&above[..], &["2026-02-03T04:05:06.000008", "2026-02-04"]].concat();
    write_one(&*store, insert(&table, 1, &values(&row))).await;
    let touch = |bound: (usize, Value)| Change::Update {
        set: vec![bound.clone()],
        add: Vec::new(),
        only_if: Condition::at_least(vec![bound]),
    };
    for (here, above) in values(&row).into_iter().zip(values(&above)) {
        let place = here.0;
        let matched = async |bound| {
            let change = mutation(&table, id_key(1), touch(bound));
            write_one(&*store, change).await.matched
        };
        assert!(!matched(above).await, "column {place} is not at least more");
        assert!(matched(here).await, "column {place} is at least itself");
    }
}

fn ordered_kinds() -> Draft {
    Draft::new("reading", "readings")
        .column("id", Kind::Int)
        .column("level", Kind::Int)
        .column("amount", Kind::Decimal)
        .column("at", Kind::Timestamp)
        .column("local", Kind::DateTime)
        .column("day", Kind::Date)
        .key(&["id"])
}

pub(crate) async fn of_writers_that_race_for_the_last_ones_none_takes_too_much(bench: &dyn Bench) {
    const STOCK: i64 = 20;
    const EACH: i64 = 3;
    let table = created(bench, &item_draft()).await;
    let (one, two) = (bench.store(), bench.another().await);
    install(&*one, &[&table], Role::Primary).await;
    write_one(&*one, insert(&table, 1, &[(QTY, Value::Int(STOCK))])).await;
    let run = async |store: &dyn Store| {
        let mut taken = 0;
        for _ in 0..4 {
            let once = tx(vec![take(&table, EACH, &[(QTY, Value::Int(EACH))])]);
            let images = patiently(async || store.write(&once).await).await;
            taken += i64::from(images[0].matched);
        }
        taken
    };
    let taken = tokio::join!(run(&*one), run(&*two), run(&*one), run(&*two));
    assert_eq!(taken.0 + taken.1 + taken.2 + taken.3, STOCK / EACH);
    let row = row(&*two, &table, id_key(1)).await.unwrap();
    assert_eq!(row[QTY], Value::Int(STOCK % EACH));
}
