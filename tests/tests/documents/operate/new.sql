-- The billing service's own database.
CREATE TABLE customers (
    id      bigint  PRIMARY KEY,
    name    text    NOT NULL,
    email   text,
    address text,
    blocked boolean NOT NULL DEFAULT false,
    source  text
);
CREATE TABLE invoices (
    id         bigint         PRIMARY KEY,
    customer_name text        NOT NULL,
    amount     numeric(12, 2) NOT NULL,
    created_at timestamptz(0) NOT NULL,
    paid       boolean        NOT NULL DEFAULT false,
    note       text
);
CREATE TABLE invoice_lines (
    invoice_id bigint  NOT NULL REFERENCES invoices (id),
    line_no    integer NOT NULL,
    item       text    NOT NULL,
    quantity   integer NOT NULL,
    PRIMARY KEY (invoice_id, line_no)
);
