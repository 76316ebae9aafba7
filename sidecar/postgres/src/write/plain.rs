//! Mutations with nothing of ours around them.

use dualwrite_engine::store::{Image, Mutation, StoreError};

use super::open::{judge, send};
use super::statements;
use crate::conn::{abandon, auto, commit, refuse, refused_by};
use crate::errors::Stage;
use crate::store::PostgresStore;

/// Writes and commits: one statement by itself, several in one transaction.
pub(super) async fn run(
    store: &PostgresStore,
    mutations: &[Mutation],
) -> Result<Vec<Image>, StoreError> {
    match mutations {
        [only] => single(store, only).await,
        several => together(store, several).await,
    }
}

/// A mutation that matched no row changed nothing, so to find that out after
/// its commit is early enough.
async fn single(store: &PostgresStore, mutation: &Mutation) -> Result<Vec<Image>, StoreError> {
    let sql = statements::mutation(mutation)?;
    let rows = auto(store.pools.main().await?, &sql, Stage::Decisive).await?;
    let (_, images) = judge(std::slice::from_ref(mutation), std::iter::once(rows))?;
    Ok(images)
}

async fn together(store: &PostgresStore, mutations: &[Mutation]) -> Result<Vec<Image>, StoreError> {
    let list: Result<Vec<_>, _> = mutations.iter().map(statements::mutation).collect();
    let list = list?;
    let conn = store.pools.main().await?;
    let rows = match send(&conn, &list).await.and_then(refused_by) {
        Ok(rows) => rows,
        Err(error) => return Err(refuse(conn, &error).await),
    };
    // The first reply is that of BEGIN.
    match judge(mutations, rows.into_iter().skip(1)) {
        Ok((_, images)) => {
            commit(conn).await.map_err(super::as_store_error)?;
            Ok(images)
        }
        Err(error) => {
            abandon(conn).await;
            Err(error)
        }
    }
}
