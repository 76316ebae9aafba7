//! Copies on this side while it is the secondary: fence and key locks first,
//! then rows as they are.

mod exact;
mod groups;
mod holders;
mod locks;
mod statements;

use async_trait::async_trait;
use dualwrite_core::key::Key;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{
    CommitError, Copy, Granted, LockRequest, OpenApply, RowKey, Sought, StoreError,
};
use tokio_postgres::{Error, Row};

use crate::conn::{Conn, abandon, between, commit, pipeline, refused_by};
use crate::errors::{self, Stage};
use crate::reads;
use crate::sql::{self, Sql};
use crate::store::PostgresStore;

/// Opens a transaction that holds key locks and fence.
pub(crate) async fn begin_apply(
    store: &PostgresStore,
    request: &LockRequest,
) -> Result<Box<dyn OpenApply>, StoreError> {
    let conn = store.pools.copies().await?;
    let (conn, granted) = locks::take(conn, request).await?;
    Ok(Box::new(ApplyTx {
        conn,
        granted,
        failed: false,
    }))
}

/// A transaction that holds key locks and fence.
#[derive(Debug)]
struct ApplyTx {
    conn: Conn,
    granted: Granted,
    /// Whether an error has ended it, or a call that was dropped may have. The
    /// server would take a `COMMIT` then, and roll back without a word.
    failed: bool,
}

impl ApplyTx {
    /// Sends statements, all at once, between two plain ones; answers their
    /// rows.
    async fn send(
        &self,
        (before, statements, after): (&str, &[Sql], &str),
    ) -> Result<Vec<Vec<Row>>, StoreError> {
        let ready = self
            .conn
            .all_ready(statements)
            .await
            .map_err(|error| self.refused(&error))?;
        let replies = pipeline(self.conn.client(), between(before, &ready, after)).await;
        let mut answers = refused_by(replies).map_err(|error| self.refused(&error))?;
        if !before.is_empty() {
            answers.remove(0);
        }
        Ok(answers)
    }

    /// After it, the transaction can only be rolled back.
    fn refused(&self, error: &Error) -> StoreError {
        if errors::wants_preparing(error) {
            self.conn.forget_statements();
            return StoreError::Conflict("a table changed since the statement was prepared".into());
        }
        errors::statement(error, Stage::Harmless)
    }

    async fn write(&self, copies: &[Copy]) -> Result<(), StoreError> {
        let groups = groups::consecutive(copies);
        let statements: Result<Vec<Sql>, StoreError> =
            groups.iter().map(statements::group).collect();
        let (before, after) = checks(copies);
        let answers = self.send((before, &statements?, after)).await?;
        for (group, rows) in groups.iter().zip(&answers) {
            exact::check(group, rows)?;
        }
        Ok(())
    }

    async fn rows(&self, keys: &[RowKey]) -> Result<Vec<Option<Vec<Value>>>, StoreError> {
        let groups = sql::by_table(keys, |row| &row.table);
        let statements: Result<Vec<Sql>, StoreError> = groups
            .iter()
            .map(|(table, group)| reads::by_key(table, group))
            .collect();
        let answers = self.send(("", &statements?, "")).await?;
        let mut rows = vec![None; keys.len()];
        for ((table, group), answer) in groups.iter().zip(&answers) {
            for ((place, _), row) in group.iter().zip(answer) {
                rows[*place] = reads::image(table, row, 0)?;
            }
        }
        Ok(rows)
    }

    async fn keys(&self, sought: &[Sought], limit: u32) -> Result<Vec<Vec<Key>>, StoreError> {
        let groups = holders::alike(sought);
        let statements: Result<Vec<Sql>, StoreError> = groups
            .iter()
            .map(|group| holders::statement(group, limit))
            .collect();
        let answers = self.send(("", &statements?, "")).await?;
        let mut keys = vec![Vec::new(); sought.len()];
        for (group, answer) in groups.iter().zip(&answers) {
            for row in answer {
                let (place, key) = holders::decode(group, row)?;
                if let Some(found) = keys.get_mut(place) {
                    found.push(key);
                }
            }
        }
        Ok(keys)
    }
}

/// What is said before and after copies: where references are deferrable they
/// are checked behind the last copy, and still before the reply.
fn checks(copies: &[Copy]) -> (&'static str, &'static str) {
    let mut references = copies.iter().flat_map(|copy| &copy.table.references);
    if references.any(|reference| reference.deferrable) {
        (
            "SET CONSTRAINTS ALL DEFERRED",
            "SET CONSTRAINTS ALL IMMEDIATE",
        )
    } else {
        ("", "")
    }
}

#[async_trait]
impl OpenApply for ApplyTx {
    fn granted(&self) -> &Granted {
        &self.granted
    }

    async fn apply(&mut self, copies: &[Copy]) -> Result<(), StoreError> {
        let failed = std::mem::replace(&mut self.failed, true);
        let applied = self.write(copies).await;
        self.failed = failed || applied.is_err();
        applied
    }

    async fn read(&mut self, keys: &[RowKey]) -> Result<Vec<Option<Vec<Value>>>, StoreError> {
        let failed = std::mem::replace(&mut self.failed, true);
        let rows = self.rows(keys).await;
        self.failed = failed || rows.is_err();
        rows
    }

    async fn holders(
        &mut self,
        sought: &[Sought],
        limit: u32,
    ) -> Result<Vec<Vec<Key>>, StoreError> {
        let failed = std::mem::replace(&mut self.failed, true);
        let holders = self.keys(sought, limit).await;
        self.failed = failed || holders.is_err();
        holders
    }

    async fn commit(self: Box<Self>) -> Result<(), CommitError> {
        if self.failed {
            abandon(self.conn).await;
            let why = "an error ended the transaction before its commit".to_owned();
            return Err(CommitError::Refused(StoreError::Other(why)));
        }
        commit(self.conn).await
    }

    async fn rollback(self: Box<Self>) {
        abandon(self.conn).await;
    }
}
