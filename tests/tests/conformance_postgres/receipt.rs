//! Receipts: a request takes effect at most once.

use anyhow::Result;

use crate::world::{Session, World, sqlstate, table};

/// A write with a receipt; the row is a plain insert.
fn insert(request: &str, key: i64) -> String {
    format!(
        "WITH w AS (INSERT INTO items VALUES ({key}, 5) RETURNING id, amount),
              r AS (INSERT INTO dualwrite.receipt
                    SELECT 'cart', '{request}', false, (SELECT to_jsonb(w) FROM w))
         SELECT * FROM w"
    )
}

/// The same with an upsert as its row.
fn upsert(request: &str, amount: i64) -> String {
    format!(
        "WITH w AS (INSERT INTO items VALUES (1, {amount}) ON CONFLICT (id)
                    DO UPDATE SET amount = items.amount + EXCLUDED.amount RETURNING id, amount),
              r AS (INSERT INTO dualwrite.receipt
                    SELECT 'cart', '{request}', false, (SELECT to_jsonb(w) FROM w))
         SELECT * FROM w"
    )
}

/// What a question inserts to settle a request that it does not want executed.
const SETTLE: &str = "INSERT INTO dualwrite.receipt VALUES ('cart', 'r1', true, NULL)";

async fn constraint(session: &Session, sql: &str) -> (String, String) {
    let Err(error) = session.client.batch_execute(sql).await else {
        return ("accepted".into(), String::new());
    };
    let name = error
        .as_db_error()
        .and_then(|error| error.constraint())
        .unwrap_or_default();
    (name.to_owned(), sqlstate(&error.into()))
}

#[tokio::test]
async fn the_outcome_of_the_row_is_in_the_receipt_of_the_same_statement() -> Result<()> {
    let world = World::new().await?;
    world.run(&insert("r1", 1)).await?;
    let outcome = world.value("SELECT outcome FROM dualwrite.receipt").await?;
    assert_eq!(outcome, r#"{"id": 1, "amount": 5}"#);
    Ok(())
}

#[tokio::test]
async fn a_repeated_request_conflicts_and_changes_nothing() -> Result<()> {
    let world = World::new().await?;
    let session = world.session().await?;
    session.run(&upsert("r1", 5)).await?;
    let refusal = constraint(&session, &upsert("r1", 5)).await;
    assert_eq!(refusal, ("receipt_pkey".into(), "23505".into()));
    assert_eq!(world.rows("SELECT * FROM items").await?, table(&[&[1, 5]]));
    Ok(())
}

/// Why on any constraint error of a request with a key the receipt is read first.
#[tokio::test]
async fn a_repeated_insert_meets_the_key_of_its_row_before_that_of_its_receipt() -> Result<()> {
    let world = World::new().await?;
    let session = world.session().await?;
    session.run(&insert("r1", 1)).await?;
    assert_eq!(constraint(&session, &insert("r1", 1)).await.0, "items_pkey");
    Ok(())
}

#[tokio::test]
async fn a_receipt_waits_for_an_open_transaction_with_its_id_and_then_conflicts() -> Result<()> {
    let world = World::new().await?;
    let (first, retry) = (world.session().await?, world.session().await?);
    first.run("BEGIN").await?;
    first.run(&insert("r1", 1)).await?;
    let waiting = retry.start(SETTLE);
    world.waits(&retry, &first, "transactionid").await;
    first.run("COMMIT").await?;
    assert_eq!(sqlstate(&waiting.await?.unwrap_err()), "23505");
    Ok(())
}

#[tokio::test]
async fn a_receipt_that_waited_for_a_transaction_that_failed_takes_its_place() -> Result<()> {
    let world = World::new().await?;
    let (first, question) = (world.session().await?, world.session().await?);
    first.run("BEGIN").await?;
    first.run(&insert("r1", 1)).await?;
    let waiting = question.start(SETTLE);
    world.waits(&question, &first, "transactionid").await;
    first.run("ROLLBACK").await?;
    waiting.await??;
    // The doubtful request can never commit any more.
    assert_eq!(first.refused(&insert("r1", 1)).await, "23505");
    assert_eq!(world.rows("SELECT * FROM items").await?, table(&[]));
    Ok(())
}
