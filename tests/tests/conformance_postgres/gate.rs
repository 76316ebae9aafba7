//! The fence: a plain read that the gate's relation lock makes safe.

use anyhow::Result;

use crate::world::{LOCK_GATE, World, fence_held, table};

const NEXT_EPOCH: &str = "UPDATE dualwrite.fence SET epoch = 2, role = 'frozen'";

#[tokio::test]
async fn a_change_of_the_fence_waits_for_an_open_writer() -> Result<()> {
    let world = World::new().await?;
    let (writer, changer) = (world.session().await?, world.session().await?);
    writer.run("BEGIN").await?;
    assert_eq!(writer.value(&fence_held(1)).await?, "1");

    changer.run("BEGIN").await?;
    let lock = changer.start(LOCK_GATE);
    world.waits(&changer, &writer, "relation").await;

    writer.run("COMMIT").await?;
    lock.await??;
    Ok(())
}

#[tokio::test]
async fn a_writer_that_waited_for_the_change_sees_the_new_epoch() -> Result<()> {
    let world = World::new().await?;
    let (writer, changer) = (world.session().await?, world.session().await?);
    changer.run("BEGIN").await?;
    changer.run(LOCK_GATE).await?;
    changer.run(NEXT_EPOCH).await?;

    let write = writer.start(&fence_held(1));
    world.waits(&writer, &changer, "relation").await;

    changer.run("COMMIT").await?;
    assert_eq!(write.await??, table(&[&[0]]));
    Ok(())
}

#[tokio::test]
async fn a_cached_plan_takes_its_locks_before_its_snapshot_too() -> Result<()> {
    let world = World::new().await?;
    let (writer, changer) = (world.session().await?, world.session().await?);
    writer
        .run("SET plan_cache_mode = force_generic_plan")
        .await?;
    let statement = writer.client.prepare(&fence_held(1)).await?;
    let held: i64 = writer.client.query_one(&statement, &[]).await?.get(0);
    assert_eq!(held, 1);
    let cached = "SELECT sum(generic_plans) > 0 FROM pg_prepared_statements";
    assert_eq!(
        writer.value(cached).await?,
        "t",
        "the plan is not cached: nothing is tested"
    );

    changer.run("BEGIN").await?;
    changer.run(LOCK_GATE).await?;
    changer.run(NEXT_EPOCH).await?;
    let client = writer.client.clone();
    let write = tokio::spawn(async move { client.query_one(&statement, &[]).await });
    world.waits(&writer, &changer, "relation").await;

    changer.run("COMMIT").await?;
    assert_eq!(write.await??.get::<_, i64>(0), 0);
    Ok(())
}

#[tokio::test]
async fn writers_do_not_wait_for_each_other_at_the_gate() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.session().await?, world.session().await?);
    one.run("BEGIN").await?;
    assert_eq!(one.value(&fence_held(1)).await?, "1");
    assert_eq!(two.value(&fence_held(1)).await?, "1");
    one.run("COMMIT").await
}

#[tokio::test]
async fn two_changes_of_the_fence_exclude_each_other() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.session().await?, world.session().await?);
    one.run("BEGIN").await?;
    one.run(LOCK_GATE).await?;
    two.run("BEGIN").await?;
    let lock = two.start(LOCK_GATE);
    world.waits(&two, &one, "relation").await;
    one.run("ROLLBACK").await?;
    lock.await??;
    Ok(())
}

#[tokio::test]
async fn a_statement_after_the_gate_lock_sees_the_markers_of_those_it_waited_for() -> Result<()> {
    let world = World::new().await?;
    let (writer, executor) = (world.session().await?, world.session().await?);
    world
        .run("UPDATE dualwrite.fence SET epoch = 2, role = 'frozen'")
        .await?;
    writer.run("BEGIN").await?;
    writer.value(&fence_held(2)).await?;
    writer
        .run("INSERT INTO dualwrite.outbox_cart VALUES (7, 70, 1)")
        .await?;

    let hand_over = "UPDATE dualwrite.fence SET role = 'handed' WHERE epoch = 2
                     AND role = 'frozen' AND NOT EXISTS (SELECT 1 FROM dualwrite.outbox_cart)
                     RETURNING epoch";
    executor.run("BEGIN").await?;
    let lock = executor.start(LOCK_GATE);
    world.waits(&executor, &writer, "relation").await;
    writer.run("COMMIT").await?;
    lock.await??;
    assert_eq!(
        executor.rows(hand_over).await?,
        table(&[]),
        "handed over with a marker left"
    );

    executor.run("DELETE FROM dualwrite.outbox_cart").await?;
    assert_eq!(executor.rows(hand_over).await?, table(&[&[2]]));
    executor.run("COMMIT").await
}

/// Why the gate is a table of its own: a vacuum of the outbox would hold up the flip.
#[tokio::test]
async fn the_lock_of_a_vacuum_holds_up_the_lock_of_a_change() -> Result<()> {
    let world = World::new().await?;
    let (vacuum, changer) = (world.session().await?, world.session().await?);
    vacuum.run("BEGIN").await?;
    // The lock that VACUUM takes.
    vacuum
        .run("LOCK TABLE dualwrite.gate_cart IN SHARE UPDATE EXCLUSIVE MODE")
        .await?;
    changer.run("BEGIN").await?;
    let lock = changer.start(LOCK_GATE);
    world.waits(&changer, &vacuum, "relation").await;
    vacuum.run("COMMIT").await?;
    lock.await??;
    Ok(())
}
