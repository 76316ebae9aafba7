//! `examples/product`.

use super::{Dialect, Query, Service, Stock, Tally, example};

/// Categories that legacy holds before anything begins, most of them in
/// another one.
pub const CATEGORIES: u64 = 60;
/// Products that legacy holds.
pub const PRODUCTS: u64 = 1_200;
/// Warehouses, each of which has some of every product.
pub const WAREHOUSES: [&str; 2] = ["north", "south"];
/// Pieces of each product in each warehouse.
pub const PIECES: i64 = 40;
/// All of them.
const INITIAL: i64 = 2 * 1_200 * PIECES;

/// The product service.
pub static PRODUCT: Service = {
    let (manifest, schemas) = example!("product");
    Service {
        name: "product",
        manifest,
        entities: &["category", "product", "stock"],
        schemas,
        rows,
        comparisons,
        tallies,
    }
};

fn rows(dialect: Dialect) -> String {
    let products = dialect.numbers(PRODUCTS);
    let stock = WAREHOUSES.map(|warehouse| {
        format!(
            "INSERT INTO shop_stock (warehouse, prod_no, pieces) SELECT '{warehouse}', n, {PIECES} FROM {products};"
        )
    });
    format!(
        "INSERT INTO shop_categories (cat_no, parent_no, label, hidden) \
           SELECT n, CASE WHEN n > 5 THEN n / 5 END, 'Category ' || n, CASE n % 9 WHEN 0 THEN 1 ELSE 0 END \
           FROM {categories};
         INSERT INTO shop_products (prod_no, cat_no, title, descr, price_cents, weight, changed_ts) \
           SELECT n, n % {CATEGORIES} + 1, 'Product ' || n, CASE n % 3 WHEN 0 THEN NULL ELSE 'No. ' || n END, \
                  n * 199 % 50000, CASE n % 4 WHEN 0 THEN NULL ELSE (n % 30) || '.' || (n % 9 + 1) END, 1680000000 + n \
           FROM {products};
         {stock}",
        categories = dialect.numbers(CATEGORIES),
        stock = stock.concat(),
    )
}

fn comparisons(dialect: Dialect) -> Vec<Query> {
    vec![
        Query {
            entity: "category",
            key_columns: 1,
            legacy: "SELECT cat_no, parent_no, label, hidden FROM shop_categories".into(),
            new: format!(
                "SELECT id, parent_id, name, {} FROM categories",
                dialect.bit("hidden")
            ),
        },
        Query {
            entity: "product",
            key_columns: 1,
            legacy: "SELECT prod_no, cat_no, title, descr, price_cents, weight, changed_ts FROM shop_products"
                .into(),
            new: format!(
                "SELECT id, category_id, name, description, {}, {}, {} FROM products",
                dialect.cents("price"),
                dialect.text("weight_kg"),
                dialect.seconds("changed_at")
            ),
        },
        Query {
            entity: "stock",
            key_columns: 2,
            legacy: "SELECT warehouse, prod_no, pieces FROM shop_stock".into(),
            new: "SELECT warehouse, product_id, on_hand FROM stock".into(),
        },
    ]
}

/// What is sold is what was there less what is left, in the warehouses that were there.
fn tallies(_: Dialect) -> Vec<Tally> {
    let gone = |product: &str, left: &str, table: &str| {
        format!(
            "SELECT warehouse || '/' || {product}, {PIECES} - {left} FROM {table} WHERE {left} <> {PIECES}"
        )
    };
    let left = |left: &str, table: &str| {
        let [north, south] = WAREHOUSES;
        format!(
            "SELECT min({left}), sum({left}) FROM {table} WHERE warehouse IN ('{north}', '{south}')"
        )
    };
    vec![Tally {
        what: "pieces sold",
        legacy: gone("prod_no", "pieces", "shop_stock"),
        new: gone("product_id", "on_hand", "stock"),
        stock: Some(Stock {
            initial: INITIAL,
            legacy: left("pieces", "shop_stock"),
            new: left("on_hand", "stock"),
        }),
    }]
}
