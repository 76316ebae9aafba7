//! What single statements do.

use anyhow::Result;
use dualwrite_tests::rows::TextRow;

use crate::world::{PRIMARY_KEY, Session, UNIQUE, World};

async fn items(session: &mut Session) -> Result<Vec<TextRow>> {
    session
        .rows("SELECT id, amount, code FROM items ORDER BY id")
        .await
}

fn row(id: &str, amount: &str, code: &str) -> TextRow {
    [id, amount, code]
        .map(|cell| Some(cell.to_owned()))
        .to_vec()
}

/// Why a failed transaction is always rolled back by name.
#[tokio::test]
async fn a_constraint_error_undoes_its_statement_and_leaves_the_transaction_open() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.session().await?;
    session
        .run("BEGIN IMMEDIATE; INSERT INTO items VALUES (1, 5, 'a')")
        .await?;
    let twice = "INSERT INTO items VALUES (2, 5, 'b'), (1, 6, 'c')";
    assert_eq!(session.refused(twice).await, PRIMARY_KEY);
    session.run("COMMIT").await?;
    assert_eq!(items(&mut session).await?, [row("1", "5", "a")]);
    Ok(())
}

#[tokio::test]
async fn an_upsert_by_key_refuses_to_touch_another_row() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.session().await?;
    session
        .run("INSERT INTO items VALUES (1, 5, 'a'), (2, 6, 'b')")
        .await?;
    let upsert = "INSERT INTO items VALUES (3, 7, 'a')
                  ON CONFLICT (id) DO UPDATE SET amount = excluded.amount, code = excluded.code";
    assert_eq!(session.refused(upsert).await, UNIQUE);
    assert_eq!(items(&mut session).await?.len(), 2);
    Ok(())
}

/// Counter-example: never on a table of the application.
#[tokio::test]
async fn replace_removes_other_rows_that_share_any_unique_value() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.session().await?;
    session
        .run("INSERT INTO items VALUES (1, 5, 'a'), (2, 6, 'b')")
        .await?;
    session.run("REPLACE INTO items VALUES (1, 7, 'b')").await?;
    assert_eq!(items(&mut session).await?, [row("1", "7", "b")]);
    Ok(())
}

#[tokio::test]
async fn a_write_returns_the_row_as_it_is_stored() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.session().await?;
    session.run("INSERT INTO items VALUES (1, 5, 'a')").await?;
    let increment = "UPDATE items SET amount = amount + 2 WHERE id = 1 RETURNING id, amount, code";
    assert_eq!(session.rows(increment).await?, [row("1", "7", "a")]);
    let nothing = "UPDATE items SET amount = 9 WHERE id = 4 RETURNING id";
    assert!(session.rows(nothing).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_marker_goes_only_with_its_token() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.session().await?;
    session
        .run("INSERT INTO dualwrite_outbox_cart VALUES (1, 10), (2, 20)")
        .await?;
    let clear = "DELETE FROM dualwrite_outbox_cart
                 WHERE (id, token) IN (VALUES (1, 10), (2, 19)) RETURNING id";
    assert_eq!(session.rows(clear).await?, [vec![Some("1".to_owned())]]);
    Ok(())
}

/// Why a decimal is kept in a column of text affinity.
#[tokio::test]
async fn a_decimal_column_does_not_keep_decimals() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.session().await?;
    session
        .run("CREATE TABLE t (d DECIMAL(30, 10), s TEXT)")
        .await?;
    let exact = "12345678901234567890.0123456789";
    session
        .run(&format!("INSERT INTO t VALUES ('{exact}', '{exact}')"))
        .await?;
    assert_eq!(session.value("SELECT typeof(d) FROM t").await?, "real");
    assert_eq!(session.value("SELECT s FROM t").await?, exact);
    Ok(())
}
