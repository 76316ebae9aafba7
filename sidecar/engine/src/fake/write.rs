//! Foreground writes on the primary.

use async_trait::async_trait;

use super::database::Database;
use super::faults::Call;
use super::open::Transaction;
use crate::store::{CommitError, Image, Mutation, OpenWrite, StoreError, WriteTx};

/// A transaction that is written and not committed.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) transaction: Transaction,
    pub(super) images: Vec<Image>,
}

/// Everything but the commit.
pub(super) fn write(database: &mut Database, tx: &WriteTx) -> Result<Vec<Image>, StoreError> {
    database.hold_primary(&tx.service, tx.epoch)?;
    if let Some(draft) = &tx.receipt
        && database
            .receipt(&tx.service, &draft.request_id, false)
            .is_some()
    {
        return Err(StoreError::ReceiptExists);
    }
    if let Some(token) = tx.token {
        for mutation in &tx.mutations {
            database.leave(&tx.service, &mutation.table, &mutation.key, token)?;
        }
    }
    let images = mutations(database, &tx.mutations)?;
    if let Some(draft) = &tx.receipt {
        database.leave_receipt(&tx.service, draft, &images);
    }
    Ok(images)
}

/// The mutations alone.
pub(super) fn mutations(
    database: &mut Database,
    mutations: &[Mutation],
) -> Result<Vec<Image>, StoreError> {
    let mut images = Vec::with_capacity(mutations.len());
    for (index, mutation) in mutations.iter().enumerate() {
        let image = database.mutate(mutation)?;
        if mutation.must_match && !image.matched {
            return Err(StoreError::NotMatched { index });
        }
        images.push(image);
    }
    Ok(images)
}

#[async_trait]
impl OpenWrite for Open {
    fn images(&self) -> &[Image] {
        &self.images
    }

    async fn commit(self: Box<Self>) -> Result<(), CommitError> {
        tokio::task::yield_now().await;
        self.transaction.commit_as(Call::CommitWrite)
    }

    async fn rollback(self: Box<Self>) {
        tokio::task::yield_now().await;
    }
}
