-- The product service's own database.
CREATE TABLE categories (
    id        bigint  PRIMARY KEY,
    parent_id bigint  REFERENCES categories (id),
    name      text    NOT NULL,
    hidden    boolean NOT NULL DEFAULT false
);
CREATE TABLE products (
    id          bigint         PRIMARY KEY,
    category_id bigint         NOT NULL REFERENCES categories (id),
    name        text           NOT NULL,
    description text,
    price       numeric(14, 2) NOT NULL,
    weight_kg   numeric,
    -- Whole seconds: legacy keeps no more, and what cannot be carried exactly is refused.
    changed_at  timestamptz(0) NOT NULL DEFAULT now()
);
CREATE TABLE stock (
    warehouse  text    NOT NULL,
    product_id bigint  NOT NULL REFERENCES products (id),
    on_hand    integer NOT NULL CHECK (on_hand >= 0),
    PRIMARY KEY (warehouse, product_id)
);
