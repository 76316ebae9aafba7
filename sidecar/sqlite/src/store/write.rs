//! Foreground writes on the primary: fence, receipt, markers, mutations.

mod mutate;

use std::collections::BTreeMap;

use async_trait::async_trait;
use dualwrite_engine::store::{CommitError, Image, Mutation, OpenWrite, StoreError, WriteTx};

use super::{fences, markers, receipts};
use crate::connections::Session;

/// A transaction that is written and not committed.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) session: Session,
    pub(super) images: Vec<Image>,
}

/// Everything but the commit.
///
/// The receipt is looked for before anything is written: under the write lock
/// that answer stands, and a repeated `insert` would otherwise meet the
/// application's own key first.
pub(super) async fn write(session: &mut Session, tx: &WriteTx) -> Result<Vec<Image>, StoreError> {
    fences::hold_primary(session, &tx.service, tx.epoch).await?;
    if let Some(draft) = &tx.receipt
        && receipts::exists(session, &tx.service, &draft.request_id).await?
    {
        return Err(StoreError::ReceiptExists);
    }
    if let Some(token) = tx.token {
        let keys: BTreeMap<_, _> = tx
            .mutations
            .iter()
            .map(|mutation| ((&mutation.table.entity, &mutation.key), &mutation.table))
            .collect();
        let keys = keys.into_iter().map(|((_, key), table)| (table, key));
        markers::leave(session, &tx.service, tx.epoch, token, keys).await?;
    }
    let images = mutations(session, &tx.mutations).await?;
    if let Some(draft) = &tx.receipt {
        receipts::leave(session, &tx.service, draft, &images).await?;
    }
    Ok(images)
}

/// The mutations alone.
pub(super) async fn mutations(
    session: &mut Session,
    mutations: &[Mutation],
) -> Result<Vec<Image>, StoreError> {
    let mut images = Vec::with_capacity(mutations.len());
    for (index, mutation) in mutations.iter().enumerate() {
        let image = mutate::mutate(session, mutation).await?;
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
        self.session.commit().await
    }

    async fn rollback(self: Box<Self>) {
        self.session.rollback().await;
    }
}
