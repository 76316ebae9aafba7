//! The write in one statement: fence, gate, marker, row.

use anyhow::Result;

use crate::world::{Session, World, table};

/// The statement of an asynchronous upsert; parameters: epoch, key, token, amount.
const UPSERT: &str = "
    WITH f AS (SELECT 1 FROM dualwrite.fence
               WHERE service = 'cart' AND epoch = $1 AND role = 'primary'),
         g AS (INSERT INTO dualwrite.gate_cart SELECT 1 FROM f WHERE false),
         m AS (INSERT INTO dualwrite.outbox_cart AS o (id, token, epoch) SELECT $2, $3, $1 FROM f
               ON CONFLICT (id) DO UPDATE SET token = EXCLUDED.token, epoch = EXCLUDED.epoch
               RETURNING 1),
         w AS (INSERT INTO items (id, amount) SELECT $2, $4 FROM m
               ON CONFLICT (id) DO UPDATE SET amount = EXCLUDED.amount RETURNING id, amount)
    SELECT (SELECT count(*) FROM f) AS fence_held, w.id, w.amount
    FROM (SELECT 1) x LEFT JOIN w ON true";

/// The same for an increment of an existing row.
const INCREMENT: &str = "
    WITH f AS (SELECT 1 FROM dualwrite.fence
               WHERE service = 'cart' AND epoch = $1 AND role = 'primary'),
         g AS (INSERT INTO dualwrite.gate_cart SELECT 1 FROM f WHERE false),
         m AS (INSERT INTO dualwrite.outbox_cart AS o (id, token, epoch) SELECT $2, $3, $1 FROM f
               ON CONFLICT (id) DO UPDATE SET token = EXCLUDED.token, epoch = EXCLUDED.epoch
               RETURNING 1),
         w AS (UPDATE items SET amount = items.amount + $4 FROM m WHERE items.id = $2
               RETURNING items.id, items.amount)
    SELECT (SELECT count(*) FROM f) AS fence_held, w.id, w.amount
    FROM (SELECT 1) x LEFT JOIN w ON true";

/// The same for a delete.
const DELETE: &str = "
    WITH f AS (SELECT 1 FROM dualwrite.fence
               WHERE service = 'cart' AND epoch = $1 AND role = 'primary'),
         g AS (INSERT INTO dualwrite.gate_cart SELECT 1 FROM f WHERE false),
         m AS (INSERT INTO dualwrite.outbox_cart AS o (id, token, epoch) SELECT $2, $3, $1 FROM f
               ON CONFLICT (id) DO UPDATE SET token = EXCLUDED.token, epoch = EXCLUDED.epoch
               RETURNING 1),
         w AS (DELETE FROM items USING m WHERE items.id = $2 AND $4::bigint = 0
               RETURNING items.id, items.amount)
    SELECT (SELECT count(*) FROM f) AS fence_held, w.id, w.amount
    FROM (SELECT 1) x LEFT JOIN w ON true";

const ITEMS: &str = "SELECT id, amount FROM items ORDER BY id";
const MARKERS: &str = "SELECT id, token, epoch FROM dualwrite.outbox_cart ORDER BY id";

type Answer = (i64, Option<i64>, Option<i64>);

async fn write(session: &Session, statement: &str, parameters: [i64; 4]) -> Result<Answer> {
    let [epoch, key, token, amount] = parameters;
    let row = session
        .client
        .query_one(statement, &[&epoch, &key, &token, &amount])
        .await?;
    Ok((row.get(0), row.get(1), row.get(2)))
}

#[tokio::test]
async fn leaves_row_and_marker_when_the_fence_is_held() -> Result<()> {
    let world = World::new().await?;
    let session = world.session().await?;
    assert_eq!(
        write(&session, UPSERT, [1, 7, 70, 5]).await?,
        (1, Some(7), Some(5))
    );
    assert_eq!(world.rows(ITEMS).await?, table(&[&[7, 5]]));
    assert_eq!(world.rows(MARKERS).await?, table(&[&[7, 70, 1]]));

    assert_eq!(
        write(&session, INCREMENT, [1, 7, 71, 2]).await?,
        (1, Some(7), Some(7))
    );
    assert_eq!(
        world.rows(MARKERS).await?,
        table(&[&[7, 71, 1]]),
        "the marker is replaced"
    );

    assert_eq!(
        write(&session, DELETE, [1, 7, 72, 0]).await?,
        (1, Some(7), Some(7))
    );
    assert_eq!(world.rows(ITEMS).await?, table(&[]));
    assert_eq!(
        world.rows(MARKERS).await?,
        table(&[&[7, 72, 1]]),
        "the marker outlives its row"
    );
    Ok(())
}

#[tokio::test]
async fn writes_nothing_when_the_fence_is_not_held() -> Result<()> {
    let world = World::new().await?;
    let session = world.session().await?;
    world.run("INSERT INTO items VALUES (7, 5)").await?;
    for statement in [UPSERT, INCREMENT, DELETE] {
        assert_eq!(
            write(&session, statement, [2, 7, 70, 0]).await?,
            (0, None, None)
        );
    }
    for role in ["frozen", "handed", "secondary", "off"] {
        world
            .run(&format!("UPDATE dualwrite.fence SET role = '{role}'"))
            .await?;
        assert_eq!(
            write(&session, UPSERT, [1, 7, 70, 9]).await?,
            (0, None, None),
            "{role}"
        );
    }
    assert_eq!(world.rows(ITEMS).await?, table(&[&[7, 5]]));
    assert_eq!(world.rows(MARKERS).await?, table(&[]));
    Ok(())
}

#[tokio::test]
async fn an_update_of_a_missing_row_tells_fence_held_and_no_row() -> Result<()> {
    let world = World::new().await?;
    let session = world.session().await?;
    assert_eq!(
        write(&session, INCREMENT, [1, 7, 70, 2]).await?,
        (1, None, None)
    );
    // Harmless: the relay finds both sides without the row and removes it.
    assert_eq!(world.rows(MARKERS).await?, table(&[&[7, 70, 1]]));
    Ok(())
}

#[tokio::test]
async fn an_error_of_the_row_takes_the_marker_with_it() -> Result<()> {
    let world = World::new().await?;
    let session = world.session().await?;
    let error = write(&session, UPSERT, [1, 7, 70, 1000]).await.unwrap_err();
    assert_eq!(crate::world::sqlstate(&error), "23514");
    assert_eq!(world.rows(MARKERS).await?, table(&[]));
    Ok(())
}

#[tokio::test]
async fn an_increment_that_waited_adds_to_the_newest_row() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.session().await?, world.session().await?);
    world.run("INSERT INTO items VALUES (7, 100)").await?;
    one.run("BEGIN").await?;
    write(&one, INCREMENT, [1, 7, 70, 1]).await?;
    let late = two.clone();
    let waiting = tokio::spawn(async move { write(&late, INCREMENT, [1, 7, 71, 1]).await });
    world.waits(&two, &one, "transactionid").await;
    one.run("COMMIT").await?;
    assert_eq!(waiting.await??, (1, Some(7), Some(102)));
    assert_eq!(world.rows(MARKERS).await?, table(&[&[7, 71, 1]]));
    Ok(())
}

/// Legal, since the delete is ordered before the insert; and the marker makes the relay look.
#[tokio::test]
async fn a_delete_that_waited_for_an_insert_may_find_nothing_and_leaves_its_marker() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.session().await?, world.session().await?);
    one.run("BEGIN").await?;
    write(&one, UPSERT, [1, 7, 70, 5]).await?;
    let late = two.clone();
    let waiting = tokio::spawn(async move { write(&late, DELETE, [1, 7, 71, 0]).await });
    // It waits for the marker, although a bare delete would not wait.
    world.waits(&two, &one, "transactionid").await;
    one.run("COMMIT").await?;
    assert_eq!(waiting.await??, (1, None, None));
    assert_eq!(world.rows(ITEMS).await?, table(&[&[7, 5]]));
    assert_eq!(world.rows(MARKERS).await?, table(&[&[7, 71, 1]]));
    Ok(())
}

/// Why the markers of one transaction are made without duplicates.
#[tokio::test]
async fn one_statement_cannot_mark_a_key_twice() -> Result<()> {
    let world = World::new().await?;
    let twice = "INSERT INTO dualwrite.outbox_cart SELECT 7, 70, 1 FROM generate_series(1, 2)
                 ON CONFLICT (id) DO UPDATE SET token = EXCLUDED.token";
    assert_eq!(world.session().await?.refused(twice).await, "21000");
    Ok(())
}
