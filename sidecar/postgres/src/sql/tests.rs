//! The tables that golden tests speak of, and tests of names.

use std::sync::Arc;

use dualwrite_core::mapping::{Table, TableColumn};
use dualwrite_core::spec::TableName;
use dualwrite_core::value::Kind;

use super::*;

fn column(name: &str, native: &str, kind: Kind) -> TableColumn {
    TableColumn {
        name: name.into(),
        native: native.into(),
        kind,
        nullable: true,
        generated: false,
    }
}

fn table(entity: &str, name: &str, key: Vec<usize>, columns: Vec<TableColumn>) -> Table {
    Table {
        entity: Arc::from(entity),
        name: TableName {
            schema: Some("shop".into()),
            name: name.into(),
        },
        key,
        columns,
        fk_rank: 0,
        uniques: Vec::new(),
        references: Vec::new(),
    }
}

/// `shop.items(id bigint, qty integer, note jsonb)`.
pub(crate) fn items() -> Table {
    let columns = vec![
        column("id", "bigint", Kind::Int),
        column("qty", "integer", Kind::Int),
        column("note", "jsonb", Kind::Json),
    ];
    table("item", "items", vec![0], columns)
}

/// `shop.lines(name varchar(20), cart uuid, no smallint)`, key `(cart, no)`.
pub(crate) fn lines() -> Table {
    let columns = vec![
        column("name", "character varying(20)", Kind::Text),
        column("cart", "uuid", Kind::Uuid),
        column("no", "smallint", Kind::Int),
    ];
    table("line", "lines", vec![1, 2], columns)
}

#[test]
fn names_are_quoted_and_impossible_ones_refused() {
    assert_eq!(ident("id"), Ok("\"id\"".into()));
    assert_eq!(ident("o\"dd; --"), Ok("\"o\"\"dd; --\"".into()));
    for wrong in ["", "a\0b", &"x".repeat(64)] {
        assert!(ident(wrong).is_err(), "{wrong:?}");
    }
    assert!(ident(&"x".repeat(63)).is_ok());
}

#[test]
fn tables_are_named_with_their_schema() {
    assert_eq!(table_name(&items().name), Ok("\"shop\".\"items\"".into()));
    assert_eq!(
        table_name(&TableName::bare("items")),
        Ok("\"items\"".into())
    );
    assert_eq!(gate("cart"), Ok("dualwrite.\"gate_cart\"".into()));
    assert_eq!(
        outbox("cart", "item"),
        Ok("dualwrite.\"outbox_cart_item\"".into())
    );
}

#[test]
fn keys_join_by_their_own_names_or_by_place() {
    let own = by_key(&lines(), "t", KeyedBy::Own, "u").unwrap();
    assert_eq!(own, "t.\"cart\" = u.c1::uuid AND t.\"no\" = u.c2::smallint");
    let place = by_key(&lines(), "o", KeyedBy::Place, "u").unwrap();
    assert_eq!(place, "o.k1 = u.c1::uuid AND o.k2 = u.c2::smallint");
}

#[test]
fn a_touch_changes_no_key() {
    assert_eq!(touch(&items()), Ok("\"qty\" = t.\"qty\"".into()));
    assert_eq!(touch(&lines()), Ok("\"name\" = t.\"name\"".into()));
}

#[test]
fn groups_stand_in_the_order_of_entities_and_remember_their_places() {
    let list = [Arc::new(lines()), Arc::new(items()), Arc::new(lines())];
    let groups = by_table(&list, |table| table);
    let shape: Vec<(&str, Vec<usize>)> = groups
        .iter()
        .map(|(table, group)| {
            (
                &*table.entity,
                group.iter().map(|(place, _)| *place).collect(),
            )
        })
        .collect();
    assert_eq!(shape, [("item", vec![1]), ("line", vec![0, 2])]);
}
