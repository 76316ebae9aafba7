//! A write with a synchronous secondary: the secondary's transaction is opened
//! and written while the primary's is still open; then the primary commits,
//! then the secondary, then the markers go.
//!
//! *sync* gives a secondary that fails to the relay; *strict* takes both back.

use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::key::{Key, bucket};
use dualwrite_core::side::Side;
use tokio::time::{Instant, timeout, timeout_at};

use super::{Run, Step};
use crate::error::DataError;
use crate::relay::{Dirty, Settled, fit, order};
use crate::request::Outcome;
use crate::store::{
    CommitError, Copy, Image, LockMode, LockRequest, Marker, OpenApply, OpenWrite, RowKey,
    StoreError,
};

impl Run<'_> {
    /// Executes on both sides inside the call.
    pub(super) async fn nested(&self, strict: bool, secondary_timeout: Duration) -> Step {
        let began = Instant::now();
        let opened = self.open_primary().await;
        let open = match opened {
            Ok(open) => open,
            Err(error) => {
                self.count(self.primary(), &Err(error.clone()), began.elapsed());
                return self.refused(error).await;
            }
        };
        let images = open.images().to_vec();
        let on_secondary = Instant::now();
        let limit = secondary_timeout.min(self.deadline.saturating_duration_since(on_secondary));
        let applied = match timeout(limit, self.apply(&images, limit)).await {
            Ok(applied) => applied,
            Err(_) => Err(StoreError::Busy(format!(
                "no answer within {} ms",
                limit.as_millis()
            ))),
        };
        match applied {
            Ok(apply) => {
                self.shared.breaker.passed();
                self.commit_both(open, apply, images, (began, on_secondary))
                    .await
            }
            Err(error) => {
                self.count(
                    self.primary().other(),
                    &Err(error.clone()),
                    on_secondary.elapsed(),
                );
                // One that says at once that it is away slows nobody.
                if matches!(error, StoreError::Busy(_) | StoreError::Exhausted(_)) {
                    self.shared.breaker.timed_out();
                }
                if strict {
                    open.rollback().await;
                    return self.secondary_failed(error);
                }
                self.commit_primary(open, images, began).await
            }
        }
    }

    async fn open_primary(&self) -> Result<Box<dyn OpenWrite>, StoreError> {
        let store = self.shared.store(self.primary())?;
        match timeout_at(self.deadline, store.begin_write(&self.tx)).await {
            Ok(opened) => opened,
            // Nothing is committed: dropping the call closes the transaction.
            Err(_) => Err(StoreError::Busy(
                "the deadline passed before the commit".into(),
            )),
        }
    }

    /// Opens the secondary's transaction, takes the key locks and writes the
    /// images there. The commit is the caller's, after this reply.
    async fn apply(
        &self,
        images: &[Image],
        limit: Duration,
    ) -> Result<Box<dyn OpenApply>, StoreError> {
        let copies = self.copies(images)?;
        let request = LockRequest {
            service: Arc::clone(&self.shared.service),
            epoch: self.active.authority.epoch,
            buckets: self.buckets(),
            mode: LockMode::Wait(limit),
        };
        let store = self.shared.store(self.primary().other())?;
        let mut apply = store.begin_apply(&request).await?;
        let Err(met) = apply.apply(&copies).await else {
            return Ok(apply);
        };
        apply.rollback().await;
        if !met.hangs_on_others() {
            return Err(met);
        }
        // The rows may stand in each other's way only. One that is not of this
        // write is left to the relay, which may lock it.
        let mut apply = store.begin_apply(&request).await?;
        let side = self.primary().other();
        let ground = (&*self.active.mapping, side);
        let fitted = fit(&mut *apply, ground, copies, &*self.shared.entropy).await;
        if fitted.is_ok() {
            return Ok(apply);
        }
        apply.rollback().await;
        Err(met)
    }

    async fn commit_both(
        &self,
        open: Box<dyn OpenWrite>,
        apply: Box<dyn OpenApply>,
        images: Vec<Image>,
        (began, on_secondary): (Instant, Instant),
    ) -> Step {
        match open.commit().await {
            Ok(()) => self.count(self.primary(), &Ok(()), began.elapsed()),
            Err(CommitError::Refused(error)) => {
                apply.rollback().await;
                self.count(self.primary(), &Err(error.clone()), began.elapsed());
                return self.refused(error).await;
            }
            Err(CommitError::Unknown(why)) => {
                // The primary's row is in doubt, so nothing may reach the
                // secondary but through a marker.
                apply.rollback().await;
                return self.refused(StoreError::UnknownOutcome(why)).await;
            }
        }
        let secondary = match apply.commit().await {
            Ok(()) => {
                self.count(self.primary().other(), &Ok(()), on_secondary.elapsed());
                self.clear(&images);
                Outcome::Committed
            }
            Err(error) => {
                let error = StoreError::UnknownOutcome(error.to_string());
                self.count(self.primary().other(), &Err(error), on_secondary.elapsed());
                self.hand_to_relay().await
            }
        };
        self.reply(images, secondary)
    }

    async fn commit_primary(
        &self,
        open: Box<dyn OpenWrite>,
        images: Vec<Image>,
        began: Instant,
    ) -> Step {
        match open.commit().await {
            Ok(()) => {
                self.count(self.primary(), &Ok(()), began.elapsed());
                let secondary = self.hand_to_relay().await;
                self.reply(images, secondary)
            }
            Err(CommitError::Refused(error)) => self.refused(error).await,
            Err(CommitError::Unknown(why)) => self.refused(StoreError::UnknownOutcome(why)).await,
        }
    }

    /// The last image of each key that a mutation changed, in the secondary's
    /// columns. A mutation that matched nothing copies nothing: an older
    /// change of its key may still be on its way.
    fn copies(&self, images: &[Image]) -> Result<Vec<Copy>, StoreError> {
        let side = self.primary().other();
        let mut copies: Vec<Copy> = Vec::new();
        for (one, image) in self.translated.iter().zip(images) {
            if !image.matched {
                continue;
            }
            let poison = |error: String| StoreError::Value(error);
            let row = match &image.row {
                None => None,
                Some(row) => {
                    let fields = one.entity.from_side(self.primary(), row.clone());
                    let fields = fields.map_err(|error| poison(error.to_string()))?;
                    let row = one.entity.to_side(side, &fields);
                    Some(row.map_err(|error| poison(error.to_string()))?)
                }
            };
            let key = one.entity.key_to_side(side, &one.key);
            let key = Key::new(key.map_err(|error| poison(error.to_string()))?)
                .map_err(|error| poison(error.to_string()))?;
            let table = Arc::clone(one.entity.table(side));
            copies.retain(|copy| copy.table.entity != table.entity || copy.key != key);
            copies.push(Copy { table, key, row });
        }
        order(&mut copies);
        Ok(copies)
    }

    fn buckets(&self) -> Vec<u16> {
        let each = self.translated.iter();
        let mut buckets: Vec<u16> = each
            .map(|one| bucket(&self.shared.service, &one.entity.name, &one.key))
            .collect();
        buckets.sort_unstable();
        buckets.dedup();
        buckets
    }

    /// Hands the markers of what both sides hold to the cleaner, and what
    /// matched nothing to the relay.
    fn clear(&self, images: &[Image]) {
        let Some(token) = self.tx.token else { return };
        for (one, image) in self.translated.iter().zip(images) {
            let dirty = Dirty {
                entity: Arc::clone(&one.entity.name),
                key: one.key.clone(),
            };
            let copied = self.translated.iter().zip(images).any(|(other, image)| {
                image.matched && other.entity.name == one.entity.name && other.key == one.key
            });
            if image.matched || copied {
                let table = Arc::clone(&one.mutation.table);
                let row = RowKey {
                    table,
                    key: one.mutation.key.clone(),
                };
                let marker = Marker { row, token };
                self.shared.cleaner.push([Settled {
                    side: self.primary(),
                    marker,
                    dirty,
                }]);
            } else {
                self.shared.relay.push([dirty], None);
            }
        }
    }

    fn count(&self, side: Side, result: &Result<(), StoreError>, latency: Duration) {
        let meter = &self.shared.meter;
        for one in &self.translated {
            if side == self.primary() {
                meter.decided(&one.entity.name, side, result, latency);
            } else {
                meter.record(&one.entity.name, side, result, latency);
            }
        }
    }

    fn secondary_failed(&self, error: StoreError) -> Step {
        let side = self.primary().other();
        let message = error.to_string();
        Step::Fail(match error {
            // The fences may be moving: if the primary's moved too, the next
            // try meets it there.
            StoreError::Stale | StoreError::Conflict(_) => {
                return Step::Conflict(DataError::SecondaryUnavailable { side, message });
            }
            StoreError::Busy(_) | StoreError::Exhausted(_) => {
                DataError::SecondaryTimeout { side, message }
            }
            StoreError::Constraint { .. } | StoreError::Value(_) => {
                DataError::SecondaryConstraint { side, message }
            }
            StoreError::Denied(_) => DataError::Denied { side, message },
            StoreError::Schema(_) => DataError::MappingRefused {
                side: Some(side),
                why: message,
            },
            StoreError::Unavailable(_)
            | StoreError::UnknownOutcome(_)
            | StoreError::NotMatched { .. }
            | StoreError::ReceiptExists
            | StoreError::Other(_) => DataError::SecondaryUnavailable { side, message },
        })
    }
}
