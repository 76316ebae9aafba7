//! When a snapshot is taken.

use anyhow::Result;

use crate::world::{Session, World, table};

/// Locks, then reads: in one call.
async fn create_function(session: &Session, name: &str, volatility: &str) -> Result<()> {
    session
        .run(&format!(
            "CREATE FUNCTION {name}() RETURNS bigint {volatility} LANGUAGE plpgsql AS $$
             BEGIN
                 PERFORM pg_advisory_xact_lock(1);
                 RETURN (SELECT epoch FROM dualwrite.fence);
             END $$"
        ))
        .await
}

/// Which epoch the call sees, when the epoch changes from 1 to 2 while it waits for the lock.
async fn epoch_seen(world: &World, begin: &str, call: &str) -> Result<String> {
    let (holder, late) = (world.session().await?, world.session().await?);
    holder.run("UPDATE dualwrite.fence SET epoch = 1").await?;
    holder.run("BEGIN; SELECT pg_advisory_xact_lock(1)").await?;
    holder.run("UPDATE dualwrite.fence SET epoch = 2").await?;
    late.run(begin).await?;
    let waiting = late.start(call);
    world.waits(&late, &holder, "advisory").await;
    holder.run("COMMIT").await?;
    let rows = waiting.await??;
    late.run("COMMIT").await?;
    Ok(rows
        .into_iter()
        .flatten()
        .flatten()
        .next()
        .unwrap_or_default())
}

#[tokio::test]
async fn a_volatile_function_takes_a_snapshot_per_statement_in_read_committed() -> Result<()> {
    let world = World::new().await?;
    create_function(&world.session().await?, "lock_then_read", "VOLATILE").await?;
    assert_eq!(
        epoch_seen(&world, "BEGIN", "SELECT lock_then_read()").await?,
        "2"
    );
    Ok(())
}

/// Counter-example: "lock, then write" in one call is wrong above READ COMMITTED.
#[tokio::test]
async fn a_volatile_function_keeps_the_old_snapshot_in_repeatable_read() -> Result<()> {
    let world = World::new().await?;
    create_function(&world.session().await?, "lock_then_read", "VOLATILE").await?;
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ";
    assert_eq!(
        epoch_seen(&world, begin, "SELECT lock_then_read()").await?,
        "1"
    );
    Ok(())
}

/// Counter-example: so is a function that promises not to change anything.
#[tokio::test]
async fn a_stable_function_keeps_the_snapshot_of_its_caller() -> Result<()> {
    let world = World::new().await?;
    create_function(&world.session().await?, "lock_then_read", "STABLE").await?;
    assert_eq!(
        epoch_seen(&world, "BEGIN", "SELECT lock_then_read()").await?,
        "1"
    );
    Ok(())
}

/// Why the pull's transaction may be begun early but must read only after the locks are held.
#[tokio::test]
async fn a_repeatable_read_snapshot_is_taken_by_the_first_statement() -> Result<()> {
    let world = World::new().await?;
    let reader = world.session().await?;
    reader
        .run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .await?;
    world.run("INSERT INTO items VALUES (1, 5)").await?;
    assert_eq!(reader.rows("SELECT * FROM items").await?, table(&[&[1, 5]]));
    world.run("UPDATE items SET amount = 6").await?;
    assert_eq!(
        reader.rows("SELECT * FROM items").await?,
        table(&[&[1, 5]]),
        "one snapshot"
    );
    reader.run("COMMIT").await
}

#[tokio::test]
async fn a_read_committed_statement_sees_what_was_committed_before_it() -> Result<()> {
    let world = World::new().await?;
    let reader = world.session().await?;
    reader.run("BEGIN").await?;
    assert_eq!(reader.rows("SELECT * FROM items").await?, table(&[]));
    world.run("INSERT INTO items VALUES (1, 5)").await?;
    assert_eq!(reader.rows("SELECT * FROM items").await?, table(&[&[1, 5]]));
    reader.run("COMMIT").await
}
