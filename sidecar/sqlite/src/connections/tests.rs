use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use sqlx::sqlite::SqliteJournalMode;

use super::*;
use crate::sql::Sql;

const LONG: Duration = Duration::from_mins(1);

struct Bench {
    writer: Connections,
    options: SqliteConnectOptions,
    _folder: tempfile::TempDir,
}

async fn bench() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("data.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(Duration::ZERO);
    let writer = Connections::new(options.clone(), Begin::Write, 1);
    let mut session = writer.begin(LONG).await.unwrap();
    session
        .run(Sql::new("CREATE TABLE t (n INTEGER PRIMARY KEY)"))
        .await
        .unwrap();
    session.commit().await.unwrap();
    Bench {
        writer,
        options,
        _folder: folder,
    }
}

fn insert(number: i64) -> Sql {
    Sql::new("INSERT INTO t VALUES (").bind(number).push(")")
}

async fn count(bench: &Bench) -> usize {
    let mut session = bench.writer.begin(LONG).await.unwrap();
    session
        .rows(Sql::new("SELECT n FROM t"))
        .await
        .unwrap()
        .len()
}

#[tokio::test]
async fn a_dropped_session_leaves_nothing_and_the_connection_is_used_again() {
    let bench = bench().await;
    let mut session = bench.writer.begin(LONG).await.unwrap();
    session.run(insert(1)).await.unwrap();
    drop(session);
    assert_eq!(count(&bench).await, 0);
    let session = bench.writer.begin(LONG).await.unwrap();
    session.rollback().await;
    assert_eq!(
        bench.writer.status(),
        PoolStatus {
            in_use: 0,
            idle: 1,
            max: 1,
            waiting: 0,
            last_error: None,
        }
    );
}

/// Drops the future at its `polls`-th await point and looks at what is left.
async fn dropped_after(bench: &Bench, polls: usize) -> bool {
    let finished = {
        let mut future = pin!(async {
            let mut session = bench.writer.begin(LONG).await.unwrap();
            session.run(insert(7)).await.unwrap();
            session.run(insert(8)).await.unwrap();
            session.commit().await.unwrap();
        });
        let mut context = Context::from_waker(Waker::noop());
        let mut result = Poll::Pending;
        for _ in 0..polls {
            result = future.as_mut().poll(&mut context);
            if result.is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        result.is_ready()
    };
    // Whatever happened, the next user finds no transaction, and all or nothing.
    let rows = count(bench).await;
    assert!(rows == 0 || rows == 2, "{rows} rows after {polls} polls");
    let mut session = bench.writer.begin(LONG).await.unwrap();
    session.run(Sql::new("DELETE FROM t")).await.unwrap();
    session.commit().await.unwrap();
    finished
}

#[tokio::test]
async fn a_future_may_be_dropped_anywhere() {
    let bench = bench().await;
    let mut polls = 1;
    while !dropped_after(&bench, polls).await {
        polls += 1;
        assert!(polls < 1_000_000, "the future never ends");
    }
}

#[tokio::test]
async fn a_transaction_that_sqlite_ended_itself_does_not_spoil_the_writer() {
    let bench = bench().await;
    let mut session = bench.writer.begin(LONG).await.unwrap();
    session.run(insert(1)).await.unwrap();
    let error = session
        .run(Sql::new("INSERT OR ROLLBACK INTO t VALUES (1)"))
        .await
        .unwrap_err();
    assert!(error.as_database_error().is_some(), "{error}");
    drop(session);
    assert_eq!(count(&bench).await, 0);
    let mut session = bench.writer.begin(LONG).await.unwrap();
    session.run(insert(2)).await.unwrap();
    session.commit().await.unwrap();
    assert_eq!(count(&bench).await, 1);
}

#[tokio::test]
async fn another_process_in_the_way_is_waited_for_within_the_bound() {
    let bench = bench().await;
    let other = Connections::new(bench.options.clone(), Begin::Write, 1);
    let held = other.begin(LONG).await.unwrap();
    let error = bench
        .writer
        .begin(Duration::from_millis(20))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, StoreError::Busy(why) if why.contains("20ms")),
        "{error}"
    );
    let mut waiting = pin!(bench.writer.begin(LONG));
    let mut context = Context::from_waker(Waker::noop());
    assert!(waiting.as_mut().poll(&mut context).is_pending());
    held.rollback().await;
    waiting.await.unwrap();
}

#[tokio::test]
async fn a_second_user_of_the_writer_waits_for_the_first() {
    let bench = bench().await;
    let held = bench.writer.begin(LONG).await.unwrap();
    assert_eq!(
        bench.writer.status(),
        PoolStatus {
            in_use: 1,
            idle: 0,
            max: 1,
            waiting: 0,
            last_error: None,
        }
    );
    let error = bench.writer.begin(Duration::ZERO).await.unwrap_err();
    assert!(matches!(error, StoreError::Busy(_)), "{error}");
    assert_eq!(bench.writer.status().last_error, Some(error.to_string()));
    drop(held);
    bench.writer.begin(LONG).await.unwrap();
    assert_eq!(bench.writer.status().last_error, None);
}
