//! What a probe writes, and that both sides can hold it.

use super::fits::fits;
use super::*;
use crate::convert::Convert;
use crate::mapping::{Field, TableColumn};
use crate::side::Side;
use crate::value::Kind;

fn column(name: &str, kind: Kind, native: &str) -> TableColumn {
    TableColumn {
        name: name.to_owned(),
        native: native.to_owned(),
        kind,
        nullable: false,
        generated: true,
    }
}

/// An entity whose columns are given as name, kind, native type and whether
/// they may be NULL; the same on both sides, the first is the key.
fn entity(columns: &[(&str, Kind, &str, bool)]) -> EntityMap {
    let table = |side: &str| Table {
        entity: "item".into(),
        name: TableName::bare(side),
        key: vec![0],
        columns: columns
            .iter()
            .map(|(name, kind, native, _)| column(name, *kind, native))
            .collect(),
        fk_rank: 3,
        uniques: vec![vec![0]],
        references: Vec::new(),
    };
    EntityMap {
        name: "item".into(),
        root: true,
        captured: false,
        fields: columns
            .iter()
            .map(|(name, kind, _, nullable)| Field {
                name: (*name).to_owned(),
                kind: *kind,
                convert: Convert::None,
                sensitive: false,
                nullable: *nullable,
            })
            .collect(),
        key: vec![0],
        legacy: Arc::new(table("old")),
        new: Arc::new(table("new")),
    }
}

#[test]
fn every_kind_has_a_telling_value() {
    for kind in Kind::ALL {
        let native = if kind == Kind::Text { "text" } else { "" };
        let entity = entity(&[
            ("id", Kind::Int, "bigint", false),
            ("v", kind, native, false),
        ]);
        let row = values(&entity, 7, Variant::Full).unwrap();
        assert!(!row[1].is_null(), "{kind}");
    }
}

#[test]
fn every_kind_of_key_differs_from_salt_to_salt() {
    for kind in Kind::ALL.into_iter().filter(|kind| kind.is_key()) {
        let native = if kind == Kind::Text { "text" } else { "" };
        let entity = entity(&[("id", kind, native, false)]);
        let key = |salt| values(&entity, salt, Variant::Full).unwrap();
        assert_ne!(
            key(0x1234_5678_9abc_def1),
            key(0x8fed_cba9_8765_4320),
            "{kind}"
        );
    }
}

#[test]
fn a_value_has_room_in_its_column() {
    let tight = [
        (Kind::Int, "smallint"),
        (Kind::Decimal, "numeric(5,2)"),
        (Kind::Decimal, "numeric(1)"),
        (Kind::Text, "character varying(3)"),
        (Kind::Text, "character(30)"),
        (Kind::Timestamp, "timestamp(3) with time zone"),
        (Kind::Time, "time(0) without time zone"),
    ];
    for (kind, native) in tight {
        let entity = entity(&[("id", Kind::Int, "int2", false), ("v", kind, native, false)]);
        let row = values(&entity, u64::MAX, Variant::Full).unwrap();
        assert!(fits(native, &row[1]), "{native}: {:?}", row[1]);
        assert!(fits("int2", &row[0]), "{:?}", row[0]);
    }
}

#[test]
fn conversions_get_values_that_come_back() {
    for convert in Convert::ALL {
        let (legacy, new) = match convert {
            Convert::None | Convert::TextToInt => (Kind::Text, Kind::Int),
            Convert::CentsToDecimal => (Kind::Int, Kind::Decimal),
            Convert::IntToBool => (Kind::Int, Kind::Bool),
            Convert::EpochSecondsToTimestamp | Convert::EpochMillisToTimestamp => {
                (Kind::Int, Kind::Timestamp)
            }
            Convert::TextToUuid => (Kind::Text, Kind::Uuid),
            Convert::TextToDecimal => (Kind::Text, Kind::Decimal),
            Convert::TextToJson => (Kind::Text, Kind::Json),
            Convert::TextToTimestamp => (Kind::Text, Kind::Timestamp),
        };
        let legacy = if convert.is_none() { new } else { legacy };
        let mut entity = entity(&[("id", Kind::Int, "bigint", false), ("v", new, "", false)]);
        entity.fields[1].convert = convert;
        let mut table = Table::clone(&entity.legacy);
        table.columns[1] = column("v", legacy, if legacy == Kind::Text { "text" } else { "" });
        entity.legacy = Arc::new(table);
        let row = values(&entity, 7, Variant::Full);
        let row = row.unwrap_or_else(|error| panic!("{}: {error}", convert.name()));
        let there = entity.to_side(Side::Legacy, &row).unwrap();
        assert_eq!(entity.from_side(Side::Legacy, there).unwrap(), row);
    }
}

#[test]
fn what_may_be_null_is_null_in_the_sparse_row_alone() {
    let entity = entity(&[
        ("id", Kind::Int, "bigint", false),
        ("note", Kind::Text, "text", true),
    ]);
    assert!(values(&entity, 7, Variant::Sparse).unwrap()[1].is_null());
    assert!(!values(&entity, 7, Variant::Full).unwrap()[1].is_null());
}

#[test]
fn an_enum_is_left_null_or_named() {
    let with = |nullable| {
        entity(&[
            ("id", Kind::Int, "bigint", false),
            ("mood", Kind::Text, "mood", nullable),
        ])
    };
    assert!(values(&with(true), 7, Variant::Full).unwrap()[1].is_null());
    let error = values(&with(false), 7, Variant::Full).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no sample is known for item.mood (mood on legacy, mood on new), and it may not be NULL"
    );
}

#[test]
fn a_probe_is_the_same_over_tables_of_ours_and_hangs_on_nothing() {
    let entity = entity(&[("id", Kind::Int, "bigint", false)]);
    let of = |service| {
        let table = |side| TableName::bare(format!("{side}_{}", probe_table(service, "item")));
        probe_of(service, &entity, table("a"), table("b"))
    };
    let probe = of("cart").unwrap();
    assert_eq!(&*probe.name, "probe-item");
    assert!(is_probe(&probe.name) && !is_probe("probe_item"));
    assert_eq!(probe.legacy.name.name, "a_probe_cart_item");
    assert_eq!(probe.legacy.entity, probe.name);
    assert!(probe.new.uniques.is_empty() && probe.new.fk_rank == 0 && !probe.root);
    assert!(!probe.new.columns[0].generated);
    assert!(of(&"x".repeat(60)).is_none());
}
