//! The service of every run: carts and their items, in other tables and other
//! columns on each side, and how a row of one is compared with one of the other
//! without the engine's own mapping.

use std::sync::Arc;

use dualwrite_core::convert::Convert;
use dualwrite_core::key::Key;
use dualwrite_core::side::Side;
use dualwrite_core::spec::{Capture, Column, Entity, TableName};
use dualwrite_core::value::{Decimal, Kind, Value};
use dualwrite_engine::fake::FakeTable;

use crate::server::Server;

/// The service.
pub const SERVICE: &str = "shop";

/// The root entity: `id`, `state`, `total`, `visits`.
pub const CART: &str = "cart";

/// Its child: `cart_id`, `product`, `quantity`.
pub const ITEM: &str = "item";

/// Which entity a table of a side holds.
#[must_use]
pub fn entity_of(table: &str) -> Option<&'static str> {
    match table {
        "old_carts" | "carts" => Some(CART),
        "old_items" | "items" => Some(ITEM),
        _ => None,
    }
}

/// The table of an entity on a side.
#[must_use]
pub fn table_of(entity: &str, side: Side) -> &'static str {
    match (entity == CART, side) {
        (true, Side::Legacy) => "old_carts",
        (true, Side::New) => "carts",
        (false, Side::Legacy) => "old_items",
        (false, Side::New) => "items",
    }
}

/// A row of a side in the new side's form. Each side's columns stand in the
/// same order; legacy counts cents.
#[must_use]
pub fn canonical(entity: &str, side: Side, mut row: Vec<Value>) -> Vec<Value> {
    if entity == CART
        && side == Side::Legacy
        && let Value::Int(cents) = row[2]
    {
        row[2] = decimal_of_cents(cents);
    }
    row
}

fn decimal_of_cents(cents: i64) -> Value {
    let text = format!("{}.{:02}", cents / 100, cents.rem_euclid(100));
    Decimal::parse(&text).map_or(Value::Null, Value::Decimal)
}

/// Creates the tables of a side. With `referring`, items refer to their cart.
pub fn create_tables(server: &Server, side: Side, referring: bool) {
    let (carts, items) = (table_of(CART, side), table_of(ITEM, side));
    let (cart, total, total_kind) = match side {
        Side::Legacy => (["cart_id", "status", "n"], "cents", Kind::Int),
        Side::New => (["id", "state", "visits"], "total", Kind::Decimal),
    };
    let table = FakeTable::new(carts)
        .column(cart[0], Kind::Int)
        .column(cart[1], Kind::Text)
        .column(total, total_kind)
        .column(cart[2], Kind::Int);
    server.create_table(table.key(&[cart[0]]));
    let quantity = match side {
        Side::Legacy => "qty",
        Side::New => "quantity",
    };
    let table = FakeTable::new(items)
        .column("cart_id", Kind::Int)
        .column("product", Kind::Text)
        .column(quantity, Kind::Int)
        .key(&["cart_id", "product"]);
    server.create_table(if referring {
        table.references(&["cart_id"], carts, &[cart[0]])
    } else {
        table
    });
}

/// Puts a cart on a side, as if it had always been there.
pub fn put_cart(server: &Server, side: Side, id: i64) {
    let Ok(key) = Key::new(vec![Value::Int(id)]) else {
        return;
    };
    let total = match side {
        Side::Legacy => Value::Int(150),
        Side::New => decimal_of_cents(150),
    };
    let row = vec![
        Value::Int(id),
        Value::Text("first".to_owned()),
        total,
        Value::Int(0),
    ];
    server.put(table_of(CART, side), &key, row);
}

/// The entities, as a manifest would name them.
#[must_use]
pub fn entities() -> Vec<Entity> {
    let column = |legacy: &str, new: &str, convert| Column {
        legacy: legacy.to_owned(),
        new: new.to_owned(),
        convert,
        sensitive: false,
    };
    let entity = |name: &str, key: &[&str], columns| Entity {
        name: name.to_owned(),
        root: name == CART,
        key: key.iter().map(|part| (*part).to_owned()).collect(),
        capture: Capture::default(),
        legacy_table: TableName::bare(table_of(name, Side::Legacy)),
        new_table: TableName::bare(table_of(name, Side::New)),
        columns,
    };
    vec![
        entity(
            CART,
            &["id"],
            vec![
                column("cart_id", "id", Convert::None),
                column("status", "state", Convert::None),
                column("cents", "total", Convert::CentsToDecimal),
                column("n", "visits", Convert::None),
            ],
        ),
        entity(
            ITEM,
            &["cart_id", "product"],
            vec![
                column("cart_id", "cart_id", Convert::None),
                column("product", "product", Convert::None),
                column("qty", "quantity", Convert::None),
            ],
        ),
    ]
}

/// Names one row on both sides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// Its entity.
    pub entity: Arc<str>,
    /// Its key, which is the same on both sides.
    pub key: Key,
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.entity, self.key.display())
    }
}
