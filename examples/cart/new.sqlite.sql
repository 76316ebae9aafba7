-- The cart service's own database.
CREATE TABLE carts (
    id         INTEGER PRIMARY KEY,
    user_id    TEXT         NOT NULL,
    state      TEXT         NOT NULL DEFAULT 'open',
    total      DECIMAL_TEXT NOT NULL DEFAULT '0',
    gift       BOOLEAN      NOT NULL DEFAULT 0,
    -- Whole seconds: legacy keeps no more, and what cannot be carried exactly is refused.
    created_at TIMESTAMP    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
);
CREATE TABLE cart_items (
    cart_id    INTEGER      NOT NULL REFERENCES carts (id),
    product_id INTEGER      NOT NULL,
    quantity   INTEGER      NOT NULL DEFAULT 1,
    unit_price DECIMAL_TEXT NOT NULL,
    PRIMARY KEY (cart_id, product_id)
);
CREATE TABLE wishlist_items (
    user_id    TEXT    NOT NULL,
    product_id INTEGER NOT NULL,
    note       TEXT,
    PRIMARY KEY (user_id, product_id)
);
CREATE TABLE users (
    id     TEXT    NOT NULL PRIMARY KEY,
    email  TEXT    NOT NULL,
    name   TEXT,
    visits INTEGER NOT NULL DEFAULT 0
);
