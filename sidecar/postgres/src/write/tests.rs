use std::sync::Arc;

use dualwrite_core::key::Key;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{Change, Condition, Mutation, ReceiptDraft, RowKey, Token, WriteTx};

use super::{single, statements};
use crate::sql::tests::{items, lines};

const HEAD: &str = "WITH f AS (SELECT 1 FROM dualwrite.fence AS x \
    WHERE x.service = $1::text AND x.epoch = $2::int8 AND x.role = 'primary'), \
    g AS (INSERT INTO dualwrite.\"gate_cart\" SELECT FROM f WHERE false)";
const IMAGE: &str = "ARRAY['r3', t.\"id\"::text, t.\"qty\"::text, t.\"note\"::text] AS image";
const TAIL: &str = " SELECT (SELECT count(*) FROM f), (SELECT image FROM w)";

fn mutation(change: Change) -> Mutation {
    Mutation {
        table: Arc::new(items()),
        key: Key::new(vec![Value::Int(7)]).unwrap(),
        change,
        must_match: false,
    }
}

fn tx(mutation: Mutation) -> WriteTx {
    WriteTx {
        service: Arc::from("cart"),
        epoch: 4,
        token: Some(Token(99)),
        mutations: vec![mutation],
        receipt: None,
    }
}

fn single(tx: &WriteTx) -> String {
    single::statement(tx, &tx.mutations[0]).unwrap().text
}

#[test]
fn an_upsert_is_fence_gate_marker_and_row_in_one_statement() {
    let tx = tx(mutation(Change::Upsert {
        values: vec![(1, Value::Int(2))],
    }));
    assert_eq!(
        single(&tx),
        format!(
            "{HEAD}, m AS (INSERT INTO dualwrite.\"outbox_cart_item\" AS o (k1, token, epoch) \
             SELECT $3::text::bigint, $4::int8, $2::int8 FROM f \
             ON CONFLICT (k1) DO UPDATE SET token = EXCLUDED.token, epoch = EXCLUDED.epoch RETURNING 1), \
             w AS (INSERT INTO \"shop\".\"items\" AS t (\"id\", \"qty\") OVERRIDING SYSTEM VALUE \
             SELECT $3::text::bigint, $5::text::integer FROM m \
             ON CONFLICT (\"id\") DO UPDATE SET \"qty\" = EXCLUDED.\"qty\" RETURNING {IMAGE}){TAIL}"
        )
    );
}

#[test]
fn an_upsert_of_a_bare_key_still_answers_the_row() {
    let text = single(&tx(mutation(Change::Upsert { values: vec![] })));
    assert!(
        text.contains("DO UPDATE SET \"qty\" = t.\"qty\" RETURNING"),
        "{text}"
    );
}

#[test]
fn without_markers_the_mutation_hangs_on_the_fence_itself() {
    let mut tx = tx(mutation(Change::Insert { values: vec![] }));
    tx.token = None;
    assert_eq!(
        single(&tx),
        format!(
            "{HEAD}, w AS (INSERT INTO \"shop\".\"items\" AS t (\"id\") OVERRIDING SYSTEM VALUE \
             SELECT $3::text::bigint FROM f RETURNING {IMAGE}){TAIL}"
        )
    );
}

#[test]
fn an_update_adds_and_compares_null_with_null_and_json_as_documents() {
    let change = Change::Update {
        set: vec![(2, Value::Null)],
        add: vec![(1, Value::Int(5))],
        only_if: Condition::equal(vec![(1, Value::Null), (2, Value::json("{}").unwrap())]),
    };
    let text = single(&tx(mutation(change)));
    let expected = format!(
        "w AS (UPDATE \"shop\".\"items\" AS t SET \"note\" = $5::text::jsonb, \
         \"qty\" = t.\"qty\" + $6::text::integer FROM m WHERE t.\"id\" = $3::text::bigint \
         AND t.\"qty\" IS NULL AND t.\"note\"::jsonb = $7::text::jsonb RETURNING {IMAGE}){TAIL}"
    );
    assert!(text.ends_with(&expected), "{text}");
}

#[test]
fn a_bound_is_part_of_the_statement_and_may_be_beyond_the_columns_type() {
    let change = Change::Update {
        set: vec![],
        add: vec![(1, Value::Int(-3))],
        only_if: Condition::at_least(vec![(1, Value::Int(3))]),
    };
    let text = single(&tx(mutation(change)));
    let expected = format!(
        "w AS (UPDATE \"shop\".\"items\" AS t SET \"qty\" = t.\"qty\" + $5::text::integer FROM m \
         WHERE t.\"id\" = $3::text::bigint AND t.\"qty\" >= $6::text::numeric RETURNING {IMAGE}){TAIL}"
    );
    assert!(text.ends_with(&expected), "{text}");
}

#[test]
fn a_delete_that_must_match_and_leaves_a_receipt() {
    let mut mutation = mutation(Change::Delete {
        only_if: Condition::default(),
    });
    mutation.must_match = true;
    let mut tx = tx(mutation);
    tx.receipt = Some(ReceiptDraft {
        request_id: "r-1".into(),
        request_hash: 5,
    });
    let text = single(&tx);
    let expected = format!(
        "w AS (DELETE FROM \"shop\".\"items\" AS t USING m WHERE t.\"id\" = $3::text::bigint \
         RETURNING ARRAY['d'] AS image), \
         r AS (INSERT INTO dualwrite.receipt (service, request_id, request_hash, aborted, outcome) \
         SELECT $1::text, $5::text, $6::int8, false, \
         COALESCE((SELECT image FROM w), ARRAY['x']) FROM f){TAIL}, \
         (CASE WHEN EXISTS (SELECT FROM f) AND NOT EXISTS (SELECT FROM w) \
         THEN 'dualwrite_not_matched' ELSE '1' END)::int4"
    );
    assert!(text.ends_with(&expected), "{text}");
}

#[test]
fn markers_of_a_transaction_come_first_sorted_and_each_once() {
    let item = |id| RowKey {
        table: Arc::new(items()),
        key: Key::new(vec![Value::Int(id)]).unwrap(),
    };
    let line = RowKey {
        table: Arc::new(lines()),
        key: Key::new(vec![Value::Uuid([1; 16]), Value::Int(1)]).unwrap(),
    };
    let rows = [line, item(9), item(3), item(9)];
    let head = statements::head("cart", 4, Some(Token(99)), &rows).unwrap();
    assert_eq!(head.len(), 2);
    assert_eq!(
        head[0].text,
        format!(
            "{HEAD}, m AS (INSERT INTO dualwrite.\"outbox_cart_item\" AS o (k1, token, epoch) \
             SELECT u.c1::bigint, $4::int8, $5::int8 \
             FROM f CROSS JOIN unnest($3::text[]) WITH ORDINALITY AS u(c1, n) ORDER BY u.n \
             ON CONFLICT (k1) DO UPDATE SET token = EXCLUDED.token, epoch = EXCLUDED.epoch) \
             SELECT count(*) FROM f"
        )
    );
    assert!(
        head[1]
            .text
            .starts_with("INSERT INTO dualwrite.\"outbox_cart_line\" AS o (k1, k2, token")
    );
    let keys = statements::marked(&tx(mutation(Change::Delete {
        only_if: Condition::default(),
    })));
    assert_eq!(keys.len(), 1);
}
