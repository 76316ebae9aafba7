//! What a key must be, on both sides.

use super::*;

#[test]
fn the_key_must_tell_rows_apart_on_each_side() {
    let mut other = world();
    other.legacy.tables[0].primary_key = vec!["user_ref".to_owned()];
    let error = other.only_error();
    assert!(
        error.contains("the key (id)") && error.contains("primary key (user_ref)"),
        "{error}"
    );

    other.legacy.tables[0].uniques = vec![vec!["id".to_owned()]];
    assert!(
        other.check().is_ok(),
        "a unique set of NOT NULL columns is as good"
    );
    other.legacy_column(0, 0).nullable = true;
    assert!(other.only_error().contains("must be NOT NULL"));

    let mut none = world();
    none.legacy.tables[0].primary_key.clear();
    assert!(none.only_error().contains("there is none"));

    let mut part = world();
    part.entities[1].key.pop();
    assert_eq!(
        part.check().unwrap_err().len(),
        2,
        "part of a key is no key on either side"
    );
}

#[test]
fn key_columns_are_refused_for_what_would_make_two_keys_one() {
    let mut world = world();
    world.legacy_column(0, 0).collation_unsafe = true;
    assert!(
        world
            .only_error()
            .contains("collation takes different keys as equal")
    );
    world.legacy_column(0, 0).collation_unsafe = false;
    world.legacy_column(0, 1).collation_unsafe = true;
    assert!(
        world.check().is_ok(),
        "outside the key a collation does not matter"
    );

    world.legacy_column(0, 0).generated = true;
    world.new.tables[0].columns[0].generated = true;
    let errors = world.check().unwrap_err();
    assert!(
        errors
            .iter()
            .all(|error| error.problem == MappingProblem::KeyGenerated)
    );
    assert_eq!(errors.len(), 2);
}

#[test]
fn key_kinds_must_be_the_same_and_fit_for_keys() {
    let mut differ = world();
    differ.new.tables[0].columns[0].kind = Some(Kind::Decimal);
    assert!(
        differ
            .only_error()
            .contains("same kind on both sides, but it is int and decimal")
    );

    let mut float = world();
    float.legacy_column(0, 0).kind = Some(Kind::Float);
    float.new.tables[0].columns[0].kind = Some(Kind::Float);
    let errors = float.check().unwrap_err();
    let expected = MappingProblem::KeyKind { kind: Kind::Float };
    assert!(errors.len() == 2 && errors.iter().all(|error| error.problem == expected));
}
