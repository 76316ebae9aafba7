//! One run: probe after probe.

use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::diagnosis::{TestReport, TestResult};
use dualwrite_core::flags::Mode;
use dualwrite_core::key::Key;
use dualwrite_core::mapping::EntityMap;
use dualwrite_core::probe::{Variant, values};
use dualwrite_core::side::Side;
use dualwrite_core::value::Value;
use tokio::time::{Instant, timeout};

use super::leftovers::tidy;
use crate::error::DataError;
use crate::execute::{self, admitted};
use crate::request::{
    Fields, Outcome, RequestChange, RequestMutation, Wait, WriteReply, WriteRequest,
};
use crate::shared::Shared;
use crate::store::{RowKey, StoreError};
use crate::translate::Caller;
use crate::view::Active;

/// How long one probe may take: longer than the relay needs when all is well.
const BOUND: Duration = Duration::from_secs(5);

/// How long a side may take to be read back, or a row to be removed.
const READ_BOUND: Duration = Duration::from_secs(2);

/// The ways in which a secondary can take part, each with its word in a
/// test's name.
const MODES: [(Mode, &str); 3] = [
    (Mode::Async, "async"),
    (Mode::Sync, "sync"),
    (Mode::Strict, "strict"),
];

/// The word where a phase has no secondary.
const PLAIN: &str = "plain";

/// Probes everything.
pub(crate) async fn run(shared: &Shared, deadline: Instant) -> Result<TestReport, DataError> {
    let active = ready(shared, deadline).await?;
    tidy(shared, &active, deadline.min(Instant::now() + BOUND)).await;
    let mut results = Vec::new();
    for entity in &active.mapping.entities {
        let probe = active.mapping.probes.iter();
        let named = dualwrite_core::probe::probe_name(&entity.name);
        let probe = probe.clone().find(|probe| *probe.name == *named);
        let modes: &[(Mode, &str)] = match active.authority.phase.secondary() {
            Some(_) => &MODES,
            None => &[(Mode::Async, PLAIN)],
        };
        for (mode, word) in modes {
            let began = Instant::now();
            let tested = match probe {
                Some(probe) => {
                    let until = deadline.min(began + BOUND);
                    Probe::new(shared, &active, probe, *mode, until).run().await
                }
                None => Tested::failed(NO_TABLES),
            };
            let name = format!("{}_{}_{word}", shared.service, entity.name);
            results.push(tested.result(name, began.elapsed()));
        }
    }
    Ok(TestReport {
        results,
        instance: String::new(),
    })
}

const NO_TABLES: &str = "the tables for probes of this entity are not there, or were made for an \
     older mapping; run `dualwrite-sidecar install` (it touches nothing else), then test again";

/// The authority to test under. A mapping without the probes of all entities
/// is made anew once: they may have been installed since.
async fn ready(shared: &Shared, deadline: Instant) -> Result<Arc<Active>, DataError> {
    let active = admitted(shared, 0, deadline).await?;
    if active.mapping.probes.len() == active.mapping.entities.len() {
        return Ok(active);
    }
    shared.watcher.compile_anew();
    shared.watcher.refreshed(deadline).await;
    admitted(shared, 0, deadline).await
}

/// What was found of one probe.
#[derive(Debug, Default)]
struct Tested {
    legacy: bool,
    new: bool,
    validated: bool,
    error: String,
}

impl Tested {
    fn failed(error: &str) -> Self {
        Self {
            error: error.to_owned(),
            ..Self::default()
        }
    }

    fn result(self, test_name: String, duration: Duration) -> TestResult {
        TestResult {
            test_name,
            new_db_success: self.new,
            legacy_db_success: self.legacy,
            sync_validated: self.validated,
            error: self.error,
            duration,
        }
    }
}

/// One probe on its way.
struct Probe<'a> {
    shared: &'a Shared,
    active: &'a Active,
    entity: &'a Arc<EntityMap>,
    mode: Mode,
    until: Instant,
}

impl<'a> Probe<'a> {
    const fn new(
        shared: &'a Shared,
        active: &'a Active,
        entity: &'a Arc<EntityMap>,
        mode: Mode,
        until: Instant,
    ) -> Self {
        Self {
            shared,
            active,
            entity,
            mode,
            until,
        }
    }

    /// Inserts a row, empties what may be NULL, and removes it; each step is
    /// read back on every side that the phase writes.
    async fn run(&self) -> Tested {
        let salt = self.shared.entropy.next_u64();
        let rows = [Variant::Full, Variant::Sparse].map(|row| values(self.entity, salt, row));
        let [Ok(full), Ok(sparse)] = rows else {
            let [full, sparse] = rows;
            let error = full.err().or(sparse.err());
            return Tested::failed(&error.map_or_else(String::new, |error| error.to_string()));
        };
        let key = self.entity.key.iter().map(|at| full[*at].clone());
        let key = match Key::new(key.collect()) {
            Ok(key) => key,
            Err(error) => return Tested::failed(&error.to_string()),
        };
        let mut tested = self.steps(&key, full, sparse).await;
        let removed = self.remove(&key).await;
        if tested.error.is_empty() {
            match removed {
                Ok(reply) => self.judge(&mut tested, reply, &key, None).await,
                Err(error) => tested.error = format!("the row could not be removed: {error}"),
            }
        }
        tested.validated &= tested.error.is_empty();
        tested
    }

    /// Removes the row in this probe's mode, and where that fails, as a write
    /// that needs the primary alone. A wait may have used the probe's time up;
    /// its row goes all the same.
    async fn remove(&self, key: &Key) -> Result<WriteReply, DataError> {
        let until = || self.until.max(Instant::now() + READ_BOUND);
        let delete = |mode, until| delete(self.shared, self.entity, key, mode, until);
        let removed = delete(self.mode, until()).await;
        if removed.is_err() && self.mode != Mode::Async {
            let again = delete(Mode::Async, until()).await;
            if let Err(error) = again {
                tracing::debug!(probe = %self.entity.name, %error, "a probe row stays for now");
            }
        }
        removed
    }

    /// The steps that leave a row.
    async fn steps(&self, key: &Key, full: Vec<Value>, sparse: Vec<Value>) -> Tested {
        let written = |side| self.writes(side);
        let mut tested = Tested {
            legacy: written(Side::Legacy),
            new: written(Side::New),
            validated: true,
            error: String::new(),
        };
        let changes = sparse != full;
        for row in [Some(full), changes.then_some(sparse)]
            .into_iter()
            .flatten()
        {
            let values = fields(self.entity, &row);
            let change = RequestChange::Upsert { values };
            match write(self.shared, self.entity, change, self.mode, self.until).await {
                Ok(reply) => self.judge(&mut tested, reply, key, Some(&row)).await,
                Err(error) => return Tested::failed(&self.failed(&error).await),
            }
            if !tested.error.is_empty() {
                break;
            }
        }
        tested
    }

    /// Whether the phase writes this side.
    fn writes(&self, side: Side) -> bool {
        let phase = self.active.authority.phase;
        side == phase.primary() || Some(side) == phase.secondary()
    }

    /// Compares what stands on each written side with what should.
    async fn judge(
        &self,
        tested: &mut Tested,
        reply: WriteReply,
        key: &Key,
        row: Option<&Vec<Value>>,
    ) {
        for side in Side::BOTH.into_iter().filter(|side| self.writes(*side)) {
            let outcome = match side {
                Side::Legacy => reply.legacy,
                Side::New => reply.new,
            };
            let held = match outcome {
                Outcome::Committed => self.holds(side, key, row).await,
                Outcome::Pending => Err(self.pending(side)),
                Outcome::Skipped => Err(format!("{side} was not written")),
            };
            if let Err(error) = held {
                match side {
                    Side::Legacy => tested.legacy = false,
                    Side::New => tested.new = false,
                }
                if tested.error.is_empty() {
                    tested.error = error;
                }
            }
        }
    }

    /// Why a write failed, with the side that is away: after a flip a primary
    /// that is well refuses as long as the other one's receipts are out of
    /// reach.
    async fn failed(&self, error: &DataError) -> String {
        for side in Side::BOTH.into_iter().filter(|side| self.writes(*side)) {
            let asked = async { self.shared.store(side)?.ping().await };
            if !matches!(timeout(READ_BOUND, asked).await, Ok(Ok(()))) {
                return format!("{error} ({side} does not answer)");
            }
        }
        error.to_string()
    }

    fn pending(&self, side: Side) -> String {
        let how = match self.mode {
            Mode::Async => format!("the relay did not bring the row to {side} in time"),
            Mode::Sync | Mode::Strict => {
                format!("{side} did not take the row inside the call; it is with the relay")
            }
        };
        let service = &self.shared.service;
        format!("{how}; `dualwrite doctor {service}` says why")
    }

    /// Whether a side holds exactly this row (or none).
    async fn holds(&self, side: Side, key: &Key, row: Option<&Vec<Value>>) -> Result<(), String> {
        // A wait for the other side may have used the probe's time up; what a
        // side holds is told all the same.
        let found = match timeout(READ_BOUND, self.found(side, key)).await {
            Ok(found) => found.map_err(|error| format!("{side} cannot be read back: {error}"))?,
            Err(_) => return Err(format!("{side} did not answer in time")),
        };
        match (found, row) {
            (Some(found), Some(row)) if found == *row => Ok(()),
            (None, None) => Ok(()),
            (Some(found), Some(row)) => {
                let pairs = self.entity.fields.iter().zip(found.iter().zip(row));
                let other = pairs.filter(|(_, (found, wanted))| found != wanted);
                let names: Vec<&str> = other.map(|(field, _)| field.name.as_str()).collect();
                Err(format!("{side} holds other values in {}", names.join(", ")))
            }
            (None, Some(_)) => Err(format!("{side} does not hold the row")),
            (Some(_), None) => Err(format!("{side} still holds the row after its removal")),
        }
    }

    async fn found(&self, side: Side, key: &Key) -> Result<Option<Vec<Value>>, StoreError> {
        let value = |error: String| StoreError::Value(error);
        let parts = self.entity.key_to_side(side, key);
        let parts = parts.map_err(|error| value(error.to_string()))?;
        let row_key = RowKey {
            table: Arc::clone(self.entity.table(side)),
            key: Key::new(parts).map_err(|error| value(error.to_string()))?,
        };
        let store = self.shared.store(side)?;
        let read = store.read(&self.shared.service, &[row_key]).await?;
        let row = read.rows.into_iter().next().flatten();
        let row = row.map(|row| self.entity.from_side(side, row)).transpose();
        row.map_err(|error| value(error.to_string()))
    }
}

/// Removes a probe's row on the way of all writes.
pub(super) async fn delete(
    shared: &Shared,
    probe: &Arc<EntityMap>,
    key: &Key,
    mode: Mode,
    until: Instant,
) -> Result<WriteReply, DataError> {
    let names = probe.key.iter().map(|at| probe.fields[*at].name.clone());
    let change = RequestChange::Delete {
        key: names.zip(key.parts().iter().cloned()).collect(),
        only_if: Vec::new(),
        at_least: Vec::new(),
    };
    write(shared, probe, change, mode, until).await
}

async fn write(
    shared: &Shared,
    probe: &Arc<EntityMap>,
    change: RequestChange,
    mode: Mode,
    until: Instant,
) -> Result<WriteReply, DataError> {
    let request = WriteRequest {
        mutations: vec![RequestMutation {
            entity: probe.name.to_string(),
            change,
            must_match: false,
        }],
        idempotency_key: Some(format!("probe-{:016x}", shared.entropy.next_u64())),
        attempt: 1,
        // Inside the call is what those modes promise; the relay would hide
        // that it was not kept.
        wait: match mode {
            Mode::Async => Wait::Applied,
            Mode::Sync | Mode::Strict => Wait::Committed,
        },
    };
    execute::write(shared, &request, Caller::Probe(mode), until).await
}

fn fields(probe: &EntityMap, row: &[Value]) -> Fields {
    let names = probe.fields.iter().map(|field| field.name.clone());
    names.zip(row.iter().cloned()).collect()
}
