//! What one session is told, and what it says of itself.

use super::Service;
use crate::fleet::{Command, Heartbeat};
use crate::model::{FenceReport, Millis, Nack};

/// The time, both kinds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Instants {
    pub(crate) now: Millis,
    pub(crate) steady: Millis,
}

impl Service {
    /// Sends a command to a session. False when it has ended or its queue is
    /// full: try another one, or later.
    pub(crate) fn send(&self, session: &str, command: Command) -> bool {
        let queue = self
            .state()
            .sessions
            .get(session)
            .map(|session| session.queue.clone());
        queue.is_some_and(|queue| queue.try_send(command).is_ok())
    }

    /// Notes that a session said something; false when it has ended.
    pub(in crate::fleet) fn alive(&self, session: &str, at: Instants) -> bool {
        let mut state = self.state();
        let found = state.sessions.get_mut(session);
        let known = found.is_some();
        if let Some(session) = found {
            session.last_heard = at.steady;
            session.last_seen = at.now;
        }
        known
    }

    /// Takes an acceptance in; true when it is the session's first.
    pub(in crate::fleet) fn ack(&self, session: &str, revision: u64) -> bool {
        let newest = self.published().map_or(0, |published| published.revision);
        let mut state = self.state();
        let first = state.sessions.get_mut(session).is_some_and(|session| {
            let first = session.acked == 0;
            session.holds(revision.min(newest));
            first && session.acked > 0
        });
        drop(state);
        self.touch_reported();
        first
    }

    pub(in crate::fleet) fn nack(&self, session: &str, nack: Nack) {
        if let Some(session) = self.state().sessions.get_mut(session) {
            session.nack = Some(nack);
        }
        self.touch_reported();
    }

    /// Takes a heartbeat in; true when it told something new.
    pub(in crate::fleet) fn beat(&self, session: &str, beat: Heartbeat, at: Instants) -> bool {
        let newest = self.published().map_or(0, |published| published.revision);
        let mut state = self.state();
        let Some(session) = state.sessions.get_mut(session) else {
            return false;
        };
        let before = (session.acked, session.legacy.clone(), session.new.clone());
        session.holds(beat.revision.min(newest));
        session.legacy = beat.legacy;
        session.new = beat.new;
        session.fences_at = at.now;
        let changed = before != (session.acked, session.legacy.clone(), session.new.clone());
        drop(state);
        if changed {
            self.touch_reported();
        }
        changed
    }

    /// Takes in the fences that an executor has just read.
    pub(crate) fn read_fences(
        &self,
        session: &str,
        legacy: Option<&FenceReport>,
        new: Option<&FenceReport>,
        now: Millis,
    ) {
        if let Some(session) = self.state().sessions.get_mut(session) {
            session.legacy = legacy.cloned().or_else(|| session.legacy.take());
            session.new = new.cloned().or_else(|| session.new.take());
            session.fences_at = now;
        }
        self.touch_reported();
    }
}
