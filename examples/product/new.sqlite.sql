-- The product service's own database.
CREATE TABLE categories (
    id        INTEGER PRIMARY KEY,
    parent_id INTEGER REFERENCES categories (id),
    name      TEXT    NOT NULL,
    hidden    BOOLEAN NOT NULL DEFAULT 0
);
CREATE TABLE products (
    id          INTEGER      PRIMARY KEY,
    category_id INTEGER      NOT NULL REFERENCES categories (id),
    name        TEXT         NOT NULL,
    description TEXT,
    price       DECIMAL_TEXT NOT NULL,
    weight_kg   DECIMAL_TEXT,
    -- Whole seconds: legacy keeps no more, and what cannot be carried exactly is refused.
    changed_at  TIMESTAMP    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
);
CREATE TABLE stock (
    warehouse  TEXT    NOT NULL,
    product_id INTEGER NOT NULL REFERENCES products (id),
    on_hand    INTEGER NOT NULL CHECK (on_hand >= 0),
    PRIMARY KEY (warehouse, product_id)
);
