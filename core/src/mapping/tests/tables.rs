//! What tables may have beside the columns of the mapping: other columns, triggers, foreign keys.

use super::*;

#[test]
fn an_unmapped_column_that_an_insert_must_give_is_refused() {
    let mut world = world();
    world.legacy_column(1, 3).nullable = false;
    let error = world.only_error();
    assert!(
        error.contains("public.items.note: it is NOT NULL without a default"),
        "{error}"
    );
    world.legacy_column(1, 3).has_default = true;
    assert!(world.check().is_ok());
    world.legacy_column(1, 3).has_default = false;
    world.legacy_column(1, 3).generated = true;
    assert!(world.check().is_ok());
}

#[test]
fn a_column_generated_on_one_side_only_is_refused() {
    let mut world = world();
    world.legacy_column(0, 1).generated = true;
    assert!(world.only_error().contains("generated here"));
    world.new.tables[0].columns[1].generated = true;
    let mapping = world.check().unwrap();
    assert!(mapping.entities[0].legacy.columns[1].generated);
}

#[test]
fn keys_and_triggers_that_change_rows_are_refused_unless_captured() {
    let actions = [Action::Cascade, Action::SetNull, Action::SetDefault];
    for (action, on_delete) in actions.into_iter().flat_map(|a| [(a, true), (a, false)]) {
        let mut world = world();
        let key = &mut world.legacy.tables[1].foreign_keys[0];
        if on_delete {
            key.on_delete = action;
        } else {
            key.on_update = action;
        }
        let error = world.only_error();
        let event = if on_delete { "ON DELETE" } else { "ON UPDATE" };
        assert!(
            error.contains("cart_fkey") && error.contains(event),
            "{error}"
        );
        assert!(error.contains(action.as_sql()), "{error}");
        world.entities[1].capture = Capture::Trigger;
        assert!(world.check().unwrap().entities[1].captured);
    }
    let mut triggered = world();
    triggered.new.tables[0].triggers = vec![TriggerInfo {
        name: "touch".to_owned(),
        changes_rows: true,
    }];
    assert!(
        triggered
            .only_error()
            .contains("trigger touch may change rows")
    );
    triggered.new.tables[0].triggers[0].changes_rows = false;
    assert!(triggered.check().is_ok());
}

#[test]
fn keys_to_tables_outside_the_mapping_do_not_matter() {
    let mut world = world();
    let mut key = foreign_key("user_ref", "public.users");
    key.on_delete = Action::Cascade;
    world.legacy.tables[0].foreign_keys.push(key);
    assert_eq!(world.check().unwrap().entities[0].legacy.fk_rank, 0);
}

#[test]
fn foreign_keys_in_a_circle_are_refused_and_a_key_to_itself_is_not() {
    let mut world = world();
    let to_itself = foreign_key("id", "public.carts");
    world.legacy.tables[0].foreign_keys.push(to_itself);
    assert!(world.check().is_ok());
    world.legacy.tables[0]
        .foreign_keys
        .push(foreign_key("id", "public.items"));
    let error = world.only_error();
    assert!(error.contains("cart -> cart_item -> cart"), "{error}");
}

#[test]
fn a_circle_has_an_order_where_one_of_its_keys_can_wait() {
    let mut deferred = world();
    let mut to_items = foreign_key("id", "public.items");
    to_items.deferrable = true;
    deferred.legacy.tables[0].foreign_keys.push(to_items);
    let mapping = deferred.check().unwrap();
    assert_eq!(mapping.entity("cart").unwrap().legacy.fk_rank, 0);
    assert_eq!(mapping.entity("cart_item").unwrap().legacy.fk_rank, 1);

    let mut nullable = world();
    nullable.legacy.tables[0].columns[1].nullable = true;
    let name = nullable.legacy.tables[0].columns[1].name.clone();
    let key = foreign_key(&name, "public.items");
    nullable.legacy.tables[0].foreign_keys.push(key);
    assert!(nullable.check().is_ok());
}

#[test]
fn references_between_mapped_tables_are_known_by_their_columns() {
    let mapping = world().check().unwrap();
    let item = &mapping.entity("cart_item").unwrap().legacy;
    let expected = Reference {
        columns: vec![0],
        parent: Arc::from("cart"),
        parent_columns: vec![0],
        deferrable: false,
    };
    assert_eq!(item.references, [expected]);
    assert_eq!(mapping.entity("cart").unwrap().legacy.references, []);
}

#[test]
fn two_entities_on_one_table_are_refused_under_whatever_name() {
    let mut world = world();
    world.entities[1] = Entity {
        name: "again".into(),
        ..world.entities[0].clone()
    };
    world.entities[1].legacy_table = TableName::parse("public.carts").unwrap();
    world.entities[1].new_table = TableName::bare("cart_item");
    let errors = world.check().unwrap_err();
    let expected = MappingProblem::SameTable {
        other: "cart".to_owned(),
    };
    assert!(
        errors.iter().any(|error| error.problem == expected),
        "{errors:#?}"
    );
}

#[test]
fn a_side_that_is_away_is_taken_from_the_other() {
    let world = world();
    let new_only = check("cart", &world.entities, None, Some(&world.new)).unwrap();
    let item = new_only.entity("cart_item").unwrap();
    assert_eq!(
        item.legacy.columns[2].kind,
        Kind::Int,
        "what the conversion takes"
    );
    assert_eq!(item.legacy.columns[2].native, "");
    assert_eq!(
        item.legacy.columns[1].kind,
        Kind::UInt,
        "the same as the other side"
    );
    assert_eq!(
        item.legacy.name.to_string(),
        "public.items",
        "as the settings say"
    );

    let legacy_only = check("cart", &world.entities, Some(&world.legacy), None).unwrap();
    assert_eq!(
        legacy_only.entity("cart_item").unwrap().fields[2].kind,
        Kind::Decimal
    );

    let mut wrong = world;
    wrong.entities[1].columns[2].convert = Convert::TextToJson;
    assert!(check("cart", &wrong.entities, Some(&wrong.legacy), None).is_err());
    let neither = check("cart", &wrong.entities, None, None).unwrap_err();
    assert_eq!(neither[0].problem, MappingProblem::NoSchema);
}
