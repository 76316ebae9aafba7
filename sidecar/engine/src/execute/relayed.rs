//! A write whose secondary is left to the relay: one round trip.

use std::collections::HashSet;

use tokio::time::{Instant, timeout_at};

use super::{Run, Step};
use crate::relay::Dirty;
use crate::request::{Outcome, Wait};
use crate::store::{Change, Image, Pulled, StoreError};

impl Run<'_> {
    /// Executes on the primary and leaves the rest to the relay.
    pub(super) async fn relayed(&self) -> Step {
        let began = Instant::now();
        let written = self.on_primary().await;
        for one in &self.translated {
            self.shared
                .meter
                .decided(&one.entity.name, self.primary(), &written, began.elapsed());
        }
        match written {
            Ok(images) => {
                let secondary = self.hand_to_relay().await;
                self.reply(images, secondary)
            }
            Err(error) => self.refused(error).await,
        }
    }

    async fn on_primary(&self) -> Result<Vec<Image>, StoreError> {
        let store = self.shared.store(self.primary())?;
        let written = async {
            if self.active.plain {
                store.write_plain(&self.tx.mutations).await
            } else {
                store.write(&self.tx).await
            }
        };
        match timeout_at(self.deadline, written).await {
            Ok(written) => written,
            Err(_) => Err(StoreError::UnknownOutcome(
                "the deadline passed during the write".into(),
            )),
        }
    }

    /// Tells the relay about the keys; waits for them where the caller does.
    pub(super) async fn hand_to_relay(&self) -> Outcome {
        let keys: Vec<Dirty> = self.dirty().collect();
        if self.active.authority.phase.secondary().is_none() {
            // Once the other side is opened, whoever reads there must not miss
            // what this sidecar wrote before.
            if self.tx.token.is_some() {
                self.shared.relay.push(keys, self.tx.token);
            }
            return Outcome::Skipped;
        }
        match self.request.wait {
            Wait::Committed => {
                self.shared.relay.push(keys, self.tx.token);
                Outcome::Pending
            }
            Wait::Applied => {
                let receivers = self.shared.relay.push_and_watch(keys, self.tx.token);
                let all = futures_util::future::join_all(receivers);
                match timeout_at(self.deadline, all).await {
                    Ok(told) if told.iter().all(Result::is_ok) => Outcome::Committed,
                    Ok(_) | Err(_) => Outcome::Pending,
                }
            }
        }
    }

    /// The keys of this write.
    pub(super) fn dirty(&self) -> impl Iterator<Item = Dirty> {
        self.translated.iter().map(|one| Dirty {
            entity: one.entity.name.clone(),
            key: one.key.clone(),
        })
    }

    /// A write without an idempotency key whose commit is in doubt: its own
    /// token in the outbox proves that it committed; nothing proves that it
    /// did not, and of some mutations nothing proves whether they matched.
    pub(super) async fn recognise(
        &self,
    ) -> Result<crate::request::WriteReply, crate::error::DataError> {
        let unknown = || crate::error::DataError::OutcomeUnknown {
            side: self.primary(),
            request_id: String::new(),
        };
        let token = self.tx.token.ok_or_else(unknown)?;
        let store = self.shared.store(self.primary()).map_err(|_| unknown())?;
        let keys: Vec<crate::store::RowKey> = self
            .tx
            .mutations
            .iter()
            .map(|one| crate::store::RowKey {
                table: one.table.clone(),
                key: one.key.clone(),
            })
            .collect();
        let asked = store.pull(&self.shared.service, &keys);
        let Ok(Ok(pulled)) = timeout_at(self.deadline, asked).await else {
            return Err(unknown());
        };
        if !pulled.iter().any(|row| row.token == Some(token)) {
            return Err(unknown());
        }
        let images = self.recognised(pulled).ok_or_else(unknown)?;
        let secondary = self.hand_to_relay().await;
        match self.reply(images, secondary) {
            Step::Reply(reply) => Ok(reply),
            Step::Stale | Step::Conflict(_) | Step::Reconnect(_) | Step::Doubt | Step::Fail(_) => {
                Err(unknown())
            }
        }
    }

    /// What each mutation came to, out of the rows that the transaction left;
    /// nothing where they do not tell. A mutation that matched no row leaves a
    /// marker too.
    fn recognised(&self, pulled: Vec<Pulled>) -> Option<Vec<Image>> {
        let keys: HashSet<_> = self.dirty().collect();
        if keys.len() < self.tx.mutations.len() {
            return None;
        }
        let pairs = self.tx.mutations.iter().zip(pulled);
        let images = pairs.map(|(mutation, Pulled { row, .. })| {
            let matched = match &mutation.change {
                Change::Insert { .. } | Change::Upsert { .. } => true,
                Change::Update { .. } | Change::Delete { .. } if mutation.must_match => true,
                Change::Update { only_if, .. } if only_if.is_empty() => row.is_some(),
                Change::Update { .. } | Change::Delete { .. } => return None,
            };
            let row = row.filter(|_| matched);
            Some(Image { matched, row })
        });
        images.collect()
    }
}
