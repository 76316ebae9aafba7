use super::*;
use crate::catalog::{Action, Catalog, ColumnInfo, ForeignKey, Form, Relation, TableInfo};
use crate::convert::Convert;
use crate::mapping;
use crate::spec::TableName;
use crate::value::Kind;

mod any;
mod questions;

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

fn nullable(name: &str, native: &str, kind: Kind) -> ColumnInfo {
    ColumnInfo {
        nullable: true,
        ..column(name, native, kind)
    }
}

fn int(name: &str) -> ColumnInfo {
    column(name, "bigint", Kind::Int)
}

fn text(name: &str) -> ColumnInfo {
    column(name, "text", Kind::Text)
}

fn table(name: &str, key: &[&str], columns: Vec<ColumnInfo>) -> TableInfo {
    TableInfo {
        name: TableName::parse(name).unwrap(),
        columns,
        primary_key: key.iter().map(|name| (*name).to_owned()).collect(),
        uniques: Vec::new(),
        foreign_keys: Vec::new(),
        triggers: Vec::new(),
    }
}

fn referring(mut info: TableInfo, column: &str, to: &str, on_delete: Action) -> TableInfo {
    info.foreign_keys.push(ForeignKey {
        name: format!("{column}_fkey"),
        columns: vec![column.to_owned()],
        references: TableName::parse(to).unwrap(),
        referenced_columns: vec!["id".to_owned()],
        on_delete,
        on_update: Action::NoAction,
        deferrable: false,
    });
    info
}

fn survey(tables: Vec<TableInfo>) -> Survey {
    Survey {
        catalog: Catalog {
            tables,
            search_path: vec!["public".to_owned()],
        },
        others: Vec::new(),
        bounded: true,
    }
}

fn sides(legacy: Vec<TableInfo>, new: Vec<TableInfo>) -> SurveyedSides {
    SurveyedSides {
        legacy: survey(legacy),
        new: survey(new),
    }
}

fn proposed(legacy: Vec<TableInfo>, new: Vec<TableInfo>) -> Proposal {
    propose("cart", &sides(legacy, new), &[])
}

/// The mapped columns of the only entity, as `legacy>new` with a conversion.
fn mapped(proposal: &Proposal) -> Vec<String> {
    let [only] = proposal.entities.as_slice() else {
        panic!("{:#?}", proposal.entities)
    };
    let told = only.entity.columns.iter().map(|column| {
        let convert = if column.convert.is_none() {
            String::new()
        } else {
            format!(" {}", column.convert)
        };
        format!("{}>{}{convert}", column.legacy, column.new)
    });
    told.collect()
}

/// Whether a remark of this level says these words.
fn says(proposal: &Proposal, level: Level, words: &str) -> bool {
    proposal
        .remarks()
        .iter()
        .any(|remark| remark.level == level && remark.detail.contains(words))
}

#[test]
fn equal_tables_need_no_word() {
    let same = || vec![table("public.cart", &["id"], vec![int("id"), text("note")])];
    let proposal = proposed(same(), same());
    assert_eq!(proposal.remarks(), Vec::<&Remark>::new());
    assert_eq!(mapped(&proposal), ["id>id", "note>note"]);
    let [entity] = proposal.offered().try_into().unwrap();
    assert!(entity.root);
    assert_eq!(entity.new_table, TableName::bare("cart"));
}

#[test]
fn names_are_matched_for_a_reason_and_the_reason_is_told() {
    let table_of =
        |name: &str, column: ColumnInfo| vec![table(name, &["id"], vec![int("id"), column])];
    let cases = [
        ("cartNote", "cart_note", "how they are written"),
        ("qty", "quantity", "abbreviations"),
        ("notes", "note", "abbreviations"),
        ("is_gift", "gift", "without units"),
        ("cart_label", "label", "name of the table"),
        ("status", "state", "one meaning"),
        ("adress", "address", "one letter"),
        ("phone_no", "phone", "without a last word"),
        ("display", "display_name", "without a last word"),
        ("prefs", "settings", "one meaning"),
    ];
    for (legacy, new, why) in cases {
        let proposal = proposed(
            table_of("carts", text(legacy)),
            table_of("carts", text(new)),
        );
        assert_eq!(mapped(&proposal)[1], format!("{legacy}>{new}"));
        assert!(says(&proposal, Level::Check, why), "{legacy} {new}");
    }
}

#[test]
fn kinds_choose_the_conversion() {
    let cases = [
        (
            "total_cents",
            Kind::Int,
            "total",
            "numeric(14,2)",
            Kind::Decimal,
            Convert::CentsToDecimal,
        ),
        (
            "is_gift",
            Kind::Int,
            "gift",
            "boolean",
            Kind::Bool,
            Convert::IntToBool,
        ),
        (
            "made_ts",
            Kind::Int,
            "made_at",
            "timestamptz",
            Kind::Timestamp,
            Convert::EpochSecondsToTimestamp,
        ),
        (
            "made_ms",
            Kind::Int,
            "made_at",
            "timestamptz",
            Kind::Timestamp,
            Convert::EpochMillisToTimestamp,
        ),
        (
            "made",
            Kind::Int,
            "made_at",
            "timestamp(3) with time zone",
            Kind::Timestamp,
            Convert::EpochMillisToTimestamp,
        ),
        (
            "tag",
            Kind::Text,
            "tag",
            "uuid",
            Kind::Uuid,
            Convert::TextToUuid,
        ),
    ];
    for (legacy, from, new, native, to, convert) in cases {
        let proposal = proposed(
            vec![table(
                "t",
                &["id"],
                vec![int("id"), column(legacy, "x", from)],
            )],
            vec![table(
                "t",
                &["id"],
                vec![int("id"), column(new, native, to)],
            )],
        );
        assert_eq!(mapped(&proposal)[1], format!("{legacy}>{new} {convert}"));
        assert!(!proposal.remarks().is_empty());
    }
}

#[test]
fn columns_of_one_name_that_nothing_joins_are_told_apart() {
    let apart = proposed(
        vec![table(
            "t",
            &["id"],
            vec![int("id"), nullable("tag", "text", Kind::Text)],
        )],
        vec![table(
            "t",
            &["id"],
            vec![int("id"), nullable("tag", "bytea", Kind::Bytes)],
        )],
    );
    assert_eq!(mapped(&apart), ["id>id"]);
    assert!(says(&apart, Level::Refused, "no conversion joins them"));
    assert!(apart.entities[0].offered);
}

#[test]
fn two_answers_that_are_equally_good_are_left_open() {
    let proposal = proposed(
        vec![table("t", &["id"], vec![int("id"), int("made")])],
        vec![table(
            "t",
            &["id"],
            vec![
                int("id"),
                nullable("made_at", "timestamptz", Kind::Timestamp),
            ],
        )],
    );
    assert!(says(&proposal, Level::Decide, "seconds (10 digits today)"));
    let yaml = proposal.to_yaml();
    for convert in ["epoch_seconds_to_timestamp", "epoch_millis_to_timestamp"] {
        let line = format!("# - {{legacy: made, new: made_at, convert: {convert}}}");
        assert!(yaml.contains(&line), "{yaml}");
    }
    let names = |name: &str| table(name, &["id"], vec![int("id"), text("label")]);
    let tables = proposed(
        vec![names("a.carts"), names("b.carts")],
        vec![names("carts")],
    );
    assert_eq!(tables.offered(), []);
    assert!(says(
        &tables,
        Level::Decide,
        "a.carts as carts, b.carts as carts"
    ));
    assert!(tables.to_yaml().contains("entities: []"));
}

#[test]
fn what_no_copy_could_keep_is_left_out_with_the_reason() {
    let plain = |columns: Vec<ColumnInfo>| vec![table("t", &["id"], columns)];
    let keyless = proposed(
        vec![table("t", &[], vec![int("id")])],
        plain(vec![int("id")]),
    );
    assert!(says(
        &keyless,
        Level::Refused,
        "legacy table t has no primary key"
    ));
    assert_eq!(keyless.offered(), []);

    let loose = ColumnInfo {
        collation_unsafe: true,
        ..text("id")
    };
    let loose = proposed(plain(vec![loose]), plain(vec![text("id")]));
    assert!(says(&loose, Level::Refused, "collation ignores case"));

    let needed = proposed(plain(vec![int("id")]), plain(vec![int("id"), text("must")]));
    assert!(says(&needed, Level::Refused, "NOT NULL without a default"));
    assert_eq!(needed.offered(), []);

    let rounded = |native| column("sum", native, Kind::Decimal);
    let rounded = proposed(
        plain(vec![int("id"), rounded("numeric(10,2)")]),
        plain(vec![int("id"), rounded("numeric(12,4)")]),
    );
    assert!(says(&rounded, Level::Refused, "would round"));

    let pair = |on_delete| {
        vec![
            table("cart", &["id"], vec![int("id")]),
            referring(
                table("line", &["id"], vec![int("id"), int("cart_id")]),
                "cart_id",
                "cart",
                on_delete,
            ),
        ]
    };
    let cascade = proposed(pair(Action::Cascade), pair(Action::NoAction));
    let names: Vec<String> = cascade
        .offered()
        .into_iter()
        .map(|entity| entity.name)
        .collect();
    assert_eq!(names, ["cart"]);
    assert!(says(&cascade, Level::Refused, "ON DELETE CASCADE"));
}

#[test]
fn a_key_of_another_width_is_found_where_both_sides_are_unique() {
    let mut new = table(
        "line",
        &["id"],
        vec![
            ColumnInfo {
                has_default: true,
                ..int("id")
            },
            int("cart_id"),
            int("product_id"),
        ],
    );
    new.uniques
        .push(vec!["product_id".to_owned(), "cart_id".to_owned()]);
    let legacy = table(
        "line",
        &["cart_id", "product_id"],
        vec![int("cart_id"), int("product_id")],
    );
    let proposal = proposed(vec![legacy], vec![new]);
    let [entity] = proposal.offered().try_into().unwrap();
    assert_eq!(entity.key, ["product_id", "cart_id"]);
    assert!(says(&proposal, Level::Check, "the primary keys differ"));
}

#[test]
fn what_others_own_is_told_in_one_remark() {
    let mut legacy: Vec<TableInfo> = (0..30)
        .map(|at| table(&format!("zoo_{at}"), &["beast"], vec![int("beast")]))
        .collect();
    legacy.push(table("cart", &["id"], vec![int("id")]));
    legacy.push(table(
        "alembic_version",
        &["version_num"],
        vec![text("version_num")],
    ));
    let new = vec![
        table("cart", &["id"], vec![int("id")]),
        table(
            "alembic_version",
            &["version_num"],
            vec![text("version_num")],
        ),
    ];
    let mut sides = sides(legacy, new);
    sides.legacy.others.push(Relation {
        name: TableName::bare("looks"),
        form: Form::View,
    });
    let proposal = propose("cart", &sides, &[]);
    assert_eq!(proposal.offered().len(), 1);
    assert_eq!(proposal.tail.len(), 4, "{:#?}", proposal.tail);
    assert!(says(
        &proposal,
        Level::Check,
        "30 tables of the legacy side"
    ));
    assert!(says(&proposal, Level::Check, "looks (a view"));
    let one = propose("cart", &sides, &["carts".to_owned()]);
    assert_eq!(one.tail[0].remedy, "did you mean cart?");
    assert_eq!(one.offered(), []);
}

#[test]
fn parents_stand_before_children_and_the_top_one_is_the_root() {
    let tables = |prefix: &str| {
        let name = |name: &str| format!("{prefix}{name}");
        vec![
            referring(
                table(&name("a_lines"), &["id"], vec![int("id"), int("order_id")]),
                "order_id",
                &name("orders"),
                Action::NoAction,
            ),
            table(&name("orders"), &["id"], vec![int("id"), text("email")]),
            table(&name("alone"), &["id"], vec![int("id")]),
        ]
    };
    let proposal = propose("shop", &sides(tables("shop_"), tables("")), &[]);
    let names: Vec<(String, bool)> = proposal
        .offered()
        .into_iter()
        .map(|entity| (entity.name, entity.root))
        .collect();
    let expected = [("alone", false), ("order", true), ("a_line", false)];
    assert_eq!(names, expected.map(|(name, root)| (name.to_owned(), root)));
    assert!(says(&proposal, Level::Check, "its name says `email`"));
}
