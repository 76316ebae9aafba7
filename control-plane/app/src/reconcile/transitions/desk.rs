//! What was said to executors, and when they were last heard.

use std::collections::HashMap;
use std::time::Duration;

use crate::model::{Millis, Transition};

/// An executor that says nothing for so long is asked again, and then
/// replaced. Draining may take 3 s without a word.
pub(super) const QUIET: Duration = Duration::from_secs(5);

/// An executor that failed is not asked again before.
pub(super) const REST: Duration = Duration::from_secs(2);

/// What was said to executors, by plan.
#[derive(Debug, Default)]
pub(crate) struct TransitionDesk {
    pub(super) dispatches: HashMap<String, Dispatch>,
}

/// What was said to executors of one plan. All times are steady.
#[derive(Debug, Default)]
pub(super) struct Dispatch {
    /// The session that was named last, whether for aborting, and when it was
    /// last told or heard.
    pub(super) current: Option<Named>,
    /// Sessions that could not go on, and when.
    pub(super) failed: HashMap<String, Millis>,
}

#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) session: String,
    pub(super) aborting: bool,
    pub(super) since: Millis,
}

impl TransitionDesk {
    /// Forgets what is not under way.
    pub(super) fn keep(&mut self, running: &[Transition]) {
        self.dispatches
            .retain(|plan_id, _| running.iter().any(|one| one.plan.plan_id == *plan_id));
    }

    /// Notes that an executor was heard.
    pub(super) fn heard(&mut self, plan_id: &str, session: &str, steady: Millis) {
        if let Some(dispatch) = self.dispatches.get_mut(plan_id) {
            dispatch.failed.remove(session);
            if let Some(named) = dispatch
                .current
                .as_mut()
                .filter(|named| named.session == session)
            {
                named.since = steady;
            }
        }
    }

    /// Notes that an executor cannot go on.
    pub(super) fn failed(&mut self, plan_id: &str, session: &str, steady: Millis) {
        let dispatch = self.dispatches.entry(plan_id.to_owned()).or_default();
        dispatch.failed.insert(session.to_owned(), steady);
        if dispatch
            .current
            .as_ref()
            .is_some_and(|named| named.session == session)
        {
            dispatch.current = None;
        }
    }
}

impl Dispatch {
    /// Whether a session failed a moment ago.
    pub(super) fn rests(&self, session: &str, steady: Millis) -> bool {
        self.failed
            .get(session)
            .is_some_and(|at| steady.since(*at) < REST)
    }

    /// Whether the session that was named last still works on it, as far as
    /// that can be told.
    pub(super) fn works(&self, aborting: bool, steady: Millis) -> bool {
        self.current
            .as_ref()
            .is_some_and(|named| named.aborting == aborting && steady.since(named.since) < QUIET)
    }
}
