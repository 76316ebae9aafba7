//! The world in which mappings are tried: two catalogs and entities that fit them, to be bent.

use super::*;
use crate::catalog::{Action, Catalog, ColumnInfo, ForeignKey, TableInfo, TriggerInfo};
use crate::spec::{Capture, Column, Entity};
use crate::value::{Decimal, Value};

mod keys;
mod kinds;
mod rows;
mod tables;
mod whole;

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
