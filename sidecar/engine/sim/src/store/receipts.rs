//! Receipts of requests with an idempotency key.

use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::fence::FenceAt;
use dualwrite_core::side::Role;
use dualwrite_engine::store::{Image, Receipt, ReceiptDraft, Settled, StoreError};
use tokio::time::Instant;

use super::fence;
use crate::server::LOCK_TIMEOUT;
use crate::server::{Data, Mode, Purpose, RecordId, Server, StoredReceipt, Tx};

/// Leaves the receipt of an execution; refused where one stands.
pub(super) async fn leave(
    tx: &Tx,
    service: &str,
    draft: &ReceiptDraft,
    images: &[Image],
) -> Result<(), StoreError> {
    let id = RecordId::receipt(service, &draft.request_id);
    let receipt = Receipt {
        request_hash: draft.request_hash,
        aborted: false,
        images: images.to_vec(),
    };
    match insert(tx, id, receipt).await? {
        None => Ok(()),
        Some(_) => Err(tx.fail(StoreError::ReceiptExists)),
    }
}

/// Inserts a receipt unless one stands; answers that one. Waits for a
/// transaction that is still open.
async fn insert(tx: &Tx, id: RecordId, receipt: Receipt) -> Result<Option<Receipt>, StoreError> {
    tx.lock_record(&id, Mode::Exclusive).await?;
    if let Some(version) = tx.seen(&id) {
        return Ok(version.receipt().map(|stored| stored.receipt.clone()));
    }
    let stored = StoredReceipt {
        receipt,
        at: Instant::now(),
    };
    tx.write(id, Some(Data::Receipt(stored)))?;
    Ok(None)
}

/// Makes sure that a request can never commit any more.
pub(super) async fn settle(
    server: Arc<Server>,
    service: String,
    epoch: u64,
    request: String,
) -> Result<Settled, StoreError> {
    let tx = server.begin(Purpose::Foreground {
        epoch,
        token: None,
        request: None,
    });
    let at = FenceAt {
        epoch,
        role: Role::Primary,
    };
    fence::hold(&tx, &service, at, LOCK_TIMEOUT, None).await?;
    let aborted = Receipt {
        request_hash: 0,
        aborted: true,
        images: Vec::new(),
    };
    let stood = insert(&tx, RecordId::receipt(&service, &request), aborted).await?;
    tx.commit()?;
    Ok(match stood {
        Some(receipt) if !receipt.aborted => Settled::Committed,
        Some(_) | None => Settled::Aborted,
    })
}

/// What a mutant says of a request: whatever stands there now.
pub(super) fn look(server: &Server, service: &str, id: &str) -> Settled {
    match server.look_up(service, id, false).receipt {
        Some(receipt) if !receipt.aborted => Settled::Committed,
        Some(_) | None => Settled::Aborted,
    }
}

impl Server {
    /// Drops receipts older than their lifetime.
    pub(crate) fn expire(
        self: &Arc<Self>,
        service: &str,
        lifetime: Duration,
    ) -> Result<u64, StoreError> {
        let tx = self.begin(Purpose::Other);
        let mut expired = 0;
        for (id, at) in self.receipts_of(service) {
            let lock = crate::server::Lock::Record(id.clone());
            if at.elapsed() >= lifetime && tx.try_lock(&lock, Mode::Exclusive)? {
                tx.write(id, None)?;
                expired += 1;
            }
        }
        tx.commit()?;
        Ok(expired)
    }

    /// Whether any receipt of this service stands.
    pub(crate) fn has_receipts(&self, service: &str) -> bool {
        !self.receipts_of(service).is_empty()
    }
}
