use super::*;
use crate::convert::Convert;
use crate::violation::Violation;

fn entity(name: &str) -> Entity {
    Entity {
        name: name.to_owned(),
        root: false,
        key: vec!["id".to_owned()],
        capture: Capture::None,
        legacy_table: TableName::parse(&format!("public.{name}")).unwrap(),
        new_table: TableName::bare(name),
        columns: vec![Column::same("id"), Column::same("title")],
    }
}

fn spec(entities: Vec<Entity>) -> Spec {
    Spec {
        entities,
        ..Spec::default()
    }
}

fn paths(spec: &Spec) -> Vec<String> {
    spec.validate("cart")
        .into_iter()
        .map(|violation| violation.path)
        .collect()
}

#[test]
fn a_sound_spec_has_no_violations() {
    let spec = spec(vec![
        Entity {
            root: true,
            ..entity("cart")
        },
        entity("cart_item"),
    ]);
    assert_eq!(spec.validate("cart"), []);
}

#[test]
fn each_violation_has_its_path() {
    let wrong = |change: fn(&mut Entity)| {
        let mut entity = entity("cart");
        change(&mut entity);
        spec(vec![entity])
    };
    let table: [(Spec, &[&str]); 16] = [
        (spec(vec![]), &["entities"]),
        (wrong(|e| e.name = "Cart".into()), &["entities[0].name"]),
        (wrong(|e| e.name = "1cart".into()), &["entities[0].name"]),
        (wrong(|e| e.name = "a".repeat(32)), &["entities[0].name"]),
        (wrong(|e| e.key = vec![]), &["entities[0].key"]),
        (
            wrong(|e| e.key = vec!["idd".into()]),
            &["entities[0].key[0]"],
        ),
        (
            wrong(|e| e.key = vec!["id".into(), "id".into()]),
            &["entities[0].key[1]"],
        ),
        (
            wrong(|e| e.columns[0].convert = Convert::TextToUuid),
            &["entities[0].columns[0].convert"],
        ),
        (
            wrong(|e| e.columns[1].legacy = "id".into()),
            &["entities[0].columns[1].legacy"],
        ),
        (
            wrong(|e| e.columns[1].new = "id".into()),
            &["entities[0].columns[1].new"],
        ),
        (
            wrong(|e| e.columns[1].new = String::new()),
            &["entities[0].columns[1].new"],
        ),
        (
            wrong(|e| e.columns[1].new = "a\0b".into()),
            &["entities[0].columns[1].new"],
        ),
        (
            wrong(|e| e.columns[1].legacy = "x".repeat(64)),
            &["entities[0].columns[1].legacy"],
        ),
        (
            wrong(|e| e.legacy_table.name = "t\0".into()),
            &["entities[0].legacy.table"],
        ),
        (
            wrong(|e| e.columns = (0..1025).map(|n| Column::same(format!("c{n}"))).collect()),
            &["entities[0].columns", "entities[0].key[0]"],
        ),
        (
            wrong(|e| e.columns = vec![]),
            &["entities[0].columns", "entities[0].key[0]"],
        ),
    ];
    for (spec, expected) in table {
        assert_eq!(paths(&spec), expected);
    }
}

#[test]
fn entities_do_not_share_names_tables_or_the_root() {
    let twice = spec(vec![
        Entity {
            root: true,
            ..entity("cart")
        },
        Entity {
            root: true,
            ..entity("cart")
        },
    ]);
    assert_eq!(
        paths(&twice),
        [
            "entities[1].name",
            "entities[1].legacy.table",
            "entities[1].new.table",
            "entities[1].root"
        ]
    );
}

#[test]
fn generated_names_fit_every_engine() {
    let long = entity(&"e".repeat(31));
    let fits = spec(vec![long.clone()]).validate(&"s".repeat(24));
    assert_eq!(fits, []);
    let found = spec(vec![long]).validate(&"s".repeat(25));
    assert_eq!(found.len(), 1);
    assert!(found[0].message.contains("outbox_sss"), "{}", found[0]);
    assert_eq!(
        outbox_name("s", "e").len(),
        "outbox__".len() + 2,
        "the limit in the message"
    );
}

#[test]
fn flags_and_guards_are_checked_too() {
    let mut spec = spec(vec![entity("cart")]);
    spec.flags.batch_size = 0;
    spec.guards.max_secondary_error_percent = f64::NAN;
    assert_eq!(
        paths(&spec),
        ["flags.batch_size", "guards.maxSecondaryErrorPercent"]
    );
}

#[test]
fn a_wrong_key_field_suggests_the_nearest_column() {
    let mut wrong = entity("cart");
    wrong.key = vec!["titel".to_owned()];
    let found: Vec<Violation> = spec(vec![wrong]).validate("cart");
    assert_eq!(
        found[0].expected,
        "a column's name on the new side, perhaps `title`"
    );
}

#[test]
fn table_names_have_at_most_a_schema() {
    assert_eq!(TableName::parse("t"), Ok(TableName::bare("t")));
    let full = TableName::parse("s.t").unwrap();
    assert_eq!(
        (full.schema.as_deref(), full.name.as_str()),
        (Some("s"), "t")
    );
    assert_eq!(full.to_string(), "s.t");
    for text in ["", ".", "a.", ".b", "a.b.c", " . "] {
        let error = TableName::parse(text).unwrap_err().to_string();
        assert!(error.contains("`schema.table`"), "{error}");
    }
}

#[test]
fn the_serialised_form_is_that_of_the_manifest() {
    let mut item = entity("cart_item");
    item.columns[1] = Column {
        legacy: "price_cents".into(),
        new: "price".into(),
        convert: Convert::CentsToDecimal,
        sensitive: true,
    };
    let spec = spec(vec![Entity {
        root: true,
        capture: Capture::Trigger,
        ..item
    }]);
    let json = serde_json::to_value(&spec).unwrap();
    let entity = &json["entities"][0];
    assert_eq!(json["keepMarkers"], true);
    assert_eq!(json["guards"]["maxMarkerAge"], "30s");
    assert_eq!(entity["legacy"]["table"], "public.cart_item");
    assert_eq!(entity["capture"], "trigger");
    assert_eq!(entity["columns"][1]["convert"], "cents_to_decimal");
    assert_eq!(serde_json::from_value::<Spec>(json).unwrap(), spec);
}
