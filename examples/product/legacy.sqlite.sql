-- The shared shop database, as far as the product service owns it.
CREATE TABLE shop_categories (
    cat_no    INTEGER PRIMARY KEY,
    parent_no INTEGER REFERENCES shop_categories (cat_no),
    label     TEXT    NOT NULL,
    hidden    INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE shop_products (
    prod_no     INTEGER PRIMARY KEY,
    cat_no      INTEGER NOT NULL REFERENCES shop_categories (cat_no),
    title       TEXT    NOT NULL,
    descr       TEXT,
    price_cents INTEGER NOT NULL,
    -- In kilograms, without superfluous zeros.
    weight      TEXT,
    changed_ts  INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') AS INTEGER))
);
CREATE TABLE shop_stock (
    warehouse TEXT    NOT NULL,
    prod_no   INTEGER NOT NULL REFERENCES shop_products (prod_no),
    pieces    INTEGER NOT NULL CHECK (pieces >= 0),
    PRIMARY KEY (warehouse, prod_no)
);
