-- A shared database of twenty years, as far as it is ugly. Each table has one
-- thing that a proposal must get right, ask about, or refuse.
CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TYPE order_state AS ENUM ('open', 'paid', 'sent');
CREATE DOMAIN email_text AS text NOT NULL CHECK (VALUE LIKE '%@%');
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE SCHEMA archive;

-- Names, units, abbreviations.
CREATE TABLE erp_customers (
    cust_no       bigint PRIMARY KEY,
    cust_name     text NOT NULL,
    mail          email_text,
    phone_no      text,
    is_vip        integer NOT NULL DEFAULT 0,
    registered_ts bigint NOT NULL,
    bill_addr     text,
    ship_addr     text,
    channel       text
);
CREATE TABLE erp_orders (
    ord_no      bigint PRIMARY KEY,
    cust_no     bigint NOT NULL REFERENCES erp_customers (cust_no),
    "Group"     text,
    status      order_state NOT NULL DEFAULT 'open',
    total_cents bigint NOT NULL,
    placed_ms   bigint NOT NULL
);
-- A key of two, one of them a reference.
CREATE TABLE erp_order_lines (
    ord_no  bigint NOT NULL REFERENCES erp_orders (ord_no),
    pos     integer NOT NULL,
    prod_no bigint NOT NULL,
    qty     integer NOT NULL,
    PRIMARY KEY (ord_no, pos)
);
-- A reference of two columns.
CREATE TABLE erp_deliveries (
    delivery_id bigint PRIMARY KEY,
    ord_no      bigint NOT NULL,
    pos         integer NOT NULL,
    sent_on     date,
    FOREIGN KEY (ord_no, pos) REFERENCES erp_order_lines (ord_no, pos)
);
CREATE TABLE erp_products (
    prod_no     bigint PRIMARY KEY,
    title       text NOT NULL,
    descr       text,
    price_cents bigint NOT NULL,
    weight      text,
    width_mm    integer,
    depth_mm    integer
);
-- It refers to itself.
CREATE TABLE erp_categories (
    cat_no    bigint PRIMARY KEY,
    parent_no bigint REFERENCES erp_categories (cat_no),
    label     text NOT NULL
);
CREATE TABLE erp_stock (
    warehouse text NOT NULL,
    prod_no   bigint NOT NULL REFERENCES erp_products (prod_no),
    pieces    integer NOT NULL,
    PRIMARY KEY (warehouse, prod_no)
);

-- References in a circle, and those that change rows by themselves.
CREATE TABLE erp_departments (dept_no bigint PRIMARY KEY, dept_name text NOT NULL, head_no bigint);
CREATE TABLE erp_employees (
    emp_no  bigint PRIMARY KEY,
    boss_no bigint REFERENCES erp_employees (emp_no),
    dept_no bigint NOT NULL REFERENCES erp_departments (dept_no),
    salary  numeric(10, 2)
);
ALTER TABLE erp_departments ADD FOREIGN KEY (head_no) REFERENCES erp_employees (emp_no);
CREATE TABLE erp_product_images (
    prod_no bigint NOT NULL REFERENCES erp_products (prod_no) ON DELETE CASCADE,
    nr      integer NOT NULL,
    img     bytea NOT NULL,
    PRIMARY KEY (prod_no, nr)
);
CREATE TABLE erp_reviews (
    review_id bigint PRIMARY KEY,
    cust_no   bigint REFERENCES erp_customers (cust_no) ON DELETE SET NULL,
    comment   text NOT NULL
);
CREATE TABLE erp_vouchers (
    code    text PRIMARY KEY,
    cust_no bigint NOT NULL REFERENCES erp_customers (cust_no) ON UPDATE CASCADE,
    cents   bigint NOT NULL
);
-- A reference to what is not moved, which takes rows with it.
CREATE TABLE hr_offices (office_no bigint PRIMARY KEY, street text NOT NULL);
CREATE TABLE erp_desks (
    desk_no   bigint PRIMARY KEY,
    office_no bigint NOT NULL REFERENCES hr_offices (office_no) ON DELETE CASCADE
);

-- Triggers and rules.
CREATE TABLE erp_prices (price_id bigint PRIMARY KEY, amount numeric(12, 2) NOT NULL);
CREATE TRIGGER prices_touch BEFORE UPDATE ON erp_prices FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TABLE erp_quotes (quote_id bigint PRIMARY KEY, amount numeric(12, 2) NOT NULL);
CREATE RULE quotes_stay AS ON DELETE TO erp_quotes DO INSTEAD NOTHING;
CREATE TABLE erp_offers (offer_id bigint PRIMARY KEY, amount numeric(12, 2) NOT NULL);
CREATE TRIGGER offers_off BEFORE UPDATE ON erp_offers FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE erp_offers DISABLE TRIGGER offers_off;

-- Computed columns.
CREATE TABLE erp_taxes (
    tax_id bigint PRIMARY KEY,
    net    bigint NOT NULL,
    gross  bigint GENERATED ALWAYS AS (net + net / 5) STORED
);
CREATE TABLE erp_boxes (
    box_id bigint PRIMARY KEY,
    side   bigint NOT NULL,
    volume bigint GENERATED ALWAYS AS (side * side * side) STORED
);

-- Names that must be quoted.
CREATE TABLE "Order Notes" ("NoteID" bigint PRIMARY KEY, "select" text, "Two Words" text);
CREATE TABLE "user" ("from" bigint PRIMARY KEY, "to" text NOT NULL);
CREATE TABLE "we.ird" (id bigint PRIMARY KEY);
CREATE TABLE erp_a_name_as_long_as_postgresql_lets_it_be_which_is_far_too_lo (
    id bigint PRIMARY KEY,
    a_column_name_as_long_as_postgresql_lets_it_be_which_is_too_lon text
);

-- Types.
CREATE TABLE erp_documents (
    doc_id     uuid PRIMARY KEY,
    body       json,
    tags       text[],
    valid_for  interval,
    cost       money,
    ratio      double precision,
    printed_at timestamp,
    signed_at  timestamptz,
    shape      numeric
);
CREATE TABLE erp_measures (measure_id bigint PRIMARY KEY, height numeric(10, 2), depth numeric(10, 2));
CREATE TABLE erp_calls (call_id bigint PRIMARY KEY, made bigint NOT NULL, length_min integer);
CREATE TABLE erp_texts (text_id bigint PRIMARY KEY, short varchar(200), flat text);
CREATE TABLE erp_parcels (parcel_id bigint PRIMARY KEY, weight_lb numeric);

-- Keys that tell rows apart on one side only, or take two for one.
CREATE TABLE erp_log (line text, at timestamptz);
CREATE TABLE erp_sessions (token text COLLATE any_case PRIMARY KEY, cust_no bigint NOT NULL);
CREATE TABLE erp_countries (iso char(2) PRIMARY KEY, country_name text NOT NULL);
CREATE TABLE erp_devices (device_id bigint PRIMARY KEY, model text);
CREATE TABLE erp_members (cust_no bigint NOT NULL, club text NOT NULL, since date, PRIMARY KEY (cust_no, club));
CREATE TABLE erp_logins (login_name text NOT NULL PRIMARY KEY, hits bigint NOT NULL DEFAULT 0);

-- Uniqueness and what only one side asks for.
CREATE TABLE erp_subscribers (sub_no bigint PRIMARY KEY, mail text NOT NULL);
CREATE TABLE erp_bookings (booking_id bigint PRIMARY KEY, note text);

-- Which of two?
CREATE TABLE erp_reports (report_id bigint PRIMARY KEY, body text NOT NULL);
CREATE TABLE archive.erp_reports (report_id bigint PRIMARY KEY, body text NOT NULL);

-- Not to be moved, or nothing to move.
CREATE TABLE hr_salaries (emp_no bigint PRIMARY KEY, amount numeric(10, 2));
CREATE TABLE fin_ledger (entry_no bigint PRIMARY KEY, amount numeric(10, 2));
CREATE TABLE alembic_version (version_num text PRIMARY KEY);
CREATE VIEW erp_open_orders AS SELECT * FROM erp_orders WHERE status = 'open';
CREATE TABLE erp_visits (visit_id bigint, visited date NOT NULL, PRIMARY KEY (visit_id, visited))
    PARTITION BY RANGE (visited);
CREATE TABLE erp_visits_2026 PARTITION OF erp_visits FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
