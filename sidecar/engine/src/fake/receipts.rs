//! Receipts of requests with an idempotency key.

use std::time::Duration;

use tokio::time::Instant;

use super::database::Database;
use crate::store::{Image, Receipt, ReceiptDraft, Settled};

/// A receipt, and since when it stands.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    receipt: Receipt,
    at: Instant,
}

impl Database {
    pub(super) fn receipt(&self, service: &str, id: &str, with_images: bool) -> Option<Receipt> {
        let stored = self.receipts.get(&(service.to_owned(), id.to_owned()))?;
        let mut receipt = stored.receipt.clone();
        if !with_images {
            receipt.images.clear();
        }
        Some(receipt)
    }

    pub(super) fn leave_receipt(&mut self, service: &str, draft: &ReceiptDraft, images: &[Image]) {
        let receipt = Receipt {
            request_hash: draft.request_hash,
            aborted: false,
            images: images.to_vec(),
        };
        self.store_receipt(service, &draft.request_id, receipt);
    }

    pub(super) fn settle(&mut self, service: &str, id: &str) -> Settled {
        match self.receipt(service, id, false) {
            Some(receipt) if receipt.aborted => Settled::Aborted,
            Some(_) => Settled::Committed,
            None => {
                let receipt = Receipt {
                    request_hash: 0,
                    aborted: true,
                    images: Vec::new(),
                };
                self.store_receipt(service, id, receipt);
                Settled::Aborted
            }
        }
    }

    pub(super) fn expire(&mut self, service: &str, lifetime: Duration) -> u64 {
        let before = self.receipts.len();
        self.receipts
            .retain(|(s, _), stored| s != service || stored.at.elapsed() < lifetime);
        u64::try_from(before - self.receipts.len()).unwrap_or(u64::MAX)
    }

    fn store_receipt(&mut self, service: &str, id: &str, receipt: Receipt) {
        let stored = Stored {
            receipt,
            at: Instant::now(),
        };
        self.receipts
            .insert((service.to_owned(), id.to_owned()), stored);
    }
}
