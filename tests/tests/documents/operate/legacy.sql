-- A warehouse's database, which several services share.
CREATE TABLE inv_customers (
    cust_no   bigint PRIMARY KEY,
    cust_name text   NOT NULL,
    email     text,
    bill_addr text,
    ship_addr text,
    blocked   integer NOT NULL DEFAULT 0,
    channel   text
);
CREATE TABLE inv_invoices (
    inv_no       bigint PRIMARY KEY,
    cust_name    text   NOT NULL,
    amount_cents bigint NOT NULL,
    created_ts   bigint NOT NULL,
    is_paid      integer NOT NULL DEFAULT 0,
    remark       text
);
CREATE TABLE inv_invoice_lines (
    inv_no   bigint  NOT NULL REFERENCES inv_invoices (inv_no),
    line_no  integer NOT NULL,
    item     text    NOT NULL,
    qty      integer NOT NULL,
    PRIMARY KEY (inv_no, line_no)
);
INSERT INTO inv_customers
    SELECT n, 'Customer ' || n, 'c' || n || '@example.com', n || ' High Street', n || ' Dock Road', n % 2, 'fair'
    FROM generate_series(1, 200) AS s(n);
INSERT INTO inv_invoices
    SELECT n, 'Customer ' || n % 200, n * 131, 1700000000 + n, n % 2, CASE WHEN n % 3 = 0 THEN 'late' END
    FROM generate_series(1, 600) AS s(n);
INSERT INTO inv_invoice_lines
    SELECT n, l, 'Item ' || l, l FROM generate_series(1, 600) AS s(n), generate_series(1, 2) AS t(l);
