//! What is to be told next on one session. At most one of each kind waits, and
//! what waits is the newest of its kind.

use super::directed::Directed;

/// What is to be told next on one session.
///
/// One update at a time is on its way: the next one, which is the newest then,
/// goes out when the sidecar has answered (accepted or refused) or a heartbeat
/// later. So a slow sidecar never finds a backlog in its network buffers, and
/// one that never answers still gets what is newest.
#[derive(Debug)]
pub(super) struct Outgoing<U> {
    update: Option<Revised<U>>,
    unanswered: Option<u64>,
    directed: Option<Box<Directed>>,
    heartbeat: bool,
}

/// Settings, and the number of their version.
#[derive(Debug)]
struct Revised<U> {
    revision: u64,
    settings: U,
}

/// One thing to tell.
#[derive(Debug)]
pub(super) enum Tell<U> {
    Update(U),
    Directed(Box<Directed>),
    Heartbeat,
}

impl<U> Default for Outgoing<U> {
    fn default() -> Self {
        Self {
            update: None,
            unanswered: None,
            directed: None,
            heartbeat: false,
        }
    }
}

impl<U> Outgoing<U> {
    /// Takes in newer settings; older ones that still wait are not needed any
    /// more.
    pub(super) fn update(&mut self, revision: u64, settings: U) {
        self.update = Some(Revised { revision, settings });
    }

    /// Takes in what is meant for this sidecar. Only when there is [`room`].
    ///
    /// [`room`]: Self::has_room
    pub(super) fn directed(&mut self, directed: Box<Directed>) {
        self.directed = Some(directed);
    }

    /// Whether nothing waits that is meant for this sidecar.
    pub(super) const fn has_room(&self) -> bool {
        self.directed.is_none()
    }

    /// It is time for a heartbeat. Whoever did not answer until now is told
    /// the newest all the same.
    pub(super) const fn beat(&mut self) {
        self.heartbeat = true;
        self.unanswered = None;
    }

    /// The sidecar said that it holds, or refuses, a revision.
    pub(super) fn answered(&mut self, revision: u64) {
        self.unanswered.take_if(|sent| *sent <= revision);
    }

    /// Whether there is something to tell now.
    pub(super) const fn is_ready(&self) -> bool {
        let may_update = self.update.is_some() && self.unanswered.is_none();
        may_update || self.directed.is_some() || self.heartbeat
    }

    /// What to tell now: settings first, for what is meant for this sidecar
    /// was decided by them.
    pub(super) fn next(&mut self) -> Option<Tell<U>> {
        if self.unanswered.is_none()
            && let Some(Revised { revision, settings }) = self.update.take()
        {
            self.unanswered = Some(revision);
            return Some(Tell::Update(settings));
        }
        if let Some(directed) = self.directed.take() {
            return Some(Tell::Directed(directed));
        }
        std::mem::take(&mut self.heartbeat).then_some(Tell::Heartbeat)
    }
}

#[cfg(test)]
mod tests;
