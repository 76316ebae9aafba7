-- What the service wants instead.
CREATE TYPE order_state AS ENUM ('open', 'paid', 'sent');
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;

CREATE TABLE customers (
    id            bigint PRIMARY KEY,
    name          text NOT NULL,
    email         text NOT NULL,
    phone         text,
    vip           boolean NOT NULL DEFAULT false,
    registered_at timestamptz(0) NOT NULL,
    address       text,
    source        text
);
CREATE TABLE orders (
    id          bigint PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers (id),
    "group"     text,
    state       order_state NOT NULL DEFAULT 'open',
    total       numeric(14, 2) NOT NULL,
    placed_at   timestamptz(3) NOT NULL
);
CREATE TABLE order_lines (
    order_id   bigint NOT NULL REFERENCES orders (id),
    position   integer NOT NULL,
    product_id bigint NOT NULL,
    quantity   integer NOT NULL,
    PRIMARY KEY (order_id, position)
);
CREATE TABLE deliveries (
    id       bigint PRIMARY KEY,
    order_id bigint NOT NULL,
    position integer NOT NULL,
    sent_on  date,
    FOREIGN KEY (order_id, position) REFERENCES order_lines (order_id, position)
);
CREATE TABLE products (
    id          bigint PRIMARY KEY,
    name        text NOT NULL,
    description text,
    price       numeric(14, 2) NOT NULL,
    weight_kg   numeric,
    width_mm    integer,
    depth_cm    integer
);
CREATE TABLE categories (
    id        bigint PRIMARY KEY,
    parent_id bigint REFERENCES categories (id),
    name      text NOT NULL
);
CREATE TABLE stock (
    warehouse  text NOT NULL,
    product_id bigint NOT NULL REFERENCES products (id),
    on_hand    integer NOT NULL,
    PRIMARY KEY (warehouse, product_id)
);

CREATE TABLE departments (id bigint PRIMARY KEY, name text NOT NULL, head_id bigint);
CREATE TABLE employees (
    id            bigint PRIMARY KEY,
    boss_id       bigint REFERENCES employees (id),
    department_id bigint NOT NULL REFERENCES departments (id),
    salary        numeric(10, 2)
);
ALTER TABLE departments ADD FOREIGN KEY (head_id) REFERENCES employees (id);
CREATE TABLE product_images (
    product_id bigint NOT NULL REFERENCES products (id),
    number     integer NOT NULL,
    image      bytea NOT NULL,
    PRIMARY KEY (product_id, number)
);
CREATE TABLE reviews (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers (id), note text NOT NULL);
CREATE TABLE vouchers (
    code        text PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers (id),
    cents       bigint NOT NULL
);
CREATE TABLE desks (id bigint PRIMARY KEY, office_no bigint NOT NULL);

CREATE TABLE prices (id bigint PRIMARY KEY, amount numeric(12, 2) NOT NULL);
CREATE TABLE quotes (id bigint PRIMARY KEY, amount numeric(12, 2) NOT NULL);
CREATE TABLE offers (id bigint PRIMARY KEY, amount numeric(12, 2) NOT NULL);

CREATE TABLE taxes (
    id    bigint PRIMARY KEY,
    net   bigint NOT NULL,
    gross bigint GENERATED ALWAYS AS (net + net / 5) STORED
);
CREATE TABLE boxes (id bigint PRIMARY KEY, side bigint NOT NULL, volume bigint);

CREATE TABLE order_notes (note_id bigint PRIMARY KEY, "select" text, two_words text);
CREATE TABLE "User" ("from" bigint PRIMARY KEY, "to" text NOT NULL);
CREATE TABLE "we.ird" (id bigint PRIMARY KEY);
CREATE TABLE a_name_as_long_as_postgresql_lets_it_be_which_is_far_too_lo (
    id bigint PRIMARY KEY,
    a_column_name_as_long_as_postgresql_lets_it_be_which_is_too_lon text
);

CREATE TABLE documents (
    id         uuid PRIMARY KEY,
    body       jsonb,
    tags       jsonb,
    valid_for  bigint,
    cost       numeric(12, 2),
    ratio      double precision,
    printed_at timestamp,
    signed_at  timestamptz(0),
    shape      numeric(12, 4)
);
CREATE TABLE measures (id bigint PRIMARY KEY, height numeric(12, 4), depth numeric(10, 2));
CREATE TABLE calls (id bigint PRIMARY KEY, made_at timestamptz NOT NULL, length_min integer);
CREATE TABLE texts (id bigint PRIMARY KEY, short varchar(50), flat text);
CREATE TABLE parcels (id bigint PRIMARY KEY, weight_kg numeric);

CREATE TABLE log (id bigint PRIMARY KEY, line text, at timestamptz);
CREATE TABLE sessions (token text PRIMARY KEY, customer_id bigint NOT NULL);
CREATE TABLE countries (iso text PRIMARY KEY, name text NOT NULL);
CREATE TABLE devices (id uuid PRIMARY KEY, model text);
CREATE TABLE members (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL,
    club        text NOT NULL,
    since       date,
    UNIQUE (club, customer_id)
);
CREATE TABLE sign_ins (name text PRIMARY KEY, hits bigint NOT NULL DEFAULT 0);

CREATE TABLE subscribers (id bigint PRIMARY KEY, email text NOT NULL UNIQUE);
CREATE TABLE bookings (id bigint PRIMARY KEY, remark text, seats integer NOT NULL);

CREATE TABLE reports (report_id bigint PRIMARY KEY, body text NOT NULL);

CREATE TABLE outbox_messages (message_no bigint PRIMARY KEY, payload jsonb NOT NULL);
CREATE TABLE alembic_version (version_num text PRIMARY KEY);
CREATE TABLE visits (visit_id bigint, visited date NOT NULL, PRIMARY KEY (visit_id, visited));
