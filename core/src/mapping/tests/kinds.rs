//! Which types can be carried, and what would carry those that cannot.

use super::*;

#[test]
fn kinds_that_do_not_match_name_the_conversion_that_would_do() {
    let mut missing = world();
    missing.entities[1].columns[2].convert = Convert::None;
    assert!(
        missing.check().is_ok(),
        "whole numbers carry over to decimals by themselves"
    );
    missing.new.tables[1].columns[2].kind = Some(Kind::Bool);
    let error = missing.only_error();
    assert!(error.contains("legacy is int and new is bool"), "{error}");
    assert!(error.contains("use `convert: int_to_bool`"), "{error}");

    let mut wrong = world();
    wrong.entities[1].columns[2].convert = Convert::TextToUuid;
    let error = wrong.only_error();
    assert!(
        error.contains("text_to_uuid makes text into uuid"),
        "{error}"
    );
    assert!(
        error.contains("leave `convert` out or `convert: cents_to_decimal`"),
        "{error}"
    );

    let mut hopeless = world();
    hopeless.new.tables[1].columns[2].kind = Some(Kind::Uuid);
    assert!(
        hopeless
            .only_error()
            .contains("change the type on one side")
    );
}

#[test]
fn types_that_cannot_be_carried_say_why() {
    let mut world = world();
    let column = world.legacy_column(0, 1);
    column.kind = None;
    column.native = "tsvector".to_owned();
    column.why = "it has no form on other engines".to_owned();
    let error = world.only_error();
    assert!(
        error.contains("type tsvector cannot be carried: it has no form"),
        "{error}"
    );
}

#[test]
fn differing_precision_is_refused_where_both_sides_declare_it() {
    let set = |legacy: &str, new: &str| {
        let mut world = world();
        world.entities[1].columns[2].convert = Convert::None;
        *world.legacy_column(1, 2) = column("price_cents", legacy, Kind::Decimal);
        world.new.tables[1].columns[2].native = new.to_owned();
        world
    };
    for (legacy, new) in [
        ("numeric(10,2)", "NUMERIC(12, 2)"),
        ("numeric", "numeric(10,2)"),
    ] {
        assert!(set(legacy, new).check().is_ok(), "{legacy} {new}");
    }
    for (legacy, new) in [
        ("numeric(10,4)", "numeric(10,2)"),
        ("decimal(10)", "numeric(10,2)"),
        ("timestamp(3) with time zone", "timestamp(6) with time zone"),
    ] {
        assert!(
            set(legacy, new).only_error().contains("round"),
            "{legacy} {new}"
        );
    }
}
