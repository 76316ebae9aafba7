use super::*;
use crate::catalog::{Action, Catalog, ColumnInfo, ForeignKey, TableInfo, TriggerInfo};
use crate::spec::{Capture, Column, Entity};
use crate::value::{Decimal, Value};

mod rows;

fn column(name: &str, native: &str, kind: Kind) -> ColumnInfo {
    ColumnInfo {
        name: name.to_owned(),
        native: native.to_owned(),
        kind: Some(kind),
        why: String::new(),
        nullable: false,
        has_default: false,
        generated: false,
        collation_unsafe: false,
    }
}

fn table(name: &str, columns: Vec<ColumnInfo>, primary_key: &[&str]) -> TableInfo {
    TableInfo {
        name: TableName::parse(name).unwrap(),
        columns,
        primary_key: primary_key.iter().map(|name| (*name).to_owned()).collect(),
        uniques: Vec::new(),
        foreign_keys: Vec::new(),
        triggers: Vec::new(),
    }
}

fn foreign_key(columns: &str, references: &str) -> ForeignKey {
    ForeignKey {
        name: format!("{columns}_fkey"),
        columns: vec![columns.to_owned()],
        references: TableName::parse(references).unwrap(),
        referenced_columns: vec!["id".to_owned()],
        on_delete: Action::NoAction,
        on_update: Action::Restrict,
        deferrable: false,
    }
}

fn entity(name: &str, legacy: &str, new: &str, key: &[&str], columns: Vec<Column>) -> Entity {
    Entity {
        name: name.to_owned(),
        root: false,
        key: key.iter().map(|name| (*name).to_owned()).collect(),
        capture: Capture::None,
        legacy_table: TableName::parse(legacy).unwrap(),
        new_table: TableName::parse(new).unwrap(),
        columns,
    }
}

fn renamed(legacy: &str, new: &str, convert: Convert) -> Column {
    Column {
        legacy: legacy.to_owned(),
        new: new.to_owned(),
        convert,
        sensitive: false,
    }
}

/// Carts and their items: other names on the two sides, prices converted.
struct World {
    entities: Vec<Entity>,
    legacy: Catalog,
    new: Catalog,
}

fn world() -> World {
    let cart = entity(
        "cart",
        "carts",
        "cart",
        &["id"],
        vec![
            Column::same("id"),
            Column {
                sensitive: true,
                ..renamed("user_ref", "user_id", Convert::None)
            },
        ],
    );
    let item = entity(
        "cart_item",
        "public.items",
        "cart_item",
        &["cart_id", "line"],
        vec![
            renamed("cart", "cart_id", Convert::None),
            renamed("pos", "line", Convert::None),
            renamed("price_cents", "price", Convert::CentsToDecimal),
        ],
    );
    let legacy_carts = vec![
        column("id", "integer", Kind::Int),
        column("user_ref", "text", Kind::Text),
    ];
    let mut legacy_items = table(
        "public.items",
        vec![
            column("cart", "integer", Kind::Int),
            column("pos", "integer", Kind::Int),
            column("price_cents", "integer", Kind::Int),
            ColumnInfo {
                nullable: true,
                ..column("note", "text", Kind::Text)
            },
        ],
        &["cart", "pos"],
    );
    legacy_items
        .foreign_keys
        .push(foreign_key("cart", "public.carts"));
    let new_carts = vec![
        column("id", "BIGINT", Kind::Int),
        column("user_id", "TEXT", Kind::Text),
    ];
    let new_items = vec![
        column("cart_id", "BIGINT", Kind::Int),
        column("line", "BIGINT UNSIGNED", Kind::UInt),
        column("price", "NUMERIC", Kind::Decimal),
    ];
    World {
        entities: vec![Entity { root: true, ..cart }, item],
        legacy: Catalog {
            tables: vec![table("public.carts", legacy_carts, &["id"]), legacy_items],
            search_path: vec!["app".to_owned(), "public".to_owned()],
        },
        new: Catalog {
            tables: vec![
                table("cart", new_carts, &["id"]),
                table("cart_item", new_items, &["line", "cart_id"]),
            ],
            search_path: Vec::new(),
        },
    }
}

impl World {
    fn check(&self) -> Result<Mapping, Vec<MappingError>> {
        check("cart", &self.entities, Some(&self.legacy), Some(&self.new))
    }

    /// The one error there is, as people read it.
    fn only_error(&self) -> String {
        let errors = self.check().unwrap_err();
        assert_eq!(errors.len(), 1, "{errors:#?}");
        errors[0].to_string()
    }

    fn legacy_column(&mut self, table: usize, column: usize) -> &mut ColumnInfo {
        &mut self.legacy.tables[table].columns[column]
    }
}

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
