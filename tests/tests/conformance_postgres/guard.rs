//! The trigger that follows, and after a flip refuses, writers who know nothing of us.

use anyhow::Result;
use dualwrite_tests::eventually::ends;

use crate::world::{LOCK_GATE, World, sqlstate, table};

/// Marker and gate first, the fence in a later statement of a VOLATILE function. `{lock}` is how
/// the fence is read.
const GUARD: &str = "
    CREATE FUNCTION dualwrite.guard_items() RETURNS trigger VOLATILE LANGUAGE plpgsql AS $$
    DECLARE held bigint;
    BEGIN
        IF coalesce(current_setting('dualwrite.apply', true), '') = 'on' THEN
            RETURN coalesce(NEW, OLD);
        END IF;
        INSERT INTO dualwrite.gate_cart SELECT 1 WHERE false;
        INSERT INTO dualwrite.outbox_cart
            VALUES (coalesce(NEW.id, OLD.id), (random() * 1e15)::bigint, 0)
            ON CONFLICT (id) DO UPDATE SET token = EXCLUDED.token;
        SELECT epoch INTO held FROM dualwrite.fence
            WHERE service = 'cart' AND role = 'primary' {lock};
        IF held IS NULL THEN
            RAISE EXCEPTION 'the authority over this table has moved' USING ERRCODE = 'DW001';
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$;
    CREATE FUNCTION dualwrite.refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'no TRUNCATE' USING ERRCODE = 'DW002'; END $$;
    CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON items
        FOR EACH ROW EXECUTE FUNCTION dualwrite.guard_items();
    CREATE TRIGGER no_truncate BEFORE TRUNCATE ON items
        EXECUTE FUNCTION dualwrite.refuse_truncate();";

const HAND_OVER: &str = "UPDATE dualwrite.fence SET epoch = 2, role = 'handed'";
const MARKERS: &str = "SELECT id FROM dualwrite.outbox_cart ORDER BY id";

async fn guarded(lock: &str) -> Result<World> {
    let world = World::new().await?;
    world.run(&GUARD.replace("{lock}", lock)).await?;
    Ok(world)
}

#[tokio::test]
async fn any_writer_leaves_a_marker() -> Result<()> {
    let world = guarded("").await?;
    world.run("INSERT INTO items VALUES (1, 5), (2, 5)").await?;
    world.run("DELETE FROM dualwrite.outbox_cart").await?;
    world
        .run("UPDATE items SET amount = 6 WHERE id = 1; DELETE FROM items WHERE id = 2")
        .await?;
    assert_eq!(world.rows(MARKERS).await?, table(&[&[1], &[2]]));
    Ok(())
}

#[tokio::test]
async fn a_hand_over_waits_for_a_guarded_writer_and_refuses_the_next() -> Result<()> {
    let world = guarded("").await?;
    let (writer, executor) = (world.session().await?, world.session().await?);
    writer.run("BEGIN; INSERT INTO items VALUES (1, 5)").await?;
    executor.run("BEGIN").await?;
    let lock = executor.start(LOCK_GATE);
    world.waits(&executor, &writer, "relation").await;
    writer.run("COMMIT").await?;
    lock.await??;
    executor.run(HAND_OVER).await?;

    let late = writer.start("INSERT INTO items VALUES (2, 5)");
    world.waits(&writer, &executor, "relation").await;
    executor.run("COMMIT").await?;
    assert_eq!(sqlstate(&late.await?.unwrap_err()), "DW001");
    assert_eq!(world.rows("SELECT id FROM items").await?, table(&[&[1]]));
    Ok(())
}

/// A transaction of another writer whose snapshot is older than the hand-over.
async fn late_writer(world: &World) -> Result<String> {
    let writer = world.session().await?;
    writer
        .run("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM items")
        .await?;
    world.run(HAND_OVER).await?;
    let insert = "INSERT INTO items VALUES (1, 5)";
    let answer = ends("an insert of the late writer", writer.refused(insert)).await;
    writer.run("ROLLBACK").await?;
    Ok(answer)
}

/// Counter-example: a guard with a plain read lets an old snapshot write after the hand-over.
#[tokio::test]
async fn a_plain_read_of_the_fence_is_old_in_repeatable_read() -> Result<()> {
    assert_eq!(late_writer(&guarded("").await?).await?, "accepted");
    Ok(())
}

#[tokio::test]
async fn a_locking_read_of_the_fence_refuses_an_old_snapshot() -> Result<()> {
    assert_eq!(late_writer(&guarded("FOR SHARE").await?).await?, "40001");
    Ok(())
}

#[tokio::test]
async fn our_own_setting_lets_the_relay_pass_and_ends_with_its_transaction() -> Result<()> {
    let world = guarded("").await?;
    let relay = world.session().await?;
    world
        .run("UPDATE dualwrite.fence SET role = 'secondary'")
        .await?;
    relay
        .run("BEGIN; SELECT set_config('dualwrite.apply', 'on', true)")
        .await?;
    relay.run("INSERT INTO items VALUES (1, 5); COMMIT").await?;
    assert_eq!(
        world.rows(MARKERS).await?,
        table(&[]),
        "a copy leaves no marker"
    );
    assert_eq!(
        relay.refused("INSERT INTO items VALUES (2, 5)").await,
        "DW001"
    );
    Ok(())
}

#[tokio::test]
async fn truncate_is_refused() -> Result<()> {
    let world = guarded("").await?;
    assert_eq!(
        world.session().await?.refused("TRUNCATE items").await,
        "DW002"
    );
    Ok(())
}
