//! WatchMigration.

use dualwrite_proto::status::reason_of;
use dualwrite_proto::v1;
use dualwrite_proto::v1::ErrorReason;
use tonic::Streaming;

use crate::support::{Plane, soon};

/// Somebody who watches a migration.
#[derive(Debug)]
pub(crate) struct Watcher {
    views: Streaming<v1::WatchMigrationResponse>,
}

/// One view.
#[derive(Debug)]
pub(crate) struct Seen(v1::WatchMigrationResponse);

impl Watcher {
    pub(crate) async fn of(plane: &Plane, name: &str) -> Self {
        let request = v1::WatchMigrationRequest { name: name.into() };
        let views = soon(plane.operator().await.watch_migration(request))
            .await
            .unwrap();
        Self {
            views: views.into_inner(),
        }
    }

    /// The next view.
    pub(crate) async fn next(&mut self) -> Option<Seen> {
        soon(self.views.message()).await.unwrap().map(Seen)
    }

    /// The first view from here on in which it is so.
    pub(crate) async fn until(&mut self, so: impl Fn(&Seen) -> bool) -> Seen {
        loop {
            let seen = self.next().await.expect("watching goes on");
            if so(&seen) {
                return seen;
            }
        }
    }
}

impl Seen {
    pub(crate) fn migration(&self) -> Migration<'_> {
        Migration(self.0.migration.as_ref().unwrap())
    }
}

/// The migration of a view.
#[derive(Debug)]
pub(crate) struct Migration<'a>(&'a v1::Migration);

impl<'a> Migration<'a> {
    pub(crate) fn revision(&self) -> u64 {
        self.0.revision
    }

    pub(crate) fn phase(&self) -> v1::Phase {
        self.0.phase()
    }

    pub(crate) fn health(&self) -> &'a v1::MigrationHealth {
        self.0.health.as_ref().unwrap()
    }
}

#[tokio::test]
async fn the_migration_comes_at_once_and_again_after_a_change() {
    let plane = Plane::with_cart().await;
    let mut watcher = Watcher::of(&plane, "cart").await;
    assert_eq!(watcher.next().await.unwrap().migration().revision(), 1);
    plane.set_batch_size(7).await;
    let seen = watcher.until(|seen| seen.migration().revision() == 2).await;
    assert_eq!(seen.migration().phase(), v1::Phase::LegacyOnly);
}

#[tokio::test]
async fn a_sidecar_that_comes_is_seen() {
    let plane = Plane::with_cart().await;
    let mut watcher = Watcher::of(&plane, "cart").await;
    assert_eq!(
        watcher
            .next()
            .await
            .unwrap()
            .migration()
            .health()
            .live_sidecars,
        0
    );
    let _session = plane.session("cart-1").await;
    watcher
        .until(|seen| seen.migration().health().live_sidecars == 1)
        .await;
}

#[tokio::test]
async fn what_is_not_there_cannot_be_watched() {
    let plane = Plane::start().await;
    let request = v1::WatchMigrationRequest {
        name: "cart".into(),
    };
    let status = soon(plane.operator().await.watch_migration(request))
        .await
        .unwrap_err();
    assert_eq!(reason_of(&status), Some(ErrorReason::MigrationNotFound));
}

#[tokio::test]
async fn watching_ends_when_the_migration_is_deleted() {
    let plane = Plane::with_cart().await;
    let mut watcher = Watcher::of(&plane, "cart").await;
    watcher.next().await.unwrap();
    let request = v1::DeleteMigrationRequest {
        name: "cart".into(),
        ..Default::default()
    };
    soon(plane.operator().await.delete_migration(request))
        .await
        .unwrap();
    let status = loop {
        match soon(watcher.views.message()).await {
            Ok(view) => assert!(view.is_some(), "it ends with the reason"),
            Err(status) => break status,
        }
    };
    assert_eq!(reason_of(&status), Some(ErrorReason::MigrationNotFound));
}
