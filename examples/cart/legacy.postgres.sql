-- The shared shop database, as far as the cart service owns it.
CREATE TABLE shop_carts (
    cart_id     bigint  PRIMARY KEY,
    user_ref    text    NOT NULL,
    status      text    NOT NULL DEFAULT 'open',
    total_cents bigint  NOT NULL DEFAULT 0,
    is_gift     integer NOT NULL DEFAULT 0,
    created_ts  bigint  NOT NULL DEFAULT extract(epoch FROM now())::bigint
);
CREATE TABLE shop_cart_items (
    cart_id          bigint  NOT NULL REFERENCES shop_carts (cart_id),
    product_id       bigint  NOT NULL,
    qty              integer NOT NULL DEFAULT 1,
    unit_price_cents bigint  NOT NULL,
    PRIMARY KEY (cart_id, product_id)
);
CREATE TABLE shop_wishlists (
    user_ref   text   NOT NULL,
    product_id bigint NOT NULL,
    remark     text,
    PRIMARY KEY (user_ref, product_id)
);
CREATE TABLE shop_user_cache (
    user_ref  text   PRIMARY KEY,
    email     text   NOT NULL,
    full_name text,
    visits    bigint NOT NULL DEFAULT 0
);
