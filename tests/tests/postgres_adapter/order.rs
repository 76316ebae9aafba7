//! Canonical order of keys, whatever the collation.

use anyhow::Result;
use dualwrite_core::key::Key;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{Listing, Store};

use crate::world::{SERVICE, World, text};

fn key(item: i64, name: &str) -> Key {
    Key::new(vec![Value::Int(item), text(name)]).unwrap()
}

/// ICU sorts `a B é z` with case and accents folded; bytes do not.
async fn world() -> Result<(World, Vec<Key>)> {
    let world = World::primary().await?;
    world
        .run("INSERT INTO items VALUES (1), (2);
              INSERT INTO lines VALUES (1, 'a', 1), (1, 'B', 1), (1, 'é', 1), (1, 'z', 2), (2, 'A', 1), (2, '', 1)")
        .await?;
    let mut keys: Vec<Key> = [(1, "a"), (1, "B"), (1, "é"), (1, "z"), (2, "A"), (2, "")]
        .map(|(item, name)| key(item, name))
        .into();
    keys.sort();
    Ok((world, keys))
}

#[tokio::test]
async fn keys_come_in_bytewise_order_page_by_page() -> Result<()> {
    let (world, keys) = world().await?;
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = world
            .store
            .keys(&world.lines, after.as_ref(), None, 2)
            .await?;
        found.extend(page.keys);
        if !page.more {
            break;
        }
        after = found.last().cloned();
    }
    assert_eq!(found, keys);
    let range = world
        .store
        .keys(&world.lines, Some(&keys[0]), Some(&keys[3]), 10)
        .await?;
    assert_eq!(range.keys, keys[1..=3]);
    assert!(!range.more);
    Ok(())
}

#[tokio::test]
async fn markers_and_lists_come_in_the_same_order() -> Result<()> {
    let (world, keys) = world().await?;
    let rows: Vec<_> = keys
        .iter()
        .map(|key| dualwrite_engine::store::RowKey {
            table: world.lines.clone(),
            key: key.clone(),
        })
        .collect();
    world
        .store
        .mark(SERVICE, 1, dualwrite_engine::store::Token(1), &rows)
        .await?;
    let markers = world.store.markers(SERVICE, &world.lines, None, 10).await?;
    assert_eq!(
        markers
            .into_iter()
            .map(|marker| marker.row.key)
            .collect::<Vec<_>>(),
        keys
    );

    let listing = |filter, after| Listing {
        table: world.lines.clone(),
        filter,
        after,
        limit: 4,
    };
    let page = world
        .store
        .list(SERVICE, &listing(vec![], Some(keys[1].clone())))
        .await?;
    let listed: Vec<Key> = page
        .rows
        .iter()
        .map(|row| Key::new(row[..2].to_vec()).unwrap())
        .collect();
    assert_eq!(listed, keys[2..6]);
    assert_eq!(page.fence.map(|fence| fence.epoch), Some(1));
    let price = Value::from_text(dualwrite_core::value::Kind::Decimal, "2.00")?;
    let page = world
        .store
        .list(SERVICE, &listing(vec![(2, price)], None))
        .await?;
    assert_eq!(page.rows.len(), 1);
    let page = world
        .store
        .list(SERVICE, &listing(vec![(2, Value::Null)], None))
        .await?;
    assert_eq!((page.rows.len(), page.fence.is_some()), (0, true));
    Ok(())
}

#[tokio::test]
async fn a_table_is_split_in_ranges_of_like_size() -> Result<()> {
    let world = World::primary().await?;
    world
        .run("INSERT INTO items SELECT n FROM generate_series(1, 1000) AS n")
        .await?;
    let (bounds, rows) = world.store.split(&world.items, 4).await?;
    assert_eq!(rows, 1000);
    let ids: Vec<Value> = bounds.iter().map(|key| key.parts()[0].clone()).collect();
    assert_eq!(ids, [Value::Int(250), Value::Int(500), Value::Int(750)]);
    assert_eq!(world.store.split(&world.lines, 4).await?, (vec![], 0));

    world
        .run("INSERT INTO items SELECT n FROM generate_series(1001, 150000) AS n; ANALYZE items")
        .await?;
    let (bounds, rows) = world.store.split(&world.items, 10).await?;
    assert_eq!((bounds.len(), rows), (9, 150_000));
    assert!(bounds.is_sorted());
    Ok(())
}

#[tokio::test]
async fn rows_and_fence_are_read_together_for_one_table_and_for_several() -> Result<()> {
    let (world, keys) = world().await?;
    let line = dualwrite_engine::store::RowKey {
        table: world.lines.clone(),
        key: keys[0].clone(),
    };
    let one = world
        .store
        .read(SERVICE, &[world.item_key(9), world.item_key(1)])
        .await?;
    assert_eq!(
        one.rows.iter().map(Option::is_some).collect::<Vec<_>>(),
        [false, true]
    );
    let two = world
        .store
        .read(SERVICE, &[line, world.item_key(9), world.item_key(1)])
        .await?;
    assert_eq!(
        two.rows.iter().map(Option::is_some).collect::<Vec<_>>(),
        [true, false, true]
    );
    let none = world.store.read(SERVICE, &[]).await?;
    for fence in [one.fence, two.fence, none.fence] {
        assert_eq!(
            fence,
            Some(crate::world::fence(1, dualwrite_core::side::Role::Primary))
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_settings_beside_the_fence_follow_every_change() -> Result<()> {
    use crate::world::{fence, freeze};
    use dualwrite_core::side::Role;
    let world = World::primary().await?;
    for _ in 0..2 {
        assert_eq!(
            world.store.fence(SERVICE).await?,
            Some(fence(1, Role::Primary))
        );
    }
    world.store.change_fence(SERVICE, &freeze(), None).await?;
    let read = world.store.read(SERVICE, &[world.item_key(1)]).await?;
    assert_eq!(read.fence, Some(fence(2, Role::Frozen)));
    world
        .run("UPDATE dualwrite.fence SET settings = 'by hand'")
        .await?;
    assert_eq!(
        world
            .store
            .fence(SERVICE)
            .await?
            .map(|fence| fence.settings),
        Some("by hand".into())
    );
    Ok(())
}
