-- The shared shop database, as far as the product service owns it.
CREATE TABLE shop_categories (
    cat_no    bigint  PRIMARY KEY,
    parent_no bigint  REFERENCES shop_categories (cat_no),
    label     text    NOT NULL,
    hidden    integer NOT NULL DEFAULT 0
);
CREATE TABLE shop_products (
    prod_no     bigint PRIMARY KEY,
    cat_no      bigint NOT NULL REFERENCES shop_categories (cat_no),
    title       text   NOT NULL,
    descr       text,
    price_cents bigint NOT NULL,
    -- In kilograms, without superfluous zeros.
    weight      text,
    changed_ts  bigint NOT NULL DEFAULT extract(epoch FROM now())::bigint
);
CREATE TABLE shop_stock (
    warehouse text    NOT NULL,
    prod_no   bigint  NOT NULL REFERENCES shop_products (prod_no),
    pieces    integer NOT NULL CHECK (pieces >= 0),
    PRIMARY KEY (warehouse, prod_no)
);
