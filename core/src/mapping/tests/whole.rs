//! A mapping as a whole: what comes of one that is right, and how all that is wrong is told at once.

use super::*;

#[test]
fn a_sound_world_gives_its_mapping() {
    let mapping = world().check().unwrap();
    assert_eq!(mapping.root().unwrap().name.as_ref(), "cart");
    let item = mapping.entity("cart_item").unwrap();
    assert_eq!(
        item.key,
        [0, 1],
        "in the order of the settings, not of the primary key"
    );
    assert_eq!(item.key_kinds(), [Kind::Int, Kind::UInt]);
    assert_eq!(item.field("price"), Some(2));
    assert_eq!(
        item.field("price_cents"),
        None,
        "fields are named after the new side"
    );
    assert_eq!(item.fields[2].kind, Kind::Decimal);
    assert_eq!(item.legacy.columns[2].kind, Kind::Int);
    assert_eq!(item.legacy.name.to_string(), "public.items");
    assert_eq!(item.legacy.fk_rank, 1, "after the carts that it refers to");
    assert_eq!(item.new.fk_rank, 0, "no foreign key on this side");
    let cart = mapping.entity("cart").unwrap();
    assert_eq!(
        cart.legacy.name.to_string(),
        "public.carts",
        "found in the search path"
    );
    assert_eq!(cart.table(Side::New).columns[1].name, "user_id");
    assert!(!cart.has_sensitive_key() && cart.fields[1].sensitive);
}

#[test]
fn unique_sets_of_mapped_columns_are_kept() {
    let mut world = world();
    let uniques = &mut world.legacy.tables[0].uniques;
    uniques.push(vec!["user_ref".to_owned()]);
    uniques.push(vec!["id".to_owned()]);
    uniques.push(vec!["user_ref".to_owned(), "elsewhere".to_owned()]);
    let mapping = world.check().unwrap();
    assert_eq!(mapping.entity("cart").unwrap().legacy.uniques, [vec![1]]);
}

#[test]
fn a_missing_table_or_column_suggests_the_nearest() {
    let mut missing = world();
    missing.entities[1].legacy_table = TableName::parse("itmes").unwrap();
    let error = missing.only_error();
    assert!(
        error.starts_with("cart_item, legacy side, table itmes: "),
        "{error}"
    );
    assert!(error.contains("did you mean `public.items`?"), "{error}");

    let mut missing = world();
    missing.entities[1].columns[2].new = "prise".to_owned();
    missing.new.tables[1].columns[2].nullable = true;
    let error = missing.only_error();
    assert!(
        error.starts_with("cart_item, new side, column cart_item.prise: "),
        "{error}"
    );
    assert!(error.contains("did you mean `price`?"), "{error}");
}

#[test]
fn all_errors_are_found_at_once() {
    let mut world = world();
    world.entities[0].columns[1].legacy = "usr".to_owned();
    world.entities[1].new_table = TableName::bare("nowhere");
    world.legacy.tables[1].triggers = vec![TriggerInfo {
        name: "audit".to_owned(),
        changes_rows: true,
    }];
    let errors = world.check().unwrap_err();
    // The column that is now unmapped counts as well: it is NOT NULL.
    assert_eq!(errors.len(), 4, "{errors:#?}");
}
