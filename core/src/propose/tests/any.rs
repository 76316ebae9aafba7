//! Whatever two databases look like, nothing panics, and what is offered holds.

use proptest::prelude::*;

use super::*;
use crate::manifest::Manifest;

const NAMES: [&str; 14] = [
    "id",
    "cart_id",
    "cartId",
    "total",
    "total_cents",
    "created_at",
    "created_ts",
    "is_gift",
    "gift",
    "email",
    "Odd \"one\"",
    "ümlaut",
    "two\nlines",
    "user_ref",
];

const TABLES: [&str; 9] = [
    "carts",
    "shop_carts",
    "cart_items",
    "shop_cart_items",
    "users",
    "a.carts",
    "b.users",
    "Odd T",
    "x",
];

fn any_column() -> impl Strategy<Value = ColumnInfo> {
    let kind = proptest::option::weighted(0.9, 0..Kind::ALL.len());
    let native = prop::sample::select(vec![
        "bigint",
        "integer",
        "numeric(10,2)",
        "numeric(9,3)",
        "text",
        "varchar(4)",
        "timestamptz(0)",
    ]);
    let facts = (
        prop::bool::ANY,
        prop::bool::ANY,
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
    );
    (prop::sample::select(NAMES.to_vec()), native, kind, facts).prop_map(
        |(name, native, kind, (nullable, has_default, generated, collation_unsafe))| ColumnInfo {
            name: name.to_owned(),
            native: native.to_owned(),
            kind: kind.map(|at| Kind::ALL[at]),
            why: "it is strange".to_owned(),
            nullable,
            has_default,
            generated,
            collation_unsafe,
        },
    )
}

fn any_table() -> impl Strategy<Value = TableInfo> {
    let columns = proptest::collection::vec(any_column(), 0..7);
    let action = prop::sample::select(vec![Action::NoAction, Action::Cascade, Action::SetNull]);
    let key = proptest::option::of((prop::sample::select(TABLES.to_vec()), action));
    let unique = prop::bool::ANY;
    (
        prop::sample::select(TABLES.to_vec()),
        columns,
        0..3_usize,
        key,
        unique,
    )
        .prop_map(|(name, mut columns, width, key, unique)| {
            columns.sort_by(|a, b| a.name.cmp(&b.name));
            columns.dedup_by(|a, b| a.name == b.name);
            let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
            let mut info = table(name, &[], columns);
            info.primary_key = names.iter().take(width).cloned().collect();
            if unique {
                info.uniques
                    .push(names.iter().rev().take(2).cloned().collect());
            }
            if let (Some((to, action)), Some(first)) = (key, names.first()) {
                info = referring(info, first, to, action);
            }
            info
        })
}

fn any_survey() -> impl Strategy<Value = Survey> {
    let tables = proptest::collection::vec(any_table(), 0..6);
    (tables, prop::bool::ANY).prop_map(|(mut tables, bounded)| {
        tables.sort_by(|a, b| a.name.cmp(&b.name));
        tables.dedup_by(|a, b| a.name == b.name);
        Survey {
            bounded,
            ..survey(tables)
        }
    })
}

proptest! {
    #[test]
    fn what_is_offered_passes_the_checker_and_reads_back(
        legacy in any_survey(),
        new in any_survey(),
    ) {
        let sides = SurveyedSides { legacy, new };
        let proposal = propose("cart", &sides, &[]);
        prop_assert_eq!(&propose("cart", &sides, &[]), &proposal);
        let yaml = proposal.to_yaml();
        let offered = proposal.offered();
        if offered.is_empty() {
            prop_assert!(Manifest::parse("m", &yaml).is_err());
        } else {
            let checked = mapping::check("cart", &offered, Some(&sides.legacy.catalog), Some(&sides.new.catalog));
            prop_assert!(checked.is_ok(), "{:?}", checked);
            let read = Manifest::parse("m", &yaml).map_err(|errors| TestCaseError::fail(format!("{errors}\n{yaml}")))?;
            prop_assert_eq!(read, proposal.manifest());
        }
        for left_out in proposal.entities.iter().filter(|one| !one.offered) {
            let lines = left_out.lines.iter().flat_map(|line| &line.remarks);
            let reason = left_out.remarks.iter().chain(lines).any(|remark| remark.level > Level::Check);
            prop_assert!(reason, "{:#?}", left_out);
        }
    }
}
