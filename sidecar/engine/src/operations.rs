//! One log line an operation, as the flags `log_all` and `log_errors_only` ask
//! for: what was done to which row, how it ended on each side, how long it took
//! and under which authority. Never a value; keys that the mapping calls
//! sensitive are hashed.
//!
//! `log_all` logs every operation, whatever `log_errors_only` says (which is on
//! by default, so that turning on the other is enough); `log_errors_only` alone
//! logs those that fail; without either there is none.

use dualwrite_core::flags::Flags;
use dualwrite_core::side::Side;
use tokio::time::Instant;

use crate::error::DataError;
use crate::request::{
    Fields, ListReply, Outcome, ReadReply, ReadRequest, RequestChange, WriteReply, WriteRequest,
};
use crate::shared::Shared;
use crate::translate::Scope;

/// An operation that is under way.
pub(crate) struct Operations<'a> {
    shared: &'a Shared,
    began: Instant,
}

/// How an operation ended on legacy and on new, and the error's reason.
type Ends = ([&'static str; 2], Option<&'static str>);

impl<'a> Operations<'a> {
    pub(crate) fn begin(shared: &'a Shared) -> Self {
        Self {
            shared,
            began: Instant::now(),
        }
    }

    /// One line a mutation.
    pub(crate) fn wrote(&self, request: &WriteRequest, answer: &Result<WriteReply, DataError>) {
        let ends = match answer {
            Ok(reply) => ([word(reply.legacy), word(reply.new)], None),
            Err(error) => (["failed"; 2], Some(error.reason())),
        };
        if !self.wanted(ends) {
            return;
        }
        for mutation in &request.mutations {
            let (verb, fields) = match &mutation.change {
                RequestChange::Insert { values } => ("insert", values),
                RequestChange::Upsert { values } => ("upsert", values),
                RequestChange::Update { key, .. } => ("update", key),
                RequestChange::Delete { key, .. } => ("delete", key),
            };
            self.line(verb, &mutation.entity, Some(fields), ends);
        }
    }

    /// One line a read.
    pub(crate) fn read(&self, request: &ReadRequest, answer: &Result<ReadReply, DataError>) {
        let ends = read_ends(answer.as_ref().map(|reply| reply.served_by));
        if self.wanted(ends) {
            self.line("read", &request.entity, Some(&request.key), ends);
        }
    }

    /// One line a list.
    pub(crate) fn listed(&self, entity: &str, answer: &Result<ListReply, DataError>) {
        let ends = read_ends(answer.as_ref().map(|reply| reply.served_by));
        if self.wanted(ends) {
            self.line("list", entity, None, ends);
        }
    }

    fn wanted(&self, (_, error): Ends) -> bool {
        wanted(&self.shared.settings.load().flags, error.is_some())
    }

    fn line(&self, operation: &str, entity: &str, fields: Option<&Fields>, ends: Ends) {
        let ([legacy, new], error) = ends;
        let flags = self.shared.settings.load().flags.clone();
        let active = self.shared.watcher.view().active.clone();
        let epoch = active.as_ref().map_or(0, |active| active.authority.epoch);
        let route = active.as_ref().map(|active| active.write_route(&flags));
        let mode = route.and_then(|route| route.secondary);
        let mode = mode.map_or("single", |(_, mode)| mode.as_str());
        let key = fields.and_then(|fields| self.key(entity, fields));
        let key = key.unwrap_or_default();
        let latency_us = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        match error {
            None => tracing::info!(
                target: "dualwrite::operation",
                operation, entity, key, legacy, new, latency_us, epoch, mode, "done"
            ),
            Some(error) => tracing::warn!(
                target: "dualwrite::operation",
                operation, entity, key, error, latency_us, epoch, mode, "failed"
            ),
        }
    }

    /// The key as it may be shown; none where the fields name no row.
    fn key(&self, entity: &str, fields: &Fields) -> Option<String> {
        let active = self.shared.watcher.view().active.clone()?;
        let entity = active.mapping.entity(entity)?;
        let scope = Scope {
            entity,
            side: Side::New,
            index: 0,
        };
        let is_key = |name: &str| {
            let place = entity.field(name);
            place.is_some_and(|place| entity.key.contains(&place))
        };
        let named = fields.iter().filter(|(name, _)| is_key(name)).cloned();
        let key = scope.key(&named.collect()).ok()?;
        Some(key.shown(entity.has_sensitive_key()))
    }
}

const fn wanted(flags: &Flags, failed: bool) -> bool {
    flags.log_all || (flags.log_errors_only && failed)
}

const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Committed => "committed",
        Outcome::Pending => "pending",
        Outcome::Skipped => "skipped",
    }
}

fn read_ends(served_by: Result<Side, &DataError>) -> Ends {
    match served_by {
        Ok(Side::Legacy) => (["read", "-"], None),
        Ok(Side::New) => (["-", "read"], None),
        Err(error) => (["failed"; 2], Some(error.reason())),
    }
}
