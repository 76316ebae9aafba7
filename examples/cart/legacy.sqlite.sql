-- The shared shop database, as far as the cart service owns it.
CREATE TABLE shop_carts (
    cart_id     INTEGER PRIMARY KEY,
    user_ref    TEXT    NOT NULL,
    status      TEXT    NOT NULL DEFAULT 'open',
    total_cents INTEGER NOT NULL DEFAULT 0,
    is_gift     INTEGER NOT NULL DEFAULT 0,
    created_ts  INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') AS INTEGER))
);
CREATE TABLE shop_cart_items (
    cart_id          INTEGER NOT NULL REFERENCES shop_carts (cart_id),
    product_id       INTEGER NOT NULL,
    qty              INTEGER NOT NULL DEFAULT 1,
    unit_price_cents INTEGER NOT NULL,
    PRIMARY KEY (cart_id, product_id)
);
CREATE TABLE shop_wishlists (
    user_ref   TEXT    NOT NULL,
    product_id INTEGER NOT NULL,
    remark     TEXT,
    PRIMARY KEY (user_ref, product_id)
);
CREATE TABLE shop_user_cache (
    user_ref  TEXT    NOT NULL PRIMARY KEY,
    email     TEXT    NOT NULL,
    full_name TEXT,
    visits    INTEGER NOT NULL DEFAULT 0
);
