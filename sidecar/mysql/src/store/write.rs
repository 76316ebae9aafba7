//! Foreground writes on the primary: fence, markers, mutations, receipt.

mod mutate;

use std::collections::BTreeMap;

use async_trait::async_trait;
use dualwrite_core::side::Role;
use dualwrite_engine::store::{CommitError, Image, Mutation, OpenWrite, StoreError, WriteTx};

use super::{fences, markers, receipts};
use crate::pool::{Conn, Lane};

/// A transaction that is written and not committed.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) conn: Conn,
    pub(super) images: Vec<Image>,
}

/// Everything but the commit.
///
/// A repeated `insert` meets the application's own key before its receipt, and
/// only after it has waited for the first attempt to end. So a constraint is
/// believed only where no receipt stands.
pub(super) async fn write(lane: &Lane, tx: &WriteTx) -> Result<(Conn, Vec<Image>), StoreError> {
    let mut conn = fences::hold(lane, &tx.service, tx.epoch, Role::Primary).await?;
    match written(&mut conn, tx).await {
        Ok(images) => Ok((conn, images)),
        Err(error) => {
            conn.rollback().await;
            match (&error, &tx.receipt) {
                (StoreError::Constraint { .. } | StoreError::NotMatched { .. }, Some(draft))
                    if receipts::exists(lane, &tx.service, &draft.request_id).await? =>
                {
                    Err(StoreError::ReceiptExists)
                }
                _ => Err(error),
            }
        }
    }
}

async fn written(conn: &mut Conn, tx: &WriteTx) -> Result<Vec<Image>, StoreError> {
    if let Some(token) = tx.token {
        let keys: BTreeMap<_, _> = tx
            .mutations
            .iter()
            .map(|mutation| ((&mutation.table.entity, &mutation.key), &mutation.table))
            .collect();
        let keys = keys.into_iter().map(|((_, key), table)| (table, key));
        markers::leave(conn, &tx.service, tx.epoch, token, keys).await?;
    }
    let images = mutations(conn, &tx.mutations).await?;
    if let Some(draft) = &tx.receipt {
        receipts::leave(conn, &tx.service, draft, &images).await?;
    }
    Ok(images)
}

/// The mutations alone.
pub(super) async fn mutations(
    conn: &mut Conn,
    mutations: &[Mutation],
) -> Result<Vec<Image>, StoreError> {
    let mut images = Vec::with_capacity(mutations.len());
    for (index, mutation) in mutations.iter().enumerate() {
        let image = mutate::mutate(conn, mutation).await?;
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
        self.conn.commit().await
    }

    async fn rollback(self: Box<Self>) {
        self.conn.rollback().await;
    }
}
