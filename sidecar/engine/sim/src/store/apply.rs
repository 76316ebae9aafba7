//! Copies on the secondary: key locks, fence, rows, commit.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use dualwrite_core::fence::FenceAt;
use dualwrite_core::key::Key;
use dualwrite_core::side::Role;
use dualwrite_core::value::Value;
use dualwrite_engine::fake::Call;
use dualwrite_engine::store::{
    CommitError, Copy, Granted, LockMode, LockRequest, OpenApply, RowKey, Sought, StoreError,
};

use super::{fence, write};
use crate::mutant::Mutant;
use crate::server::LOCK_TIMEOUT;
use crate::server::row_id;
use crate::server::{Lock, Mode, Purpose, Server, Snapshot, Tx};
use crate::wire::Wire;

/// Takes the key locks in a statement of their own, and the fence behind them.
pub(super) async fn open(
    server: Arc<Server>,
    request: LockRequest,
    broken: Option<Mutant>,
) -> Result<(Tx, Granted), StoreError> {
    let tx = server.begin(Purpose::Copy {
        epoch: request.epoch,
    });
    if broken == Some(Mutant::ReadsBeforeLock) {
        return Ok((tx, Granted::All));
    }
    let granted = take(&tx, &request, broken).await?;
    Ok((tx, granted))
}

async fn take(
    tx: &Tx,
    request: &LockRequest,
    broken: Option<Mutant>,
) -> Result<Granted, StoreError> {
    let (granted, longest) = match request.mode {
        LockMode::Wait(bound) if broken == Some(Mutant::NoKeyLock) => (Granted::All, bound),
        LockMode::Try if broken == Some(Mutant::NoKeyLock) => (Granted::All, LOCK_TIMEOUT),
        LockMode::Wait(bound) => {
            take_all(tx, request, bound).await?;
            (Granted::All, bound)
        }
        LockMode::Try => (take_free(tx, request)?, LOCK_TIMEOUT),
    };
    let at = FenceAt {
        epoch: request.epoch,
        role: Role::Secondary,
    };
    if broken != Some(Mutant::NoFenceOnSecondary) {
        fence::hold(tx, &request.service, at, longest, broken).await?;
    }
    Ok(granted)
}

async fn take_all(tx: &Tx, request: &LockRequest, bound: Duration) -> Result<(), StoreError> {
    for bucket in &request.buckets {
        let lock = Lock::Bucket(Arc::clone(&request.service), *bucket);
        tx.lock(&lock, Mode::Exclusive, bound).await?;
    }
    Ok(())
}

fn take_free(tx: &Tx, request: &LockRequest) -> Result<Granted, StoreError> {
    let mut taken = Vec::new();
    for bucket in &request.buckets {
        let lock = Lock::Bucket(Arc::clone(&request.service), *bucket);
        if tx.try_lock(&lock, Mode::Exclusive)? {
            taken.push(*bucket);
        }
    }
    if taken.len() == request.buckets.len() {
        return Ok(Granted::All);
    }
    Ok(Granted::Some(taken))
}

/// A transaction that holds the fence and its key locks.
#[derive(Debug)]
pub(super) struct Open {
    wire: Wire,
    tx: Option<Arc<Tx>>,
    granted: Granted,
    broken: Option<(Mutant, LockRequest)>,
}

impl Open {
    pub(super) fn new(wire: Wire, tx: Tx, granted: Granted) -> Self {
        Self {
            wire,
            tx: Some(Arc::new(tx)),
            granted,
            broken: None,
        }
    }

    pub(super) fn broken(mut self, mutant: Option<Mutant>, request: &LockRequest) -> Self {
        self.broken = mutant.map(|mutant| (mutant, request.clone()));
        self
    }

    fn breaks(&self, mutant: Mutant) -> bool {
        self.broken.as_ref().is_some_and(|(own, _)| *own == mutant)
    }

    fn tx(&self) -> Result<Arc<Tx>, StoreError> {
        let gone = || StoreError::Other("there is no transaction".to_owned());
        self.tx.clone().ok_or_else(gone)
    }
}

/// One statement: the copies in the order given.
async fn apply(tx: Arc<Tx>, copies: Vec<Copy>) -> Result<(), StoreError> {
    if tx.has_failed() {
        let why = "the transaction met an error before and can only be rolled back";
        return Err(StoreError::Other(why.to_owned()));
    }
    let ids: Vec<_> = copies
        .iter()
        .map(|copy| row_id(&copy.table, &copy.key))
        .collect();
    let snapshot = Snapshot::take(&tx, &ids);
    for copy in &copies {
        if let Err(error) = tx.copy(copy, &snapshot).await {
            return Err(tx.fail(error));
        }
    }
    Ok(())
}

#[async_trait]
impl OpenApply for Open {
    fn granted(&self) -> &Granted {
        &self.granted
    }

    async fn apply(&mut self, copies: &[Copy]) -> Result<(), StoreError> {
        let tx = self.tx()?;
        if let Some((Mutant::ReadsBeforeLock, request)) = &self.broken {
            let wait = LockRequest {
                mode: LockMode::Wait(LOCK_TIMEOUT),
                ..request.clone()
            };
            take(&tx, &wait, None).await?;
        }
        let applied = self
            .wire
            .carry(Call::Apply, apply(Arc::clone(&tx), copies.to_vec()))
            .await;
        if self.breaks(Mutant::SecondaryFirst) && applied.is_ok() {
            let done = self.tx.take();
            drop(tx);
            if let Some(tx) = done.and_then(|tx| Arc::try_unwrap(tx).ok()) {
                tx.commit()?;
            }
            return Ok(());
        }
        applied.map_err(|error| tx.fail(error))
    }

    async fn read(&mut self, keys: &[RowKey]) -> Result<Vec<Option<Vec<Value>>>, StoreError> {
        let (tx, keys) = (self.tx()?, keys.to_vec());
        let work = async move { tx.mapped_rows(&keys) };
        self.wire.carry(Call::ReadApply, work).await
    }

    async fn holders(
        &mut self,
        sought: &[Sought],
        limit: u32,
    ) -> Result<Vec<Vec<Key>>, StoreError> {
        let (tx, sought) = (self.tx()?, sought.to_vec());
        let work = async move { tx.holders(&sought, limit) };
        self.wire.carry(Call::ReadApply, work).await
    }

    async fn commit(mut self: Box<Self>) -> Result<(), CommitError> {
        let tx = self.tx.take();
        // Only a statement that still runs for somebody who gave up on it
        // shares the transaction: then there is nothing to commit.
        let tx = tx.and_then(|tx| Arc::try_unwrap(tx).ok());
        if tx.is_none() && self.breaks(Mutant::SecondaryFirst) {
            return Ok(());
        }
        match write::commit(&self.wire, tx, Call::CommitApply).await {
            Err(CommitError::Unknown(_)) if self.breaks(Mutant::DoubtIsDone) => Ok(()),
            ended => ended,
        }
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
