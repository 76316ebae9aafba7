//! The sessions of one service and what they reported.

mod ask;
mod reports;
mod told;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::question::Questions;
use super::rate::Rate;
use super::ring::Ring;
use super::session::Session;
use super::{End, LiveSession};
use crate::model::{Backlog, FenceReport, Health, Millis, Sidecar, SidecarRecord};
use crate::publish::Published;

pub(crate) use told::Instants;

/// The sessions of one service and what they reported.
#[derive(Debug)]
pub(crate) struct Service {
    name: String,
    state: Mutex<State>,
    published: watch::Sender<Option<Arc<Published>>>,
    /// Counts changes of what is stored.
    stored: watch::Sender<u64>,
    /// Counts changes of what the fleet reports.
    reported: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    /// By session identifier.
    sessions: BTreeMap<String, Session>,
    /// The session of each instance.
    instances: HashMap<String, String>,
    ring: Ring,
    /// The last report counted of each instance, and when (steady time).
    sequences: HashMap<String, (u64, Millis)>,
    questions: Questions,
    /// By job.
    rates: HashMap<String, Rate>,
    /// Sessions that ended and are not recorded yet.
    departed: Vec<SidecarRecord>,
}

impl Service {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            state: Mutex::default(),
            published: watch::Sender::new(None),
            stored: watch::Sender::new(0),
            reported: watch::Sender::new(0),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn published(&self) -> Option<Arc<Published>> {
        self.published.borrow().clone()
    }

    pub(crate) fn stored(&self) -> watch::Receiver<u64> {
        self.stored.subscribe()
    }

    pub(crate) fn reported(&self) -> watch::Receiver<u64> {
        self.reported.subscribe()
    }

    /// Tells whoever waits that what is stored has changed.
    pub(crate) fn touch_stored(&self) {
        self.stored.send_modify(|count| *count += 1);
    }

    /// Tells whoever waits that what the fleet reports has changed.
    pub(crate) fn touch_reported(&self) {
        self.reported.send_modify(|count| *count += 1);
    }

    pub(super) fn publish(&self, newest: Published) {
        self.published.send_if_modified(|current| {
            let newer = current
                .as_ref()
                .is_none_or(|old| old.revision < newest.revision);
            if newer {
                *current = Some(Arc::new(newest));
            }
            newer
        });
        self.touch_stored();
        self.touch_reported();
    }

    /// Ends all sessions: the migration is no more.
    pub(super) fn close(&self) {
        let mut state = self.state();
        for session in state.sessions.values() {
            session.end.get_or_init(|| End::Deleted);
        }
        state.sessions.clear();
        state.instances.clear();
        drop(state);
        self.published.send_replace(None);
        self.touch_stored();
        self.touch_reported();
    }

    pub(super) fn updates(&self) -> watch::Receiver<Option<Arc<Published>>> {
        let mut updates = self.published.subscribe();
        updates.mark_changed();
        updates
    }

    /// Takes a session in. One of the same instance ends: it is a connection
    /// that its sidecar has given up already.
    pub(super) fn admit(&self, id: &str, session: Session) {
        let mut state = self.state();
        let instance = session.instance.clone();
        if let Some(old) = state.instances.insert(instance, id.to_owned()) {
            state.end(&self.name, &old, End::Replaced);
        }
        state.sessions.insert(id.to_owned(), session);
        drop(state);
        self.touch_reported();
    }

    pub(super) fn end(&self, session: &str, why: End) {
        let ended = self.state().end(&self.name, session, why);
        if ended {
            self.touch_reported();
        }
    }

    /// Ends the sessions that were silent for too long; answers their
    /// instances.
    pub(crate) fn reap(&self, steady: Millis) -> Vec<String> {
        let mut state = self.state();
        let silent: Vec<(String, String)> = state
            .sessions
            .iter()
            .filter(|(_, session)| !session.live(steady))
            .map(|(id, session)| (id.clone(), session.instance.clone()))
            .collect();
        for (id, _) in &silent {
            state.end(&self.name, id, End::Silent);
        }
        state.forget_sequences(steady);
        drop(state);
        if !silent.is_empty() {
            self.touch_reported();
        }
        silent.into_iter().map(|(_, instance)| instance).collect()
    }

    /// The live sessions, in a stable order.
    pub(crate) fn live(&self, steady: Millis) -> Vec<LiveSession> {
        let state = self.state();
        let live = state
            .sessions
            .iter()
            .filter(|(_, session)| session.live(steady));
        live.map(|(id, session)| session.view(id)).collect()
    }

    /// How many sessions are live, and how many are silent.
    pub(crate) fn counted(&self, steady: Millis) -> (u64, u64) {
        let state = self.state();
        let all = state.sessions.values();
        all.fold((0, 0), |(live, silent), session| {
            let lives = u64::from(session.live(steady));
            (live + lives, silent + 1 - lives)
        })
    }

    /// Whether a session is live.
    pub(crate) fn is_live(&self, session: &str, steady: Millis) -> bool {
        self.state()
            .sessions
            .get(session)
            .is_some_and(|session| session.live(steady))
    }

    /// Whether a live session has neither accepted a revision nor refused it. Asked after each word of
    /// each session, so it looks no further than to the first.
    pub(crate) fn is_awaited(&self, revision: u64, steady: Millis) -> bool {
        let state = self.state();
        let mut live = state
            .sessions
            .values()
            .filter(|session| session.live(steady));
        live.any(|session| !session.has_answered(revision))
    }

    /// Every session there is, live or not, as it is shown.
    pub(crate) fn shown(&self, steady: Millis) -> Vec<Sidecar> {
        let state = self.state();
        state
            .sessions
            .values()
            .map(|session| session.shown(session.live(steady)))
            .collect()
    }

    /// The record of a session, to be stored.
    pub(super) fn record(&self, session: &str) -> Option<SidecarRecord> {
        self.state()
            .sessions
            .get(session)
            .map(|session| session.record(&self.name))
    }

    /// The sessions that ended since this was last asked.
    pub(crate) fn departed(&self) -> Vec<SidecarRecord> {
        std::mem::take(&mut self.state().departed)
    }

    /// What the live sidecars report, summed up.
    pub(crate) fn health(&self, steady: Millis, revision: u64) -> Health {
        let backlogs = self.backlogs(steady).unwrap_or_default();
        let live = self.live(steady);
        let acked = live
            .iter()
            .filter(|session| session.acked >= revision)
            .count();
        let nacked = live.iter().filter(|session| session.nack.is_some()).count();
        Health {
            live: count(live.len()),
            acked: count(acked),
            nacked: count(nacked),
            markers: backlogs.iter().map(|backlog| backlog.markers).sum(),
            oldest_marker: oldest(&backlogs),
            quarantined: backlogs.iter().map(|backlog| backlog.quarantined).sum(),
            legacy_fence: furthest(live.iter().filter_map(|session| session.legacy.as_ref())),
            new_fence: furthest(live.iter().filter_map(|session| session.new.as_ref())),
            comparisons: self.comparisons(steady),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two statements that could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn end(&mut self, service: &str, session: &str, why: End) -> bool {
        let Some(ended) = self.sessions.remove(session) else {
            return false;
        };
        // Unless the instance has another by now.
        if self
            .instances
            .get(&ended.instance)
            .is_some_and(|id| id == session)
        {
            self.instances.remove(&ended.instance);
        }
        ended.end.get_or_init(|| why);
        self.departed.push(ended.record(service));
        self.questions.gone(session);
        true
    }
}

/// The age of the oldest marker.
pub(crate) fn oldest(backlogs: &[Backlog]) -> std::time::Duration {
    backlogs
        .iter()
        .map(|backlog| backlog.oldest_age)
        .max()
        .unwrap_or_default()
}

/// A fence only moves on, so of several reports the furthest is the newest.
fn furthest<'a>(reports: impl Iterator<Item = &'a FenceReport>) -> Option<FenceReport> {
    reports.max_by_key(|report| report.progress()).cloned()
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}
