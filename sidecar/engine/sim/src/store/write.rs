//! Foreground writes: fence, markers, mutations, receipt, commit.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use dualwrite_core::fence::FenceAt;
use dualwrite_core::side::Role;
use dualwrite_engine::fake::Call;
use dualwrite_engine::store::{
    CommitError, Image, Mutation, OpenWrite, StoreError, Token, WriteTx,
};

use super::{fence, markers, receipts};
use crate::mutant::Mutant;
use crate::server::LOCK_TIMEOUT;
use crate::server::row_id;
use crate::server::{Purpose, Server, Snapshot, Tx};
use crate::wire::Wire;

/// Writes and commits.
pub(super) async fn committed(
    server: Arc<Server>,
    tx: WriteTx,
    broken: Option<Mutant>,
) -> Result<Vec<Image>, StoreError> {
    let (open, images) = self::open(server, tx, broken).await?;
    open.commit()?;
    Ok(images)
}

/// Everything but the commit.
pub(super) async fn open(
    server: Arc<Server>,
    write: WriteTx,
    broken: Option<Mutant>,
) -> Result<(Tx, Vec<Image>), StoreError> {
    let request = write.receipt.as_ref().map(|draft| draft.request_id.clone());
    let tx = server.begin(Purpose::Foreground {
        epoch: write.epoch,
        token: write.token,
        request,
    });
    let at = FenceAt {
        epoch: write.epoch,
        role: Role::Primary,
    };
    if broken != Some(Mutant::NoFenceOnPrimary) {
        fence::hold(&tx, &write.service, at, LOCK_TIMEOUT, broken).await?;
    }
    // One mutation is one statement with everything around it: it works with
    // the snapshot from before the wait for the marker.
    let single = write.mutations.len() == 1;
    let whole = Snapshot::take(&tx, &ids(&write.mutations));
    if let Some(token) = write.token.filter(|_| broken != Some(Mutant::NoMarker)) {
        leave_markers(&tx, &write, token).await?;
    }
    let mut images = Vec::with_capacity(write.mutations.len());
    for (index, mutation) in write.mutations.iter().enumerate() {
        let own;
        let snapshot = if single {
            &whole
        } else {
            own = Snapshot::take(&tx, &ids(std::slice::from_ref(mutation)));
            &own
        };
        images.push(one(&tx, mutation, snapshot, index).await?);
    }
    if let Some(draft) = &write.receipt {
        receipts::leave(&tx, &write.service, draft, &images).await?;
    }
    Ok((tx, images))
}

/// The mutations alone, committed.
pub(super) async fn plain(
    server: Arc<Server>,
    mutations: Vec<Mutation>,
) -> Result<Vec<Image>, StoreError> {
    let tx = server.begin(Purpose::Other);
    let mut images = Vec::with_capacity(mutations.len());
    for (index, mutation) in mutations.iter().enumerate() {
        let snapshot = Snapshot::take(&tx, &ids(std::slice::from_ref(mutation)));
        images.push(one(&tx, mutation, &snapshot, index).await?);
    }
    tx.commit()?;
    Ok(images)
}

async fn one(
    tx: &Tx,
    mutation: &Mutation,
    snapshot: &Snapshot,
    index: usize,
) -> Result<Image, StoreError> {
    let image = tx.mutate(mutation, snapshot).await?;
    if mutation.must_match && !image.matched {
        return Err(tx.fail(StoreError::NotMatched { index }));
    }
    Ok(image)
}

fn ids(mutations: &[Mutation]) -> Vec<crate::server::RecordId> {
    let ids = mutations.iter();
    ids.map(|mutation| row_id(&mutation.table, &mutation.key))
        .collect()
}

/// All markers first: by entity in the order of the mutations, then by key.
async fn leave_markers(tx: &Tx, write: &WriteTx, token: Token) -> Result<(), StoreError> {
    let mut entities: Vec<&Mutation> = Vec::new();
    for mutation in &write.mutations {
        let known = entities
            .iter()
            .any(|one| one.table.entity == mutation.table.entity);
        if !known {
            entities.push(mutation);
        }
    }
    for first in entities {
        tx.server().expect_outbox(&write.service, &first.table)?;
        let own = write.mutations.iter();
        let own = own.filter(|one| one.table.entity == first.table.entity);
        let keys: BTreeSet<_> = own.map(|one| &one.key).collect();
        for key in keys {
            markers::leave(tx, &write.service, &first.table.entity, key, token).await?;
        }
    }
    Ok(())
}

/// A transaction that is written and not committed.
#[derive(Debug)]
pub(super) struct Open {
    wire: Wire,
    tx: Option<Tx>,
    images: Vec<Image>,
}

impl Open {
    pub(super) const fn new(wire: Wire, tx: Tx, images: Vec<Image>) -> Self {
        Self {
            wire,
            tx: Some(tx),
            images,
        }
    }
}

#[async_trait]
impl OpenWrite for Open {
    fn images(&self) -> &[Image] {
        &self.images
    }

    async fn commit(mut self: Box<Self>) -> Result<(), CommitError> {
        commit(&self.wire, self.tx.take(), Call::CommitWrite).await
    }

    async fn rollback(mut self: Box<Self>) {
        drop(self.tx.take());
        tokio::task::yield_now().await;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(tx) = self.tx.take() {
            self.wire.abandon(tx);
        }
    }
}

/// Commits over the wire.
pub(super) async fn commit(wire: &Wire, tx: Option<Tx>, call: Call) -> Result<(), CommitError> {
    let Some(tx) = tx else {
        return Err(CommitError::Refused(StoreError::Other(
            "there is no transaction".to_owned(),
        )));
    };
    if tx.has_failed() {
        let refused = tx.commit().err();
        let refused = refused.unwrap_or_else(|| StoreError::Other("it failed".to_owned()));
        return Err(CommitError::Refused(refused));
    }
    match wire.carry(call, async move { tx.commit() }).await {
        Ok(()) => Ok(()),
        // Whether an answer that never came was a yes, nobody can know.
        Err(StoreError::UnknownOutcome(why) | StoreError::Unavailable(why)) => {
            Err(CommitError::Unknown(why))
        }
        Err(error) => Err(CommitError::Refused(error)),
    }
}
