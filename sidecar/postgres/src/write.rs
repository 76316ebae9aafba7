//! Foreground writes: fence, markers, mutations, receipt, commit.
//!
//! One mutation is one statement that commits by itself: one round trip.
//! Several are one transaction in two: everything up to the last mutation is
//! sent at once, and the commit after all replies were seen.

mod mutation;
mod open;
mod plain;
mod single;
mod statements;

#[cfg(test)]
mod tests;

use dualwrite_core::mapping::Table;
use dualwrite_engine::store::{
    CommitError, Image, Mutation, OpenWrite, RowKey, StoreError, Token, WriteTx,
};

use crate::store::PostgresStore;

pub(crate) use mutation::equals;
pub(crate) use open::{BEGIN, OpenTx};

/// Writes and commits.
pub(crate) async fn write(store: &PostgresStore, tx: &WriteTx) -> Result<Vec<Image>, StoreError> {
    let written = match tx.mutations.as_slice() {
        [mutation] => single::run(store, tx, mutation).await,
        _ => several(store, tx).await,
    };
    match written {
        Ok(images) => Ok(images),
        Err(error) => Err(store
            .indexes
            .say_key(store, error, &tables(&tx.mutations))
            .await),
    }
}

/// Writes without committing.
pub(crate) async fn begin_write(
    store: &PostgresStore,
    tx: &WriteTx,
) -> Result<Box<dyn OpenWrite>, StoreError> {
    match OpenTx::begin(store, tx).await {
        Ok(open) => match open.leave_receipt().await {
            Ok(open) => Ok(Box::new(open)),
            Err(error) => Err(error),
        },
        Err(error) => Err(store
            .indexes
            .say_key(store, error, &tables(&tx.mutations))
            .await),
    }
}

/// Leaves a marker for each key, under the fence.
pub(crate) async fn mark(
    store: &PostgresStore,
    service: &str,
    epoch: u64,
    token: Token,
    keys: &[RowKey],
) -> Result<(), StoreError> {
    let head = statements::head(service, epoch, Some(token), keys)?;
    let open = OpenTx::send(store, head, &[], None).await?;
    open.finish().await.map(drop).map_err(as_store_error)
}

/// Writes and commits with nothing of ours around it.
pub(crate) async fn plain(
    store: &PostgresStore,
    mutations: &[Mutation],
) -> Result<Vec<Image>, StoreError> {
    match plain::run(store, mutations).await {
        Ok(images) => Ok(images),
        Err(error) => Err(store
            .indexes
            .say_key(store, error, &tables(mutations))
            .await),
    }
}

async fn several(store: &PostgresStore, tx: &WriteTx) -> Result<Vec<Image>, StoreError> {
    let open = OpenTx::begin(store, tx).await?;
    open.finish().await.map_err(as_store_error)
}

fn as_store_error(error: CommitError) -> StoreError {
    match error {
        CommitError::Refused(error) => error,
        CommitError::Unknown(why) => StoreError::UnknownOutcome(why),
    }
}

fn tables(mutations: &[Mutation]) -> Vec<&Table> {
    mutations.iter().map(|mutation| &*mutation.table).collect()
}
