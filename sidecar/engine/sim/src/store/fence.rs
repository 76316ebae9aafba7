//! Holding the fence, and changing it.

use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::fence::{Fence, FenceAt};
use dualwrite_core::mapping::Table;
use dualwrite_core::plan::Cas;
use dualwrite_engine::store::{CasOutcome, StoreError};

use crate::mutant::Mutant;
use crate::server::{Data, Flavour, Lock, Mode, Purpose, RecordId, Server, Tx};

/// How long one try waits for the lock that a change of the fence takes.
const TRY: Duration = Duration::from_millis(200);

/// How often it tries.
const TRIES: u32 = 3;

/// The lock that protects a fence: PostgreSQL's gate, InnoDB's row itself.
fn fence_lock(flavour: Flavour, service: &str) -> Lock {
    match flavour {
        Flavour::Postgres => Lock::Gate(Arc::from(service)),
        Flavour::InnoDb => Lock::Record(RecordId::fence(service)),
    }
}

/// Locks the fence against change until the transaction's end, and only then
/// looks whether it is what it must be.
pub(super) async fn hold(
    tx: &Tx,
    service: &str,
    at: FenceAt,
    longest: Duration,
    broken: Option<Mutant>,
) -> Result<(), StoreError> {
    if broken != Some(Mutant::UnlockedFence) {
        let lock = fence_lock(tx.server().flavour, service);
        tx.lock(&lock, Mode::Share, longest).await?;
    }
    if held(tx, service) == Some(at) {
        Ok(())
    } else {
        Err(tx.fail(StoreError::Stale))
    }
}

/// What the fence says, to this transaction.
fn held(tx: &Tx, service: &str) -> Option<FenceAt> {
    let version = tx.seen(&RecordId::fence(service))?;
    version.fence().map(Fence::at)
}

/// A compare-and-set of the fence.
pub(super) async fn change(
    server: Arc<Server>,
    service: String,
    cas: Cas,
    drained: Option<Vec<Arc<Table>>>,
    blind: bool,
) -> Result<CasOutcome, StoreError> {
    let tx = locked(&server, &service, Purpose::Fence).await?;
    let id = RecordId::fence(&service);
    let found = tx.seen(&id).and_then(|version| version.fence().cloned());
    if found.as_ref().map(Fence::at) != Some(cas.from) && !blind {
        return Ok(CasOutcome::Lost(found));
    }
    for table in drained.iter().flatten() {
        server.expect_outbox(&service, table)?;
        if server.has_markers(&service, &table.entity) {
            return Ok(CasOutcome::MarkersLeft);
        }
    }
    tx.write(id, Some(Data::Fence(cas.to)))?;
    tx.commit()?;
    Ok(CasOutcome::Changed)
}

/// A transaction that holds the fence alone, taken in short tries.
pub(super) async fn locked(
    server: &Arc<Server>,
    service: &str,
    purpose: Purpose,
) -> Result<Tx, StoreError> {
    let lock = fence_lock(server.flavour, service);
    for _ in 0..TRIES {
        let tx = server.begin(purpose.clone());
        match tx.lock(&lock, Mode::Exclusive, TRY).await {
            Ok(()) => return Ok(tx),
            Err(StoreError::Busy(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::Busy("transactions hold the fence".to_owned()))
}
