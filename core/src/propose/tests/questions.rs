//! What only a person can answer: asked, never guessed.

use super::*;
use crate::manifest::Manifest;

fn needed(name: &str, native: &str, kind: Kind) -> ColumnInfo {
    column(name, native, kind)
}

fn one(columns: Vec<ColumnInfo>) -> Vec<TableInfo> {
    vec![table("t", &["id"], columns)]
}

/// The proposal as somebody leaves it who keeps this line, and the entity
/// that waited for it.
fn decided(yaml: &str, line: &str) -> String {
    let commented = format!("# - {line}");
    assert_eq!(yaml.matches(&commented).count(), 1, "{line}:\n{yaml}");
    let yaml = yaml.replace(&commented, &format!("- {line}"));
    let mut kept = String::new();
    let mut inside = false;
    for text in yaml.lines() {
        let inner = text
            .strip_prefix("    # ")
            .filter(|inner| inner.starts_with("- name:") || (inside && inner.starts_with("  ")));
        inside = inner.is_some();
        kept += &inner.map_or_else(
            || text.replace("entities: []", "entities:"),
            |inner| format!("    {inner}"),
        );
        kept.push('\n');
    }
    kept
}

fn holds(sides: &SurveyedSides, yaml: &str) {
    let manifest = Manifest::parse("m", yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"));
    let entities = &manifest.spec.entities;
    let (legacy, new) = (&sides.legacy.catalog, &sides.new.catalog);
    mapping::check("cart", entities, Some(legacy), Some(new)).unwrap();
}

#[test]
fn the_last_columns_that_join_are_asked_about_and_hold_once_answered() {
    let pieces = |name| needed(name, "integer", Kind::Int);
    let sides = sides(
        one(vec![int("id"), pieces("pieces")]),
        one(vec![int("id"), pieces("on_hand")]),
    );
    let proposal = propose("cart", &sides, &[]);
    assert!(says(
        &proposal,
        Level::Decide,
        "perhaps legacy pieces as on_hand"
    ));
    assert!(says(
        &proposal,
        Level::Decide,
        "left out until on_hand is decided"
    ));
    assert_eq!(proposal.offered(), []);
    let refused = |remark: &&Remark| remark.level == Level::Refused;
    assert_eq!(proposal.remarks().into_iter().find(refused), None);
    holds(
        &sides,
        &decided(&proposal.to_yaml(), "{legacy: pieces, new: on_hand}"),
    );
}

#[test]
fn a_part_of_a_name_asks_and_two_parts_ask_which() {
    let address = |name| nullable(name, "text", Kind::Text);
    let two = proposed(
        one(vec![int("id"), address("bill_addr"), address("ship_addr")]),
        one(vec![int("id"), address("address")]),
    );
    assert_eq!(mapped(&two), ["id>id"]);
    let which = "bill_addr as address, ship_addr as address";
    assert!(says(&two, Level::Decide, which), "{}", two.to_yaml());
    let single = proposed(
        one(vec![
            int("id"),
            address("price_list"),
            address("a"),
            address("b"),
        ]),
        one(vec![
            int("id"),
            address("price"),
            address("x"),
            address("y"),
        ]),
    );
    assert!(says(&single, Level::Decide, "price_list as price"));
    // Nothing tells which of `a` and `b` is `x`; they stand in one order.
    assert!(!says(&single, Level::Decide, "a as y"));
}

#[test]
fn a_column_in_the_same_place_is_asked_about() {
    let flag = |name| nullable(name, "text", Kind::Text);
    let proposal = proposed(
        one(vec![int("id"), flag("one"), int("size"), flag("other")]),
        one(vec![int("id"), flag("north"), int("size"), flag("south")]),
    );
    assert!(says(&proposal, Level::Decide, "one as north"));
    assert!(says(&proposal, Level::Decide, "other as south"));
    assert!(says(&proposal, Level::Decide, "behind the same column"));
    assert_eq!(mapped(&proposal), ["id>id", "size>size"]);
}

#[test]
fn the_key_is_asked_about_where_it_is_open() {
    let proposal = proposed(
        vec![table(
            "t",
            &["bill_no"],
            vec![int("bill_no"), int("ship_no")],
        )],
        one(vec![int("id")]),
    );
    assert_eq!(proposal.offered(), []);
    let either = ["left out until id is decided", "each is what is left"];
    assert!(either.iter().any(|words| {
        says(&proposal, Level::Decide, words) || says(&proposal, Level::Check, words)
    }));
}

#[test]
fn units_of_names_are_carried_only_where_they_may_be_the_same() {
    let weight = |name| nullable(name, "numeric", Kind::Decimal);
    let with = |legacy, new| {
        proposed(
            one(vec![int("id"), weight(legacy)]),
            one(vec![int("id"), weight(new)]),
        )
    };
    let one_sided = with("weight", "weight_kg");
    assert_eq!(mapped(&one_sided), ["id>id", "weight>weight_kg"]);
    assert!(says(
        &one_sided,
        Level::Check,
        "only one side's name says kg"
    ));
    let other = with("weight_lb", "weight_kg");
    assert_eq!(mapped(&other), ["id>id"]);
    assert!(says(
        &other,
        Level::Refused,
        "legacy counts in lb and new in kg"
    ));
    assert_eq!(with("weight_kgs", "weight_kg").remarks().len(), 1);
}

#[test]
fn a_table_of_the_right_name_and_the_wrong_columns_gives_way_to_one_with_the_key() {
    let users = table(
        "shop_users",
        &["user_no"],
        vec![int("user_no"), text("login"), text("email")],
    );
    let cache = table(
        "shop_user_cache",
        &["user_ref"],
        vec![text("user_ref"), text("email"), text("full_name")],
    );
    let wanted = || {
        table(
            "users",
            &["id"],
            vec![text("id"), text("email"), text("name")],
        )
    };
    let proposal = proposed(vec![users.clone(), cache], vec![wanted()]);
    let [entity] = proposal.offered().try_into().unwrap();
    assert_eq!(entity.legacy_table, TableName::bare("shop_user_cache"));
    // Without a better one it is taken, and what does not fit is told.
    let other = table("shop_zoo", &["beast"], vec![int("beast")]);
    let alone = proposed(vec![users, other], vec![wanted()]);
    assert_eq!(
        alone.entities[0].entity.legacy_table,
        TableName::bare("shop_users")
    );
    assert_eq!(alone.offered(), []);
}
