-- The cart service's own database.
CREATE TABLE carts (
    id         bigint         PRIMARY KEY,
    user_id    text           NOT NULL,
    state      text           NOT NULL DEFAULT 'open',
    total      numeric(14, 2) NOT NULL DEFAULT 0,
    gift       boolean        NOT NULL DEFAULT false,
    -- Whole seconds: legacy keeps no more, and what cannot be carried exactly is refused.
    created_at timestamptz(0) NOT NULL DEFAULT now()
);
CREATE TABLE cart_items (
    cart_id    bigint         NOT NULL REFERENCES carts (id),
    product_id bigint         NOT NULL,
    quantity   integer        NOT NULL DEFAULT 1,
    unit_price numeric(14, 2) NOT NULL,
    PRIMARY KEY (cart_id, product_id)
);
CREATE TABLE wishlist_items (
    user_id    text   NOT NULL,
    product_id bigint NOT NULL,
    note       text,
    PRIMARY KEY (user_id, product_id)
);
CREATE TABLE users (
    id     text   PRIMARY KEY,
    email  text   NOT NULL,
    name   text,
    visits bigint NOT NULL DEFAULT 0
);
