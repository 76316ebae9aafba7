//! Writes: mutations of one transaction, and what came of them.

mod reply;

use std::collections::BTreeMap;
use std::time::Duration;

use dualwrite_proto::convert;
use dualwrite_proto::v1::{self, ErrorReason, mutation};

use crate::call::{Service, call};
use crate::client::DualwriteClient;
use crate::error::Error;
use crate::fields::Fields;

pub use reply::{MutationReply, Outcome, WriteReply};

/// Mutations in their order, all in one transaction on each side.
#[derive(Debug, Clone)]
#[must_use = "nothing is written until `send`"]
pub struct Write {
    client: DualwriteClient,
    mutations: Vec<v1::Mutation>,
    idempotency_key: Option<String>,
    first_attempt: u32,
    wait: v1::Wait,
    timeout: Option<Duration>,
    /// The first call that made no sense, told by `send`.
    misuse: Option<&'static str>,
}

impl Write {
    pub(crate) const fn new(client: DualwriteClient) -> Self {
        Self {
            client,
            mutations: Vec::new(),
            idempotency_key: None,
            first_attempt: 1,
            wait: v1::Wait::Unspecified,
            timeout: None,
            misuse: None,
        }
    }

    /// Inserts a row; the whole write fails when its key is there. Fields not
    /// given take the database's defaults.
    pub fn insert(self, entity: impl Into<String>, values: impl Into<Fields>) -> Self {
        let values = wire(values);
        self.mutation(entity, mutation::Kind::Insert(v1::Insert { values }))
    }

    /// Inserts a row, or changes the given fields of the one that is there.
    pub fn upsert(self, entity: impl Into<String>, values: impl Into<Fields>) -> Self {
        let values = wire(values);
        self.mutation(entity, mutation::Kind::Upsert(v1::Upsert { values }))
    }

    /// Sets fields of the row with this key, where there is one.
    pub fn update(
        self,
        entity: impl Into<String>,
        key: impl Into<Fields>,
        set: impl Into<Fields>,
    ) -> Self {
        let update = v1::Update {
            key: wire(key),
            set: wire(set),
            ..v1::Update::default()
        };
        self.mutation(entity, mutation::Kind::Update(update))
    }

    /// Adds to fields of the row with this key, where there is one.
    pub fn increment(
        self,
        entity: impl Into<String>,
        key: impl Into<Fields>,
        by: impl Into<Fields>,
    ) -> Self {
        let update = v1::Update {
            key: wire(key),
            increment: wire(by),
            ..v1::Update::default()
        };
        self.mutation(entity, mutation::Kind::Update(update))
    }

    /// Removes the row with this key, where there is one.
    pub fn delete(self, entity: impl Into<String>, key: impl Into<Fields>) -> Self {
        let delete = v1::Delete {
            key: wire(key),
            ..v1::Delete::default()
        };
        self.mutation(entity, mutation::Kind::Delete(delete))
    }

    /// Also adds to fields, in the update or increment just added.
    pub fn adding(mut self, by: impl Into<Fields>) -> Self {
        match self.last() {
            Some(mutation::Kind::Update(update)) => update.increment.extend(wire(by)),
            Some(
                mutation::Kind::Insert(_) | mutation::Kind::Upsert(_) | mutation::Kind::Delete(_),
            )
            | None => self.misused("`adding` follows an update or an increment"),
        }
        self
    }

    /// Only where these fields have these values: of the update, increment or
    /// delete just added.
    pub fn only_if(mut self, condition: impl Into<Fields>) -> Self {
        match self.last() {
            Some(mutation::Kind::Update(update)) => update.only_if.extend(wire(condition)),
            Some(mutation::Kind::Delete(delete)) => delete.only_if.extend(wire(condition)),
            Some(mutation::Kind::Insert(_) | mutation::Kind::Upsert(_)) | None => {
                self.misused("`only_if` follows an update, an increment or a delete");
            }
        }
        self
    }

    /// Only where these fields are at least these values, which NULL never is:
    /// of the update, increment or delete just added. Together with
    /// [`must_match`](Self::must_match), "take three, but only if three are
    /// there" is one statement that no other writer comes between:
    ///
    /// ```
    /// # use dualwrite_client::{fields, DualwriteClient, Error};
    /// # async fn take(client: &DualwriteClient) -> Result<(), Error> {
    /// client
    ///     .write()
    ///     .increment("product", fields! { id: 7 }, fields! { stock: -3 })
    ///     .at_least(fields! { stock: 3 })
    ///     .must_match()
    ///     .send()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Integers, decimals, timestamps, datetimes and dates can be compared;
    /// other fields, and those converted from text, are refused.
    pub fn at_least(mut self, bounds: impl Into<Fields>) -> Self {
        match self.last() {
            Some(mutation::Kind::Update(update)) => update.at_least.extend(wire(bounds)),
            Some(mutation::Kind::Delete(delete)) => delete.at_least.extend(wire(bounds)),
            Some(mutation::Kind::Insert(_) | mutation::Kind::Upsert(_)) | None => {
                self.misused("`at_least` follows an update, an increment or a delete");
            }
        }
        self
    }

    /// Fails the whole write when the mutation just added finds no row.
    pub fn must_match(mut self) -> Self {
        match self.mutations.last_mut() {
            Some(last) => last.must_match = true,
            None => self.misused("`must_match` follows a mutation"),
        }
        self
    }

    /// The key that makes this write take effect at most once, instead of one
    /// made here. Give it to repeat a write whose outcome is unknown.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// The number of the first attempt, for a write that was sent before: more
    /// than 1.
    pub const fn attempt(mut self, attempt: u32) -> Self {
        self.first_attempt = attempt;
        self
    }

    /// Answers only when the secondary holds the rows too, or at the deadline
    /// (then [`Outcome::Pending`], and still no error).
    pub const fn wait_applied(mut self) -> Self {
        self.wait = v1::Wait::Applied;
        self
    }

    /// How long it takes at most, retries included, instead of the client's own.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sends it.
    ///
    /// # Errors
    /// [`Error`]; [`Error::OutcomeUnknown`] when it may have taken effect.
    pub async fn send(self) -> Result<WriteReply, Error> {
        if let Some(misuse) = self.misuse {
            return Err(Error::local(ErrorReason::EmptyWrite, "mutations", misuse));
        }
        let Self {
            client,
            mutations,
            first_attempt,
            wait,
            ..
        } = self;
        let timeout = self.timeout.unwrap_or_else(|| client.timeout());
        let idempotency_key = self
            .idempotency_key
            .unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
        let message = |attempt: u32| v1::WriteRequest {
            mutations: mutations.clone(),
            idempotency_key: idempotency_key.clone(),
            attempt: first_attempt.saturating_add(attempt - 1),
            wait: wait.into(),
        };
        let send = |mut service: Service, request| async move { service.write(request).await };
        match call(&client, timeout, message, send).await {
            Ok((answer, attempts)) => WriteReply::from_wire(answer, idempotency_key, attempts),
            Err(stopped) => Err(stopped.into_write_error(idempotency_key)),
        }
    }

    fn mutation(mut self, entity: impl Into<String>, kind: mutation::Kind) -> Self {
        self.mutations.push(v1::Mutation {
            entity: entity.into(),
            kind: Some(kind),
            must_match: false,
        });
        self
    }

    fn last(&mut self) -> Option<&mut mutation::Kind> {
        self.mutations
            .last_mut()
            .and_then(|mutation| mutation.kind.as_mut())
    }

    fn misused(&mut self, what: &'static str) {
        self.misuse.get_or_insert(what);
    }
}

fn wire(fields: impl Into<Fields>) -> BTreeMap<String, v1::Value> {
    convert::fields_to_wire(fields.into())
}
