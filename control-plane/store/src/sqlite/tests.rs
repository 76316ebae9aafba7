use std::collections::BTreeSet;
use std::path::Path;

use dualwrite_control_app::model::{
    Event, EventKind, Job, JobKind, JobState, Lease, Migration, Millis, PageSize, Revision, Shard,
    ShardState, SidecarRecord, StepRecord, Transition, TransitionState,
};
use dualwrite_control_app::ports::{SaveError, Store, StoreError};
use dualwrite_core::fence::EpochSettings;
use dualwrite_core::phase::Phase;
use dualwrite_core::plan::{Plan, PlanKind};
use dualwrite_core::side::Side;
use dualwrite_core::spec::Spec;

use super::{OpenError, SqliteStore};

fn migration(name: &str) -> Migration {
    let spec = Spec::default();
    let settings = EpochSettings::initial(name, Phase::DualWrite, true, Vec::new());
    Migration {
        name: name.into(),
        revision: 1,
        phase: Phase::DualWrite,
        epoch: 3,
        marking: true,
        spec,
        settings: settings.to_json(),
        backfilled: BTreeSet::from(["cart".to_owned()]),
        created: Millis(10),
        updated: Millis(20),
        deleted: None,
        retirement: None,
    }
}

fn transition(plan_id: &str, name: &str) -> Transition {
    Transition {
        migration: name.into(),
        plan: Plan {
            plan_id: plan_id.into(),
            kind: PlanKind::Flip,
            from_phase: Phase::DualWrite,
            to_phase: Phase::NewPrimary,
            from_epoch: 3,
            to_epoch: 4,
            primary: Side::Legacy,
            settings: "{}".into(),
            aborting: false,
        },
        state: TransitionState::Running,
        executor: Some("a".into()),
        steps: vec![StepRecord {
            name: "freeze".into(),
            detail: String::new(),
            at: Millis(5),
        }],
        started: Millis(1),
        deadline: Millis(2),
        ended: None,
        reason: "why".into(),
        actor: "who".into(),
        forced: true,
        outcome: String::new(),
    }
}

fn job(id: &str, name: &str) -> Job {
    Job {
        id: id.into(),
        migration: name.into(),
        kind: JobKind::Backfill,
        state: JobState::Running,
        epoch: 3,
        entities: vec!["cart".into(), "item".into()],
        rows_done: 5,
        rows_total: 6,
        shards_done: 1,
        shards_total: 2,
        created: Millis(7),
        ended: None,
        error: "e".into(),
        actor: "who".into(),
        reason: "why".into(),
        max_rows_per_second: 9,
        quarantined: 2,
    }
}

fn shard(job_id: &str, number: u32, state: ShardState) -> Shard {
    Shard {
        job_id: job_id.into(),
        number,
        entity: "cart".into(),
        after: vec![0, 255],
        until: Vec::new(),
        cursor: vec![7],
        state,
        rows_done: 3,
        rows_estimated: 4,
        quarantined: 1,
        failures: 2,
        retry_at: Millis(11),
    }
}

async fn open(folder: &Path) -> SqliteStore {
    SqliteStore::open(folder.join("control.db")).await.unwrap()
}

async fn put(store: &SqliteStore, migration: &Migration) {
    let mut work = store.begin().await.unwrap();
    work.insert_migration(migration).await.unwrap();
    work.commit().await.unwrap();
}

#[tokio::test]
async fn everything_stored_is_read_back_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let (cart, run, work_job) = (
        migration("cart"),
        transition("p1", "cart"),
        job("j1", "cart"),
    );
    let lease = Lease {
        instance: "a".into(),
        session: "s1".into(),
    };
    let states = [
        ShardState::Leased(lease),
        ShardState::Waiting,
        ShardState::Done,
    ];
    let shards: Vec<Shard> = (0..)
        .zip(states)
        .map(|(number, state)| shard("j1", number, state))
        .collect();
    let revision = Revision {
        migration: "cart".into(),
        revision: 1,
        phase: Phase::DualWrite,
        epoch: 3,
        spec: Spec::default(),
        time: Millis(20),
        actor: "who".into(),
        reason: "why".into(),
    };
    let record = SidecarRecord {
        migration: "cart".into(),
        instance: "a".into(),
        version: "1".into(),
        connected: Millis(1),
        last_seen: Millis(2),
        acked: 1,
    };
    let store = open(folder.path()).await;
    let mut work = store.begin().await.unwrap();
    work.insert_migration(&cart).await.unwrap();
    work.append_revision(&revision).await.unwrap();
    work.insert_transition(&run).await.unwrap();
    work.insert_job(&work_job).await.unwrap();
    work.insert_shards(&shards).await.unwrap();
    work.put_sidecar(&record).await.unwrap();
    work.commit().await.unwrap();
    store.close().await;

    let store = open(folder.path()).await;
    let mut view = store.view().await.unwrap();
    assert_eq!(view.migration("cart").await.unwrap(), Some(cart));
    assert_eq!(view.revision("cart", 1).await.unwrap(), Some(revision));
    assert_eq!(view.transition("p1").await.unwrap(), Some(run.clone()));
    assert_eq!(
        view.running_transition("cart").await.unwrap(),
        Some(run.clone())
    );
    assert_eq!(
        view.last_transition("cart").await.unwrap(),
        Some(run.clone())
    );
    assert_eq!(view.running_transitions().await.unwrap(), [run]);
    assert_eq!(view.open_jobs().await.unwrap(), [work_job]);
    assert_eq!(view.shards("j1").await.unwrap(), shards);
    assert_eq!(view.sidecars("cart").await.unwrap(), [record]);
    assert_eq!(view.migration("other").await.unwrap(), None);
}

/// Saves a migration at the revision that it was read at.
async fn compare_and_set(store: SqliteStore, seen: u64) -> Result<(), SaveError> {
    let mut work = store.begin().await?;
    let mut changed = migration("cart");
    changed.revision = seen + 1;
    work.save_migration(&changed, seen).await?;
    Ok(work.commit().await?)
}

#[tokio::test]
async fn of_two_writers_that_saw_one_revision_one_wins() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (open(folder.path()).await, open(folder.path()).await);
    put(&one, &migration("cart")).await;
    let (left, right) = tokio::join!(
        tokio::spawn(compare_and_set(one, 1)),
        tokio::spawn(compare_and_set(other, 1)),
    );
    let results = [left.unwrap(), right.unwrap()];
    assert_eq!(
        results.iter().filter(|result| result.is_ok()).count(),
        1,
        "{results:?}"
    );
    let lost = results.into_iter().find_map(Result::err);
    let Some(SaveError::Stale(stale)) = lost else {
        panic!("{lost:?}")
    };
    assert_eq!((stale.seen, stale.current), (1, 2));
}

#[tokio::test]
async fn many_writers_never_meet_busy_and_none_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let stores = [open(folder.path()).await, open(folder.path()).await];
    let writers = (0..40).map(|number| {
        let store = stores[number % 2].clone();
        tokio::spawn(async move {
            let mut work = store.begin().await?;
            work.append_event(&event(&number.to_string())).await?;
            work.commit().await
        })
    });
    let writers: Vec<_> = writers.collect();
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
    let mut view = stores[0].view().await.unwrap();
    let all = view
        .events("cart", None, PageSize::default())
        .await
        .unwrap();
    assert_eq!(all.len(), 40);
}

fn event(after: &str) -> Event {
    Event {
        id: 0,
        migration: "cart".into(),
        revision: 1,
        time: Millis(1),
        actor: "who".into(),
        kind: EventKind::Applied,
        reason: String::new(),
        before: String::new(),
        after: after.into(),
    }
}

#[tokio::test]
async fn a_dropped_unit_of_work_leaves_nothing_and_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut work = store.begin().await.unwrap();
    work.insert_migration(&migration("cart")).await.unwrap();
    drop(work);
    let mut work = store.begin().await.unwrap();
    assert_eq!(work.migration("cart").await.unwrap(), None);
    work.insert_migration(&migration("cart")).await.unwrap();
    work.commit().await.unwrap();
}

#[tokio::test]
async fn a_view_sees_one_instant_and_no_uncommitted_work() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut before = store.view().await.unwrap();
    assert_eq!(before.migration("cart").await.unwrap(), None);
    let mut work = store.begin().await.unwrap();
    work.insert_migration(&migration("cart")).await.unwrap();
    let mut meanwhile = store.view().await.unwrap();
    assert_eq!(meanwhile.migration("cart").await.unwrap(), None);
    work.commit().await.unwrap();
    assert_eq!(before.migration("cart").await.unwrap(), None);
    drop((before, meanwhile));
    let mut after = store.view().await.unwrap();
    assert!(after.migration("cart").await.unwrap().is_some());
}

/// What a killed process leaves is its files, as they stand between two
/// instructions.
#[tokio::test]
async fn a_kill_keeps_what_was_committed_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    put(&store, &migration("cart")).await;
    let mut work = store.begin().await.unwrap();
    work.insert_migration(&migration("orders")).await.unwrap();
    let left = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), left.path().join(entry.file_name())).unwrap();
    }
    let reopened = open(left.path()).await;
    let mut view = reopened.view().await.unwrap();
    assert_eq!(
        view.migration("cart").await.unwrap(),
        Some(migration("cart"))
    );
    assert_eq!(view.migration("orders").await.unwrap(), None);
    drop(work);
}

#[tokio::test]
async fn a_second_open_transition_is_refused_by_the_store() {
    let store = SqliteStore::in_memory().await.unwrap();
    let mut work = store.begin().await.unwrap();
    let mut first = transition("p1", "cart");
    work.insert_transition(&first).await.unwrap();
    work.insert_transition(&transition("p2", "orders"))
        .await
        .unwrap();
    let second = work.insert_transition(&transition("p3", "cart")).await;
    assert!(
        matches!(second, Err(StoreError::Unavailable { .. })),
        "{second:?}"
    );
    first.ended = Some(Millis(9));
    first.state = TransitionState::Done;
    work.save_transition(&first).await.unwrap();
    work.insert_transition(&transition("p3", "cart"))
        .await
        .unwrap();
}

#[tokio::test]
async fn lists_come_in_pages() {
    let store = SqliteStore::in_memory().await.unwrap();
    let mut work = store.begin().await.unwrap();
    for name in ["a", "b", "c"] {
        work.insert_migration(&migration(name)).await.unwrap();
        work.append_event(&event(name)).await.unwrap();
    }
    let mut gone = migration("d");
    gone.deleted = Some(Millis(1));
    work.insert_migration(&gone).await.unwrap();
    let names = |page: Vec<Migration>| page.into_iter().map(|one| one.name).collect::<Vec<_>>();
    let two = PageSize::new(2);
    assert_eq!(names(work.migrations(None, two).await.unwrap()), ["a", "b"]);
    assert_eq!(names(work.migrations(Some("b"), two).await.unwrap()), ["c"]);
    let first = work.events("cart", None, two).await.unwrap();
    assert_eq!(
        first.iter().map(|one| &*one.after).collect::<Vec<_>>(),
        ["c", "b"]
    );
    let rest = work.events("cart", Some(first[1].id), two).await.unwrap();
    assert_eq!(
        rest.iter().map(|one| &*one.after).collect::<Vec<_>>(),
        ["a"]
    );
}

#[tokio::test]
async fn what_is_old_is_forgotten_and_what_is_open_is_not() {
    let store = SqliteStore::in_memory().await.unwrap();
    let mut work = store.begin().await.unwrap();
    let mut ended = job("old", "cart");
    ended.ended = Some(Millis(50));
    work.insert_job(&ended).await.unwrap();
    work.insert_shards(&[shard("old", 0, ShardState::Done)])
        .await
        .unwrap();
    work.insert_job(&job("open", "cart")).await.unwrap();
    work.insert_transition(&transition("p1", "cart"))
        .await
        .unwrap();
    assert_eq!(work.forget_jobs(Millis(50)).await.unwrap(), 0);
    assert_eq!(work.forget_jobs(Millis(51)).await.unwrap(), 1);
    assert_eq!(work.shards("old").await.unwrap(), []);
    assert!(work.job("open").await.unwrap().is_some());
    assert_eq!(work.forget_transitions(Millis(u64::MAX)).await.unwrap(), 0);
    let mut cart = migration("cart");
    cart.revision = 5;
    work.insert_migration(&cart).await.unwrap();
    for number in 1..=5 {
        let revision = Revision {
            migration: "cart".into(),
            revision: number,
            phase: Phase::DualWrite,
            epoch: 3,
            spec: Spec::default(),
            time: Millis(number),
            actor: String::new(),
            reason: String::new(),
        };
        work.append_revision(&revision).await.unwrap();
    }
    assert_eq!(work.forget_revisions(Millis(100), 2).await.unwrap(), 3);
    assert!(work.revision("cart", 4).await.unwrap().is_some());
    assert!(work.revision("cart", 3).await.unwrap().is_none());
}

#[tokio::test]
async fn tables_of_a_newer_program_are_refused_with_both_versions() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    sqlx::query("INSERT INTO schema_version VALUES (9, '0009.sql', 8, '')")
        .execute(&store.writer)
        .await
        .unwrap();
    store.close().await;
    let refused = SqliteStore::open(folder.path().join("control.db")).await;
    assert!(
        matches!(refused, Err(OpenError::TooNew { found: 9, .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named() {
    let refused = SqliteStore::open("/nowhere/at/all/control.db")
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("/nowhere/at/all/control.db"),
        "{refused}"
    );
}
